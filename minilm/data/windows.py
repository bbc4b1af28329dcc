"""Batches for language models: windows cut from one long row of ids.

    {"inputs": ids[i : i + T], "targets": ids[i + 1 : i + T + 1]}      both (B, T)

Random windows (GPT) begin anywhere, by (seed, index). Contiguous windows (recurrent models) go on where the
window before ended, so that the state can be carried: the row of ids is cut into B strips, and window k is
columns k T ... (k + 1) T of all strips (truncated backpropagation through time). Either way the batch follows
from its index alone. `ids` may be any one-dimensional array of integers, one mapped from a file too.
"""

import numpy as np

from minilm.data import random_streams
from minilm.errors import InputError


def random_windows(ids: np.ndarray, index: int, *, seed: int, rows: int, length: int) -> dict[str, np.ndarray]:
    """Batch `index`: `rows` windows that begin at random places, each place as likely as the other.

    Raises InputError where the text is not longer than a window.
    """
    _require_longer(ids, length)
    rng = random_streams.generator(random_streams.WINDOWS, seed, index)
    starts = rng.integers(0, len(ids) - length, size=rows)
    windows = np.stack([ids[start : start + length + 1] for start in starts]).astype(np.int64)  # (B, T+1)
    return _pair(windows)


def contiguous_windows(ids: np.ndarray, index: int, *, rows: int, length: int) -> dict[str, np.ndarray]:
    """Batch `index`: window index modulo `windows_per_epoch`; the state is carried except into window 0.

    What is left over after the last whole window of a strip is not used.
    Raises InputError where the text is too short for one window in each strip.
    """
    strip = len(ids) // rows
    start = index % windows_per_epoch(len(ids), rows=rows, length=length) * length
    starts = np.arange(rows) * strip + start
    windows = np.stack([ids[begin : begin + length + 1] for begin in starts]).astype(np.int64)  # (B, T+1)
    return _pair(windows)


def windows_per_epoch(number: int, *, rows: int, length: int) -> int:
    """How many contiguous windows `number` ids give in `rows` strips. Raises InputError where none."""
    windows = (number // rows - 1) // length
    if windows < 1:
        raise InputError(
            f"a text of {number} tokens is too short for {rows} rows of {length}; "
            f"take at least {rows * (length + 1)} tokens, fewer rows or shorter windows"
        )
    return windows


def windows_in_order(ids: np.ndarray, *, rows: int, length: int) -> list[dict[str, np.ndarray]]:
    """Windows one after the other, `rows` a batch, that predict each id but the first once: for validation.

    The last window and the last batch may be shorter. Raises InputError where there is nothing to predict.
    """
    _require_longer(ids, 1)
    starts = np.arange(0, len(ids) - 1, length)
    whole = starts[starts + length < len(ids)]
    batches = []
    for first in range(0, len(whole), rows):
        windows = np.stack([ids[start : start + length + 1] for start in whole[first : first + rows]])
        batches.append(_pair(windows.astype(np.int64)))
    if len(whole) < len(starts):
        batches.append(_pair(np.asarray(ids[starts[-1] :])[None].astype(np.int64)))
    return batches


def _pair(windows: np.ndarray) -> dict[str, np.ndarray]:
    return {"inputs": np.ascontiguousarray(windows[:, :-1]), "targets": np.ascontiguousarray(windows[:, 1:])}


def _require_longer(ids: np.ndarray, length: int) -> None:
    if len(ids) <= length:
        raise InputError(f"a text of {len(ids)} tokens is too short for windows of {length}; take shorter ones")
