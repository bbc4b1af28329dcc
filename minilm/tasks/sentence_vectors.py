"""Sentence vectors (Reimers and Gurevych 2019, section 3): a text as one vector, so that texts of like meaning lie
close together.

    vector = pool(hidden of the text's positions)        vector / |vector| where the folder normalises
    similarity = the cosine of the angle between two vectors

How hidden states are pooled is the folder's to say (storage/hub_pooling.py). A text longer than the model reads is read
in windows: its mean is that over the positions of all of them, and nothing of it is cut off.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from minilm import loading, tree
from minilm.errors import InputError
from minilm.ops import masked_mean
from minilm.storage import hub_pooling
from minilm.storage.hub_pooling import Pooling
from minilm.tasks import framing, windows
from minilm.tasks.masked_tokens import MaskedModel

SMALLEST = np.finfo(np.float32).tiny  # a vector's length that can still be divided by


class SentenceEncoder(MaskedModel):
    """A BERT that makes vectors of texts; `pooling` says how, and `folder` where its tokenizer is."""

    def __init__(self, params, config, tokenizer=None, *, folder=None, hub=None, pooling=None):
        super().__init__(params, config, tokenizer, folder=folder, hub=hub)
        self.pooling = pooling or Pooling()

    @property
    def width(self):
        """How many numbers a vector has."""
        return self.config.width

    @property
    def limit(self):
        """How many tokens the model reads at once, [CLS] and [SEP] among them."""
        return min(self.pooling.tokens or self.config.max_positions, self.config.max_positions)

    def embed(self, texts: str | Sequence[str], progress: Callable[[int], object] | None = None) -> np.ndarray:
        """The vector (D) of a text, or (N, D) of a list of texts, in the model's dtype.

        `progress(number)` is told after each batch how many texts more are done. Raises InputError for a text that is
        empty, naming which.
        """
        if isinstance(texts, str):
            return self.embed([texts])[0]
        cut = [self.windows(text, number) for number, text in enumerate(texts, start=1)]
        found = [ids for each in cut for ids in each]
        owners = np.repeat(np.arange(len(cut)), [len(each) for each in cut])
        pooled = windows.run(self.pool, found, self.width, self.params["blocks"], progress)    # (N, D)
        if self.pooling.kind == "largest":
            vectors = windows.largest(pooled, owners, len(cut))            # (number of texts, D)
        else:
            whole = self.pooling.kind == "mean"  # over all positions of a text, so that a long window counts for more
            weights = np.array([len(ids) if whole else 1.0 for ids in found])
            vectors = windows.mean(pooled, owners, weights, len(cut))      # (number of texts, D)
        return unit(vectors) if self.pooling.unit else vectors

    def windows(self, text, number=1):
        """A text's ids, framed by [CLS] and [SEP]; in several windows where it is longer than the model reads."""
        if not text.strip():
            raise InputError(f"text {number} is empty; an empty text has no meaning to find, leave it out")
        ids, _ = framing.framed(self.tokenizer, text.lower() if self.pooling.lower else text)
        loading.check_ids([ids], self.config.vocabulary)
        return windows.cut(ids, self.limit)

    def pool(self, inputs, attend):
        """inputs (B, T) of ids, attend (B, T), True = counts -> one vector a row, (B, D), before it is normalised."""
        hidden, _ = self.model.encode(self.params, inputs, None, attend, config=self.config)  # (B, T, D)
        if self.pooling.kind == "first":
            return hidden[:, 0]
        if self.pooling.kind == "largest":
            return np.where(attend[:, :, None], hidden, -np.inf).max(1)
        return masked_mean.forward(hidden, attend)[0]

    @cached_property
    def fingerprint(self):
        """A name for all that a vector follows from: weights, settings, vocabulary and pooling."""
        found = hashlib.sha256(repr((self.config, self.pooling, sorted(self.tokenizer.ids.items()))).encode())
        for name, leaf in tree.leaves(self.params):
            found.update(name.encode())
            found.update(np.ascontiguousarray(leaf.T if leaf.flags.f_contiguous else leaf).data)
        return found.hexdigest()[:32]

    @classmethod
    def load(cls, folder):
        """Read a BERT's folder, the hub's or a run's. Raises InputError, naming file and field, for what does not fit.

        Where the folder does not say how vectors are made, they are means of length one.
        """
        loaded = loading.read(folder, cls)
        pooling = hub_pooling.read(folder)
        # A hub file holds matrices as (out, in). A query of few tokens is bound by reading them, and BLAS takes half as
        # long again where they lie across its path.
        params = loaded.params | {"blocks": tree.map(np.ascontiguousarray, loaded.params["blocks"])}
        return cls(params, loaded.config, folder=loaded.folder, hub=loaded.hub, pooling=pooling)


def unit(vectors):
    """(N, D) -> rows of length one; a row of zeros stays one."""
    lengths = np.sqrt(np.vecdot(vectors, vectors)[:, None])                # (N, 1)
    return vectors / np.maximum(lengths, SMALLEST)

