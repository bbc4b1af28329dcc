"""What LanguageModel and MaskedModel share: a model's module, weights and settings from either kind of folder.

A run folder (settings.json) is what our training leaves; a hub folder (config.json with model_type) is what people
download. Either way the weights are held against the settings before anything is made of them.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from minilm import tree
from minilm.errors import InputError, said
from minilm.models import bert, gpt, gpt2, lstm_lm
from minilm.storage import hub, hub_bert, hub_gpt2, json_file, run_folder, safetensors

MODULES = {"gpt": gpt, "gpt2": gpt2, "lstm_lm": lstm_lm, "bert": bert}
HUBS = {"gpt2": hub_gpt2, "bert": hub_bert}  # by model_type, which is our module's name too


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


def kind(folder):
    """(True for a hub folder, the model's name). Raises InputError where the folder is neither kind or not known."""
    folder = Path(folder)
    path = folder / "config.json"
    if (folder / "settings.json").exists() or not path.exists():
        return False, run_folder.read_settings(folder).get("model")
    content = json_file.read(path)
    name = content.get("model_type") if isinstance(content, dict) else None
    if not isinstance(name, str) or name not in HUBS:
        found = f"{path}: model_type is {said(name)}"
        raise InputError(f"{found}, and minilm loads {' and '.join(HUBS)}")
    return True, name


def read(folder):
    """A Loaded. Raises InputError, naming file and field, for whatever does not fit."""
    folder = Path(folder)
    from_hub, name = kind(folder)
    model = MODULES.get(name) if isinstance(name, str) else None
    if model is None:
        raise InputError(f"{folder}: holds a model of kind {said(name)}, which this version does not load here")
    if from_hub:
        params, config, content = HUBS[name].load(folder, model)
        return Loaded(folder, name, model, params, config, {}, content)
    settings = run_folder.read_settings(folder, name)
    config = run_folder.config_from(settings, model.Config, folder)
    params = run_folder.read_weights(folder, shapes(folder, model, config))
    return Loaded(folder, name, model, params, config, settings["training"], {})


def shapes(folder, model, config):
    """A tree of the shapes that `config` asks for. Raises InputError where they are more than the file holds."""
    tensors = safetensors.read(Path(folder) / "weights.safetensors")
    held = sum(array.size for array in tensors.values())
    sizes = {field.name: getattr(config, field.name) for field in fields(config) if field.type is int}
    for name, size in sizes.items():
        if not 1 <= size <= held:
            found = f"{folder}/settings.json: config.{name} is {size}"
            raise InputError(f"{found}, and the weights have {held} numbers; train again")
    if getattr(config, "width", 0) % getattr(config, "heads", 1):
        raise InputError(f"{folder}/settings.json: config does not fit weights.safetensors; train again")
    given = {}
    if model is bert:
        heads = [head for head in bert.HEADS if any(name.startswith(f"{head}.") for name in tensors)]
        given = {"heads": heads, "with_pooler": "pooler.weight" in tensors}
    require_layers(folder, config, lambda config: model.outline(config, **given), tensors)
    return model.outline(config, **given)


def require_layers(folder, config, outline, tensors):
    """Raise InputError where the settings ask for more tensors than the file has."""
    asked = hub.asked_for(config, lambda config: len(tree.flatten(outline(config))))
    if asked > 2 * len(tensors) + hub.ROOM:  # up to there the missing one is named
        found = f"config asks for {asked} tensors, weights.safetensors has {len(tensors)}"
        raise InputError(f"{folder}/settings.json: {found}; train again")


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
