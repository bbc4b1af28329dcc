"""Rotary positions (Su et al. 2021, "RoFormer", section 3.2.2, eq. 15 and 34).

A row's K numbers are K / 2 pairs (a, b), each a point of a plane, and position t turns pair i by t ω_i:

    a' = a cos tω - b sin tω        b' = a sin tω + b cos tω        ω_i = base^(-2i / K)

    da = da' cos tω + db' sin tω        db = -da' sin tω + db' cos tω        (turned back)

Queries and keys are turned before their product, which then depends on the distance of their positions alone. `layout`
says which numbers are a pair: "adjacent" 2i and 2i + 1, as in the paper; "halves" i and i + K / 2, as in GPT-NeoX and
in Transformers' Llama. One is the other with the columns of the projection in another order.
"""

import numpy as np


def forward(x, positions, base=10000.0, layout="halves"):
    """x (..., T, K), positions (T) or (..., T) of numbers -> y (..., T, K).

    Raises ValueError where K is odd, and for an unknown layout.
    """
    frequency = base ** (-np.arange(0, x.shape[-1], 2) / x.shape[-1])      # (..., K / 2)
    angle = np.asarray(positions)[..., None] * frequency                   # (..., T, K / 2)
    cos, sin = np.cos(angle).astype(x.real.dtype), np.sin(angle).astype(x.real.dtype)  # (..., T, K / 2)
    a, b = pairs(x, layout)                                                # (..., T, K / 2)
    y = together(a * cos - b * sin, a * sin + b * cos, layout)             # (..., T, K)
    return y, {"cos": cos, "sin": sin}


def backward(cache, dy, layout="halves"):
    """dy (..., T, K) -> dx (..., T, K). The positions have no gradient."""
    cos, sin = cache["cos"], cache["sin"]                                  # (..., T, K / 2)
    dy_a, dy_b = pairs(dy, layout)                                         # (..., T, K / 2)
    da, db = dy_a * cos + dy_b * sin, dy_b * cos - dy_a * sin              # (..., T, K / 2)
    dx = together(da, db, layout)                                          # (..., T, K)
    return dx


def pairs(x, layout):
    """The first and the second numbers of all pairs, (..., K / 2) each."""
    half, odd = divmod(x.shape[-1], 2)
    if odd:
        raise ValueError(f"numbers are turned in pairs: a width of {x.shape[-1]} is odd")
    if layout == "halves":
        return x[..., :half], x[..., half:]
    if layout == "adjacent":
        return x[..., 0::2], x[..., 1::2]
    raise ValueError(f"a layout is 'halves' or 'adjacent', not {layout!r}")


def together(a, b, layout):
    """The inverse of `pairs`: (..., K / 2) twice -> (..., K)."""
    if layout == "halves":
        return np.concatenate([a, b], axis=-1)
    return np.stack([a, b], axis=-1).reshape(*a.shape[:-1], 2 * a.shape[-1])
