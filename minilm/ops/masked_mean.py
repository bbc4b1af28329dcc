"""The mean of the positions that count (Reimers and Gurevych 2019, section 3: the pooling MEAN): a text as one vector.

    y = Σ_t weights_t x_t        dx_t = weights_t dy        weights = mask / number of positions that count

A row of which nothing counts has the mean zero, and a gradient of zero.
"""

import numpy as np


def forward(x, mask):
    """x (B, T, D), mask (B, T), True = counts -> y (B, D)."""
    number = np.maximum(mask.sum(-1, keepdims=True), 1)                    # (B, 1)
    weights = (mask / number).astype(x.real.dtype)                         # (B, T)
    y = (weights[:, None, :] @ x)[:, 0]                                    # (B, D)
    return y, {"weights": weights}


def backward(cache, dy):
    """dy (B, D) -> dx (B, T, D)."""
    dx = cache["weights"][:, :, None] * dy[:, None, :]                     # (B, T, D)
    return dx
