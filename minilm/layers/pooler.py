"""BERT's pooler (Devlin et al. 2019, section 3: the vector C): tanh of a linear map of the first position."""

import numpy as np

from minilm.ops import linear, tanh


def init(rng, width, dtype=np.float32):
    return linear.init(rng, width, width, dtype)


def forward(params, hidden):
    """hidden (B, T, D) -> pooled (B, D)."""
    z, linear_cache = linear.forward(params, hidden[:, 0])                 # (B, D)
    pooled, tanh_cache = tanh.forward(z)                                   # (B, D)
    return pooled, {"linear": linear_cache, "tanh": tanh_cache, "shape": hidden.shape}


def backward(params, cache, dpooled):
    """dpooled (B, D) -> dhidden (B, T, D), zero but at the first position, and dparams."""
    dz = tanh.backward(cache["tanh"], dpooled)                             # (B, D)
    dfirst, dparams = linear.backward(params, cache["linear"], dz)         # (B, D)
    dhidden = np.zeros(cache["shape"], dfirst.dtype)                       # (B, T, D)
    dhidden[:, 0] = dfirst
    return dhidden, dparams
