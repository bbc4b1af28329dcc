"""Batches of sentence pairs: pairs of like length together, shuffled anew each epoch, any batch at once.

A batch is {"source": (B, S), "target": (B, T + 1)}: ids, padded with 0 at the end; a target is start + words + end.

In epoch e the pairs are shuffled by (seed, e), then sorted by length, so that chance decides among equals;
the sorted row is cut into batches, and the batches are shuffled. The lengths in the sorted row are the same
each epoch, therefore so are the cuts and the number of batches, and batch k of epoch e follows from
(seed, e, k) alone: there is no place in the data to store.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from minilm.data import random_streams
from minilm.errors import InputError
from minilm.text.marks import END, PAD, START


class PairBatches:
    """The batches of a list of pairs of ids. Calling it with an index from 0 walks through the epochs.

    rows      the pairs in a batch; or
    tokens    the most that rows * (longest source + longest target) may come to, padding, start and end
              included (a pair that alone has more is a batch of its own)

    Raises InputError where there is no pair or a pair has an empty side, ValueError for contradicting sizes.
    """

    def __init__(
        self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]],
        *, seed: int, rows: int | None = None, tokens: int | None = None,
    ) -> None:  # fmt: skip
        if (rows is None) == (tokens is None) or (rows or tokens or 0) < 1:
            raise ValueError(f"either rows or tokens, at least 1, not {rows} and {tokens}")
        if len(sources) != len(targets):
            raise ValueError(f"{len(sources)} sources and {len(targets)} targets; one for one")
        if not sources:
            raise InputError("there is no sentence pair to make batches of; look at the file and its filters")
        self.sources, self.targets, self.seed = sources, targets, seed
        self.source_lengths = np.array([len(ids) for ids in sources])
        self.target_lengths = np.array([len(ids) + 2 for ids in targets])  # with start and end
        if not self.source_lengths.all() or self.target_lengths.min() == 2:
            place = int(np.argmin(np.minimum(self.source_lengths, self.target_lengths - 2)))
            raise InputError(f"pair {place + 1} has an empty side; leave it out")
        order = np.lexsort((self.source_lengths, self.target_lengths))
        self.cuts = _cuts(self.source_lengths[order], self.target_lengths[order], rows, tokens)
        self._order = lru_cache(maxsize=2)(self._compute_order)

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        return len(self.cuts) - 1

    def __call__(self, index: int) -> dict[str, np.ndarray]:
        """Batch `index` of the endless row of epochs."""
        return self.batch(*divmod(index, len(self)))

    def batch(self, epoch: int, k: int) -> dict[str, np.ndarray]:
        """Batch k of epoch e, its rows sorted by length. Raises ValueError for a k beyond the epoch."""
        if not 0 <= k < len(self) or epoch < 0:
            raise ValueError(f"batch {k} of epoch {epoch}: epochs count from 0 and have {len(self)} batches")
        return pad_pairs(*self._pairs(self.indices(epoch, k)))

    def indices(self, epoch: int, k: int) -> np.ndarray:
        """Which pairs batch k of epoch e is made of."""
        order, turns = self._order(epoch)
        return order[self.cuts[turns[k]] : self.cuts[turns[k] + 1]]

    def _pairs(self, indices: np.ndarray) -> tuple[list, list]:
        return [self.sources[i] for i in indices], [self.targets[i] for i in indices]

    def _compute_order(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """The pairs in their sorted row, and the batches in their turns; kept for the latest epochs."""
        rng = random_streams.generator(random_streams.ORDER_OF_PAIRS, self.seed, epoch)
        shuffled = rng.permutation(len(self.sources))
        by_length = np.lexsort((self.source_lengths[shuffled], self.target_lengths[shuffled]))  # stable
        return shuffled[by_length], rng.permutation(len(self))


def in_order(
    sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]], *, rows: int
) -> list[dict[str, np.ndarray]]:
    """All pairs once, in the order given: for validation."""
    return [
        pad_pairs(sources[start : start + rows], targets[start : start + rows])
        for start in range(0, len(sources), rows)
    ]


def pad_pairs(sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> dict[str, np.ndarray]:
    """One batch of these pairs; targets come without start and end, and get them here."""
    framed = [[START, *ids, END] for ids in targets]
    return {"source": pad(sources), "target": pad(framed)}


def pad(rows: Sequence[Sequence[int]]) -> np.ndarray:
    """The rows as one array of int64, (B, longest), padded with 0 at the end."""
    padded = np.full((len(rows), max(map(len, rows))), PAD, np.int64)  # (B, S)
    for row, ids in zip(padded, rows, strict=True):
        row[: len(ids)] = ids
    return padded


def _cuts(sources: np.ndarray, targets: np.ndarray, rows: int | None, tokens: int | None) -> list[int]:
    """Where the sorted row is cut: batch k is cuts[k] ... cuts[k + 1]."""
    number = len(sources)
    if rows is not None:
        return [*range(0, number, rows), number]
    assert tokens is not None
    cuts = [0]
    longest = 0
    for i in range(number):
        longest = max(longest, int(sources[i]))  # targets are sorted: the last is the longest
        if i > cuts[-1] and (i + 1 - cuts[-1]) * (longest + int(targets[i])) > tokens:
            cuts.append(i)
            longest = int(sources[i])
    return [*cuts, number]
