"""ops.gelu_exact block by block, in the memory of a block: the contract and the formulas are those.

    y = x Φ(x) = max(x, 0) - |x| tail        tail = the probability beyond |x|        Φ(x) = y / x

The output stands in the cache, where the next layer's input stands anyway, so that backward need not compute Φ again.
"""

import numpy as np

from minilm.arrays import normal, quotients
from minilm.arrays.erf import magnitude
from minilm.arrays.in_blocks import in_blocks


def forward(x):
    """x (...) -> y (...)."""
    y = in_blocks(activate, x)                                             # (...)
    return y, {"x": x, "y": y}


def backward(cache, dy):
    """dy (...) -> dx (...)."""
    return in_blocks(through, dy, cache["x"], cache["y"])


def activate(x):
    """x (N) -> y (N)."""
    a = np.minimum(magnitude(x), normal.FARTHEST)                          # (N)
    beyond = normal.tail(a)                                                # (N)
    beyond *= a
    y = np.maximum(x, np.zeros_like(x))  # beside the number 0 it would take three times as long
    y -= beyond
    return y


def through(dy, x, y):
    """dy, x, y (N) -> dx (N)."""
    below = quotients.over(y, x, 0.5)                                      # (N)
    dx = normal.bell(x)                                                    # (N)
    dx *= normal.DENSITY
    dx *= x
    dx += below
    dx *= dy
    return dx
