"""Squared error: the loss of numbers that are to be predicted.

    loss = Σ_rows share Σ_c (y_c - t_c)² / C        dy = dloss share 2 (y - t) / C        share = 1 / count

(Gauss 1809; Bishop 2006, "Pattern Recognition and Machine Learning", equation 3.12, as a mean.)
"""

import numpy as np


def forward(y, targets, count=None):
    """y (B, C), targets (B, C) of numbers -> the loss, a scalar of y's dtype. `count` divides the sum over the rows."""
    number = len(y) if count is None else count
    error = y - targets.astype(y.real.dtype)                               # (B, C)
    share = 1 / (max(number, 1) * y.shape[-1])
    return (error * error).sum() * share, {"error": error, "share": np.array(share, y.real.dtype)}


def backward(cache, dloss=1.0):
    """dloss, a scalar -> dy (B, C)."""
    dy = dloss * cache["share"] * 2 * cache["error"]                       # (B, C)
    return dy
