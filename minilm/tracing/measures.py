"""An array's statistics, and the copy of it that a recording keeps: all of it, or a corner."""

import math

import numpy as np

SLICE = 1 << 15  # numbers at a time: what is made of them on the way stays in the processor's cache
CORNER = 4096  # numbers of an array that is not kept whole
ROW = 1024  # words of a fingerprint's rows


def statistics(array: np.ndarray) -> dict:
    """least, greatest, mean, deviation and share of zeros of the finite entries; how many are not, and the first."""
    flat = (array.real if array.dtype.kind == "c" else array).reshape(-1)
    if flat.dtype.kind not in "fiub" or not flat.size:
        return {}
    bad, first, zeros, count = 0, None, 0, 0
    least, greatest, mean, spread = np.inf, -np.inf, 0.0, 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, flat.size, SLICE):
            part = flat[start : start + SLICE]
            zeros += int(np.count_nonzero(part == 0))
            low, high = float(part.min()), float(part.max())
            if not (math.isfinite(low) and math.isfinite(high)):  # NaN comes through both
                finite = np.isfinite(part)
                if first is None:
                    place = start + int(np.argmin(finite))
                    first = tuple(int(i) for i in np.unravel_index(place, array.shape))
                part = part[finite]
                bad += finite.size - part.size
                if not part.size:
                    continue
                low, high = float(part.min()), float(part.max())
            least, greatest = min(least, low), max(greatest, high)
            own = float(part.sum(dtype=np.float64)) / part.size
            centred = part - np.float64(own)
            spread += float(np.dot(centred, centred))
            together = count + part.size
            if count:  # of two parts' means and spreads the whole's (Chan, Golub and LeVeque 1983)
                apart = own - mean
                spread += apart * apart * count * (part.size / together)
                mean += apart * (part.size / together)
            else:
                mean = own
            count = together
    found = {"non_finite": bad, "first_non_finite": first, "zeros": zeros / flat.size}
    if not count:
        return found
    return found | {"least": least, "greatest": greatest, "mean": mean, "deviation": math.sqrt(spread / count)}


def fingerprint(array: np.ndarray) -> int:
    """A number that changes when an entry does: from the sums of the bits' rows and columns, at the memory's speed."""
    if array.dtype.hasobject:
        return hash(array.tobytes())
    data = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    words = data[: data.size // 8 * 8].view(np.uint64)
    rows = words[: words.size // ROW * ROW].reshape(-1, ROW)
    rest = data[rows.size * 8 :]
    return hash((rows.sum(1).tobytes(), rows.sum(0).tobytes(), rest.tobytes()))


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
