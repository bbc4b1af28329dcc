"""BERT's head for masked tokens (Devlin et al. 2019, section 3.1, and the released code).

    logits = norm(GELU(x W + b)) Eᵀ + bias        E is the token embedding: its gradient here is one of two
"""

import numpy as np

from minilm.arrays import leading
from minilm.ops import gelu_exact, layer_norm, linear, tied_head


def init(rng, width, vocabulary, dtype=np.float32):
    """{"transform": a linear map of D to D, "norm": a layer norm of D, "bias": (V) zeros}."""
    return {
        "transform": linear.init(rng, width, width, dtype),
        "norm": layer_norm.init(width, dtype),
        "bias": np.zeros(vocabulary, dtype),
    }


def forward(params, table, x, activation=gelu_exact, eps=1e-12):
    """x (..., D), table {"weight": (V, D)} -> logits (..., V)."""
    z, transform_cache = linear.forward(params["transform"], x)            # (..., D)
    active, activation_cache = activation.forward(z)                       # (..., D)
    y, norm_cache = layer_norm.forward(params["norm"], active, eps)        # (..., D)
    product, head_cache = tied_head.forward(table, y)                      # (..., V)
    logits = product + params["bias"]                                      # (..., V)
    cache = {"transform": transform_cache, "activation": activation_cache, "norm": norm_cache}
    return logits, cache | {"head": head_cache}


def backward(params, table, cache, dlogits, activation=gelu_exact):
    """dlogits (..., V) -> dx (..., D), dtable, dparams."""
    dbias = leading.sum(dlogits)                                           # (V)
    dy, dtable = tied_head.backward(table, cache["head"], dlogits)         # (..., D)
    dactive, dnorm = layer_norm.backward(params["norm"], cache["norm"], dy)  # (..., D)
    dz = activation.backward(cache["activation"], dactive)                 # (..., D)
    dx, dtransform = linear.backward(params["transform"], cache["transform"], dz)  # (..., D)
    return dx, dtable, {"transform": dtransform, "norm": dnorm, "bias": dbias}
