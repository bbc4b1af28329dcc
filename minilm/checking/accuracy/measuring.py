"""Errors of a result against the truth, in units of the last place.

A truth of 50 digits is cut into two float64 numbers whose sum it is to 32 digits; what was found less the first is
exact where it is near, so that no error is lost to the measuring.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minilm.checking.accuracy.subject import Subject

DIGITS = 50
ROUNDINGS = 4.0  # units: what the few roundings of a formula come to
FACTOR = 4.0  # dues that an error is explained by, for what is rounded on the way and is no input
FLOOR = 2.0**12  # times the smallest normal number: below, a result may be zero, as where subnormals are flushed
MOVED = 1e-9  # by which share inputs are moved, to see what their rounding costs


@dataclass(frozen=True)
class Error:
    """largest and mean in units in the last place of each entry; `over` is the largest over the largest entry, in eps.

    Where a true entry is zero, it has no place; then only `over` counts it. Nothing is counted where both the true
    entry and the found one are below FLOOR.
    """

    largest: float
    mean: float
    over: float


@dataclass(frozen=True)
class Row:
    """One line of the table: a direction ("y", "dx") of a subject in a dtype."""

    subject: Subject
    dtype: str
    direction: str
    ours: Error
    peers: dict[str, Error] = field(default_factory=dict)
    due: float = 0.0  # what half a unit more or less of every input moves the result by, in this row's measure

    def size(self, error: Error) -> float:
        """The measure that this row is judged by: of an elementwise operation each entry's own digits."""
        return error.largest if self.subject.each else error.over

    @property
    def best(self) -> float | None:
        """The better of the peers, by that measure."""
        return min(map(self.size, self.peers.values()), default=None)

    @property
    def explained(self) -> bool:
        """Whether the rounding of the inputs alone costs as much: no formula can give more."""
        return self.size(self.ours) <= FACTOR * self.due

    @property
    def verdict(self) -> str:
        """How ours stands: "best", or why it is not: "roundings", "inputs", else "worse" ("alone" without peers)."""
        size = self.size(self.ours)
        if self.best is not None and size <= self.best:
            return "best"
        if size <= ROUNDINGS:
            return "roundings"
        if self.explained:
            return "inputs"
        return "worse" if self.best is not None else "alone"


def rows(subject: Subject, dtype: type, peers: bool = True) -> list[Row]:
    """The rows of a subject in a dtype: forward, and each gradient."""
    import mpmath

    given = {key: lowered(array, dtype) for key, array in subject.arrays.items()}
    dy: np.ndarray = np.asarray(subject.upstream, dtype)
    with mpmath.workdps(DIGITS), np.errstate(all="ignore"):
        exact = {key: raised(array) if array.dtype.kind == "f" else array for key, array in given.items()}
        true = flat(*subject.exact(mpmath.mp, **exact, dy=raised(dy)))
        truth = {direction: halves(array) for direction, array in true.items()}
    with np.errstate(all="ignore"):
        found = {"minilm": flat(*subject.ours(**given, dy=dy)), **(by_peers(subject, given, dy) if peers else {})}
    made = {
        who: {d: error(results[d], high, low, dtype) for d, (high, low) in truth.items()}
        for who, results in found.items()
    }
    ours = made.pop("minilm")
    due = dues(subject, given, dy)
    name = np.dtype(dtype).name
    return [Row(subject, name, d, ours[d], {who: other[d] for who, other in made.items()}, due[d]) for d in truth]


def dues(subject: Subject, given: dict[str, np.ndarray], dy: np.ndarray) -> dict[str, float]:
    """{direction: what the inputs' own rounding costs}, seen in float64 with inputs moved a little, at random.

    No formula can be asked to be nearer to the truth than its neighbours' truths are.
    """
    rng = np.random.default_rng(7)

    def results(move: bool) -> dict[str, np.ndarray]:
        moved = {key: nudged(array, rng) if move else raised_dtype(array) for key, array in {**given, "dy": dy}.items()}
        with np.errstate(all="ignore"):
            return {d: np.asarray(array) for d, array in flat(*subject.ours(**moved)).items()}

    still, found = results(False), dict.fromkeys(flat(0, dict.fromkeys(subject.wrt)), 0.0)
    for _ in range(3):
        for direction, array in results(True).items():
            size = np.abs(still[direction])
            scale = size if subject.each else size.max(initial=0)
            with np.errstate(all="ignore"):
                share = np.abs(array - still[direction]) / scale / MOVED
            share = share[np.isfinite(share)] if share.ndim else share
            found[direction] = max(found[direction], 0.5 * float(np.max(share, initial=0)))
    return found


