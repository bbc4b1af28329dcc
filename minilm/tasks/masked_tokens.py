"""Masked tokens (Devlin et al. 2019, section 3.1): which token stood here? And a trained BERT with its tokenizer: what
a mask hides, whether a sentence follows, which class a text is of.

A batch is what objectives.read takes, with "targets" (B, T) of ids and "mask" (B, T), True where the model is asked.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from minilm import loading
from minilm.decoding.finite import require_finite
from minilm.errors import InputError, said
from minilm.fast import cross_entropy
from minilm.machine import small_products
from minilm.models import bert
from minilm.ops import softmax
from minilm.tasks import framing, objectives
from minilm.tasks.framing import CLASS, MASK, SEPARATOR
from minilm.tasks.with_tokenizer import WithTokenizer

__all__ = ["CLASS", "MASK", "SEPARATOR", "MaskedModel", "Task", "answered"]

PROBLEMS = ("regression", "single_label_classification", "multi_label_classification")


@dataclass(frozen=True)
class Task:
    """Train `model`, a module whose head "masked" makes logits (N, V) at the N places of a mask."""

    model: Any

    def count(self, batch):
        """The number of masked tokens."""
        return int(batch["mask"].sum())

    def loss(self, params, batch, *, config, rng=None, count=None):
        """The mean loss of a masked token, and the cache."""
        outputs, cache = objectives.read(self.model, params, batch, config=config, rng=rng)
        value, loss_cache = answered(outputs, batch, count)
        return value, cache | {"loss": {"masked": loss_cache}}

    def loss_backward(self, params, cache, dloss=1.0, *, config, consume=False):
        """dloss, a scalar -> dparams. `consume`: the cache is read no more, and backward lets go of it as it goes."""
        return objectives.backward(self.model, params, cache, dloss, config=config, consume=consume)


def answered(outputs, batch, count=None):
    """The head's logits (N, V) against the tokens that stood at its N places -> the mean loss of a token, its cache."""
    return cross_entropy.forward(outputs["masked"], batch["targets"][objectives.asked(batch)], count=count)


class MaskedModel(WithTokenizer):
    """params and config of models.bert; `tokenizer` as WordPiece has it (encode, decode, ids: {token: id}), or None:
    look into `folder` when text is first needed."""

    def __init__(self, params, config, tokenizer=None, *, folder=None, hub=None):
        super().__init__(bert, params, config, tokenizer, folder=folder, hub=hub)

    def fill(self, text: str, top: int = 5) -> list[list[tuple[str, float]]]:
        """For each [MASK] of the text the `top` most probable tokens: [[(token, probability), ...], ...].

        Raises InputError for a text without a mask or longer than the model reads, for a model without this head, and
        for a `top` that is no whole number from 1 up.
        """
        if not isinstance(top, (int, np.integer)) or isinstance(top, bool) or top < 1:
            raise InputError(f"top is {said(top)}; it must be a whole number from 1 up")
        inputs, segments = self.encode(text)
        places = inputs == self.id_of(MASK)                                # (1, T)
        if not places.any():
            raise InputError(f"there is no {self.spelling(MASK)} in the text; put one where a word is wanted")
        self.require("masked")
        logits = require_finite(self.outputs(inputs, segments, places)["masked"])  # (N, V)
        p, _ = softmax.forward(logits.astype(np.float64))                  # (N, V)
        tokens = {number: token for token, number in self.tokenizer.ids.items()}
        orders = np.argsort(-p, axis=-1, kind="stable")[:, :top]
        found = zip(p, orders, strict=True)
        return [[(tokens.get(int(i), f"id {i}"), float(row[i])) for i in order] for row, order in found]

    def follows(self, first: str, second: str) -> float:
        """The probability that the second text follows the first."""
        p, _ = softmax.forward(self.logits("next_sentence", first, second))    # (2)
        return float(p[0])

    def classify(self, text: str, second: str | None = None) -> dict[str, float]:
        """{label: score} of a text, or of a pair of texts, as Transformers' pipeline scores it.

        The folder's problem_type says how: "single_label_classification" by a softmax over the labels,
        "multi_label_classification" by a sigmoid of each, "regression" by the number itself. Where it says nothing,
        one label takes a sigmoid and several a softmax.
        """
        logits = self.logits("sequence_classifier", text, second)          # (C)
        problem = self.hub.get("problem_type")
        if problem is not None and problem not in PROBLEMS:
            raise InputError(f"config.json: problem_type is {said(problem)}; known are {', '.join(PROBLEMS)}")
        if problem == "regression":
            scores = logits                                                # (C)
        elif problem == "multi_label_classification" or len(logits) == 1:
            scores = np.exp(-np.logaddexp(0, -logits))                     # (C)
        else:
            scores, _ = softmax.forward(logits)                            # (C)
        labels = self.hub.get("id2label")
        names = labels if isinstance(labels, dict) else {}
        return {str(names.get(str(i), f"LABEL_{i}")): float(value) for i, value in enumerate(scores)}

    def logits(self, head, first, second=None):
        """What a head says of a text or a pair, in float64."""
        self.require(head)
        return require_finite(self.outputs(*self.encode(first, second))[head])[0].astype(np.float64)

    def outputs(self, inputs, segments, places=None):
        """bert.forward's outputs: "hidden", "pooled", and the logits of each head that the model has."""
        none = np.zeros(inputs.shape, bool) if places is None else places
        with small_products.held(self.params, inputs.size):
            return bert.forward(self.params, inputs, segments, None, none, config=self.config)[0]

    def encode(self, text, second=None):
        """[CLS] text [SEP] (second [SEP]) -> inputs and segments, (1, T) each."""
        if second is not None and self.config.segments < 2:
            raise InputError("this model has one kind of segment and reads no pairs; give one text")
        ids, numbers = framing.framed(self.tokenizer, text, second)
        loading.check_ids([ids], self.config.vocabulary, self.config.max_positions)
        return np.array([ids]), np.array([numbers])

    def words(self, text, frame):
        """The ids of a text alone, whether or not the tokenizer frames it; a [SEP] that the text holds stays."""
        return framing.words(self.tokenizer, text, frame)

    def spelling(self, token):
        """How the tokenizer spells [CLS], [SEP] or [MASK]."""
        return framing.spelling(self.tokenizer, token)

    def id_of(self, token):
        """The id of [CLS], [SEP] or [MASK]."""
        return framing.id_of(self.tokenizer, token)

    def require(self, head):
        if head not in self.params:
            has = ", ".join(part for part in bert.HEADS if part in self.params) or "none"
            raise InputError(f"this model has no head {head!r}; its heads: {has}")

    @classmethod
    def load(cls, folder):
        """Read a run folder or a hub folder. Raises InputError, naming file and field, for whatever does not fit."""
        loaded = loading.read(folder, cls)
        return cls(loaded.params, loaded.config, folder=loaded.folder, hub=loaded.hub)
