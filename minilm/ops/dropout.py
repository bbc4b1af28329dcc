"""Dropout (Srivastava et al. 2014), inverted: what is kept is scaled up, so that inference needs nothing.

    y = x · keep · scale        dx = dy · keep · scale        keep ~ Bernoulli(1 - rate)    scale = 1 / (1 - rate)

`rng=None` means no dropout, and that is all that evaluation mode is. Which elements are kept is drawn once, in
forward, and stands in the cache: backward must see the same ones. The rate is a whole number of 65,536ths, the
nearest to the one asked for: 16 random bits an element are half the work of 32.
"""

from minilm.arrays import random_bits

PARTS = 65536


def forward(x, rate, rng=None):
    """x (...) -> y (...). The rate lies in [0, 1); raises ValueError elsewhere."""
    threshold = dropped_parts(rate)
    if rng is None or rate == 0:
        return x, {"keep": None}
    keep = random_bits.draw(rng, x.shape) >= threshold                     # (...)
    y = x * keep * (PARTS / (PARTS - threshold))                           # (...)
    return y, {"keep": keep}


def backward(cache, dy, rate):
    """dy (...) -> dx (...). The rate is forward's; raises ValueError for 0 where forward dropped something."""
    threshold, keep = dropped_parts(rate), cache["keep"]
    if keep is None:
        return dy
    if rate == 0:
        raise ValueError("forward dropped elements, but backward is given the rate 0: it wants forward's")
    dx = dy * keep * (PARTS / (PARTS - threshold))                         # (...)
    return dx


def dropped_parts(rate):
    """How many of 65,536 elements are dropped at this rate: never all, so that a rate next to one keeps one."""
    if not 0 <= rate < 1:
        raise ValueError(f"a dropout rate lies in [0, 1), not {rate}")
    return min(round(rate * PARTS), PARTS - 1)
