"""Rows turned round, each within its own length n; what stands after it, the padding, stays where it is.

    y_t = x_{n-1-t}  for t < n        y_t = x_t  for t ≥ n        dx is dy turned round again

To turn round twice is to do nothing: the same places lead there and back.
"""

import numpy as np


def forward(x, lengths):
    """x (B, T, D), lengths (B) of integers -> y (B, T, D). Raises ValueError for a length not in 0 ... T."""
    places = mirrored(lengths, x.shape[1])                                 # (B, T)
    y = np.take_along_axis(x, places[..., None], 1)                        # (B, T, D)
    return y, {"places": places}


def backward(cache, dy):
    """dy (B, T, D) -> dx (B, T, D)."""
    dx = np.take_along_axis(dy, cache["places"][..., None], 1)             # (B, T, D)
    return dx


def mirrored(lengths, positions):
    """Where each of the T places of a row takes its vector from: (B, T). Raises ValueError for a wrong length."""
    for row in np.flatnonzero((lengths < 0) | (lengths > positions)):
        raise ValueError(f"row {row} is {lengths[row]} long, and there are {positions} positions")
    t, last = np.arange(positions), lengths[:, None] - 1                   # (T), (B, 1)
    places = np.where(t <= last, last - t, t)                              # (B, T)
    return places
