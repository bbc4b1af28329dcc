"""The likely cause: each known mistake is made, the formula is run, and the one that gives their numbers is named."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from minilm import tree
from minilm.checking import golden as making
from minilm.checking import mistakes
from minilm.checking.comparing import measuring
from minilm.checking.golden import describing, steps
from minilm.checking.golden.folder import Golden
from minilm.checking.golden.running import Run, run, same_numbers
from minilm.checking.golden.subject import Subject
from minilm.checking.mistakes import Mistake
from minilm.errors import InputError

LEEWAY = 4.0  # times the tolerance: the mistake is run in float64, theirs is not


@dataclass(frozen=True)
class Cause:
    """A mistake whose result is theirs at the first wrong tensor, and how many of their tensors it explains in all."""

    mistake: Mistake
    error: float  # the largest, in tolerances
    explained: int
    compared: int
    wrong: int  # tensors of theirs that are wrong

    def __str__(self) -> str:
        what = self.mistake.plants[0]
        return f"{self.mistake.name} ({what.where.replace(':', '.')}): {self.mistake.why}"


def find(
    golden: Golden, theirs: dict[str, np.ndarray], wrong: list[str], first: str, precision: str,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[Cause], str]:  # fmt: skip
    """(the causes of the first wrong tensor, the best first, and why none could be looked for)."""
    try:
        subject = describing.made_again(golden)
        right = making.complete(subject) if golden.tensors[first].role == "update" else run(subject)
    except (InputError, ValueError, LookupError, TypeError) as error:
        return [], f"the formula cannot be run again here: {error}"
    mine = right.named().get(first)
    if mine is None or not agrees(golden, first, right.made[mine].array):
        return [], "the formula of this program gives other numbers than the folder: make the golden files again"
    found: list[Cause] = []
    groups = candidates(right, golden, first, mine)
    total, done = sum(map(len, groups)), 0
    places = outputs(right, theirs)
    quickly = places.get(first)
    for group in groups:
        for mistake in group:
            done += 1
            if progress is not None:
                progress(done, total)
            if quickly is not None and not may_be(mistake, subject, golden, theirs[first], first, precision, quickly):
                continue
            cause = tried(mistake, subject, golden, theirs, wrong, first, precision, places)
            if cause is not None:
                found.append(cause)
        if found:
            break
    return sorted(found, key=lambda cause: (-cause.explained, round(cause.error, 1), len(cause.mistake.plants))), ""


def candidates(right: Run, golden: Golden, first: str, mine: str) -> list[list[Mistake]]:
    """The mistakes of the functions that the first wrong tensor was made in; then of all others that were called."""
    near = set(right.made[mine].calls)
    called = {function.__module__ for function in right.functions} | near
    if golden.tensors[first].role == "update":
        called |= {"minilm.training.adam", "minilm.training.adamw", "minilm.training.clipping"}
    forward = golden.tensors[first].role == "forward"
    every = [m for m in mistakes.everything() if m.modules <= called and not (forward and m.backward)]
    return [[m for m in every if m.modules & near], [m for m in every if not m.modules & near]]


def agrees(golden: Golden, name: str, array: np.ndarray) -> bool:
    tensor = golden.tensors[name]
    if array.shape != tensor.array.shape:
        return False
    bound = tensor.tolerance.get("float32" if str(tensor.array.dtype) == "float32" else "float64") or 0.0
    return bool((measuring.differences(tensor.array, array) <= bound).all())


Place = tuple[str, str, str]  # "y" or "gradients", of which of them, and where in its tree


def outputs(right: Run, names: Iterable[str]) -> dict[str, Place]:
    """{name: Place} of what is returned: no trace is needed to see it, and no address, which a mistake may change."""
    known, found = right.named(), {}
    returned = [("y", "", right.y), *(("gradients", key, value) for key, value in right.gradients.items())]
    for name in names:
        array = right.made[known[name]].array if name in known else None
        for kind, key, tree_of in returned:
            for path, leaf in tree.leaves(tree_of):
                if array is not None and name not in found and same_numbers(np.asarray(leaf), array):
                    found[name] = (kind, key, path)
    return found


def leaf_at(y: Any, gradients: dict[str, Any], place: Place) -> np.ndarray | None:
    kind, key, path = place
    return tree.flatten(y if kind == "y" else gradients[key]).get(path)


def may_be(
    mistake: Mistake, subject: Subject, golden: Golden, theirs: np.ndarray, first: str, precision: str,
    place: Place,
) -> bool:  # fmt: skip
    """Whether the formula with the mistake returns theirs at a place; seen without a trace, in a tenth of its time."""
    try:
        with mistake.made(), np.errstate(all="ignore"):
            y, cache = subject.forward(subject.arguments)
            back = {} if place[0] == "y" else subject.backward(subject.arguments, cache, subject.upstream(y))
            return off_by(leaf_at(y, back, place), golden, theirs, first, precision) <= LEEWAY
    except Exception:  # with the mistake in it the formula may not even run on these shapes
        return False


def off_by(array: np.ndarray | None, golden: Golden, theirs: np.ndarray, name: str, precision: str) -> float:
    """How far the array of a mistake is from theirs, in tolerances."""
    if array is None or np.shape(array) != theirs.shape:
        return np.inf
    array = np.asarray(array)
    bound = golden.tensors[name].tolerance.get(precision)
    if bound is None:
        return 0.0 if np.array_equal(array, theirs, equal_nan=array.dtype.kind == "f") else np.inf
    larger = ratio(array, golden.tensors[name].array)
    apart = float(measuring.differences(array, theirs).max(initial=0))
    return apart / (bound * larger) if bound else (0.0 if not apart else np.inf)


def tried(
    mistake: Mistake, subject: Subject, golden: Golden, theirs: dict[str, np.ndarray], wrong: list[str], first: str,
    precision: str, places: dict[str, Place],
) -> Cause | None:  # fmt: skip
    """The Cause, where the formula with the mistake gives theirs at the first wrong tensor."""
    try:
        with mistake.made(), np.errstate(all="ignore"):
            made = run(subject)
            if golden.tensors[first].role == "update":
                made = steps.extended(subject, made)
    except Exception:  # with the mistake in it the formula may not even run on these shapes
        return None
    names = made.named()

    def error(name: str) -> float:
        if name in places:
            array = leaf_at(made.y, made.gradients, places[name])
        else:
            array = made.made[names[name]].array if name in names else None
        return off_by(array, golden, theirs[name], name, precision)

    off = error(first)
    if off > LEEWAY:
        return None
    explained = sum(error(name) <= LEEWAY for name in theirs)
    return Cause(mistake, off, explained, len(theirs), len(wrong))


def ratio(array: np.ndarray, ours: np.ndarray) -> float:
    """How much larger an array is than ours, at least 1: its roundings are larger by that."""
    if array.dtype.kind != "f":
        return 1.0
    sizes = [float(np.abs(a[np.isfinite(a)]).max(initial=0)) for a in (array, ours)]
    return max(1.0, sizes[0] / sizes[1]) if sizes[1] else 1.0
