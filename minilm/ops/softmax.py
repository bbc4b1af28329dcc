"""Softmax along the last axis, with a mask.

    y_i = exp(x_i) / Σ_j exp(x_j)        over the j that may be attended to; 0 elsewhere

    dx = y · (dy - Σ_j dy_j y_j)

The largest element is subtracted first, which changes nothing but the range (it cancels), so that the
exponential cannot overflow. A row whose mask is False throughout gives zeros, and a zero gradient: there is
nothing to attend to, and nothing to learn from it.
"""

import numpy as np

from minilm.arrays import masks, rows


def forward(x, mask=None):
    """x (..., S) -> y (..., S). `mask` is boolean, True = may attend, and broadcasts against x."""
    allowed = x if mask is None else x + masks.barred(mask, x.real.dtype)        # (..., S)
    top = rows.max(allowed.real)                                            # (..., 1)
    if mask is not None:
        top = np.where(np.isfinite(top), top, 0)  # a row of -inf alone: exp(-inf - 0) = 0, where -inf + inf is NaN
    y = np.subtract(allowed, top.astype(x.dtype), out=None if mask is None else allowed)   # (..., S)
    np.exp(y, out=y)  # in place, as is the division: scores are the largest arrays of attention
    total = rows.sum(y)                                                     # (..., 1)
    y /= total if mask is None else np.where(total == 0, 1, total)
    return y, {"y": y}


def backward(cache, dy):
    """dy (..., S) -> dx (..., S)."""
    y = cache["y"]
    dx = dy - rows.dot(dy, y)                                               # (..., S)
    dx *= y
    return dx
