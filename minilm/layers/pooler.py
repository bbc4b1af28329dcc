"""BERT's pooler (Devlin et al. 2019, section 3: the vector C): tanh of a linear map of the first position."""

import numpy as np

from minilm.ops import linear, tanh


def init(rng, width, dtype=np.float32):
    """A linear map of D to D: {"weight": (D, D), "bias": (D)}."""
    return linear.init(rng, width, width, dtype)


def forward(params, hidden):
    """hidden (B, T, D) -> pooled (B, D)."""
    z, linear_cache = linear.forward(params, hidden[:, 0])                 # (B, D)
    pooled, tanh_cache = tanh.forward(z)                                   # (B, D)
    return pooled, linear_cache | {"tanh": tanh_cache, "others": hidden[:, 1:].shape}


def backward(params, cache, dpooled):
    """dpooled (B, D) -> dhidden (B, T, D), zero but at the first position, and dparams."""
    dz = tanh.backward(cache["tanh"], dpooled)                             # (B, D)
    dfirst, dparams = linear.backward(params, cache, dz)         # (B, D)
    others = np.zeros_like(dfirst, shape=cache["others"])                  # (B, T - 1, D)
    dhidden = np.concatenate([dfirst[:, None], others], axis=1)            # (B, T, D)
    return dhidden, dparams
