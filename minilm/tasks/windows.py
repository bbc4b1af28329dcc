"""Texts that may be longer than a model reads: cut into windows, run in batches of like length, and put together again.

Nothing of a text is cut off: what a model says of a long text is a mean over its windows, weighted by their lengths.
"""

import numpy as np

from minilm.data.batches import pad
from minilm.errors import InputError
from minilm.machine import blas_threads, small_products
from minilm.training import replicas

TOKENS = 2048  # in a batch, padding included: rows enough for fast products, and few enough to stay in the cache


def cut(ids, limit):
    """A framed text's ids, [CLS] ... [SEP], in windows of at most `limit`, each framed as the text is."""
    room = limit - 2
    if room < 1:
        raise InputError(f"the model reads {limit} positions, and [CLS] and [SEP] take two; take another")
    start, inner, end = ids[:1], ids[1:-1], ids[-1:]
    return [start + inner[first : first + room] + end for first in range(0, max(1, len(inner)), room)]


def run(function, windows, columns, params, progress=None):
    """`function` (inputs (B, T), attend (B, T), True = counts) -> (B, columns), of all windows: (N, columns).

    Batches of like length run side by side on the cores. `params` are those of the products, whose size decides on the
    threads of a single batch. `progress(number)` is told how many windows more are done.
    """
    order = sorted(range(len(windows)), key=lambda i: -len(windows[i]))
    groups = list(batches(windows, order))
    number = min(len(groups), blas_threads.available())

    def of_group(group):
        inputs = pad([windows[i] for i in group])                          # (B, T)
        lengths = np.array([len(windows[i]) for i in group])               # (B)
        return function(inputs, np.arange(inputs.shape[1]) < lengths[:, None])

    found: list[np.ndarray] = []
    alone = small_products.held(params, sum(map(len, windows)))
    with replicas.threads(number) as runner, blas_threads.one() if number > 1 else alone:
        for first in range(0, len(groups), max(1, number)):  # in turns, so that Ctrl-C waits for one of them alone
            turn = groups[first : first + number]
            found += runner(of_group, turn)
            if progress:
                progress(sum(map(len, turn)))
    if not found:
        return np.empty((0, columns))
    whole = np.empty((len(windows), columns), found[0].dtype)              # (N, columns)
    whole[[i for group in groups for i in group]] = np.concatenate(found)
    return whole


def batches(windows, order):
    """Indices of the windows, in runs of like length whose padded size is at most TOKENS."""
    first = 0
    while first < len(order):
        rows = max(1, TOKENS // len(windows[order[first]]))
        yield order[first : first + rows]
        first += rows


def mean(rows, owners, weights, number):
    """rows (N, D) of windows, of which text they are (N), in order, and their weights (N) -> the texts' (number, D)."""
    if len(rows) == number:
        return rows
    begins = np.searchsorted(owners, np.arange(number))                    # (number)
    shares = (weights / np.add.reduceat(weights, begins)[owners]).astype(rows.dtype)   # (N)
    return np.add.reduceat(rows * shares[:, None], begins, axis=0)


def largest(rows, owners, number):
    """rows (N, D) of windows, and of which text they are (N), in order -> the texts' largest numbers (number, D)."""
    if len(rows) == number:
        return rows
    return np.maximum.reduceat(rows, np.searchsorted(owners, np.arange(number)), axis=0)
