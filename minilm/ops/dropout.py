"""Dropout (Srivastava et al. 2014), inverted: what is kept is scaled up, so that inference needs nothing.

    y = x · keep / (1 - rate)        dx = dy · keep / (1 - rate)        keep ~ Bernoulli(1 - rate)

`rng=None` means no dropout, and that is all that evaluation mode is. The mask is drawn once, in forward, and
kept in the cache: backward must see the same one.
"""

from minilm.arrays import random_bits


def forward(x, rate, rng=None):
    """x (...) -> y (...). The rate lies in [0, 1); raises ValueError elsewhere."""
    if not 0 <= rate < 1:
        raise ValueError(f"a dropout rate lies in [0, 1), not {rate}")
    if rng is None or rate == 0:
        return x, {"keep": None, "scale": 1.0}
    threshold = min(round(rate * 65536), 65535)  # a rate next to one keeps one in 65,536, never none
    keep = random_bits.draw(rng, x.shape) >= threshold                                 # (...)
    scale = 65536 / (65536 - threshold)
    y = x * keep                                                           # (...)
    y *= scale
    return y, {"keep": keep, "scale": scale}


def backward(cache, dy):
    """dy (...) -> dx (...)."""
    if cache["keep"] is None:
        return dy
    dx = dy * cache["keep"]                                                # (...)
    dx *= cache["scale"]
    return dx
