"""One line of a check's report: a tensor, a method, the largest error and what there is to say about it."""

import math
from dataclasses import dataclass

import numpy as np

COMPLEX, CENTRAL, FLOAT32, WRITES, AGAIN, REFUSED = (
    "complex step", "central difference", "float32", "writes", "second call", "refused",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One tensor's result: where the largest error is, and the two values that differ there.

    `error` is the quantity that is compared with `tolerance`: |analytic - numeric| / scale, where `scale` is the
    tensor's largest numeric gradient, or `floor` times the whole case's largest where that is more (a gradient can
    be exactly zero, as that of the key bias of an attention is). `note` says what else there is to say: the cause, the
    line, the way out.
    """

    name: str
    tensor: str
    method: str
    index: tuple[int, ...]
    analytic: float
    numeric: float
    scale: float
    error: float
    tolerance: float
    entries: int
    note: str = ""

    @property
    def passed(self) -> bool:
        return bool(self.error <= self.tolerance)  # a NaN fails

    def __str__(self) -> str:
        verdict = "pass" if self.passed else "FAIL"
        if self.method == REFUSED:
            return f"{verdict}  {self.note}"
        if self.method == WRITES:
            return f"{'note' if self.passed else verdict}  {self.name}  {self.note}"
        if self.note and math.isnan(self.analytic) and math.isnan(self.numeric):
            return f"{verdict}  {self.name}  {self.tensor}: {self.note}"
        along = self.method == CENTRAL and not self.index and self.entries > 1
        place = self.tensor + (" along a random direction" if along else f"[{', '.join(map(str, self.index))}]")
        other = {FLOAT32: ("in float32", "in float64"), AGAIN: ("first", "second call")}
        mine, theirs = other.get(self.method, ("analytic", self.method))
        return (
            f"{verdict}  {self.name}  {place}: {mine} {self.analytic:.17g}, "
            f"{theirs} {self.numeric:.17g}, |difference| / {self.scale:.3g} = {self.error:.2e} "
            f"(at most {self.tolerance:.0e})"
        ) + (f"; {self.note}" if self.note else "")


def errors_of(a, b, scale):
    """|a - b| / scale; what is not finite on either side is infinitely far off."""
    with np.errstate(all="ignore"):
        errors = np.abs(np.asarray(a) - b) / scale
    return np.where(np.isfinite(errors), errors, np.inf)


def scale_of(array, largest, floor):
    """A tensor's largest number, or `floor` times the `largest` of all where that is more."""
    return max(float(np.abs(array).max(initial=0)), floor * largest) or 1.0


def finite(error):
    return error if np.isfinite(error) else math.inf
