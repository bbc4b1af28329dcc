"""Sums over all leading axes: the backward of broadcasting a vector of shape (D,) over (..., D)."""

import numpy as np


def sum(a):
    """``a.reshape(-1, a.shape[-1]).sum(0)``: (..., D) -> (D,).

    Written as a product with ones, because BLAS accumulates in blocks: NumPy's sum over the first axis
    adds row after row, which in float32 loses twice the digits over 4,096 rows.
    """
    rows = a.reshape(-1, a.shape[-1])                                      # (N, D)
    return np.ones(rows.shape[0], a.dtype) @ rows
