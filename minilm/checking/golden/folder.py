"""A golden folder: golden.safetensors with the numbers, manifest.json with all that is to be known of them.

Both are hostile when they are read: the manifest may name no file but one of its folder, must have the fields it should
have, of their types, and agree with the tensors in names, shapes, dtypes and checksums. Nothing in it is executed.
"""

import hashlib
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from minilm.errors import InputError, bare, said
from minilm.storage import atomic, json_file, safetensors

FORMAT, VERSION = "minilm golden", 1
TENSORS, MANIFEST = "golden.safetensors", "manifest.json"
PRECISIONS = ("float64", "float32", "float16", "bfloat16")
ROLES = ("parameter", "input", "upstream", "forward", "backward", "gradient", "update")
ROOM = 256 << 20  # bytes of memory that a manifest may take


@dataclass(frozen=True)
class Tensor:
    """One tensor of a golden folder: its numbers, and the manifest's entry."""

    name: str
    array: np.ndarray
    role: str
    order: int
    also: tuple[str, ...] = ()
    formula: str = ""
    file: str = ""
    line: int = 0
    made_from: tuple[str, ...] = ()
    gradient_of: str = ""
    calls: tuple[str, ...] = ()
    tolerance: dict[str, float | None] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """`minilm/ops/softmax.py:26`, or "" of what came in."""
        return f"{self.file}:{self.line}" if self.file else ""


@dataclass(frozen=True)
class Golden:
    """A golden folder in memory. `about` is the manifest without its tensors."""

    tensors: dict[str, Tensor]
    about: dict[str, Any]
    folder: str = ""

    def addresses(self) -> dict[str, str]:
        """{any address: the name of its tensor}."""
        return {other: name for name, each in self.tensors.items() for other in (*each.also, name)}


def checksum(array: np.ndarray) -> str:
    """SHA-256 of an array's bytes as the file has them: little-endian, row by row."""
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    return hashlib.sha256(little.tobytes()).hexdigest()


