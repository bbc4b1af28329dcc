"""ops.gelu_tanh block by block, in the memory of a block: the contract and the formulas are those.

    y = x σ(2u) = x / (1 + exp(-2u))        dy/dx = σ + (1 - σ) y 2u'        σ = y / x

The output stands in the cache, where the next layer's input stands anyway, and a quotient takes a quarter of an
exponential's time. As a plain formula GELU takes twice as long, which is 7 % of a small GPT's step. Only for x beyond
FAR, one in 740 of a standard normal, is 1 - σ computed as σ(-2u): of the quotient no digits of it would be left there.
"""

import numpy as np

from minilm.arrays import quotients
from minilm.arrays.in_blocks import in_blocks
from minilm.arrays.sigmoid import sigmoid
from minilm.ops.gelu_tanh import CUBIC, SCALE

FAR = 3.0


def forward(x):
    """x (...) -> y (...)."""
    y = in_blocks(activate, x)                                             # (...)
    return y, {"x": x, "y": y}


def backward(cache, dy):
    """dy (...) -> dx (...)."""
    return in_blocks(through, dy, cache["x"], cache["y"])


def activate(x):
    """x (N) -> y (N)."""
    z = x * x                                                              # (N)
    z *= -SCALE * CUBIC
    z -= SCALE
    z *= x  # -2u
    np.exp(z, out=z)  # where it overflows, σ is 0 to the last digit
    z += 1
    return np.divide(x, z, out=z)


def through(dy, x, y):
    """dy, x, y (N) -> dx (N)."""
    gate = quotients.over(y, x, 0.5)                                       # (N)
    slope = x * x                                                          # (N)
    slope *= 3 * SCALE * CUBIC
    slope += SCALE
    dx = 1 - gate                                                          # (N)
    far = np.flatnonzero(x.real > FAR)
    dx[far] = sigmoid(-SCALE * x[far] * (1 + CUBIC * x[far] * x[far]))
    dx *= y  # before the slope: far out it is zero times a large number, not zero times infinity
    dx *= slope
    dx += gate
    dx *= dy
    return dx
