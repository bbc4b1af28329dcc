"""GELU, exact form (Hendrycks and Gimpel 2016, section 2), as BERT uses it.

    y = x Φ(x)        Φ(x) = ½ (1 + erf(x / √2))        the probability that a standard normal is below x

    dy/dx = Φ(x) + x φ(x)        φ(x) = exp(-x²/2) / √(2π)        Φ(x) = y / x

For negative x the sum 1 + erf would subtract two nearly equal numbers, and at x = -6 no digit would be left. The
tail beyond |x| is therefore computed as it is, with erfcx a = exp(a²) (1 - erf a) from ops.erf:

    tail = ½ exp(-x²/2) erfcx(|x| / √2)        Φ(x) = tail for x < 0, 1 - tail else        y = max(x, 0) - |x| tail

which keeps the relative accuracy of the exponential until it underflows, and takes one formula in place of erf's two.
"""

import math

import numpy as np

from minilm.arrays.erf import DENOMINATOR, LIMIT, NUMERATOR, horner, magnitude
from minilm.arrays.in_blocks import in_blocks
from minilm.ops.gelu_tanh import gate_of

ROOT_HALF = math.sqrt(0.5)
DENSITY = 1 / math.sqrt(2 * math.pi)

# ½ erfcx(a / √2) as a quotient of polynomials of a: erfcx's, with the factors in the coefficients.
UPPER = {digits: tuple(0.5 * c * ROOT_HALF**k for k, c in enumerate(row)) for digits, row in NUMERATOR.items()}
LOWER = {digits: tuple(c * ROOT_HALF**k for k, c in enumerate(row)) for digits, row in DENOMINATOR.items()}


def forward(x):
    """x (...) -> y (...)."""
    y = in_blocks(activate, x)                                             # (...)
    return y, {"x": x, "y": y}


def backward(cache, dy):
    """dy (...) -> dx (...)."""
    return in_blocks(retreat, dy, cache["x"], cache["y"])


def activate(y, x):
    """x (N) -> y (N), filled."""
    digits = x.real.dtype.itemsize
    a = np.minimum(magnitude(x), LIMIT / ROOT_HALF)                        # (N)
    tail = horner(UPPER[digits], a)                                        # (N)
    tail /= horner(LOWER[digits], a)
    tail *= a
    a *= a
    a *= -0.5
    np.exp(a, out=a)
    tail *= a
    np.maximum(x, np.zeros_like(x), out=y)  # beside the number 0 it would take three times as long
    y -= tail


def retreat(dx, dy, x, y):
    """dy, x, y (N) -> dx (N), filled."""
    np.multiply(x, x, out=dx)
    dx *= -0.5
    np.exp(dx, out=dx)
    dx *= DENSITY
    dx *= x
    dx += gate_of(x, y)
    dx *= dy
