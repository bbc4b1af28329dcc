"""What a wrong tensor has to do with the right one: all zeros, a factor, a transposition, rows in another order ..."""

import itertools
import math
from fractions import Fraction

import numpy as np

from minilm.checking.comparing import measuring
from minilm.checking.golden.folder import Golden, Tensor

NAMED = 64  # a factor that is a fraction with so large a denominator is said as one


def of(golden: Golden, tensor: Tensor, theirs: np.ndarray, precision: str) -> list[str]:
    """Sentences about what theirs is to ours, the most telling first; none where nothing simple is."""
    ours = tensor.array
    if ours.dtype.kind != "f" or theirs.dtype.kind != "f":
        return []
    found = [not_numbers(theirs, ours), all_zeros(theirs, ours)]
    bound = tensor.tolerance.get(precision) or 0.0
    if any(found):
        return [each for each in found if each]
    with np.errstate(all="ignore"):
        found = [
            other_name(golden, tensor, theirs, precision), factor(ours, theirs, bound, golden),
            reordered(ours, theirs, bound), some_rows(ours, theirs, bound),
        ]  # fmt: skip
    return [each for each in found if each]


def close(a: np.ndarray, b: np.ndarray, bound: float) -> bool:
    return a.shape == b.shape and bool((measuring.differences(a, b) <= bound).all())


def not_numbers(theirs: np.ndarray, ours: np.ndarray) -> str:
    bad = ~np.isfinite(theirs.astype(np.float64)) & np.isfinite(ours.astype(np.float64))
    if not bad.any():
        return ""
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), bad.shape))
    what = "NaN" if np.isnan(theirs[index]) else str(theirs[index])
    return f"{int(bad.sum())} of {bad.size} entries are not finite; the first is {what} at {list(index)}"


def all_zeros(theirs: np.ndarray, ours: np.ndarray) -> str:
    return "all of theirs are zero" if not theirs.any() and ours.any() else ""


def other_name(golden: Golden, tensor: Tensor, theirs: np.ndarray, precision: str) -> str:
    for name, other in golden.tensors.items():
        if name == tensor.name or other.array.dtype.kind != "f" or other.array.size < 2 or not np.ptp(other.array) > 0:
            continue
        bound = other.tolerance.get(precision)
        if bound is not None and close(other.array, theirs, bound):
            return f"these are the right values of {name}"
    return ""


def factor(ours: np.ndarray, theirs: np.ndarray, bound: float, golden: Golden) -> str:
    """The constant that theirs is ours times, by its name where it has one."""
    a, b = ours.astype(np.float64).reshape(-1), theirs.astype(np.float64).reshape(-1)
    if not np.isfinite(a).all() or not np.isfinite(b).all() or not a.any() or a.size < 2:
        return ""
    c = float(a @ b / (a @ a))
    if c == 0 or abs(c - 1) < 1e-12 or not (np.abs(b - c * a) <= 4 * bound * max(1.0, abs(c))).all():
        return ""
    return f"theirs is ours times {spelt(c, golden)}"


def spelt(c: float, golden: Golden) -> str:
    """A factor, and what it may be: -1, a fraction, a root, a size."""
    sizes = sorted({n for t in golden.tensors.values() for n in t.array.shape if n > 1})
    names: dict[float, str] = {}
    for n in sizes:
        names |= {
            float(n): f"{n}, a size",
            1 / n: f"1 / {n}, a size",
            n**0.5: f"√{n}, of a size",
            n**-0.5: f"1 / √{n}, of a size",
        }
    for value, name in names.items():
        for sign in (1, -1):
            if math.isclose(c, sign * value, rel_tol=2e-4):
                return f"{c:.6g} ({'-' if sign < 0 else ''}{name})"
    simple = Fraction(c).limit_denominator(NAMED)
    if simple and math.isclose(c, float(simple), rel_tol=2e-5):
        return str(simple)
    return f"{c:.6g}"


def reordered(ours: np.ndarray, theirs: np.ndarray, bound: float) -> str:
    """Axes swapped, heads and positions mixed up, an axis turned round, rolled or otherwise permuted."""
    if ours.ndim == 0 or np.ptp(ours[np.isfinite(ours)] if np.isfinite(ours).any() else np.zeros(1)) == 0:
        return ""
    axes = range(ours.ndim)
    if ours.ndim <= 5:
        for order in itertools.permutations(axes):
            if order == tuple(axes):
                continue
            turned = ours.transpose(order)
            if turned.shape == theirs.shape and close(turned, theirs, bound):
                return f"transposed: theirs is ours with its axes in the order {list(order)}"
            if turned.size == theirs.size and close(turned.reshape(ours.shape), theirs, bound):
                return f"axes mixed up: theirs is ours with its axes in the order {list(order)}, read as ours"
    for axis in axes:
        if close(np.flip(ours, axis), theirs, bound):
            return f"turned round along axis {axis}"
        for shift in {*range(1, min(ours.shape[axis], 65))}:
            if close(np.roll(ours, shift, axis), theirs, bound):
                return f"rolled by {shift} along axis {axis}"
    for axis in axes:
        if ours.shape[axis] > 2 and permuted(np.moveaxis(ours, axis, 0), np.moveaxis(theirs, axis, 0), bound):
            return f"in another order along axis {axis}"
    if ours.size > 2 and close(np.sort(ours, None), np.sort(theirs, None), bound):
        return "the same numbers in other places"
    return ""


def permuted(a: np.ndarray, b: np.ndarray, bound: float) -> bool:
    """Whether the rows of b are those of a in another order."""
    left = list(range(len(a)))
    if len(a) > 512:
        return False
    for row in b:
        place = next((i for i in left if close(a[i], row, bound)), None)
        if place is None:
            return False
        left.remove(place)
    return True


def some_rows(ours: np.ndarray, theirs: np.ndarray, bound: float) -> str:
    """Where it is wrong: at one index of an axis alone."""
    wrong = measuring.differences(ours, theirs) > bound
    for axis in range(wrong.ndim):
        if wrong.shape[axis] < 2:
            continue
        hit = np.flatnonzero(wrong.any(axis=tuple(i for i in range(wrong.ndim) if i != axis)))
        if 0 < len(hit) < wrong.shape[axis] and (len(hit) == 1 or len(hit) <= wrong.shape[axis] // 2):
            return f"wrong only at {', '.join(map(str, hit[:5]))}{' ...' if len(hit) > 5 else ''} of axis {axis}"
    return ""
