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
from minilm.data.batches import pad
from minilm.errors import InputError
from minilm.machine import blas_threads, small_products
from minilm.ops import masked_mean
from minilm.storage import hub_pooling
from minilm.storage.hub_pooling import Pooling
from minilm.tasks import framing
from minilm.tasks.masked_tokens import MaskedModel
from minilm.training import replicas

TOKENS = 2048  # in a batch, padding included: rows enough for fast products, and few enough to stay in the cache
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
        windows, owners = [], []
        for number, text in enumerate(texts):
            parts = self.windows(text, number + 1)
            windows += parts
            owners += [number] * len(parts)
        weights = np.array([len(ids) for ids in windows], np.float64)      # of a mean over all windows of a text
        pooled = self.pooled(windows, progress)
        return self.together(pooled, np.array(owners, np.int64), weights, len(texts))

    def windows(self, text, number=1):
        """A text's ids, framed by [CLS] and [SEP]; in several windows where it is longer than the model reads."""
        if not text.strip():
            raise InputError(f"text {number} is empty; an empty text has no meaning to find, leave it out")
        ids, _ = framing.framed(self.tokenizer, text.lower() if self.pooling.lower else text)
        loading.check_ids([ids], self.config.vocabulary)
        start, inner, end = ids[:1], ids[1:-1], ids[-1:]
        room = self.limit - 2
        if room < 1:
            raise InputError(f"the model reads {self.limit} positions, and [CLS] and [SEP] take two; take another")
        return [start + inner[first : first + room] + end for first in range(0, max(1, len(inner)), room)]

    def pooled(self, windows, progress=None):
        """Lists of ids -> their vectors (N, D), batches of like length side by side on the cores."""
        order = sorted(range(len(windows)), key=lambda i: -len(windows[i]))
        dtype = next(iter(tree.leaves(self.params)))[1].dtype
        vectors = np.empty((len(windows), self.width), dtype)              # (N, D)
        groups = list(batches(windows, order))
        number = min(len(groups), blas_threads.available())

        def run(group):
            vectors[group] = self.pool(pad([windows[i] for i in group]), [len(windows[i]) for i in group])
            return group

        alone = small_products.held(self.params["blocks"], sum(map(len, windows)))
        with replicas.threads(number) as runner, blas_threads.one() if number > 1 else alone:
            for first in range(0, len(groups), max(1, number)):  # in turns, so that Ctrl-C waits for one of them alone
                for group in runner(run, groups[first : first + number]):
                    if progress:
                        progress(len(group))
        return vectors

    def pool(self, inputs, lengths):
        """inputs (B, T) of ids, padded, and the rows' lengths -> one vector a row, (B, D), before it is normalised."""
        attend = np.arange(inputs.shape[1]) < np.array(lengths)[:, None]   # (B, T)
        hidden, _ = self.model.encode(self.params, inputs, None, attend, config=self.config)  # (B, T, D)
        if self.pooling.kind == "first":
            return hidden[:, 0]
        if self.pooling.kind == "largest":
            return np.where(attend[:, :, None], hidden, -np.inf).max(1)
        return masked_mean.forward(hidden, attend)[0]

    def together(self, pooled, owners, weights, number):
        """The windows' vectors (N, D) -> the texts', (number, D), and those of length one where the folder says so."""
        vectors = pooled
        if len(pooled) != number:
            begins = np.searchsorted(owners, np.arange(number))            # (number)
            if self.pooling.kind == "largest":
                vectors = np.maximum.reduceat(pooled, begins, axis=0)
            else:
                shares = weights if self.pooling.kind == "mean" else np.ones_like(weights)
                shares = (shares / np.add.reduceat(shares, begins)[owners]).astype(pooled.dtype)
                vectors = np.add.reduceat(pooled * shares[:, None], begins, axis=0)
        return unit(vectors) if self.pooling.unit else vectors

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
        return cls(loaded.params, loaded.config, folder=loaded.folder, hub=loaded.hub, pooling=pooling)


def unit(vectors):
    """(N, D) -> rows of length one; a row of zeros stays one."""
    lengths = np.sqrt(np.vecdot(vectors, vectors)[:, None])                # (N, 1)
    return vectors / np.maximum(lengths, SMALLEST)


def batches(windows, order):
    """Indices of the windows, in runs of like length whose padded size is at most TOKENS."""
    first = 0
    while first < len(order):
        rows = max(1, TOKENS // len(windows[order[first]]))
        yield order[first : first + rows]
        first += rows
