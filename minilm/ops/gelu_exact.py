"""GELU, exact form (Hendrycks and Gimpel 2016, section 2), as BERT uses it.

    y = x Φ(x)        Φ(x) = ½ (1 + erf(x / √2))        the probability that a standard normal is below x

    dy/dx = Φ(x) + x φ(x)        φ(x) = exp(-x²/2) / √(2π)        the density at x

Both are from arrays.normal, exact in the tails too. Backward computes Φ again from x: a kept one would be a fifth of
all that a block keeps.
"""

from minilm.arrays import normal


def forward(x):
    """x (...) -> y (...)."""
    y = x * normal.cdf(x)                                                  # (...)
    return y, {"x": x}


def backward(cache, dy):
    """dy (...) -> dx (...)."""
    x = cache["x"]
    dx = dy * (normal.cdf(x) + x * normal.density(x))                      # (...)
    return dx
