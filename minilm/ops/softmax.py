"""Softmax along the last axis, with a mask.

    y_i = exp(x_i) / Σ_j exp(x_j)        over the j that may be attended to; 0 elsewhere

    dx = y · (dy - Σ_j dy_j y_j)

The largest element is subtracted first, which changes nothing but the range (it cancels), so that the
exponential cannot overflow. A row whose mask is False throughout gives zeros, and a zero gradient: there is
nothing to attend to, and nothing to learn from it.
"""

import numpy as np

from minilm.ops.layer_norm import row_dot, row_sum


def forward(x, mask=None):
    """x (..., S) -> y (..., S). `mask` is boolean, True = may attend, and broadcasts against x."""
    allowed = x if mask is None else x + barred(mask, x.real.dtype)        # (..., S)
    top = largest(allowed.real)                                            # (..., 1)
    if mask is not None:
        top = np.where(np.isfinite(top), top, 0)  # a row of -inf alone: exp(-inf - 0) = 0, where -inf + inf is NaN
    y = np.subtract(allowed, top.astype(x.dtype), out=None if mask is None else allowed)   # (..., S)
    np.exp(y, out=y)  # in place, as is the division: scores are the largest arrays of attention
    total = row_sum(y)                                                     # (..., 1)
    y /= total if mask is None else np.where(total == 0, 1, total)
    return y, {"y": y}


def backward(cache, dy):
    """dy (..., S) -> dx (..., S)."""
    y = cache["y"]
    dx = dy - row_dot(dy, y)                                               # (..., S)
    dx *= y
    return dx


def barred(mask, dtype):
    """A mask as a summand: 0 where True, -inf where False. Added, it takes a fifth of the time of np.where."""
    return np.where(mask, dtype.type(0), dtype.type(-np.inf))


def largest(x):
    """x (..., S) of reals -> its row maxima (..., 1). By way of their places: half of the time of x.max(-1)."""
    rows = x.reshape(-1, x.shape[-1])                                      # (N, S)
    return rows[np.arange(len(rows)), rows.argmax(-1)].reshape(*x.shape[:-1], 1)
