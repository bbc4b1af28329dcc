"""Tagging by a BERT: the label of a word is what the model says at the word's first piece (Devlin et al. 2019, section
5.3). And a trained one with its tokenizer: text in, entities out.

A batch is {"inputs": (B, S) of pieces, framed and padded, "attend" and "asked": (B, S), True where a piece may be
attended to and where a word begins, "tags": (B, S) of ids}.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from minilm import loading
from minilm.data import tag_schemes
from minilm.data.batches import pad
from minilm.data.tag_schemes import Entity
from minilm.decoding import viterbi
from minilm.decoding.finite import require_finite
from minilm.errors import InputError, said
from minilm.fast import cross_entropy
from minilm.tasks import framing, objectives
from minilm.tasks.masked_tokens import MaskedModel
from minilm.tasks.tagging import AT_ONCE, TextTagger, checked_types, checked_unit
from minilm.text import units

HEAD, UNKNOWN = "token_classifier", "[UNK]"


@dataclass(frozen=True)
class Task:
    """Train `model`, a module whose head "token_classifier" makes logits (B, S, K) at all pieces."""

    model: Any

    def count(self, batch):
        """The number of words."""
        return int(batch["asked"].sum())

    def loss(self, params, batch, *, config, rng=None, count=None):
        """The mean loss of a word, and the cache."""
        outputs, cache = objectives.read(self.model, params, batch, config=config, rng=rng)
        value, loss_cache = cross_entropy.forward(outputs[HEAD], batch["tags"], batch["asked"], count=count)
        return value, cache | {"loss": {HEAD: loss_cache}}

    def loss_backward(self, params, cache, dloss=1.0, *, config, consume=False):
        """dloss, a scalar -> dparams. `consume`: the cache is read no more, and backward lets go of it as it goes."""
        return objectives.backward(self.model, params, cache, dloss, config=config, consume=consume)


class Pieces(NamedTuple):
    """A row of words in pieces, [CLS] ... [SEP]: their ids, where a word begins, and there its tag."""

    inputs: list[int]
    asked: list[int]
    tags: list[int]


def batch_of(rows: Sequence[Pieces]) -> dict[str, np.ndarray]:
    """One batch of these rows."""
    columns = {name: pad([getattr(row, name) for row in rows]) for name in Pieces._fields}
    lengths = np.array([len(row.inputs) for row in rows])                  # (B)
    attend = np.arange(columns["inputs"].shape[1]) < lengths[:, None]      # (B, S)
    return columns | {"asked": columns["asked"].astype(bool), "attend": attend}


class PieceTagger(TextTagger, MaskedModel):
    """A BERT whose head "token_classifier" says tags; `names` are those of its labels, `unit` what a text is cut into.

    Where the names are BIOES as data.tag_schemes numbers them, what cannot follow is never said; labels of any other
    scheme are read as seqeval reads them.
    """

    batch_of = staticmethod(batch_of)

    def __init__(self, params, config, tokenizer=None, *, names, unit=units.WORDS, folder=None, hub=None):
        super().__init__(params, config, tokenizer, folder=folder, hub=hub)
        self.names, self.unit = list(names), unit
        self.types = sorted({tag_schemes.parts(name)[1] for name in self.names} - {""})
        ours = self.names == tag_schemes.names(self.types)
        self.rules = tag_schemes.allowed(len(self.names)) if ours else None
        self.known: dict[str, list[int]] = {}

    @property
    def task(self):
        """What trains it."""
        return Task(self.model)

    @property
    def limit(self):
        """How many pieces the model reads at once, beside [CLS] and [SEP]."""
        return self.config.max_positions - 2

    def pieces(self, word):
        """The ids of a word's pieces; [UNK] where the tokenizer sees nothing in it."""
        if word not in self.known:
            frame = [self.id_of(mark) for mark in (framing.CLASS, framing.SEPARATOR)]
            self.known[word] = self.words(word, frame) or [self.tokenizer.ids.get(UNKNOWN, frame[1])]
        return self.known[word]

    def unknown(self, tokens):
        """Those of the words that the tokenizer has no pieces for, each once, in order."""
        nothing = self.tokenizer.ids.get(UNKNOWN)
        return list(dict.fromkeys(token for token in tokens if nothing in self.pieces(token)))

    def numbered(self, tokens, found=()):
        """A row of words and its entities in numbers. Raises InputError for a type that is not known, or too many."""
        self.require_types(found)
        tags = iter(tag_schemes.numbered(found, len(tokens), self.types)) if found else iter([0] * len(tokens))
        start, end = self.id_of(framing.CLASS), self.id_of(framing.SEPARATOR)
        inputs, asked, at = [start], [0], [0]
        for token in tokens:
            own = self.pieces(token)
            inputs += own
            asked += [1] + [0] * (len(own) - 1)
            at += [next(tags)] + [0] * (len(own) - 1)
        if len(inputs) > self.limit + 1:
            raise InputError(f"{len(inputs) - 1} pieces, and the model reads at most {self.limit}; cut the sentence")
        loading.check_ids([inputs], self.config.vocabulary)
        return Pieces([*inputs, end], [*asked, 0], [*at, 0])

    def window(self, row):
        """How many words of a row are read at once, and how many of them again with the next ones."""
        ends = np.cumsum([0] + [len(self.pieces(token)) for token in row])                 # pieces before each word
        until = np.searchsorted(ends, ends[:-1] + self.limit, side="right") - 1  # the word that does not fit any more
        fitting = (until - np.arange(len(row)))[until < len(row)]
        if not len(fitting):
            return max(len(row), 1), 0
        size = max(int(fitting.min()), 1)  # so many fit wherever a window begins
        return size, size // 5

    def tag_whole(self, rows):
        """The entities of rows that are each read at once."""
        found: list[list[Entity]] = [[] for _ in rows]
        self.require(HEAD)
        parts = [self.numbered(row) for row in rows]
        order = sorted((index for index in range(len(rows)) if rows[index]), key=lambda index: len(parts[index].inputs))
        while order:
            number = max(1, AT_ONCE // len(parts[order[-1]].inputs))
            part = order[-number:]
            del order[-number:]
            batch = batch_of([parts[index] for index in part])
            outputs, _ = objectives.read(self.model, self.params, batch, config=self.config)
            for index, logits, asked in zip(part, require_finite(outputs[HEAD]), batch["asked"], strict=True):
                found[index] = tag_schemes.repaired([self.names[tag] for tag in self.best(logits[asked])])
        return found

    def best(self, emissions):
        """The best labels of a row of words (T, K)."""
        if self.rules is None:
            return emissions.argmax(-1)
        none = {name: np.zeros(can.shape, emissions.dtype) for name, can in self.rules.items()}
        return viterbi.best(none, emissions[None], allowed=self.rules)[0][0]

    def save(self, folder, training=None):
        """Write a run folder: settings, weights and the tokenizer's files."""
        more = {"application": "tagger", "unit": self.unit, "types": self.types}
        super().save(folder, {**(training or {}), **more})

    def export(self, folder):
        """Write a folder that Transformers loads, a BertForTokenClassification."""
        numbers = {str(number): name for number, name in enumerate(self.names)}
        self.written(folder, id2label=numbers, label2id={name: int(number) for number, name in numbers.items()})

    @classmethod
    def load(cls, folder):
        """Read a run folder or a hub folder. Raises InputError, naming file and field, for whatever does not fit."""
        loaded = loading.read(folder, cls)
        if loaded.training:
            unit, types = checked_unit(loaded, folder), checked_types(loaded, folder, loaded.config.labels)
            names = tag_schemes.names(types)
        else:
            unit, names = units.WORDS, checked_names(loaded, folder)
        return cls(
            loaded.params, loaded.config, folder=loaded.folder, hub=loaded.hub, names=names, unit=unit
        )  # fmt: skip


def checked_names(loaded, folder):
    """The names of a hub folder's labels, by id. Raises InputError where they are no tags."""
    given, number = loaded.hub.get("id2label"), loaded.config.labels
    names = [given.get(str(place)) for place in range(number)] if isinstance(given, dict) else []
    if not names or not all(isinstance(name, str) and tag_schemes.is_tag(name) for name in names):
        wanted = "tags such as O, B-PER, I-PER are wanted"
        raise InputError(f"{folder}/config.json: id2label is {said(given)}, and {wanted}")
    return names
