"""What is asked about: from the MODEL of the command line to a model's module, its settings and its batch."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from minilm.errors import InputError
from minilm.models import bert, encoder_decoder, gpt, gpt2, lstm_lm
from minilm.tasks import language_modelling, pretraining, translation

BENCHMARKS = ("gpt-small", "gpt-medium", "encoder-decoder", "lstm", "bert")
MASKED = 0.15  # of a row of BERT
CHARACTERS, WORDS = 65, 8000  # the vocabulary of presets that take it from the text


@dataclass(frozen=True)
class Subject:
    """`length` positions a row (of each side), `rows` rows a batch; `given` are init's keywords beyond the settings."""

    title: str
    model: Any
    config: Any
    rows: int
    length: int
    optimiser: str = "adamw"
    clip: float | None = 1.0
    given: Any = None

    @property
    def name(self):
        """The module's name: gpt, gpt2, bert, encoder_decoder or lstm_lm."""
        return self.model.__name__.rpartition(".")[2]

    @property
    def task(self):
        """What a training of it does."""
        if self.model is encoder_decoder:
            return translation.Task(self.model)
        return (pretraining if self.model is bert else language_modelling).Task(self.model)

    @property
    def heads(self):
        """The heads of a BERT."""
        return tuple((self.given or {"heads": bert.HEADS[:2]})["heads"])

    @property
    def most(self):
        """The most positions that the model reads; None: no limit."""
        return getattr(self.config, "max_positions", None)

    def shapes(self):
        """The parameters in shapes alone where the model has an outline, else as they are drawn."""
        if hasattr(self.model, "outline"):
            return self.model.outline(self.config, **(self.given or {}))
        return self.model.init(np.random.default_rng(0), self.config)

    def batch(self):
        """A batch of random ids."""
        rng = np.random.default_rng(0)
        shape = (self.rows, self.length + 1)
        if self.model is encoder_decoder:
            sizes = (self.config.source_vocabulary, self.config.target_vocabulary)
            source, target = (rng.integers(1, size, shape) for size in sizes)
            return {"source": source[:, :-1], "target": target}
        ids = rng.integers(1, self.config.vocabulary, shape)
        if self.model is not bert:
            return {"inputs": ids[:, :-1], "targets": ids[:, 1:]}
        found = {"inputs": ids[:, :-1]}
        if "masked" in self.heads:  # a BERT for sentence vectors has none: its step is that of its blocks
            places = np.arange(self.length) < self.masked + np.zeros((self.rows, 1))
            found |= {"targets": ids[:, 1:], "mask": rng.permuted(places, axis=1)}
        if "next_sentence" in self.heads:
            found["next_sentence"] = rng.integers(0, 2, self.rows)
            found["next_sentence_weight"] = np.full(self.rows, 1 / self.rows)
        return found

    @property
    def masked(self):
        """Places of a row of BERT that are asked for."""
        return max(1, round(MASKED * self.length))

    def least(self):
        """The same structure with all sizes as small as they can be: what is left is Python and NumPy's calls."""
        small = {field.name: 8 for field in fields(self.config) if "vocabulary" in field.name}
        small |= {name: 4 for name in ("embedding", "hidden") if hasattr(self.config, name)}
        if hasattr(self.config, "heads"):
            small |= {"width": self.config.heads, "inner": 4, "max_positions": 1000}
        length = self.length if self.model is lstm_lm else min(2, self.length)  # its positions come one after the other
        return replace(self, config=replace(self.config, **small), rows=min(2, self.rows), length=length)


def find(name, rows=None, length=None, vocabulary=None):
    """The Subject called `name`. Raises InputError, naming what there is, for a name or a size that cannot be."""
    subject = known(name, vocabulary)
    rows, length = rows or subject.rows, length or subject.length
    if subject.most is not None and length > subject.most:
        raise InputError(f"--length is {length}, and {name} reads at most {subject.most} positions")
    return replace(subject, rows=rows, length=length)


