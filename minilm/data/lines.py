"""Batches for language models of short lines (names, titles): each row is one whole line.

    {"inputs": mark + line, "targets": line + mark, "mask": True where a target counts}      (B, T) each

The mark, an id such as the line end's, begins and ends each line; after a line the rows are padded with 0. A model
of such rows says how probable a line is as a whole, and generates one from the mark alone.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from minilm.data import random_streams
from minilm.data.batches import pad
from minilm.errors import InputError


def split(lines: Sequence[str], seed: int) -> dict[str, list[str]]:
    """80, 10 and 10 % of the different lines, shuffled: {"train", "validation", "test"}; no line is in two of them.

    A line that occurs several times does so in its part. Empty lines are left out. Raises InputError for fewer than
    ten different lines.
    """
    times = Counter(line for line in lines if line)
    number = len(times)
    if number < 10:
        raise InputError(f"{number} different lines are too few to hold some back; give at least 10")
    order = random_streams.generator(random_streams.SPLIT_OF_LINES, seed).permutation(number)
    known = list(times)
    different = [known[i] for i in order]
    edges = [0, number * 8 // 10, number * 9 // 10, number]
    return {
        part: [line for line in different[first:last] for _ in range(times[line])]
        for part, first, last in zip(("train", "validation", "test"), edges, edges[1:], strict=False)
    }


def shuffled(lines: Sequence[Sequence[int]], index: int, *, seed: int, rows: int, mark: int) -> dict[str, np.ndarray]:
    """Batch `index` of the endless row of epochs, each in an order of its own, by (seed, index) alone."""
    rows = min(rows, len(lines))
    epoch, turn = divmod(index, len(lines) // rows)
    order = random_streams.generator(random_streams.ORDER_OF_LINES, seed, epoch).permutation(len(lines))
    return framed([lines[i] for i in order[turn * rows : (turn + 1) * rows]], mark)


def in_order(lines: Sequence[Sequence[int]], *, rows: int, mark: int) -> list[dict[str, np.ndarray]]:
    """All lines once: for validation."""
    return [framed(lines[start : start + rows], mark) for start in range(0, len(lines), rows)]


def framed(lines: Sequence[Sequence[int]], mark: int) -> dict[str, np.ndarray]:
    """One batch of these lines."""
    lengths = np.array([len(line) + 1 for line in lines])                  # (B)
    inputs = pad([[mark, *line] for line in lines])                        # (B, T)
    targets = pad([[*line, mark] for line in lines])                       # (B, T)
    return {"inputs": inputs, "targets": targets, "mask": np.arange(inputs.shape[1]) < lengths[:, None]}
