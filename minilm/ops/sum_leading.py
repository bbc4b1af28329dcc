"""Sum over all leading axes: the backward of broadcasting a vector of shape (D,) over (..., D)."""

import numpy as np


def sum_leading(dy):
    """Return dy of shape (..., D) summed to (D,).

    Written as a product with ones, because BLAS accumulates in blocks: NumPy's sum over the first axis
    adds row after row, which in float32 loses twice the digits over 4,096 rows.
    """
    rows = dy.reshape(-1, dy.shape[-1])                                    # (N, D)
    return np.ones(rows.shape[0], dy.dtype) @ rows
