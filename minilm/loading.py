"""What a folder holds: which model, its weights and settings, its tokenizer; and minilm.load, which makes of it the
object that knows what to do with them.

A run folder (settings.json) is what our training leaves; a hub folder (config.json with model_type) is what people
download. Either way the weights are read once, and held against the model's outline before anything is made of them.
"""

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from minilm import catalogue, tree
from minilm.errors import InputError, said
from minilm.storage import hub, hub_pooling, json_file, run_folder


@dataclass(frozen=True)
class Loaded:
    """`training` is the settings' part of that name (run folder), `hub` the content of config.json (hub folder)."""

    folder: Path
    name: str
    model: Any
    params: Any
    config: Any
    training: dict
    hub: dict


def load(folder):
    """The object for a run folder or a folder of the hub. Raises InputError for what it cannot be.

    A Translator (translate) for an encoder-decoder, a MaskedModel (fill) for a BERT, a SentenceEncoder (embed) for a
    BERT in a folder of sentence-transformers, a Tagger (tag) for a tagger, a PieceTagger (tag)
    for a BERT that labels tokens, a LanguageModel (generate, stream) for GPT,
    GPT-2 and LSTM. Its `steps_trained` and `steps_planned` say how far its training has come, None where nothing says
    so.
    """
    if not isinstance(folder, (str, os.PathLike)):
        raise InputError(f"{said(folder)} is no folder; give the path of one")
    try:
        from_hub, row = row_of(folder)
        loaded = catalogue.imported(application_of(folder, from_hub, row)).load(folder)
        loaded.steps_trained, loaded.steps_planned = (None, None) if from_hub else run_folder.progress(folder)
    except OSError as error:  # a name that is too long, a folder that may not be looked into
        raise InputError(f"{said(os.fspath(folder), 100)}: {error.strerror or error}; give a folder to read") from None
    return loaded


def row_of(folder):
    """(True for a hub folder, the catalogue's row). Raises InputError where the folder is neither kind or not known."""
    folder = Path(folder)
    path = folder / "config.json"
    if (folder / "settings.json").exists() or not path.exists():
        name = run_folder.read_settings(folder).get("model")
        if not isinstance(name, str) or name not in catalogue.ROWS:
            raise InputError(f"{folder}: holds a model of kind {said(name)}, which this version does not load")
        return False, catalogue.ROWS[name]
    content = json_file.read(path, json_file.SMALL)
    name = content.get("model_type") if isinstance(content, dict) else None
    known = catalogue.columns("hub")
    if not isinstance(name, str) or name not in known:
        raise InputError(f"{path}: model_type is {said(name)}, and minilm loads {' and '.join(known)}")
    return True, catalogue.ROWS[name]


def application_of(folder, from_hub, row):
    """module:class of what a folder's model is for, as the folder says; otherwise the model's first application.

    A run folder says it in its settings (training.application), a hub folder by its files. Raises InputError for one
    that is not known.
    """
    if from_hub:
        return row.application_of(hub_application(folder)) or row.application
    name = run_folder.read_settings(folder)["training"].get("application")
    found = row.application_of(name) if name is None or isinstance(name, str) else None
    if found is None:
        place = f"{folder}/settings.json: training.application"
        raise InputError(f"{place} is {said(name)}, which this version does not know; train again")
    return found


def hub_application(folder):
    """What a folder of the hub says that its model is for, None where it says nothing."""
    if (Path(folder) / hub_pooling.FILE).exists():
        return "sentence_vectors"
    content = json_file.read(Path(folder) / "config.json", json_file.SMALL)
    architectures = content.get("architectures") if isinstance(content, dict) else None
    return "tagger" if architectures == ["BertForTokenClassification"] else None


def read(folder, application=None):
    """A Loaded. Raises InputError, naming file and field, for whatever does not fit.

    `application`: the class that wants it; raises InputError too where the model has another.
    """
    folder = Path(folder)
    from_hub, row = row_of(folder)
    wanted = None if application is None else f"{application.__module__}:{application.__qualname__}"
    if wanted not in (None, row.application, *row.others.values()):
        other = row.application.rpartition(":")[2]
        raise InputError(f"{folder}: a {row.name} makes a {other}, not a {application.__name__}; minilm.load knows")
    model = row.module
    if from_hub:
        params, config, content = row.part("hub").load(folder, model)
        return Loaded(folder, row.name, model, params, config, {}, content)
    settings = run_folder.read_settings(folder, row.name)
    config = run_folder.config_from(settings, model.Config, folder)
    params = run_folder.read_weights(folder, lambda tensors: shapes(folder, model, config, tensors))
    return Loaded(folder, row.name, model, params, config, settings["training"], {})


def shapes(folder, model, config, tensors):
    """A tree of the shapes that `config` asks for. Raises InputError where they are more than the file's tensors."""
    held = sum(array.size for array in tensors.values())
    sizes = {field.name: getattr(config, field.name) for field in fields(config) if field.type is int}
    for name, size in sizes.items():
        if not 1 <= size <= held:
            found = f"{folder}/settings.json: config.{name} is {size}"
            raise InputError(f"{found}, and the weights have {held} numbers; train again")
    if getattr(config, "width", 0) % getattr(config, "heads", 1):
        raise InputError(f"{folder}/settings.json: config does not fit weights.safetensors; train again")
    given = model.optional(tensors) if hasattr(model, "optional") else {}
    asked = hub.asked_for(config, lambda config: len(tree.flatten(model.outline(config, **given))))
    if asked > 2 * len(tensors) + hub.ROOM:  # up to there the missing one is named
        found = f"config asks for {asked} tensors, weights.safetensors has {len(tensors)}"
        raise InputError(f"{folder}/settings.json: {found}; train again")
    return model.outline(config, **given)


def tokenizer(folder):
    """The tokenizer of a folder: encode(text) -> ids, decode(ids) -> text, ids, save(folder). Raises InputError."""
    from minilm.text import characters, tokenizers

    if (Path(folder) / characters.FILE).exists():
        return characters.Characters.load(folder)
    return tokenizers.load_tokenizer(folder)


def check_ids(texts, vocabulary, limit=None):
    """Raise InputError for an id that the model does not have, and for a text with more than `limit` tokens."""
    for number, ids in enumerate(texts, start=1):
        if limit is not None and len(ids) > limit:
            raise InputError(f"text {number} has {len(ids)} tokens, the model reads at most {limit}; shorten it")
        if wrong := [int(token) for token in ids if not 0 <= token < vocabulary]:
            found = f"text {number} has the token id {wrong[0]}, the model has 0 ... {vocabulary - 1}"
            raise InputError(f"{found}; take the tokenizer that belongs to it")
