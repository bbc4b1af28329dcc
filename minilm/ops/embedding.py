"""Embedding: row `id` of a table. As a formula, one_hot(ids) W, of which only the rows are read.

    dW[v] = Σ dy over all positions whose id is v

An id that occurs three times gets the sum of three gradients; one that never occurs gets exactly zero.
"""

import numpy as np


def init(rng, vocabulary, width, dtype=np.float32):
    """Normal with standard deviation width^-½, so that √width · embedding has unit variance."""
    return {"weight": (rng.standard_normal((vocabulary, width)) * width**-0.5).astype(dtype)}


def require_ids(ids, vocabulary):
    """Raise IndexError, naming the id and its place, unless every id is in 0 ... vocabulary - 1.

    NumPy would take -1 for the last row without a word.
    """
    if not np.issubdtype(ids.dtype, np.integer):
        raise IndexError(f"token ids are integers, not {ids.dtype}")
    if ids.size and (ids.min() < 0 or ids.max() >= vocabulary):
        place = tuple(int(index) for index in np.argwhere((ids < 0) | (ids >= vocabulary))[0])
        raise IndexError(f"token id {ids[place]} at {place} is not in 0 ... {vocabulary - 1}")


def forward(params, ids):
    """ids (...) of integers -> y (..., D). Raises IndexError for an id outside the table."""
    weight = params["weight"]
    require_ids(ids, weight.shape[0])
    return weight[ids], {"ids": ids}


def backward(params, cache, dy, onto=None):
    """dy (..., D) -> dparams (the ids have no gradient).

    A table with a second use, as the output head's, has a second gradient: `onto` (V, D) is that one, and the two are
    added in its memory, which is given up. Only the rows of ids that occur are touched; a table of its own and a sum
    would be three passes over all rows, a thirtieth of a BERT's step.
    """
    return {"weight": scatter_add(cache["ids"], dy, params["weight"].shape[0], onto)}


def scatter_add(ids, dy, vocabulary, table=None):
    """Add the rows of dy (..., D) to those of a table (V, D) by their ids (...); None: a table of zeros.

    Rows of the same id are brought together by a stable sort and summed by one reduceat: three times
    faster than np.add.at on rows at 2,048 rows of 256, and the same bits every time.
    """
    if table is None:
        table = np.zeros((vocabulary, dy.shape[-1]), dy.dtype)             # (V, D)
    if ids.size:
        order = np.argsort(ids, axis=None, kind="stable")                  # (N)
        sorted_ids = ids.reshape(-1)[order]                                # (N)
        starts = np.flatnonzero(np.r_[True, sorted_ids[1:] != sorted_ids[:-1]])
        table[sorted_ids[starts]] += np.add.reduceat(dy.reshape(-1, dy.shape[-1])[order], starts, axis=0)
    return table
