"""The standard normal distribution: the probability below x, and the density there.

For negative x the sum 1 + erf would subtract two nearly equal numbers, and at x = -6 no digit would be left. The tail
beyond |x| is therefore computed as it is, with erfcx a = exp(a²) (1 - erf a) from arrays.erf:

    tail = ½ exp(-x²/2) erfcx(|x| / √2)        cdf x = tail for x < 0, 1 - tail else

which keeps the relative accuracy of the exponential until it underflows, and takes one formula in place of erf's two.
"""

import math

import numpy as np

from minilm.arrays.erf import DENOMINATOR, LIMIT, NUMERATOR, horner, magnitude
from minilm.arrays.in_blocks import in_blocks

ROOT_HALF = math.sqrt(0.5)
FARTHEST = LIMIT / ROOT_HALF  # beyond, exp(-x²/2) is zero
DENSITY = 1 / math.sqrt(2 * math.pi)

# ½ erfcx(a / √2) as a quotient of polynomials of a: erfcx's, with the factors in the coefficients.
UPPER = {digits: tuple(0.5 * c * ROOT_HALF**k for k, c in enumerate(row)) for digits, row in NUMERATOR.items()}
LOWER = {digits: tuple(c * ROOT_HALF**k for k, c in enumerate(row)) for digits, row in DENOMINATOR.items()}


def cdf(x):
    """``np.vectorize(math.erfc, otypes=[x.dtype])(-x / 2**0.5) / 2``: (...) of floats -> (...)."""
    return in_blocks(below, x)


def density(x):
    """``np.exp(-x * x / 2) / (2 * np.pi) ** 0.5``: (...) of floats -> (...), and no warning where x² overflows."""
    return in_blocks(height, x)


def tail(a):
    """a (N) with 0 <= a <= FARTHEST -> the probability beyond a (N)."""
    digits = a.real.dtype.itemsize
    share = horner(UPPER[digits], a)                                       # (N)
    share /= horner(LOWER[digits], a)
    share *= bell(a)
    return share


def bell(a):
    """exp(-a²/2): (N) -> (N)."""
    e = a * a                                                              # (N)
    e *= -0.5
    return np.exp(e, out=e)


def below(x):
    """x (N) -> the probability below x (N)."""
    beyond = tail(np.minimum(magnitude(x), FARTHEST))                      # (N)
    return np.where(x.real < 0, beyond, 1 - beyond)


def height(x):
    """x (N) -> the density at x (N)."""
    e = bell(np.minimum(magnitude(x), FARTHEST))                           # (N)
    e *= DENSITY
    return e
