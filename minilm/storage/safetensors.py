"""safetensors: named arrays in one file, read without trust in it.

    8 bytes     the header's length N, little-endian
    N bytes     JSON: {name: {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {str: str}}
    the rest    the numbers, little-endian, row by row; offsets count from here

Nothing in the file is executed and nothing is allocated on its word: the header may not be longer than the file,
every tensor's bytes must be exactly its shape times its dtype, and together the tensors must cover the rest of the
file without gap or overlap (the format's own rule, so that no two readers see different things). Arrays are views of
the mapped file, read when they are touched; bfloat16, which NumPy has not, is widened to float32.
"""

import contextlib
import json
import math
import mmap
import secrets
from pathlib import Path

import numpy as np

from minilm.errors import InputError, bare, said
from minilm.storage import atomic, json_file

MAX_HEADER = 100_000_000  # bytes; the reference implementation's limit
DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1", "BF16": "<u2",
}  # fmt: skip
NAMES = {np.dtype(code): name for name, code in DTYPES.items() if name != "BF16"}


def read(path):
    """{name: array} of the file. Raises InputError, naming file and field, for whatever is wrong with it."""
    header, data, start = _open(path)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        kind = np.dtype(DTYPES[entry["dtype"]])
        number = (end - begin) // kind.itemsize
        raw = np.frombuffer(data, kind, number, start + begin) if number else np.empty(0, kind)
        if entry["dtype"] == "BOOL" and number and raw.view(np.uint8).max() > 1:
            raise InputError(f"{path}: {bare(name)}: a BOOL is 0 or 1; the file is damaged, copy it again")
        array = raw.reshape(entry["shape"])
        tensors[name] = from_bfloat16(array) if entry["dtype"] == "BF16" else array
    return tensors


def require_finite(array, place):
    """Raise InputError where a weight of `place`, file and tensor, is NaN or infinite: the model answers nothing."""
    if array.size and not (np.isfinite(array.min()) and np.isfinite(array.max())):  # no copy, and NaN is in both
        raise InputError(f"{place} holds numbers that are not finite (NaN); the weights are damaged or have diverged")


def metadata(path):
    """The file's own notes, {str: str}."""
    return _open(path, notes=True)[0]


def write(path, tensors, notes=None, dtype=None):
    """Write {name: array} as one file, whole or not at all; `dtype="BF16"` rounds all floats to bfloat16.

    Raises InputError (a ValueError) for a dtype that the format has not, a name that it cannot hold and notes that are
    not text. Tensors go to the file one by one: no second copy of all.
    """
    notes = dict(notes or {})
    for key, value in notes.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise InputError(f"{path}: the note {said(key)} is {said(value)}; safetensors holds notes of text alone")
    header = {"__metadata__": notes} if notes else {}
    if wrong := [name for name in tensors if not isinstance(name, str) or name == "__metadata__"]:
        raise InputError(f"{path}: {said(wrong[0])} is no name for a tensor in safetensors; give it another")
    offset, arrays = 0, []
    for name, array in sorted(tensors.items(), key=lambda item: (-item[1].dtype.itemsize, item[0])):
        array = np.asarray(array)
        brain = dtype == "BF16" and array.dtype.kind == "f"
        native = array.dtype.newbyteorder("=")
        if not brain and native not in NAMES:
            raise InputError(f"{bare(name)}: safetensors has no dtype for {array.dtype}")
        size = array.size * (2 if brain else array.dtype.itemsize)
        code = "BF16" if brain else NAMES[native]
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [offset, offset + size]}
        arrays.append((array, code))
        offset += size
    try:
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise InputError(f"{path}: a name or note holds half a character, which no file can; give another") from None
    text += b" " * (-len(text) % 8)  # so that the numbers begin at a multiple of eight

    def stream(file):
        file.write(len(text).to_bytes(8, "little") + text)
        for array, code in arrays:
            stored = to_bfloat16(array) if code == "BF16" else array
            if array.size:
                file.write(np.ascontiguousarray(stored, DTYPES[code]).reshape(-1).view(np.uint8).data)

    atomic.write_stream(path, stream)


def to_bfloat16(array):
    """Floats rounded to the upper 16 bits of a float32, ties to even; NaN stays NaN. As uint16."""
    bits = np.ascontiguousarray(array, np.float32).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> 16) & np.uint32(1))) >> 16
    return np.where(np.isnan(np.asarray(array, np.float32)), np.uint32(0x7FC0), rounded).astype(np.uint16)