def write(golden: Golden, folder: str | Path) -> None:
    """Write both files into a folder, which is made; the tensors first. Raises InputError where it cannot be."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made a folder ({error.strerror}); give another --out") from None
    strange = [each.name for each in folder.iterdir() if each.name not in (TENSORS, MANIFEST)]
    if strange and not (folder / MANIFEST).exists():
        raise InputError(
            f"{folder}: holds other files ({bare(sorted(strange)[0], 40)}); give an empty --out or a new one"
        )
    (folder / MANIFEST).unlink(missing_ok=True)  # until both are there, there is no golden folder
    safetensors.write(folder / TENSORS, {name: each.array for name, each in golden.tensors.items()})
    entries = [entry(each) for each in golden.tensors.values()]
    text = json.dumps(golden.about | {"tensors": entries}, indent=1, ensure_ascii=False, allow_nan=False)
    atomic.write_text(folder / MANIFEST, text + "\n")


def entry(tensor: Tensor) -> dict[str, Any]:
    """What the manifest says of a tensor."""
    return {
        "name": tensor.name, "also": list(tensor.also), "role": tensor.role, "order": tensor.order,
        "shape": list(tensor.array.shape), "dtype": str(tensor.array.dtype), "gradient_of": tensor.gradient_of,
        "formula": tensor.formula, "file": tensor.file, "line": tensor.line, "made_from": list(tensor.made_from),
        "calls": list(tensor.calls), "sha256": checksum(tensor.array), "tolerance": tensor.tolerance,
    }  # fmt: skip


FIELDS: dict[str, type | tuple[type, ...]] = {
    "name": str, "also": list, "role": str, "order": int, "shape": list, "dtype": str, "gradient_of": str,
    "formula": str, "file": str, "line": int, "made_from": list, "calls": list, "sha256": str, "tolerance": dict,
}  # fmt: skip


def read(folder: str | Path) -> Golden:
    """A golden folder. Raises InputError, naming file and field, for whatever is wrong with it."""
    folder = Path(folder)
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"{folder}: no golden folder ({MANIFEST} is not there); `minilm golden WHAT --out` makes one")
    about = json_file.read_object(path, ROOM)
    if about.get("format") != FORMAT or about.get("version") != VERSION:
        found = f"{said(about.get('format'))}, version {said(about.get('version'))}"
        raise InputError(f"{path}: it says {found}; this program reads {FORMAT!r}, version {VERSION}: make it again")
    file = about.get("file")
    if not isinstance(file, str) or file != Path(file).name or file in ("", ".", "..") or not file.isprintable():
        raise InputError(f"{path}: file is {said(file)}, which is not a file of this folder")
    if not (folder / file).is_file() or (folder / file).is_symlink():
        raise InputError(f"{path}: file is {said(file)}, and no such file is in the folder; copy both")
    arrays = safetensors.read(folder / file)
    entries = about.pop("tensors", None)
    if not isinstance(entries, list) or not entries:
        raise InputError(f"{path}: tensors must be a list of what {bare(file)} holds; make it again")
    tensors: dict[str, Tensor] = {}
    for number, each in enumerate(entries):
        tensor = checked(path, number, each, arrays)
        if tensor.name in tensors:
            raise InputError(f"{path}: {bare(tensor.name)} stands in it twice; make it again")
        tensors[tensor.name] = tensor
    if left := sorted(set(arrays) - set(tensors)):
        raise InputError(f"{path}: {bare(left[0])} is in {bare(file)} and not in the manifest; make it again")
    ordered = dict(sorted(tensors.items(), key=lambda item: item[1].order))
    return Golden(ordered, about, str(folder))


def checked(path: Path, number: int, each: Any, arrays: dict[str, np.ndarray]) -> Tensor:
    """The Tensor of an entry, held against the file."""
    place = f"{path}: tensors[{number}]"
    if not isinstance(each, dict):
        raise InputError(f"{place}: not an object; make it again")
    for key, kind in FIELDS.items():
        if not isinstance(each.get(key), kind) or isinstance(each.get(key), bool):
            raise InputError(f"{place}: {key} is {said(each.get(key))}, which cannot be; make it again")
    for key in ("also", "made_from", "calls"):
        if not all(isinstance(one, str) for one in each[key]):
            raise InputError(f"{place}: {key} must be a list of names; make it again")
    name = each["name"]
    place = f"{path}: {bare(name, 80)}"
    if name not in arrays:
        raise InputError(f"{place} is not among the tensors; copy both files")
    array = arrays[name]
    if each["role"] not in ROLES:
        raise InputError(f"{place}: role is {said(each['role'])}; there are {', '.join(ROLES)}")
    if list(array.shape) != each["shape"] or str(array.dtype) != each["dtype"]:
        found = f"{said(each['dtype'])} {said(each['shape'])}"
        raise InputError(
            f"{place}: the manifest says {found}, the file has {array.dtype} {list(array.shape)}; copy both"
        )
    if checksum(array) != each["sha256"]:
        raise InputError(f"{place}: its checksum is another; the file is damaged or not this manifest's: copy both")
    granted = {}
    for precision in PRECISIONS if array.dtype.kind == "f" else ():
        bound = each["tolerance"].get(precision)
        if bound is not None and (not isinstance(bound, int | float) or isinstance(bound, bool)
                                  or not math.isfinite(bound) or bound < 0):  # fmt: skip
            raise InputError(f"{place}: the tolerance of {precision} is {said(bound)}, which cannot be; make it again")
        granted[precision] = None if bound is None else float(bound)
    return Tensor(
        name, array, each["role"], each["order"], tuple(each["also"]), each["formula"], each["file"], each["line"],
        tuple(each["made_from"]), each["gradient_of"], tuple(each["calls"]), granted,
    )  # fmt: skip
