"""Position-wise feed-forward (Vaswani et al. 2017, section 3.3, eq. 2): contract(activation(expand(x))).

The activation is passed in as its module (ops.relu, ops.gelu_tanh, ops.gelu_exact).
"""

import numpy as np

from minilm.ops import linear, relu


def init(rng, width, inner, dtype=np.float32):
    """Two linear maps: {"expand": D to F, "contract": F to D}."""
    return {"expand": linear.init(rng, width, inner, dtype), "contract": linear.init(rng, inner, width, dtype)}


def forward(params, x, activation=relu):
    """x (..., D) -> y (..., D), by way of (..., F)."""
    expanded, expand_cache = linear.forward(params["expand"], x)           # (..., F)
    active, activation_cache = activation.forward(expanded)                # (..., F)
    y, contract_cache = linear.forward(params["contract"], active)         # (..., D)
    return y, {"expand": expand_cache, "activation": activation_cache, "contract": contract_cache}


def backward(params, cache, dy, activation=relu):
    """dy (..., D) -> dx (..., D), dparams."""
    dactive, dcontract = linear.backward(params["contract"], cache["contract"], dy)    # (..., F)
    dexpanded = activation.backward(cache["activation"], dactive)                      # (..., F)
    dx, dexpand = linear.backward(params["expand"], cache["expand"], dexpanded)        # (..., D)
    return dx, {"expand": dexpand, "contract": dcontract}
