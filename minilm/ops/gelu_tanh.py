"""GELU, tanh form (Hendrycks and Gimpel 2016, section 2), as GPT-2 uses it.

    y = ½ x (1 + tanh u)     u = √(2/π) (x + 0.044715 x³)

Because ½ (1 + tanh u) is the logistic function σ(2u), this is y = x σ(2u) = x / (1 + exp(-2u)): no 1 + tanh u is
formed, which for negative x would subtract two nearly equal numbers.

    dy/dx = σ + (1 - σ) y 2u'        2u' = 2 √(2/π) (1 + 3 · 0.044715 x²)        σ = y / x

What backward needs is x and y, and whatever comes behind the activation keeps y anyway.
"""

import math

import numpy as np

from minilm.arrays.in_blocks import in_blocks

SLOPE = 2 * math.sqrt(2 / math.pi)
CUBIC = 0.044715


def forward(x):
    """x (...) -> y (...)."""
    y = in_blocks(activate, x)                                             # (...)
    return y, {"x": x, "y": y}


def backward(cache, dy):
    """dy (...) -> dx (...)."""
    return in_blocks(retreat, dy, cache["x"], cache["y"])


def activate(y, x):
    """x (N) -> y (N), filled; it is the memory for what comes before it too."""
    z = np.multiply(x, x, out=y)                                           # (N)
    z *= -SLOPE * CUBIC
    z -= SLOPE
    z *= x  # -2u
    np.exp(z, out=z)  # where it overflows, σ is 0 to the last digit
    z += 1
    np.divide(x, z, out=y)


def retreat(dx, dy, x, y):
    """dy, x, y (N) -> dx (N), filled."""
    gate = gate_of(x, y)                                                   # (N)
    slope = x * x                                                          # (N)
    slope *= 3 * SLOPE * CUBIC
    slope += SLOPE
    np.subtract(1, gate, out=dx)
    dx *= y  # before the slope: far out it is zero times a large number, not zero times infinity
    dx *= slope
    dx += gate
    dx *= dy


def gate_of(x, y):
    """x, y = x · gate (N) -> the gate (N), ½ at x = 0. A quotient takes a quarter of an exponential's time."""
    gate = y / x                                                           # (N)
    zero = x == 0                                                          # (N)
    if zero.any():
        gate[zero] = 0.5
    return gate
