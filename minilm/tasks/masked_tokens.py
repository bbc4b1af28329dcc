"""A trained BERT with its tokenizer: what stands behind a mask, does a sentence follow, which class is a text of."""

from functools import cached_property
from pathlib import Path

import numpy as np

from minilm import model_folder
from minilm.errors import InputError
from minilm.models import bert
from minilm.ops import softmax
from minilm.storage import hub_bert, run_folder

CLASS, SEPARATOR, MASK = "[CLS]", "[SEP]", "[MASK]"


class MaskedModel:
    """params and config of models.bert; `tokenizer` as WordPiece has it (encode, decode, ids: {token: id}), or None:
    look into `folder` when text is first needed."""

    name, model = "bert", bert

    def __init__(self, params, config, tokenizer=None, *, folder=None, hub=None):
        self.params, self.config, self.folder, self.hub = params, config, folder, hub or {}
        if tokenizer is not None:
            self.tokenizer = tokenizer

    @cached_property
    def tokenizer(self):
        if self.folder is None:
            raise InputError("this model has no tokenizer; give it one")
        return model_folder.tokenizer(self.folder)

    def fill(self, text, top=5):
        """For each [MASK] of the text the `top` most probable tokens: [[(token, probability), ...], ...].

        Raises InputError for a text without a mask or longer than the model reads, and for a model without this head.
        """
        inputs, segments = self.encode(text)
        places = inputs == self.id_of(MASK)                                # (1, T)
        if not places.any():
            raise InputError(f"there is no {MASK} in the text; put one where a word is wanted")
        self.require("masked")
        logits = self.outputs(inputs, segments, places)["masked"]          # (N, V)
        p, _ = softmax.forward(logits.astype(np.float64))                  # (N, V)
        tokens = {number: token for token, number in self.tokenizer.ids.items()}
        orders = np.argsort(-p, axis=-1, kind="stable")[:, :top]
        found = zip(p, orders, strict=True)
        return [[(tokens.get(int(i), f"id {i}"), float(row[i])) for i in order] for row, order in found]

    def follows(self, first, second):
        """The probability that the second text follows the first."""
        return float(self.classes("next_sentence", first, second)[0])

    def classify(self, text, second=None):
        """{label: probability} of a text, or of a pair of texts."""
        p = self.classes("sequence_classifier", text, second)
        labels = self.hub.get("id2label")
        names = labels if isinstance(labels, dict) else {}
        return {str(names.get(str(i), f"LABEL_{i}")): float(value) for i, value in enumerate(p)}

    def classes(self, head, first, second):
        self.require(head)
        p, _ = softmax.forward(self.outputs(*self.encode(first, second))[head].astype(np.float64))
        return p[0]

    def outputs(self, inputs, segments, places=None):
        """bert.forward's outputs: "hidden", "pooled", and the logits of each head that the model has."""
        none = np.zeros(inputs.shape, bool) if places is None else places
        return bert.forward(self.params, inputs, segments, None, none, config=self.config)[0]

    def encode(self, text, second=None):
        """[CLS] text [SEP] (second [SEP]) -> inputs and segments, (1, T) each."""
        start, end = self.id_of(CLASS), self.id_of(SEPARATOR)
        parts = [self.words(part, start, end) for part in (text, second) if part is not None]
        ids = [start] + [token for part in parts for token in [*part, end]]
        model_folder.check_ids([ids], self.config.vocabulary, self.config.max_positions)
        segments = np.zeros((1, len(ids)), np.int64)                       # (1, T)
        segments[0, len(parts[0]) + 2 :] = 1
        return np.array([ids]), segments

    def words(self, text, start, end):
        """The ids of a text alone, whether or not the tokenizer frames it."""
        return [token for token in self.tokenizer.encode(text) if token not in (start, end)]

    def id_of(self, token):
        if token not in self.tokenizer.ids:
            raise InputError(f"the tokenizer has no {token}; take the vocab.txt that belongs to the model")
        return self.tokenizer.ids[token]

    def require(self, head):
        if head not in self.params:
            has = ", ".join(part for part in bert.HEADS if part in self.params) or "none"
            raise InputError(f"this model has no head {head!r}; its heads: {has}")

    def save(self, folder, training=None):
        """Write a run folder: settings, weights and the tokenizer's files."""
        run_folder.write_settings(folder, "bert", self.config, training or {})
        run_folder.write_weights(folder, self.params)
        self.save_tokenizer(folder)

    def export(self, folder):
        """Write a folder that Transformers loads."""
        hub_bert.save(folder, self.params, self.config, self.hub)
        self.save_tokenizer(folder)

    def save_tokenizer(self, folder):
        if self.folder is not None and Path(self.folder).resolve() == Path(folder).resolve():
            return
        if "tokenizer" in self.__dict__ or self.folder is not None:
            self.tokenizer.save(folder)

    @classmethod
    def load(cls, folder):
        """Read a run folder or a hub folder. Raises InputError, naming file and field, for whatever does not fit."""
        loaded = model_folder.read(folder)
        if loaded.name != "bert":
            raise InputError(f"{folder}: holds a {loaded.name}, not a bert")
        return cls(loaded.params, loaded.config, folder=loaded.folder, hub=loaded.hub)
