"""Batches of sequences of unequal lengths with an answer for each position, those of like length together.

    {"inputs", "features", "tags": (B, T) of ids, padded with 0 at the end; "lengths": (B)}

In epoch e the sequences are shuffled by (seed, e), then sorted by length, so that chance decides among equals; the row
is cut into batches, and the batches are shuffled. So batch k of epoch e follows from (seed, e, k) alone.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from minilm.data import random_streams
from minilm.data.batches import pad


class Numbered(NamedTuple):
    """A sequence: ids of its tokens, of their features, and their tags."""

    inputs: list[int]
    features: list[int]
    tags: list[int]


class SequenceBatches:
    """`rows` sequences a batch. Calling it with an index from 0 walks through the epochs; its length is an epoch's."""

    def __init__(self, sequences: Sequence[Numbered], *, seed: int, rows: int) -> None:
        self.sequences, self.seed, self.rows = sequences, seed, rows
        self.lengths = np.array([len(sequence.inputs) for sequence in sequences])  # (N)
        self._order = lru_cache(maxsize=2)(self._compute_order)

    def __len__(self) -> int:
        return -(-len(self.sequences) // self.rows)

    def __call__(self, index: int) -> dict[str, np.ndarray]:
        epoch, k = divmod(index, len(self))
        order, turns = self._order(epoch)
        first = turns[k] * self.rows
        return batch_of([self.sequences[i] for i in order[first : first + self.rows]])

    def _compute_order(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        rng = random_streams.generator(random_streams.ORDER_OF_SEQUENCES, self.seed, epoch)
        shuffled = rng.permutation(len(self.sequences))
        by_length = np.argsort(self.lengths[shuffled], kind="stable")
        return shuffled[by_length], rng.permutation(len(self))


def in_order(sequences: Sequence[Numbered], *, rows: int) -> list[dict[str, np.ndarray]]:
    """All sequences once, in the order given."""
    return [batch_of(sequences[start : start + rows]) for start in range(0, len(sequences), rows)]


def batch_of(sequences: Sequence[Numbered]) -> dict[str, np.ndarray]:
    """One batch of these sequences."""
    columns = {name: pad([getattr(each, name) for each in sequences]) for name in Numbered._fields}
    return {**columns, "lengths": np.array([len(each.inputs) for each in sequences])}
