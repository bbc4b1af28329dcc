"""How far two arrays are apart: absolutely, against the tensor's largest entry, and in units in the last place."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from minilm.checking.golden import rounding

FEW = 3  # values of an array that says nothing about the precision it was computed in
BARRED = -1e4  # a score at most so large stands for -inf: its exponential is zero


@dataclass(frozen=True)
class Errors:
    """Largest, mean and 99th percentile of the errors, each in three measures; the worst entry with both its values.

    `relative` is against the tensor's largest entry, `ulp` in units in the last place of the entry itself, in the
    precision of theirs. Of integers and booleans `absolute` alone has a meaning.
    """

    absolute: tuple[float, float, float]
    relative: tuple[float, float, float]
    ulp: tuple[float, float, float]
    index: tuple[int, ...]
    ours: float
    theirs: float
    scale: float
    finite_mask: bool = False  # theirs has a finite number where ours has -inf

    def as_dict(self) -> dict[str, Any]:
        """For a file: what is no finite number becomes text."""
        measures = ("largest", "mean", "percentile_99")
        found = {
            name: dict(zip(measures, map(plain, getattr(self, name)), strict=True))
            for name in ("absolute", "relative", "ulp")
        }
        return {
            **found,
            "worst": {"index": list(self.index), "ours": plain(self.ours), "theirs": plain(self.theirs)},
            "scale": plain(self.scale),
        }  # fmt: skip


def plain(number: float) -> float | str:
    return number if np.isfinite(number) else str(number)


def differences(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """|theirs - ours| at each entry; infinite where only one is a number."""
    a, b = ours.astype(np.float64), theirs.astype(np.float64)
    with np.errstate(all="ignore"):
        apart = np.abs(b - a)
    apart = np.where((a == b) | (np.isnan(a) & np.isnan(b)) | (np.isneginf(a) & (b <= BARRED)), 0.0, apart)
    return np.where(np.isfinite(apart), apart, np.inf)


def measure(ours: np.ndarray, theirs: np.ndarray, precision: str) -> Errors:
    """The Errors of two arrays of one shape."""
    apart = differences(ours, theirs)
    a = ours.astype(np.float64)
    scale = float(np.abs(a[np.isfinite(a)]).max(initial=0))
    places = rounding.spacing(np.where(np.isfinite(a), a, 0), rounding.PRECISIONS[precision])
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(apart)), apart.shape)) if apart.size else ()
    at = (float(a[index]), float(theirs[index])) if apart.size else (0.0, 0.0)
    masked = bool((np.isneginf(a) & np.isfinite(theirs.astype(np.float64))).any()) if a.dtype.kind == "f" else False
    with np.errstate(all="ignore"):
        ulp = summary(apart / places)
    relative = summary(apart / scale) if scale else summary(np.where(apart > 0, np.inf, 0.0))
    return Errors(summary(apart), relative, ulp, index, *at, scale, masked)


def summary(errors: np.ndarray) -> tuple[float, float, float]:
    """Largest, mean and 99th percentile."""
    if not errors.size:
        return 0.0, 0.0, 0.0
    flat = np.sort(errors, axis=None)
    place = min(flat.size - 1, int(np.ceil(0.99 * flat.size)) - 1)
    return float(flat[-1]), float(flat.mean()), float(flat[max(place, 0)])


def precision_of(arrays: list[np.ndarray]) -> str:
    """What these were computed in, whatever their dtypes are: the lowest precision that holds a third of them.

    A result is as precise as the least of what it is made from, so one of several dtypes is the lower's. Arrays of a
    few values, zeros or a mask, say nothing.
    """
    order = ("bfloat16", "float16", "float32", "float64")
    found = sorted(
        next(place for place, name in enumerate(order) if rounding.fits(array, rounding.PRECISIONS[name]))
        for array in arrays
        if array.dtype.kind == "f" and len(np.unique(array[np.isfinite(array)])) > FEW
    )
    if found:
        return order[found[(len(found) - 1) // 3]]
    of_dtypes = [str(array.dtype) for array in arrays if str(array.dtype) in order]
    return min(of_dtypes or ["float64"], key=order.index)


def is_noise(ours: np.ndarray, tolerance: float | None) -> bool:
    """Whether an array is zero but for roundings, so that its digits say nothing."""
    return tolerance is not None and tolerance > 1e-3 * float(np.abs(ours[np.isfinite(ours)]).max(initial=0))