def from_bfloat16(bits):
    """The inverse, exact: uint16 -> float32."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


def read_folder(folder, stem="model"):
    """The tensors of `stem`.safetensors, or of the shards that `stem`.safetensors.index.json names."""
    folder = Path(folder)
    single, index = folder / f"{stem}.safetensors", folder / f"{stem}.safetensors.index.json"
    if single.exists() or not index.exists():
        return read(single)
    content = json_file.read(index, json_file.SMALL)
    places = content.get("weight_map") if isinstance(content, dict) else None
    if not isinstance(places, dict) or not all(isinstance(file, str) for file in places.values()) or not places:
        raise InputError(f"{index}: weight_map must name a file for each tensor; download the folder again")
    tensors: dict[str, np.ndarray] = {}
    shards: dict[str, dict[str, np.ndarray]] = {}
    for name, file in places.items():
        if file != Path(file).name or file in ("", ".", "..") or not file.isprintable():
            found = f"{bare(name, 80)} is said to be in {said(file, 80)}"
            raise InputError(f"{index}: {found}, which is not a file of this folder")
        if file not in shards:
            shards[file] = read(folder / file)
        if name not in shards[file]:
            raise InputError(f"{index}: {bare(name, 80)} is not in {bare(file, 80)}; download the folder again")
        tensors[name] = shards[file][name]
    for file, shard in shards.items():
        if extra := sorted(set(shard) - {name for name, place in places.items() if place == file}):
            raise InputError(f"{folder / file}: {bare(extra[0], 80)} is not in the index; download the folder again")
    return tensors


def write_sharded(folder, tensors, max_bytes, stem="model", notes=None):
    """Write `tensors` as files of at most `max_bytes` each (a larger tensor has one to itself) and their index.

    A file that is there is not written over: until the new index stands, the old one names a whole set of files. What
    only the old one named goes afterwards.
    """
    folder = Path(folder)
    shards: list[dict[str, np.ndarray]] = [{}]
    room = max_bytes
    for name, array in tensors.items():
        if array.nbytes > room and shards[-1]:
            shards.append({})
            room = max_bytes
        shards[-1][name] = array
        room -= array.nbytes
    names = [f"{stem}-{number:05d}-of-{len(shards):05d}" for number in range(1, len(shards) + 1)]
    older = [path.name for path in folder.glob(f"{stem}-*-of-*.safetensors")]
    if {f"{name}.safetensors" for name in names} & set(older):
        turn = secrets.token_hex(4)
        names = [f"{name}-{turn}" for name in names]
    places: dict[str, str] = {}
    for name, shard in zip(names, shards, strict=True):
        write(folder / f"{name}.safetensors", shard, notes)
        places |= dict.fromkeys(shard, f"{name}.safetensors")
    index = {"metadata": {"total_size": sum(array.nbytes for array in tensors.values())}, "weight_map": places}
    atomic.write_text(folder / f"{stem}.safetensors.index.json", json.dumps(index, indent=2) + "\n")
    (folder / f"{stem}.safetensors").unlink(missing_ok=True)  # an older one would be read in their place
    for name in older:
        with contextlib.suppress(OSError):  # on Windows, where something still reads it
            (folder / name).unlink()


def _open(path, notes=False):
    """(header, bytes of the file, where the numbers start), all of it checked."""
    path = Path(path)
    way_out = "the file is damaged or cut off; copy or download it again"
    try:
        with open(path, "rb") as file:
            size = file.seek(0, 2)
            if size < 8:
                raise InputError(f"{path}: {size} bytes are too few for a safetensors file; {way_out}")
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; a safetensors file is wanted here") from None
    length = int.from_bytes(data[:8], "little")
    if length > min(size - 8, MAX_HEADER):
        raise InputError(f"{path}: a header of {length} bytes is claimed, the file has {size}; {way_out}")
    header = json_file.parse(data[8 : 8 + length], path, json_file.room(size, json_file.SMALL))
    if not isinstance(header, dict):
        raise InputError(f"{path}: the header is not an object; {way_out}")
    about = header.pop("__metadata__", {})
    if not isinstance(about, dict) or not all(isinstance(value, str) for value in about.values()):
        raise InputError(f"{path}: __metadata__ must map text to text; {way_out}")
    if notes:
        return about, data, 8 + length
    _check(path, header, size - 8 - length, way_out)
    return header, data, 8 + length


def _check(path, header, room, way_out):
    """Every entry is well formed, and together they cover the `room` bytes of numbers exactly once."""
    places = []
    for name, entry in header.items():
        place = f"{path}: {bare(name)}"
        if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
            raise InputError(f"{place}: dtype, shape and data_offsets are wanted; {way_out}")
        code, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
        if not isinstance(code, str) or code not in DTYPES:
            raise InputError(f"{place}: the dtype {said(code, 40)} is not known; known are {', '.join(DTYPES)}")
        sizes = shape if isinstance(shape, list) and all(type(n) is int and n >= 0 for n in shape) else None
        if sizes is None or len(sizes) > 32 or math.prod(filter(None, sizes)) * 8 >= 2**63:  # NumPy's own bounds
            raise InputError(f"{place}: the shape {said(shape, 80)} is none; {way_out}")
        if not isinstance(offsets, list) or len(offsets) != 2 or not all(type(n) is int for n in offsets):
            raise InputError(f"{place}: the data_offsets {said(offsets, 80)} are none; {way_out}")
        begin, end = offsets
        if not 0 <= begin <= end <= room:
            raise InputError(f"{place}: bytes {said(begin)} to {said(end)} are outside the file's {room}; {way_out}")
        wanted = math.prod(shape) * np.dtype(DTYPES[code]).itemsize
        if wanted != end - begin:
            found = f"shape {said(shape)} of {code} is {said(wanted)} bytes, not {end - begin}"
            raise InputError(f"{place}: {found}; {way_out}")
        places.append((begin, end, name))
    reached = 0
    for begin, end, name in sorted(places):
        if begin != reached:
            problem = "overlaps the tensor before it" if begin < reached else f"leaves {begin - reached} bytes unused"
            raise InputError(f"{path}: {bare(name)} {problem}; {way_out}")
        reached = end
    if reached != room:
        raise InputError(f"{path}: {room - reached} bytes belong to no tensor; {way_out}")
