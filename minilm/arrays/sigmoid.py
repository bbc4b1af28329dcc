"""The logistic function, which NumPy lacks."""

import numpy as np


def sigmoid(x):
    """``1 / (1 + np.exp(-x))``: (...) -> (...), and no warning where the exponential overflows: 0 is right there.

    Not by way of a hyperbolic tangent, which is rounded at -1 before the ½ is added: below -12 no digit would be left.
    """
    if np.iscomplexobj(x):  # an infinite complex number has no reciprocal: either side of zero by its own formula
        below = x.real < 0
        e = np.exp(np.where(below, x, -x))                                 # (...)
        return np.where(below, e, 1) / (1 + e)
    with np.errstate(over="ignore"):
        y = np.exp(-x)                                                     # (...)
    y += 1
    return np.divide(1, y, out=y)
