"""GELU, tanh form (Hendrycks and Gimpel 2016, section 2), as GPT-2 uses it.

    y = ½ x (1 + tanh u)        u = √(2/π) (x + 0.044715 x³)

Because ½ (1 + tanh u) is the logistic function σ(2u), this is y = x σ(2u): no 1 + tanh u is formed, which for
negative x would subtract two nearly equal numbers. For the same reason 1 - σ(2u) is computed as σ(-2u) in

    dy/dx = σ(2u) + x σ(2u) σ(-2u) 2u'        2u' = 2 √(2/π) (1 + 3 · 0.044715 x²)

Backward computes both again from x: a kept σ would be a fifth of all that a block keeps.
"""

import math

from minilm.arrays.sigmoid import sigmoid

SCALE = 2 * math.sqrt(2 / math.pi)
CUBIC = 0.044715


def forward(x):
    """x (...) -> y (...)."""
    inner = SCALE * x * (1 + CUBIC * x * x)  # 2u                          # (...)
    y = x * sigmoid(inner)                                                 # (...)
    return y, {"x": x}


def backward(cache, dy):
    """dy (...) -> dx (...)."""
    x = cache["x"]
    inner = SCALE * x * (1 + CUBIC * x * x)                                # (...)
    gate = sigmoid(inner)                                                  # (...)
    # The slope of 2u last: far out, zero times a large number is zero, and zero times infinity would not be.
    dinner = dy * x * gate * sigmoid(-inner)                               # (...)
    dx = dy * gate + dinner * (SCALE * (1 + 3 * CUBIC * x * x))            # (...)
    return dx
