"""The recipe of a GPT that goes on: a folder of the hub or a run, and a text -> batches for recipes/gpt.py to train on.

The model is the folder's, with its sizes, its dropout and its tokenizer. Windows of `context` tokens are drawn from the
first nine tenths of the text; of the last tenth up to HELD tokens are looked at, since a step of such a model is long.
"""

import hashlib
from dataclasses import replace
from functools import partial

import numpy as np

from minilm import catalogue, loading, tree
from minilm.data import windows
from minilm.errors import InputError
from minilm.recipes import gpt, plain_text, presets
from minilm.text.characters import Characters

HELD = 2**14  # tokens of the held-back tenth that are looked at
AT_ONCE = 1024  # of them in a batch


def origin(folder):
    """The language model of a folder. Raises InputError for one that is no GPT, or that learnt lines, not a text."""
    model = loading.load(folder)
    if catalogue.ROWS[model.name].recipe != gpt.__name__:
        raise InputError(f"{folder}: holds a model of kind {model.name}, and --from goes on with a GPT; give one")
    if isinstance(model.tokenizer, Characters) and model.end is not None:
        raise InputError(f"{folder}: learnt single lines, and --from goes on with running text; train anew on yours")
    return model


def preset(model):
    """A gpt.Preset with the sizes of the model."""
    numbers, config = presets.GPT_CONTINUED, model.config
    context = min(numbers["context"], config.max_positions)
    return gpt.Preset(
        layers=config.layers, heads=config.heads, width=config.width, dropout=config.dropout, model=model.name,
        **{**numbers, "context": context},
    )  # fmt: skip


def prepare(path, model, preset, seed=0, dropout=None):
    """Read the text with the model's tokenizer and hold a tenth back. `dropout` replaces all three of the model's.

    Raises InputError, naming the file.
    """
    text = plain_text.read(path)
    try:
        ids = [np.array(model.tokenizer.encode(part), int) for part in plain_text.parts(text, path, 2)]
    except InputError as error:
        raise InputError(error if str(path) in str(error) else f"{path}: {error}") from None
    loading.check_ids(ids, model.config.vocabulary)
    if len(ids[0]) <= preset.context or len(ids[1]) < 2:
        found = f"{path}: {sum(map(len, ids))} tokens are too few for windows of {preset.context}"
        raise InputError(f"{found}; give a longer text or a smaller --context")
    trained = gpt.LanguageModel(
        model.model, model.params, model.config, model.tokenizer, start=model.start, end=model.end,
        forbidden=model.forbidden,
    )  # fmt: skip
    if dropout is not None:
        given = dict.fromkeys(("embedding_dropout", "attention_dropout", "dropout"), dropout)
        trained.config = replace(model.config, **given)
    batch = partial(windows.random_windows, ids[0], seed=seed, rows=preset.rows, length=preset.context)
    rows = max(2, AT_ONCE // preset.context)
    held = windows.windows_in_order(ids[1][:HELD], rows=rows, length=preset.context)
    return gpt.Prepared(
        trained, batch, held, preset, seed, len(text), (text.strip() or text)[0], origin=fingerprint(model.params)
    )


def fingerprint(params):
    """A name for the weights: a resume is held against those that the run began with."""
    digest = hashlib.sha256()
    for name, leaf in tree.leaves(params):
        digest.update(name.encode() + np.ascontiguousarray(leaf).tobytes())
    return digest.hexdigest()[:32]
