"""Embedding: row `id` of a table. As a formula, one_hot(ids) W, of which only the rows are read.

    y = W[id]        dW[v] = Σ dy over all positions whose id is v

An id that occurs three times gets the sum of three gradients; one that never occurs gets exactly zero.
"""

import numpy as np

from minilm.arrays import scatter


def init(rng, vocabulary, width, dtype=np.float32):
    """{"weight": (V, D)}, normal with standard deviation width^-½, so that √width · embedding has unit variance."""
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
    weight = params["weight"]                                              # (V, D)
    require_ids(ids, len(weight))
    y = weight[ids]                                                        # (..., D)
    return y, {"ids": ids}


def backward(params, cache, dy):
    """dy (..., D) -> dparams (the ids have no gradient).

    A table that is the output head too has another gradient from there: the model adds the two.
    """
    dweight = scatter.add(cache["ids"], dy, len(params["weight"]))         # (V, D)
    return {"weight": dweight}
