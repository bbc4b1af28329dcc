"""The run folder: all that a training run leaves.

    settings.json             format version, kind of model, the model's Config, how it was trained
    weights.safetensors       the parameters, by their dotted names, when the training has come to its end
    best.safetensors          the best weights so far, where a training keeps them (best_weights.py)
    checkpoint.safetensors    parameters, optimiser state and step in one file: a crash leaves the one before
                              (until the last step its parameters are the run's, at every moment of a training)
    history.jsonl             one line of JSON for each report of the training
    ...                       vocabularies and pictures, by whoever needs them
"""

import json
from collections import deque
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from minilm import tree
from minilm.errors import InputError, bare, said
from minilm.storage import atomic, best_weights, json_file, safetensors
from minilm.storage import fields as descriptions

FORMAT = 1
ENDED = "ended"  # in a run's training: after how many steps it ended itself, before the last one that was planned
LONGEST_ROW = 10_000  # bytes of a line of the history; a longer one is none of ours
ROW = 600  # bytes of memory that a row of it takes


def write_settings(folder, model, config, training):
    """`model` is the model module's name, `config` its Config, `training` a dict of what else a resume needs."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made ({error.strerror}); give another --out") from None
    settings = {"format": FORMAT, "model": model, "config": asdict(config), "training": training}
    atomic.write_text(Path(folder) / "settings.json", json.dumps(settings, ensure_ascii=False, indent=2) + "\n")


def read_settings(folder, model=None):
    """The settings of a run folder. Raises InputError for a folder that is none, damaged or of another version."""
    folder = Path(folder)
    path = folder / "settings.json"
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: a file; give the folder that it lies in")
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder; `minilm demo --out {folder}` makes a run folder, and one of the Hugging Face "
            f"hub comes by `hf download NAME --local-dir {folder}` (pip install huggingface_hub)"
        )
    if not path.exists():
        raise InputError(f"{folder}: not a run folder (it has no settings.json); `minilm demo --out FOLDER` makes one")
    settings = json_file.read(path, json_file.MIDDLE)
    if not isinstance(settings, dict) or not all(isinstance(settings.get(k), dict) for k in ("config", "training")):
        raise InputError(f"{path}: not the settings of a run; train again")
    if settings.get("format") != FORMAT:
        raise InputError(
            f"{path}: written in format {said(settings.get('format'))}, and this minilm reads {FORMAT}; "
            "train again, or use the version that wrote it"
        )
    if model is not None and settings.get("model") != model:
        raise InputError(f"{folder}: holds a model of kind {said(settings.get('model'))}, not {model!r}")
    hold_numbers(settings["training"], f"{path}: training")
    return settings


def hold_numbers(holder, place):
    """Raise InputError for a number that no setting has: NaN, an infinity, 10^400. Goes through lists and objects."""
    waiting = [(place, holder)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{name}.{bare(key, 40)}", one) for key, one in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{name}[{i}]", one) for i, one in enumerate(value)]
        elif type(value) in (int, float) and not -(2**64) < value < 2**64:
            raise InputError(f"{bare(name)} is {said(value)}, which no setting is; train again")


def config_from(settings, kind, place):
    """The Config of dataclass `kind`. Raises InputError, naming the field, where the settings do not fit it."""
    given = settings["config"]
    path = f"{place}/settings.json"
    known = {field.name: field.type for field in fields(kind)}
    for name in known:
        if name not in given and known[name] is not bool:  # those say how it is computed: older folders lack them
            raise InputError(f"{path}: config.{name} is missing; train again")
    found = {}
    for name, value in given.items():
        if name not in known:
            raise InputError(f"{path}: config.{bare(name, 60)} is not known; train again")
        described = descriptions.of(name, known[name])
        found[name] = described.check(value, f"{path}: config.{name}", "train again") if described else value
    return kind(**found)


def write_weights(folder, params):
    safetensors.write(Path(folder) / "weights.safetensors", tree.flatten(params), {"format": str(FORMAT)})


def read_weights(folder, like):
    """The parameters, in the shapes of `like`: a tree, or a function that makes one of {name: tensor of the file}.

    Raises InputError, naming the tensor.
    """
    path, tensors = weights(folder)
    return _fit(path, tensors, like)


def weights(folder):
    """(file, {name: tensor}) of a run's parameters: until its training has come to its end, the last checkpoint's.

    weights.safetensors is written at the end alone. (What a folder of an older version has there before is random.)
    Where a training keeps the best weights that it has found, those are taken.
    """
    path, whole = Path(folder) / "checkpoint.safetensors", Path(folder) / "weights.safetensors"
    if not path.exists() or (whole.exists() and finished(folder)):
        return whole, safetensors.read(whole)
    best = Path(folder) / best_weights.FILE
    path = best if best.exists() else path
    found = best_weights.params_of(safetensors.read(path))
    if whole.exists():  # a file that is damaged, or another model's, is none to pass over
        others = safetensors.read(whole)
        if set(others) != set(found):
            return whole, others
    return path, found


def finished(folder):
    """Whether the last checkpoint is that of the last step; False where nothing says so."""
    trained, planned = progress(folder)
    return trained is not None and planned is not None and trained >= planned


def progress(folder):
    """(steps trained, steps of the whole training), None for what is not known: a training may have been stopped.

    Raises InputError for a damaged checkpoint, but not where the run's weights are there and its history says that it
    came to its end: then nothing needs the checkpoint any more.
    """
    training = read_settings(folder)["training"]
    said_to_be = training.get(ENDED, training.get("steps"))
    planned = said_to_be if descriptions.INDEX.holds(said_to_be) else None
    try:
        return checkpoint_step(folder), planned
    except InputError:
        reported = max((row["step"] for row in read_history(folder)), default=None)
        if planned is None or reported != planned or not (Path(folder) / "weights.safetensors").exists():
            raise
        return planned, planned


def checkpoint_step(folder):
    """After how many steps the last checkpoint was written; None where there is none, or it does not say so."""
    path = Path(folder) / "checkpoint.safetensors"
    found = safetensors.read(path).get("step") if path.exists() else None
    return int(found) if found is not None and found.shape == () and found.dtype.kind == "i" else None


def write_checkpoint(folder, whole):
    """`whole`: a tree of arrays with all that a resume needs."""
    safetensors.write(Path(folder) / "checkpoint.safetensors", tree.flatten(whole), {"format": str(FORMAT)})


def read_checkpoint(folder):
    """The tree of the checkpoint, its arrays copied from the file. Raises InputError where it is missing or damaged."""
    path = Path(folder) / "checkpoint.safetensors"
    if not path.exists():
        raise InputError(f"{path}: no such file, so there is nothing to resume; start the training without --resume")
    try:
        return tree.unflatten({name: np.array(array) for name, array in safetensors.read(path).items()})
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: {bare(error, 120)}; it is damaged, start the training anew") from None


def append_history(folder, row):
    """One more line; a crash can cut the last line off, which `read_history` passes over."""
    path = Path(folder) / "history.jsonl"
    try:
        with open(path, "a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(row) + "\n")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); the last checkpoint is whole") from None


def read_history(folder):
    """The rows; lines that are damaged are passed over, for the history is a record and not needed to go on."""
    path = Path(folder) / "history.jsonl"
    if not path.exists():
        return []
    rows: deque = deque(maxlen=json_file.room(path.stat().st_size, json_file.SMALL) // ROW)
    with open(path, "rb") as file:  # by pieces, for a line may be all there is
        while line := file.readline(LONGEST_ROW):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(row, dict) and descriptions.INDEX.holds(row.get("step")) and all(map(number, row.values())):
                rows.append(row)
    return list(rows)


def number(value):
    """Whether a row of the history may hold it: a float, or a whole number that can become one."""
    return type(value) is float or type(value) is int and abs(value) < 2**64


def cut_history(folder, step):
    """Forget what was reported after `step`: a resume reports it again."""
    rows = [row for row in read_history(folder) if row["step"] <= step]
    atomic.write_text(Path(folder) / "history.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


def _fit(path, tensors, like):
    outline = like(tensors) if callable(like) else like
    wanted = tree.flatten(outline)
    for name, leaf in wanted.items():
        if name not in tensors:
            raise InputError(f"{path}: {name} is missing; the settings ask for it")
        if tensors[name].shape != leaf.shape:
            raise InputError(f"{path}: {name} has shape {tensors[name].shape}, the settings ask for {leaf.shape}")
        if tensors[name].dtype.kind != "f":
            raise InputError(f"{path}: {name} holds {tensors[name].dtype}, not floats")
        safetensors.require_finite(tensors[name], f"{path}: {name}")
    for name in tensors:
        if name not in wanted:
            raise InputError(f"{path}: {bare(name, 100)} is left over; the settings do not ask for it")
    kinds = {tensors[name].dtype for name in wanted}
    if len(kinds) > 1:
        raise InputError(f"{path}: dtypes are mixed ({', '.join(sorted(map(str, kinds)))}); it is damaged, train again")
    names = iter(wanted)
    return tree.map(lambda leaf: np.array(tensors[next(names)]), outline)
