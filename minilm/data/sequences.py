"""Batches of sequences of unequal lengths with an answer for each position, those of like length together.

    {"inputs", "features", "tags": (B, T) of ids, padded with 0 at the end; "lengths": (B)}

In epoch e the sequences are shuffled by (seed, e), then sorted by length, so that chance decides among equals; the row
is cut into batches, and the batches are shuffled. So batch k of epoch e follows from (seed, e, k) alone.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from minilm.data import random_streams
from minilm.data.batches import pad


class Numbered(NamedTuple):
    """A sequence: ids of its tokens, of their features, and their tags."""

    inputs: list[int]
    features: list[int]
    tags: list[int]


class SequenceBatches:
    """`rows` sequences a batch. Calling it with an index from 0 walks through the epochs; its length is an epoch's.

    `batch_of` makes a batch of sequences of another kind, which have `inputs` too.
    """

    def __init__(
        self, sequences: Sequence[Any], *, seed: int, rows: int, batch_of: Callable[[list], dict] | None = None
    ) -> None:  # fmt: skip
        self.sequences, self.seed, self.rows, self.batch_of = sequences, seed, rows, batch_of or batch_of_numbered
        self.lengths = np.array([len(sequence.inputs) for sequence in sequences])  # (N)
        self._order = lru_cache(maxsize=2)(self._compute_order)

    def __len__(self) -> int:
        return -(-len(self.sequences) // self.rows)

    def __call__(self, index: int) -> dict[str, np.ndarray]:
        epoch, k = divmod(index, len(self))
        order, turns = self._order(epoch)
        first = turns[k] * self.rows
        return self.batch_of([self.sequences[i] for i in order[first : first + self.rows]])

    def _compute_order(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        rng = random_streams.generator(random_streams.ORDER_OF_SEQUENCES, self.seed, epoch)
        shuffled = rng.permutation(len(self.sequences))
        by_length = np.argsort(self.lengths[shuffled], kind="stable")
        return shuffled[by_length], rng.permutation(len(self))


def in_order(
    sequences: Sequence[Any], *, rows: int, batch_of: Callable[[list], dict] | None = None
) -> list[dict[str, np.ndarray]]:  # fmt: skip
    """All sequences once, in the order given."""
    make = batch_of or batch_of_numbered
    return [make(list(sequences[start : start + rows])) for start in range(0, len(sequences), rows)]


def batch_of_numbered(sequences: Sequence[Numbered]) -> dict[str, np.ndarray]:
    """One batch of these sequences."""
    columns = {name: pad([getattr(each, name) for each in sequences]) for name in Numbered._fields}
    return {**columns, "lengths": np.array([len(each.inputs) for each in sequences])}
