"""Sums, inner products, means and maxima of rows, that is along the last axis, which stays with length 1.

NumPy reduces a short last axis slowly; by a matrix product with ones, or by places, it takes a fifth to a half of the
time. None of these conjugates, so that a complex step goes through.
"""

from functools import cache

import numpy as np

LONG, PART = 512, 64  # a longer row is summed in parts, and then the parts: half of the rounding errors


def sum(a):
    """``a.sum(-1, keepdims=True)``: (..., D) -> (..., 1). By a product with ones: a fifth of the time."""
    width = a.shape[-1]
    flat = a.reshape(-1, width)                                            # (N, D)
    if width <= LONG:
        return (flat @ ones(width, a.dtype)).reshape(*a.shape[:-1], 1)
    whole = width // PART * PART
    parts = flat[:, :whole].reshape(len(flat), -1, PART) @ ones(PART, a.dtype)  # (N, D / PART)
    total = sum(parts) + flat[:, whole:].sum(-1, keepdims=True)            # (N, 1)
    return total.reshape(*a.shape[:-1], 1)


def dot(a, b):
    """``(a * b).sum(-1, keepdims=True)``: (..., D) and (..., D) -> (..., 1). No array of the size of a is made.

    (np.vecdot conjugates its first argument: twice is not at all, and a real array's conjugate is itself, not a copy.)
    """
    return np.vecdot(a.conj(), b)[..., None]


def mean(a):
    """``a.mean(-1, keepdims=True)``: (..., D) -> (..., 1)."""
    return sum(a) * (1 / a.shape[-1])


def centred(a):
    """``a - a.mean(-1, keepdims=True)``: (..., D) -> (..., D), exactly zero where a row is constant.

    By way of the first element, a rounded mean of equal numbers being none of them. Where the mean is large against
    the deviations, what is summed is then not.
    """
    moved = a - a[..., :1]                                                 # (..., D)
    return np.subtract(moved, mean(moved), out=moved)


def mean_product(a, b):
    """``(a * b).mean(-1, keepdims=True)``: (..., D) and (..., D) -> (..., 1)."""
    return dot(a, b) * (1 / a.shape[-1])


def max(a):
    """``a.max(-1, keepdims=True)``: (..., S) of reals -> (..., 1). By way of their places: half of the time.

    Raises ValueError, as NumPy does, where rows have no elements.
    """
    if not a.size:
        return a.max(-1, keepdims=True)
    flat = a.reshape(-1, a.shape[-1])                                      # (N, S)
    return flat[np.arange(len(flat)), flat.argmax(-1)].reshape(*a.shape[:-1], 1)


@cache
def ones(width, dtype):
    """``np.ones(width, dtype)``, made once and read-only: in a decoding step its making took as long as the product."""
    vector = np.ones(width, dtype)                                         # (width)
    vector.flags.writeable = False
    return vector
