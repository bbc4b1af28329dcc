"""Folders as Transformers and the Hugging Face hub keep them: config.json, model.safetensors, a tokenizer's files.

A table of Entry says which tensor of the file is which leaf of our tree. Reading is strict: every leaf must be there in
the right shape, and nothing may be left over but what the table names as known ballast. Weights are views of the
mapped file, transposed or cut where our layout differs: nothing is copied, and pages are read when they are touched.
"""

import json
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from minilm import tree
from minilm.errors import InputError, bare, said
from minilm.storage import atomic, json_file, safetensors
from minilm.storage import fields as descriptions
from minilm.storage.safetensors import require_finite

ROOM = 32  # tensors beyond twice those of the file for which an outline is still made, to name the one that is missing


@dataclass(frozen=True)
class Entry:
    """The tensor `name` (or one of `also`) holds our leaves, side by side on the last axis; `transposed`: (out, in)."""

    name: str
    leaves: tuple[str, ...]
    transposed: bool = False
    also: tuple[str, ...] = ()


class Settings:
    """config.json. `get` checks what it hands out. Raises InputError, naming file and field."""

    def __init__(self, folder):
        self.path = Path(folder) / "config.json"
        self.content = json_file.read_object(self.path)
        self.silent = {}  # fields that the file does not name, and what is taken for them

    def get(self, field, described, default, also=()):
        """The value of `field`, or of another name for it; `default` where the file has neither."""
        names = [name for name in (field, *also) if self.content.get(name) is not None]
        values = [described.check(self.content[n], f"{self.path}: {n}", "correct it there") for n in names]
        if len(set(values)) > 1:
            both = f"{names[0]} is {said(values[0])} and {names[1]} is {said(values[1])}"
            raise InputError(f"{self.path}: {both}, two names of one thing; correct it there")
        if not values and default is not None:
            self.silent[field] = default
        return values[0] if values else default

    def explained(self, error):
        """`error`, with what was taken where the file says nothing: a default that does not fit is no fault of it."""
        if not self.silent:
            return error
        taken = ", ".join(f"{name} {value}" for name, value in self.silent.items() if descriptions.SIZE.holds(value))
        return InputError(f"{error}; config.json has no {taken} (the usual), say it there") if taken else error

    def require(self, field, wanted, default):
        """Raise InputError unless `field` is among what this code computes."""
        value = self.content.get(field)
        value = default if value is None else value
        if not any(type(value) is type(one) and value == one for one in wanted):
            known = ", ".join(map(repr, wanted))
            raise InputError(f"{self.path}: {field} is {said(value)}, and minilm computes only {known}")

    def architecture(self, known):
        """The name in `architectures`, or None where there is none. Raises InputError where it is not among `known`."""
        names = self.content.get("architectures") or [None]
        name = names[0] if isinstance(names, list) else names
        if name is not None and not (isinstance(name, str) and name in known):
            found = f"{self.path}: architecture {said(name)}"
            raise InputError(f"{found} is not supported; known are {', '.join(known)}")
        return name


def open_tensors(folder):
    """{name: array} of the folder's weights. Raises InputError where there are none that can be read safely."""
    folder = Path(folder)
    if not any((folder / f"model.safetensors{end}").exists() for end in ("", ".index.json")):
        pickled = "; pytorch_model.bin can run code when read, and is not: convert it" * bool(
            list(folder.glob("pytorch_model*.bin"))
        )
        raise InputError(f"{folder}: no model.safetensors{pickled or '; download the folder again'}")
    return safetensors.read_folder(folder)


def place(folder):
    """Where the tensors of a folder stand, for messages."""
    single = Path(folder) / "model.safetensors"
    return single if single.exists() else Path(folder) / "model.safetensors.index.json"


def require_room(settings, config, tensors, count):
    """Hold the sizes of a config against the file, before anything is made of them. Raises InputError.

    `count(config)` is the number of tensors that a config asks for.
    """
    held = sum(array.size for array in tensors.values())
    if config.width % config.heads:
        raise InputError(f"{settings.path}: a width of {config.width} is no multiple of {config.heads} heads")
    asked = asked_for(config, count)
    sizes = (config.vocabulary, config.width, config.inner, config.max_positions)
    if asked > 2 * len(tensors) + ROOM or max(sizes) > held:
        found = f"{len(tensors)} tensors of {held} numbers together"
        raise InputError(f"{settings.path}: asks for more than the weights, which are {found}; download both again")


