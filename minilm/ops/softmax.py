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
    allowed = x if mask is None else x + masks.barred(mask, x.real.dtype)  # (..., S)
    largest = rows.max(allowed.real)                                       # (..., 1)
    # Of a row of -inf alone the largest is -inf too, and -inf + inf would be NaN. By a finite one it is 0, so is 0 / 1.
    finite = np.maximum(largest, np.finfo(largest.dtype).min)              # (..., 1)
    exponentials = np.exp(allowed - finite)                                # (..., S)
    total = rows.sum(exponentials)                                         # (..., 1)
    y = exponentials / (total + (total == 0))                              # (..., S)
    return y, {"y": y}


def backward(cache, dy):
    """dy (..., S) -> dx (..., S)."""
    y = cache["y"]
    dx = (dy - rows.dot(dy, y)) * y                                        # (..., S)
    return dx
