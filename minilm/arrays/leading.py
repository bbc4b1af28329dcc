"""Sums over all leading axes: the backward of broadcasting a vector of shape (D,) over (..., D)."""

import numpy as np

SHORT, PART = 512, 128  # so few rows are added one after the other; of more, PART at a time, and then their sums


def sum(a):
    """``a.reshape(-1, a.shape[-1]).sum(0)``: (..., D) -> (D,).

    Written as products with ones, of PART rows at a time where there are many, and then of their sums: row after row,
    as NumPy adds over the first axis, 4,096 rows of positive numbers lose 3 bits, and so 1.
    """
    flat = a.reshape(-1, a.shape[-1])                                      # (N, D)
    if len(flat) <= SHORT:
        return np.ones(len(flat), a.dtype) @ flat
    whole = len(flat) // PART * PART
    parts = np.ones(PART, a.dtype) @ flat[:whole].reshape(-1, PART, a.shape[-1])   # (N / PART, D)
    return sum(parts) + np.ones(len(flat) - whole, a.dtype) @ flat[whole:]
