"""An array's statistics, and the copy of it that a recording keeps: all of it, or a corner."""

import math

import numpy as np

SLICE = 1 << 18  # numbers at a time, so that a large array's statistics need little memory
CORNER = 4096  # numbers of an array that is not kept whole


def statistics(array: np.ndarray) -> dict:
    """least, greatest, mean, deviation and share of zeros of the finite entries; how many are not, and the first."""
    flat = (array.real if array.dtype.kind == "c" else array).reshape(-1)
    if flat.dtype.kind not in "fiub" or not flat.size:
        return {}
    size = flat.size
    bad, first, finite = 0, None, flat
    if flat.dtype.kind == "f":
        finite_mask = np.isfinite(flat)
        if not finite_mask.all():
            bad = size - int(np.count_nonzero(finite_mask))
            first = tuple(int(i) for i in np.unravel_index(int(np.argmin(finite_mask)), array.shape))
            finite = flat[finite_mask]
    found = {"non_finite": bad, "first_non_finite": first, "zeros": 1 - np.count_nonzero(flat) / size}
    if not finite.size:
        return found
    cut = [finite[start : start + SLICE] for start in range(0, finite.size, SLICE)]
    with np.errstate(over="ignore"):
        mean = sum(float(part.sum(dtype=np.float64)) for part in cut) / finite.size
        spread = 0.0
        for part in cut:
            centred = part - np.float64(mean)
            spread += float(np.dot(centred, centred))
    return found | {
        "least": float(finite.min()), "greatest": float(finite.max()), "mean": mean,
        "deviation": math.sqrt(spread / finite.size),
    }  # fmt: skip


def corner(array: np.ndarray, numbers: int = CORNER) -> np.ndarray:
    """A view of the entries next to index 0: about `numbers` of them, shared out among the axes, the last first."""
    shape = list(array.shape)
    most = [min(size, 4) for size in shape[:-2]] + [min(size, 64) for size in shape[-2:]]
    while math.prod(most) > numbers:
        axis = max(range(len(most)), key=lambda axis: (most[axis] > 4, -axis if most[axis] <= 4 else axis))
        most[axis] = max(1, most[axis] // 2)
    return array[tuple(slice(size) for size in most)]


def kept(array: np.ndarray) -> np.ndarray:
    """A copy that nobody writes to."""
    copy = np.array(array)
    copy.setflags(write=False)
    return copy