def raised_dtype(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def nudged(array: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if array.dtype.kind != "f":
        return array
    return array.astype(np.float64) * (1 + MOVED * rng.choice([-1, 1], array.shape))


def lowered(array: np.ndarray, dtype: type) -> np.ndarray:
    return array.astype(dtype) if array.dtype.kind == "f" else array


def flat(y: Any, gradients: dict[str, Any]) -> dict[str, Any]:
    return {"y": y} | {f"d{key}": value for key, value in gradients.items()}


def raised(array: Any) -> Any:
    """Floats as mpmath's numbers, exactly."""
    import mpmath

    lift = np.frompyfunc(lambda value: mpmath.mpf(float(value)), 1, 1)
    return np.asarray(lift(array), object)


def halves(truth: Any) -> tuple[np.ndarray, np.ndarray]:
    """A truth as two arrays of float64: the number, and what is left of it."""
    wanted = np.asarray(truth, object)
    high = np.asarray(np.frompyfunc(float, 1, 1)(wanted), np.float64)
    return high, np.asarray(np.frompyfunc(lambda value, top: float(value - top), 2, 1)(wanted, high), np.float64)


def error(found: Any, high: np.ndarray, low: np.ndarray, dtype: type) -> Error:
    """The Error of what was found. What is not finite where the truth is has an infinite one."""
    result = np.asarray(found, dtype).astype(np.float64).reshape(high.shape)
    with np.errstate(all="ignore"):
        difference = np.abs((result - high) - low)
        beyond = np.abs(high) > float(np.finfo(dtype).max)
        difference = np.where(beyond & (result == np.copysign(np.inf, high)), 0, difference)
    difference = np.where(np.isnan(difference), np.inf, difference)
    size = np.abs(high)
    floor = FLOOR * float(np.finfo(dtype).tiny)
    difference = np.where((size < floor) & (np.abs(result) < floor), 0, difference)
    place = np.spacing(np.minimum(size, float(np.finfo(dtype).max)).astype(dtype)).astype(np.float64)
    with np.errstate(all="ignore"):  # an endless error, of a number that is none
        units = (difference / place)[size > 0]
    top = float(size.max(initial=0))
    over = float(difference.max(initial=0)) / (top if top else 1.0) / float(np.finfo(dtype).eps)
    return Error(float(units.max(initial=0)), float(units.mean()) if units.size else 0.0, over)


def by_peers(subject: Subject, given: dict[str, np.ndarray], dy: np.ndarray) -> dict[str, dict[str, Any]]:
    """What PyTorch and JAX make of it, those of the two that are installed."""
    found = {}
    for who, make in (("PyTorch", in_torch), ("JAX", in_jax)):
        try:
            made = make(subject, given, dy)
        except ImportError:
            continue
        if made is not None:
            found[who] = made
    return found


def in_torch(subject: Subject, given: dict[str, np.ndarray], dy: np.ndarray) -> dict[str, Any] | None:
    import torch

    if subject.torch is None:
        return None
    tensors = {key: torch.tensor(array) for key, array in given.items()}
    leaves = [tensors[key].requires_grad_() for key in subject.wrt]
    y = subject.torch(torch, **tensors)
    gradients = torch.autograd.grad(y, leaves, torch.tensor(dy))
    return flat(y.detach().numpy(), {key: g.numpy() for key, g in zip(subject.wrt, gradients, strict=True)})


def in_jax(subject: Subject, given: dict[str, np.ndarray], dy: np.ndarray) -> dict[str, Any] | None:
    import jax

    function = subject.jax
    if function is None:
        return None
    jax.config.update("jax_enable_x64", True)
    arrays = {key: jax.numpy.asarray(array) for key, array in given.items()}
    y, pull = jax.vjp(
        lambda *some: function(jax, **{**arrays, **dict(zip(subject.wrt, some, strict=True))}),
        *(arrays[key] for key in subject.wrt),
    )
    gradients = pull(jax.numpy.asarray(dy, y.dtype))
    return flat(np.asarray(y), dict(zip(subject.wrt, map(np.asarray, gradients), strict=True)))
