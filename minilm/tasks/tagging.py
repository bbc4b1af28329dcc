"""Tagging: which entities stand in a text? And a trained tagger with its vocabularies: text in, entities out.

A batch is {"inputs", "features", "tags": (B, T) of ids, "lengths": (B)}, the tags as data.tag_schemes numbers them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minilm import loading
from minilm.data import conll, sequences, tag_schemes
from minilm.data.tag_schemes import Entity
from minilm.decoding import viterbi
from minilm.decoding.finite import require_finite
from minilm.errors import InputError, said
from minilm.machine import small_products
from minilm.metrics import entities
from minilm.ops import conditional_random_field
from minilm.storage import run_folder
from minilm.tasks import shown
from minilm.text import units
from minilm.text.vocabulary import UNKNOWN, Vocabulary

FIELD = ("transitions", "first", "last")  # the field's own weights, among the outputs of a model that tags
FILES = {"tokens": "tokens.json", "features": "features.json"}
AT_ONCE = 4096  # positions of a batch of texts that are read
WINDOW, OVERLAP = 2000, 400  # tokens: a longer row is read in windows, each beginning within the one before


@dataclass(frozen=True)
class Task:
    """Train `model`, a module that makes the potentials of a field of tags from inputs, features and lengths."""

    model: Any

    def count(self, batch):
        """The number of tokens."""
        return int(batch["lengths"].sum())

    def loss(self, params, batch, *, config, rng=None, count=None):
        """The mean loss of a token, of the rows' -log p(tags), and the cache."""
        y, cache = self.model.forward(
            params, batch["inputs"], batch["features"], batch["lengths"], config=config, rng=rng
        )
        value, loss_cache = conditional_random_field.forward(
            field(y), y["emissions"], batch["tags"], counting(batch), tag_schemes.allowed(config.tags), count
        )
        return value, cache | {"potentials": y, "loss": loss_cache}

    def loss_backward(self, params, cache, dloss=1.0, *, config, consume=False):
        """dloss, a scalar -> dparams. `consume`: the cache is read no more."""
        demissions, dfield = conditional_random_field.backward(
            field(cache["potentials"]), cache["loss"], dloss, tag_schemes.allowed(config.tags)
        )
        return self.model.backward(params, cache, {"emissions": demissions, **dfield}, config=config, consume=consume)


def field(y):
    """The weights of the field among a model's outputs."""
    return {name: y[name] for name in FIELD}


def counting(batch):
    """(B, T), True where a position counts."""
    return np.arange(batch["inputs"].shape[1]) < batch["lengths"][:, None]


class Found(NamedTuple):
    """An entity in a text: text[start:end], of a type."""

    start: int
    end: int
    type: str
    text: str


class Score(NamedTuple):
    """What was right of all entities, and of each type; `found` are the entities of each sentence."""

    whole: entities.Counts
    types: dict[Any, entities.Counts]
    found: list[list[Entity]]


