"""Which tensor of theirs is which of ours: by name, by a map, by content, by shape. Guesses are shown as such."""

import difflib
import re
from dataclasses import dataclass

import numpy as np

from minilm.checking.comparing import measuring, theirs
from minilm.checking.golden.folder import Golden, Tensor
from minilm.errors import InputError, bare, said

INNER = ("parameter", "input", "upstream")


@dataclass(frozen=True)
class Match:
    """A pair. `how` is "name", "map", "content" or "shape"; `change` what was done to theirs ("transposed", ...)."""

    ours: str
    theirs: str
    array: np.ndarray
    how: str
    change: str = ""

    @property
    def guessed(self) -> bool:
        return self.how in ("content", "shape")


@dataclass
class Matching:
    """All pairs, and what has none: `shapes` are pairs by name whose shapes differ, `dtypes` whose kinds do."""

    pairs: dict[str, Match]
    missing: list[str]
    left_over: list[str]
    shapes: list[tuple[str, str, tuple[int, ...], tuple[int, ...]]]
    dtypes: list[tuple[str, str, str, str]]


def match(golden: Golden, entries: dict[str, theirs.Entry], names: dict[str, str] | None = None) -> Matching:
    """Pair their tensors with ours. Raises InputError for a map of names that are not there, and where nothing fits."""
    found = Matching({}, [], [], [], [])
    rest = dict(entries)
    for mine, their, transposed in mapped(golden, entries, names or {}):
        take(golden.tensors[mine], rest.pop(their, entries[their]), "map", found, transposed)
    known = golden.addresses()
    loose = variants(golden)
    for name in list(rest):
        mine = known.get(name) or loose.get(normal(name)) or ""
        if mine and mine not in found.pairs:
            take(golden.tensors[mine], rest.pop(name), "name", found)
    guess(golden, rest, found)
    settled = set(found.pairs) | {shape[0] for shape in found.shapes}
    found.missing = [name for name in golden.tensors if name not in settled]
    found.left_over = list(rest)
    if not found.pairs:
        other = f"; {bare(found.shapes[0][0], 40)} has another shape" if found.shapes else ""
        ours, others = bare(next(iter(golden.tensors)), 40), bare(next(iter(entries)), 40)
        raise InputError(
            f"nothing matches: ours are called {ours} ..., theirs {others} ...{other}; map them with --names"
        )
    return found


def mapped(golden: Golden, entries: dict[str, theirs.Entry], names: dict[str, str]):
    """Yield (ours, theirs, transposed) of the user's map, {ours: theirs} or {theirs: ours}; "NAME.T" is transposed."""
    known = golden.addresses()
    for a, b in names.items():
        if not isinstance(b, str):
            raise InputError(f"the map gives {bare(a, 40)} the name {said(b, 40)}; it maps names to names")
        for mine, their in ((a, b), (b, a)):
            plain = their.removesuffix(".T") if their not in entries else their
            if mine.removesuffix(".T") in known and plain in entries:
                yield known[mine.removesuffix(".T")], plain, plain != their or mine.endswith(".T") and mine not in known
                break
        else:
            raise InputError(
                f"the map pairs {bare(a, 40)} with {bare(b, 40)}, but no golden tensor and one of theirs are so called"
            )


def take(tensor: Tensor, entry: theirs.Entry, how: str, found: Matching, transposed: bool = False) -> bool:
    """Pair the two where their shapes allow; note it where they do not."""
    ours, shape = tensor.array.shape, entry.shape
    change = ""
    if transposed or (shape != ours and shape == ours[::-1] and len(ours) == 2):
        change = "transposed"
    elif shape != ours and tuple(n for n in shape if n != 1) == tuple(n for n in ours if n != 1):
        change = "axes of size one apart"
    elif shape != ours:
        found.shapes.append((tensor.name, entry.name, ours, shape))
        return False
    array = entry.load()
    array = array.T if change == "transposed" else array.reshape(ours)
    if array.shape != ours:
        found.shapes.append((tensor.name, entry.name, ours, shape))
        return False
    if (array.dtype.kind == "f") != (tensor.array.dtype.kind == "f"):
        found.dtypes.append((tensor.name, entry.name, str(tensor.array.dtype), entry.dtype))
    found.pairs[tensor.name] = Match(tensor.name, entry.name, array, how, change)
    return True


def normal(name: str) -> str:
    """A name without what conventions differ in: case, / and : and __ for dots."""
    return re.sub(r"[./:]+|__", ".", name).lower().strip(".")


def variants(golden: Golden) -> dict[str, str]:
    """{normal name: name}: of gradients as other houses write them too: weight.grad, grad.weight, d_weight."""
    found: dict[str, str] = {}
    for name, tensor in golden.tensors.items():
        own = [name, *tensor.also]
        if tensor.role == "gradient" and tensor.gradient_of:
            of = tensor.gradient_of
            path, _, last = of.rpartition(".")
            own += [
                f"{of}.grad",
                f"grad.{of}",
                f"d_{of}",
                f"grad_{of}",
                f"d{of}",
                f"{path}.d{last}" if path else f"d{last}",
            ]
        for other in own:
            found.setdefault(normal(other), name)
    return found


def guess(golden: Golden, rest: dict[str, theirs.Entry], found: Matching) -> None:
    """Pair what is left by content, and then by shape."""
    sizes = {tensor.array.size for tensor in golden.tensors.values()}
    arrays = {name: entry.load() for name, entry in rest.items() if entry.size in sizes and entry.size > 1}
    for name, array in arrays.items():
        for mine, tensor in golden.tensors.items():
            if mine in found.pairs or tensor.array.dtype.kind != "f" or array.dtype.kind != "f":
                continue
            bound = tensor.tolerance.get("float32")
            for change, other in (("", array), ("transposed", array.T)):
                alike = other.shape == tensor.array.shape and bound is not None and tensor.array.size > 1
                if alike and np.ptp(tensor.array) > 0 and measuring.differences(tensor.array, other).max() <= bound:
                    found.pairs[mine] = Match(mine, name, other, "content", change if array.ndim > 1 else "")
                    rest.pop(name, None)
                    break
            if name not in rest:
                break
    for name in [each for each in arrays if each in rest]:
        free = [t for t in golden.tensors.values() if t.name not in found.pairs and t.array.shape == arrays[name].shape
                and t.role not in INNER]  # fmt: skip
        close = difflib.get_close_matches(name, [t.name for t in free], 1, 0.5)
        rivals = [n for n in rest if rest[n].shape == arrays[name].shape]
        chosen = close[0] if close else free[0].name if len(free) == 1 and len(rivals) == 1 else None
        if chosen is not None:
            found.pairs[chosen] = Match(chosen, name, arrays[name], "shape")
            rest.pop(name)
