"""THEIRS: tensors of others, from a folder, a file or a dict, of which nothing is believed.

safetensors, .npy and .npz are read. First only what they say they hold: names, shapes, dtypes. Numbers are read when a
golden tensor of as many entries wants them, so that no file can ask for more memory than the golden folder takes. A
.npy that would need pickle is refused; what is no file, or leads out of the folder, is passed over.
"""

import math
import tokenize
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from minilm.errors import InputError, bare, said
from minilm.storage import safetensors

KINDS = (".safetensors", ".npy", ".npz")
MOST = 100_000  # tensors
WRONG = (  # what NumPy's reader of a header raises, which it gives to Python's parser
    ValueError, OSError, EOFError, SyntaxError, TypeError, MemoryError, RecursionError, tokenize.TokenError,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A tensor of theirs: what its file says of it, and how its numbers are come by."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    load: Callable[[], np.ndarray]

    @property
    def size(self) -> int:
        return math.prod(self.shape)


def of(theirs: Any) -> dict[str, Entry]:
    """{name: Entry} of a path, or of a mapping of names to arrays. Raises InputError where there is nothing."""
    if isinstance(theirs, Mapping):
        found = {str(name): from_memory(str(name), array) for name, array in theirs.items()}
        if not found:
            raise InputError("their tensors are an empty dict; hand over {name: array}")
        return found
    path = Path(theirs)
    if path.is_dir():
        files = sorted(each for each in path.iterdir() if each.suffix.lower() in KINDS and each.is_file())
        files = [each for each in files if each.resolve().parent == path.resolve()]
        if not files:
            raise InputError(f"{path}: holds no {', '.join(KINDS)}; write their tensors as one of these")
    elif path.is_file():
        files = [path]
    else:
        raise InputError(f"{path}: no such folder or file; their tensors are wanted here")
    found = {}
    for file in files:
        for name, entry in of_file(file).items():
            if name in found:
                raise InputError(f"{file}: {bare(name, 80)} is in another file of the folder too; keep one of them")
            found[name] = entry
            if len(found) > MOST:
                raise InputError(f"{path}: more than {MOST} tensors; give a part of them")
    if not found:
        raise InputError(f"{path}: holds no tensor; write theirs into it")
    return found


def from_memory(name: str, thing: Any) -> Entry:
    """An array, or a tensor of a framework that has detach, cpu or float."""
    for method in ("detach", "cpu"):
        thing = getattr(thing, method)() if hasattr(thing, method) else thing
    if "bfloat16" in str(getattr(thing, "dtype", "")) and hasattr(thing, "float"):
        thing = thing.float()
    array = np.asarray(thing)
    require_numbers(name, array.dtype)
    return Entry(name, array.shape, str(array.dtype), lambda: array)


def require_numbers(place: str, dtype: np.dtype) -> None:
    if dtype.hasobject:
        raise InputError(f"{bare(place)}: holds Python objects, which need pickle; save an array of numbers")
    if dtype.kind not in "fiub":
        raise InputError(f"{bare(place)}: {said(str(dtype), 40)} is no dtype of real numbers; save floats or integers")


def of_file(path: Path) -> dict[str, Entry]:
    """The tensors of one file."""
    kind = path.suffix.lower()
    if kind == ".safetensors":
        return {name: from_memory(name, array) for name, array in safetensors.read(path).items()}
    if kind == ".npy":
        with open(path, "rb") as file:
            shape, dtype, start = header(file, path)
            size = file.seek(0, 2)
        require_room(path, shape, dtype, size - start)
        return {path.stem: Entry(path.stem, shape, str(dtype), lambda: read_npy(path, path))}
    if kind == ".npz":
        return of_archive(path)
    raise InputError(f"{path}: {said(kind)} is none of {', '.join(KINDS)}; save their tensors as one of these")


def header(file: Any, place: Any) -> tuple[tuple[int, ...], np.dtype, int]:
    """(shape, dtype, where the numbers start) of a .npy, in which there is nothing that pickle would have to read."""
    form = np.lib.format
    try:
        version = form.read_magic(file)
        reader = form.read_array_header_1_0 if version == (1, 0) else form.read_array_header_2_0
        shape, _, dtype = reader(file, max_header_size=10_000)
    except WRONG as error:
        raise InputError(f"{place}: no .npy that can be read ({bare(error, 80)}); save it again with np.save") from None
    require_numbers(str(place), dtype)
    if len(shape) > 32 or any(type(n) is not int or n < 0 for n in shape):
        raise InputError(f"{place}: the shape {said(shape, 80)} is none; save it again with np.save")
    return tuple(shape), dtype, file.tell()


def require_room(place: Any, shape: tuple[int, ...], dtype: np.dtype, room: int) -> None:
    wanted = math.prod(shape) * dtype.itemsize
    if wanted != room:
        raise InputError(
            f"{place}: {said(shape, 80)} of {dtype} is {said(wanted)} bytes, the file has {room}; copy it again"
        )


def read_npy(source: Any, place: Any) -> np.ndarray:
    try:
        return np.asarray(np.load(source, allow_pickle=False))
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{place}: cannot be read ({bare(error, 80)}); save it again with np.save") from None


def of_archive(path: Path) -> dict[str, Entry]:
    """The arrays of a .npz: a zip file of .npy. What its directory says is not believed beyond a header's length."""
    found: dict[str, Entry] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST:
                raise InputError(f"{path}: more than {MOST} arrays; give a part of them")
            for member in members:
                if not member.filename.endswith(".npy"):
                    continue
                name = member.filename.removesuffix(".npy")
                place = f"{path}: {bare(name, 80)}"
                with archive.open(member) as file:
                    shape, dtype, start = header(file, place)
                require_room(place, shape, dtype, member.file_size - start)
                if name in found:
                    raise InputError(f"{place} stands in it twice; save it again with np.savez")
                found[name] = Entry(name, shape, str(dtype), member_reader(path, member.filename, place))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: no .npz that can be read ({bare(error, 80)}); save it again with np.savez") from None
    return found


def member_reader(path: Path, member: str, place: str) -> Callable[[], np.ndarray]:
    def load() -> np.ndarray:
        try:
            with zipfile.ZipFile(path) as archive, archive.open(member) as file:
                return read_exactly(file, place)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            raise InputError(f"{place}: cannot be read ({bare(error, 80)}); save it again with np.savez") from None

    return load


def read_exactly(file: BinaryIO | Any, place: str) -> np.ndarray:
    """The array of an open .npy: as many bytes are read as its shape says, and one more, which must not be there."""
    shape, dtype, _ = header(file, place)
    wanted = math.prod(shape) * dtype.itemsize
    data = file.read(wanted + 1)
    if len(data) != wanted:
        raise InputError(
            f"{place}: its numbers are {'cut off' if len(data) < wanted else 'more than it says'}; save it again"
        )
    return np.frombuffer(data, dtype).reshape(shape)