class TextTagger:
    """What finds entities in texts: `unit` is what a text is cut into (text.units), `types` what an entity can be.

    Each kind brings tag_whole(rows of tokens) -> the entities of each, window(row) -> how many tokens it reads at once
    and how many of them again with the next ones, and numbered(tokens, entities) -> what its batches are made of.
    """

    unit: str
    types: list[str]
    tag_whole: Any
    window: Any

    def tag(self, text: Any) -> Any:
        """The entities of a text, [Found(start, end, type, text), ...], or a list of such lists for a list of texts.

        Raises InputError, naming it, for a text in which there is nothing to read.
        """
        texts = [text] if isinstance(text, str) else list(text)
        cut = [self.cut(one, number) for number, one in enumerate(texts, start=1)]
        rows = self.tag_tokens([[unit.text for unit in found] for found in cut])
        found = [
            [placed(one, spans, entity) for entity in row] for one, spans, row in zip(texts, cut, rows, strict=True)
        ]
        return found[0] if isinstance(text, str) else found

    def cut(self, text, number=1):
        """The units of a text. Raises InputError where there are none; `number` says which text of several it is."""
        found = units.cut(text, self.unit)
        if not found:
            raise InputError(f"text {number} is empty; give some text to look for entities in")
        return found

    def tag_tokens(self, rows: Sequence[Sequence[str]]) -> list[list[Entity]]:
        """The entities of rows of tokens, by the places of their tokens.

        A long row is read in windows. Of what two of them share each gives the half that is nearer to its middle: a
        token is read with half of what is shared around it, or with all that there is.
        """
        sizes = [self.window(row) for row in rows]
        cut = [(index, start) for index, row in enumerate(rows) for start in window_starts(len(row), *sizes[index])]
        pieces = self.tag_whole([rows[index][start : start + sizes[index][0]] for index, start in cut])
        found: list[list[Entity]] = [[] for _ in rows]
        for (index, start), piece in zip(cut, pieces, strict=True):
            (size, shared), length = sizes[index], len(rows[index])
            until = start + size - shared // 2 if start + size < length else length
            for entity in piece:
                first, last = entity.start + start, entity.end + start
                after = found[index][-1].end if found[index] else 0
                if max(after, start + shared // 2 if start else 0) <= first < until:
                    found[index].append(Entity(first, last, entity.type))
        return found

    def score(self, labelled: Sequence[conll.Sentence]) -> "Score":
        """Precision, recall and F1 of whole entities over labelled sentences."""
        found = self.tag_tokens([sentence.tokens for sentence in labelled])
        there = [sentence.entities for sentence in labelled]
        return Score(entities.counted(found, there), entities.by_type(found, there), found)

    def require_types(self, found):
        """Raise InputError for an entity of a type that the tagger does not know."""
        for entity in found:
            if entity.type not in self.types:
                raise InputError(f"the type {said(entity.type)} is none of {', '.join(self.types)}")


class Tagger(TextTagger):
    """`model` (the module), `params` and `config`; `unit` is what a text is cut into (text.units), `tokens` and
    `features` are its vocabularies, `types` what an entity can be."""

    steps_trained: int | None = None  # how far its training has come, and how far it was to go: minilm.load says so
    steps_planned: int | None = None

    def __init__(self, model, params, config, *, unit, tokens, features, types):
        self.model, self.params, self.config = model, params, config
        self.unit, self.tokens, self.features, self.types = unit, tokens, features, list(types)

    batch_of = staticmethod(sequences.batch_of_numbered)

    def __repr__(self) -> str:
        return shown.line(self, f"{len(self.tokens):,} {self.unit}, types {', '.join(self.types)}")

    @property
    def task(self):
        """What trains it."""
        return Task(self.model)

    @property
    def name(self):
        """The name of the model's module."""
        return self.model.__name__.rpartition(".")[2]

    def unknown(self, tokens):
        """Those of the tokens that the tagger has never seen, each once, in order."""
        ids = self.tokens.encode(tokens)
        return list(dict.fromkeys(token for token, number in zip(tokens, ids, strict=True) if number == UNKNOWN))

    def window(self, row):
        """How many tokens of a row are read at once, and how many of them again with the next ones."""
        return WINDOW, OVERLAP

    def tag_whole(self, rows):
        """`tag_tokens` of rows that are each read at once."""
        found: list[list[Entity]] = [[] for _ in rows]
        order = sorted((index for index in range(len(rows)) if rows[index]), key=lambda index: len(rows[index]))
        while order:
            number = max(1, AT_ONCE // len(rows[order[-1]]))
            part = order[-number:]
            del order[-number:]
            batch = sequences.batch_of_numbered([self.numbered(rows[index]) for index in part])
            for index, numbers in zip(part, self.best(batch), strict=True):
                found[index] = tag_schemes.of_numbers(numbers[: len(rows[index])].tolist(), self.types)
        return found

    def best(self, batch):
        """The best tags (B, T) of a batch."""
        with small_products.held(self.params, batch["inputs"].size):
            y, _ = self.model.forward(
                self.params, batch["inputs"], batch["features"], batch["lengths"], config=self.config
            )
        require_finite(y["emissions"])
        return viterbi.best(field(y), y["emissions"], counting(batch), tag_schemes.allowed(self.config.tags))[0]

    def numbered(self, tokens, found=()):
        """A row of tokens and its entities in numbers. Raises InputError for a type that the tagger does not know."""
        self.require_types(found)
        seconds = units.features(tokens, self.unit)
        return sequences.Numbered(
            self.tokens.encode(tokens), self.features.encode(seconds),
            tag_schemes.numbered(found, len(tokens), self.types),
        )  # fmt: skip

    def save(self, folder, training=None):
        """Write a run folder: settings, vocabularies and weights."""
        run_folder.write_settings(
            folder, self.name, self.config, {**(training or {}), "unit": self.unit, "types": self.types}
        )
        for name, file in FILES.items():
            getattr(self, name).save(Path(folder) / file)
        run_folder.write_weights(folder, self.params)

    @classmethod
    def load(cls, folder):
        """Read a run folder. Raises InputError, naming file and field, for whatever does not fit."""
        loaded = loading.read(folder, cls)
        unit, types = checked_unit(loaded, folder), checked_types(loaded, folder, loaded.config.tags)
        vocabularies = {name: Vocabulary.load(Path(folder) / file) for name, file in FILES.items()}
        for name, size in (("tokens", loaded.config.vocabulary), ("features", loaded.config.features)):
            if len(vocabularies[name]) != size:
                held = f"{len(vocabularies[name])} entries, the settings say {size}"
                raise InputError(f"{folder}/{FILES[name]}: {held}; train again")
        return cls(loaded.model, loaded.params, loaded.config, unit=unit, types=types, **vocabularies)


def window_starts(length, size, shared):
    """Where the windows of a row begin; none where it is empty."""
    return range(0, max(length - shared, min(length, 1)), size - shared)


def checked_unit(loaded, folder):
    """What a run's texts are cut into. Raises InputError, naming file and field, for what it cannot be."""
    unit = loaded.training.get("unit")
    if not isinstance(unit, str) or unit not in units.PATTERNS:
        known = " or ".join(units.PATTERNS)
        raise InputError(f"{folder}/settings.json: training.unit is {said(unit)}, not {known}; train again")
    return unit


def checked_types(loaded, folder, tags):
    """A run's types, which have so many tags. Raises InputError, naming file and field, for what they cannot be."""
    place, types = f"{folder}/settings.json: training.types", loaded.training.get("types")
    if not isinstance(types, list) or not all(isinstance(kind, str) and kind for kind in types):
        raise InputError(f"{place} is no list of types; train again")
    if len(set(types)) != len(types) or tag_schemes.number_of_tags(len(types)) != tags:
        raise InputError(f"{place}: {len(types)} types, and the model has {tags} tags; train again")
    return types


def placed(text, spans, entity):
    """An entity of a row of tokens in the text that they were cut from."""
    start, end = spans[entity.start].start, spans[entity.end - 1].end
    return Found(start, end, entity.type, text[start:end])


def marked(text: str, found: Sequence[Found]) -> str:
    """The text with its entities in brackets, each with its type: [张三|NAME]."""
    pieces, before = [], 0
    for entity in found:
        pieces += [text[before : entity.start], f"[{entity.text}|{entity.type}]"]
        before = entity.end
    return "".join([*pieces, text[before:]])


def as_json(text: str, found: Sequence[Found]) -> str:
    """A text and its entities with their offsets, in characters, as a line of JSON."""
    return json.dumps({"text": text, "entities": [entity._asdict() for entity in found]}, ensure_ascii=False)
