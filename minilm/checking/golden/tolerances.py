"""What an implementation in a lower precision may be off by: the measured error of the formula itself, times two.

The formula is run in the precision and held against float64, several times: once with all that goes in, and each named
array, rounded to the nearest number; then with every rounding, of what goes in and after each operation, at random up
or down. float32 is run as NumPy runs it too, as it stands and with its products of sums multiplied out. The largest
error of a tensor over these runs, and at least one unit in the last place of its largest entry, is its error; twice
that is granted. Absolute, one number a tensor: by that number may any entry be off. A tensor that is zero but for
roundings, as the gradient of an attention's key bias, is nothing but error, and how large that is hangs on the kernel:
of it four times are granted. A tensor that overflows in a precision has no tolerance there (null).

For float64 the error of float32 is scaled by the ratio of the two units, errors of rounding being proportional to it,
and doubled once more, as what it is held against has errors of that size itself.
"""

import math
import zlib
from collections.abc import Iterator

import numpy as np

from minilm.checking.golden import rounding, steps
from minilm.checking.golden.running import Run, run
from minilm.checking.golden.subject import Subject

GRANTED = 2.0
ZERO = 1e-4  # of its error in a precision: a tensor so small is zero but for roundings
RANDOM = {"float32": 8, "float16": 2, "bfloat16": 2}  # runs with roundings at random
NATIVE = 2  # runs as NumPy computes in float32


def measured(subject: Subject, right: Run) -> dict[str, dict[str, float | None]]:
    """{name: {"float64": ..., "float32": ..., "float16": ..., "bfloat16": ...}} of the arrays of floats of a run."""
    largest = {name: greatest(made.array) for name, made in right.made.items() if made.array.dtype.kind == "f"}
    found: dict[str, dict[str, float | None]] = {name: {} for name in largest}
    idle: set[str] = set()  # parameters without a gradient: an optimiser makes steps of its roundings alone
    for precision in ("float32", "float16", "bfloat16"):
        kind = rounding.PRECISIONS[precision]
        unit = kind.unit if subject.dtype == "float64" or precision != "float32" else 2 * kind.unit
        smallest = float(np.ldexp(1.0, kind.least - kind.bits + 1))
        errors = {name: max(unit * size, smallest) for name, size in largest.items()}
        for arrays in runs(subject, right, precision):
            for name in errors:
                errors[name] = max(errors[name], error_of(arrays.get(name), right.made[name].array))
        for name, error in errors.items():
            nothing = largest[name] < ZERO * error
            times = GRANTED * 2 if nothing else GRANTED
            if nothing and name.startswith("dparams."):
                idle.add(name.removeprefix("dparams."))
            found[name][precision] = times * error if math.isfinite(error) else None
    ratio = rounding.PRECISIONS["float64"].unit / rounding.PRECISIONS["float32"].unit
    for name in found:
        narrow = found[name]["float32"]
        found[name] = {"float64": None if narrow is None else GRANTED * narrow * ratio} | found[name]
    for name in found:
        if name.startswith("after_") and name.partition(".")[2] in idle:
            found[name] = dict.fromkeys(rounding.PRECISIONS)
    return found


def runs(subject: Subject, right: Run, precision: str) -> Iterator[dict[str, np.ndarray]]:
    """The arrays of the formula run in a precision, once for each way of rounding."""
    kind = rounding.PRECISIONS[precision]
    rng = np.random.default_rng([subject.seed, zlib.crc32(precision.encode())])
    for turn in range(1 + RANDOM[precision]):
        chance = rng if turn else None

        def change(array, chance=chance):
            return rounding.rounded(array, kind, chance)

        with rounding.after_each_statement(right.functions, kind, chance):
            found = steps.extended(subject, run(subject, change), change, kind, chance)
        yield found.arrays()
    for turn in range(NATIVE if precision == "float32" else 0):
        chance = rng if turn else None

        def narrow(array, chance=chance):
            return np.asarray(rounding.rounded(array, kind, chance), np.float32)

        yield steps.extended(subject, run(subject, narrow), narrow).arrays()
        with rounding.multiplied_out(right.functions):
            found = steps.extended(subject, run(subject, narrow), narrow)
        yield found.arrays()


def greatest(array: np.ndarray) -> float:
    """The largest finite magnitude."""
    return float(np.abs(array[np.isfinite(array)]).max(initial=0))


def error_of(found: np.ndarray | None, right: np.ndarray) -> float:
    """The largest difference; infinite where one is finite and the other is not, or where there is nothing."""
    if found is None or found.shape != right.shape:
        return math.inf
    with np.errstate(all="ignore"):
        difference = np.abs(np.asarray(found, np.float64) - right)
    same = (found == right) | (np.isnan(found) & np.isnan(right))
    difference = np.where(same, 0.0, difference)
    return float(np.where(np.isfinite(difference), difference, np.inf).max(initial=0))
