"""Tokens and learned positions (Radford et al. 2018, section 3.1): x = W_tokens[ids] + W_positions[0 ... T - 1].

    dW_tokens[v] = Σ dx where the id is v        dW_positions[t] = Σ dx over the rows at position t
"""

import numpy as np

from minilm.ops import embedding


def init(rng, vocabulary, positions, width, dtype=np.float32, deviation=0.02):
    """Two tables, {"tokens": {"weight": (V, D)}, "positions": {"weight": (T, D)}}, normal with `deviation`."""
    sizes = {"tokens": vocabulary, "positions": positions}
    return {
        name: {"weight": (deviation * rng.standard_normal((size, width))).astype(dtype)}
        for name, size in sizes.items()
    }


def forward(params, ids, places=None):
    """ids (B, T) -> x (B, T, D). `places` (B, T) or (T) are the ids' positions; None counts them from 0.

    Raises IndexError for an id outside the vocabulary or a position outside the table.
    """
    room = len(params["positions"]["weight"])
    if places is None and ids.shape[1] > room:
        raise IndexError(f"{ids.shape[1]} positions are more than the model's {room}")
    counted = np.arange(ids.shape[1]) if places is None else places
    of_tokens, tokens_cache = embedding.forward(params["tokens"], ids)             # (B, T, D)
    of_positions, positions_cache = embedding.forward(params["positions"], counted)  # (..., T, D)
    x = of_tokens + of_positions                                                   # (B, T, D)
    return x, {"tokens": tokens_cache, "positions": positions_cache}


def backward(params, cache, dx):
    """dx (B, T, D) -> dparams (the ids have no gradient)."""
    dpositions = positions_backward(params["positions"], cache["positions"], dx)
    dtokens = embedding.backward(params["tokens"], cache["tokens"], dx)
    return {"tokens": dtokens, "positions": dpositions}


def positions_backward(params, cache, dx):
    """dx (B, T, D) -> dparams of the positions' table: over all rows, where they have the same positions."""
    dof_positions = dx if cache["ids"].ndim == 2 else dx.sum(0)                    # (..., T, D)
    return embedding.backward(params, cache, dof_positions)