def known(name, vocabulary):
    recipe, colon, preset = name.partition(":")
    if colon and recipe in RECIPES and not Path(name).exists():
        return from_preset(name, recipe, preset, vocabulary)
    if vocabulary is not None:
        raise InputError(f"--vocabulary is for a preset that takes it from the text, not for {name}")
    if name in BENCHMARKS and not Path(name).is_dir():
        return from_benchmark(name)
    if name == "gpt2" and not Path(name).is_dir():
        config = gpt2.Config(embedding_dropout=0.0, attention_dropout=0.0, dropout=0.0)
        return Subject("GPT-2 of 124M parameters", gpt2, config, 1, config.max_positions)
    if not Path(name).is_dir():
        known_ones = ["gpt2", *BENCHMARKS, *(f"{recipe}:PRESET" for recipe in RECIPES)]
        raise InputError(f"{name} is no folder and no name; there are {', '.join(known_ones)}")
    return from_folder(Path(name))


def from_benchmark(name):
    from importlib import import_module

    from minilm import benchmarks

    case = import_module(benchmarks.module(name))
    model = {"lstm": lstm_lm, "bert": bert, "encoder-decoder": encoder_decoder}.get(name, gpt2)
    length = case.POSITIONS if hasattr(case, "POSITIONS") else case.CONFIG.max_positions
    given = {"heads": ("masked",)} if model is bert else None
    optimiser, clip = ("adam", None) if model is lstm_lm else ("adamw", 1.0)
    return Subject(benchmarks.CASES[name], model, case.CONFIG, case.ROWS, length, optimiser, clip, given)


def from_folder(folder):
    from minilm import model_folder
    from minilm.tasks.translation import Translator

    if model_folder.kind(folder)[1] == "encoder_decoder":
        config = Translator.load(folder).config
        return Subject(str(folder), encoder_decoder, config, 32, min(20, config.max_positions))
    loaded = model_folder.read(folder)
    given = {"heads": tuple(head for head in bert.HEADS if head in loaded.params)} if loaded.model is bert else None
    length = min(getattr(loaded.config, "max_positions", 35), 1024)
    optimiser = "adam" if loaded.model is lstm_lm else "adamw"
    return Subject(str(folder), loaded.model, loaded.config, 8, length, optimiser, given=given)


def from_preset(name, recipe, preset, vocabulary):
    from importlib import import_module

    presets = import_module(f"minilm.recipes.{RECIPES[recipe][0]}").PRESETS
    if preset not in presets:
        raise InputError(f"{recipe} has no preset {preset!r}; there are {', '.join(presets)}")
    return RECIPES[recipe][1](name, presets[preset], vocabulary)


def of_gpt(name, preset, vocabulary):
    model = {"gpt": gpt, "gpt2": gpt2}[preset.model]
    config = model.Config(
        vocabulary=vocabulary or CHARACTERS, max_positions=preset.context, width=preset.width, heads=preset.heads,
        inner=4 * preset.width, layers=preset.layers, embedding_dropout=preset.dropout,
        attention_dropout=preset.dropout, dropout=preset.dropout,
    )  # fmt: skip
    return Subject(name, model, config, preset.rows, preset.context, clip=preset.clip)


def of_lstm(name, preset, vocabulary):
    config = lstm_lm.Config(
        vocabulary=vocabulary or preset.vocabulary, embedding=preset.embedding, hidden=preset.hidden,
        layers=preset.layers, dropout=preset.dropout
    )
    return Subject(name, lstm_lm, config, preset.rows, preset.length, "adam", preset.clip)


def of_bert(name, preset, vocabulary):
    config = bert.Config(
        vocabulary=vocabulary or preset.vocabulary, max_positions=preset.length, width=preset.width,
        heads=preset.heads, inner=4 * preset.width, layers=preset.layers, attention_dropout=preset.dropout,
        dropout=preset.dropout,
    )  # fmt: skip
    return Subject(name, bert, config, preset.rows, preset.length)


def of_translation(name, preset, vocabulary):
    length = 20
    config = encoder_decoder.Config(
        source_vocabulary=vocabulary or WORDS, target_vocabulary=vocabulary or WORDS, width=preset.width,
        heads=preset.heads, inner=preset.inner, encoder_layers=preset.layers,
        decoder_layers=preset.layers, max_positions=preset.max_positions, dropout=preset.dropout,
        smoothing=preset.smoothing,
    )  # fmt: skip
    return Subject(name, encoder_decoder, config, max(1, preset.tokens // (2 * length)), length, clip=None)


RECIPES = {
    "gpt": ("gpt", of_gpt), "lstm": ("lstm", of_lstm), "bert": ("bert", of_bert),
    "encoder-decoder": ("translation", of_translation),
}  # fmt: skip