def asked_for(config, count):
    """`count` of a config, from configs of one and two layers: no list of layers is made on the word of a file."""
    layers = [field.name for field in fields(config) if field.name.endswith("layers")]
    one = replace(config, **dict.fromkeys(layers, 1))
    least = count(one)
    more = [(getattr(config, name) - 1) * (count(replace(one, **{name: 2})) - least) for name in layers]
    return least + sum(more)


def require_tied(where, tensors, copy, original):
    """Raise InputError unless the tensor `copy`, where there is one, holds what `original` holds."""
    if copy in tensors and original in tensors:
        one, other = tensors[copy], tensors[original]
        if one.shape != other.shape or not (one == other).all():
            raise InputError(f"{where}: {copy} is not {original}, and minilm computes only tied heads")


def read(where, tensors, entries, outline, ballast=()):
    """The tree of `outline` from the tensors. Raises InputError: missing, left over, wrong shape, not floats.

    float16 is widened to float32, since NumPy's products of float16 are slow and lose digits.
    """
    shapes = {name: leaf.shape for name, leaf in tree.leaves(outline)}
    found, used = {}, set(ballast)
    for entry in entries:
        name = next((name for name in (entry.name, *entry.also) if name in tensors), None)
        if name is None:
            raise InputError(f"{where}: {entry.name} is missing; config.json asks for it")
        used.add(name)
        array = tensors[name].T if entry.transposed else tensors[name]
        sizes = [shapes[leaf][-1] for leaf in entry.leaves]
        wanted = (*shapes[entry.leaves[0]][:-1], sum(sizes))
        if array.shape != wanted:
            asked = wanted[::-1] if entry.transposed else wanted
            raise InputError(f"{where}: {name} has shape {tensors[name].shape}, config.json asks for {asked}")
        if array.dtype.kind != "f":
            raise InputError(f"{where}: {name} holds {array.dtype}, not floats")
        whole = array.astype(np.float32) if array.dtype == np.float16 else array
        require_finite(whole, f"{where}: {bare(name, 100)}")
        for leaf, end, size in zip(entry.leaves, np.cumsum(sizes), sizes, strict=True):
            found[leaf] = whole[..., end - size : end]
    if left := sorted(set(tensors) - used):
        raise InputError(f"{where}: {bare(left[0], 100)} is left over; config.json does not ask for it")
    kinds = {array.dtype for array in found.values()}
    if len(kinds) > 1:
        raise InputError(f"{where}: dtypes are mixed ({', '.join(sorted(map(str, kinds)))}); save it in one")
    return tree.unflatten({name: found[name] for name in shapes})


def write(folder, params, entries, settings, max_bytes=None):
    """Write config.json and the weights. `max_bytes` is the size of a shard of the weights; None means one file."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    flat = tree.flatten(params)
    tensors = {}
    for entry in entries:
        parts = [flat[leaf] for leaf in entry.leaves]
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
        tensors[entry.name] = whole.T if entry.transposed else whole
    kind = dtype_name(params)
    settings = settings | {"dtype": kind, "torch_dtype": kind}  # its newer and its older name
    atomic.write_text(folder / "config.json", json.dumps(settings, ensure_ascii=False, indent=2) + "\n")
    if max_bytes is None:
        safetensors.write(folder / "model.safetensors", tensors, {"format": "pt"})
    else:
        safetensors.write_sharded(folder, tensors, max_bytes, notes={"format": "pt"})


def generation(folder):
    """The start and end tokens of generation_config.json, which count before those of config.json."""
    path = Path(folder) / "generation_config.json"
    content = json_file.read_object(path) if path.exists() else {}
    return {name: content[name] for name in ("bos_token_id", "eos_token_id") if content.get(name) is not None}


def write_generation(folder, start, end):
    """Write generation_config.json: an older one would say when a text begins and ends."""
    content = {"bos_token_id": start, "eos_token_id": end}
    atomic.write_text(Path(folder) / "generation_config.json", json.dumps(content, indent=2) + "\n")


def dtype_name(params):
    """The dtype of a tree's leaves, as config.json names it."""
    return str(next(iter(tree.leaves(params)))[1].dtype)
