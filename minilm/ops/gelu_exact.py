"""GELU, exact form (Hendrycks and Gimpel 2016, section 2), as BERT uses it.

    y = x Φ(x)        Φ(x) = ½ (1 + erf(x / √2))        the probability that a standard normal is below x

    dy/dx = Φ(x) + x φ(x)        φ(x) = exp(-x²/2) / √(2π)

For negative x the sum 1 + erf would subtract two nearly equal numbers, and at x = -6 no digit would be left. The
tail beyond |x| is therefore computed as it is, with erfcx a = exp(a²) (1 - erf a) from ops.erf:

    tail = ½ exp(-x²/2) erfcx(|x| / √2)        Φ(x) = tail for x < 0, 1 - tail else

which keeps the relative accuracy of the exponential until it underflows, and takes one formula in place of erf's two.
"""

import math

import numpy as np

from minilm.ops.erf import LIMIT, in_blocks, magnitude, scaled_complement

ROOT_HALF = math.sqrt(0.5)
DENSITY = 1 / math.sqrt(2 * math.pi)


def forward(x):
    """x (...) -> y (...)."""
    gate = in_blocks(normal_below, x)                                      # (...)
    return x * gate, {"x": x, "gate": gate}


def backward(cache, dy):
    """dy (...) -> dx (...)."""
    x, gate = cache["x"], cache["gate"]
    slope = in_blocks(normal_density, x)                                   # (...)
    slope *= x
    slope += gate
    slope *= dy
    return slope


def normal_below(x):
    """x (...) -> Φ(x) (...)."""
    a = np.minimum(magnitude(x), LIMIT / ROOT_HALF)                        # (...)
    tail = scaled_complement(ROOT_HALF * a)                                # (...)
    tail *= np.exp(-0.5 * a * a)
    tail *= 0.5
    positive = (x.real > 0).astype(x.real.dtype)                           # (...)
    return tail + positive * (1 - 2 * tail)  # half the time of np.where, and exactly the tail below zero


def normal_density(x):
    """x (...) -> φ(x) (...)."""
    a = np.minimum(magnitude(x), LIMIT / ROOT_HALF)                        # (...)
    return DENSITY * np.exp(-0.5 * a * a)
