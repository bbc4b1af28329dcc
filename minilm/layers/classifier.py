"""A classifier on top of a model: dropout, then a linear map to a logit a label (Devlin et al. 2019, section 4)."""

import numpy as np

from minilm.ops import dropout, linear


def init(rng, width, labels, dtype=np.float32):
    """A linear map of D to C labels: {"weight": (D, C), "bias": (C)}."""
    return linear.init(rng, width, labels, dtype)


def forward(params, x, rate=0.0, rng=None):
    """x (..., D) -> logits (..., C)."""
    kept, dropout_cache = dropout.forward(x, rate, rng)                    # (..., D)
    logits, linear_cache = linear.forward(params, kept)                    # (..., C)
    return logits, linear_cache | {"dropout": dropout_cache}


def backward(params, cache, dlogits, rate=0.0):
    """dlogits (..., C) -> dx (..., D), dparams."""
    dkept, dparams = linear.backward(params, cache, dlogits)               # (..., D)
    dx = dropout.backward(cache["dropout"], dkept, rate)                   # (..., D)
    return dx, dparams
