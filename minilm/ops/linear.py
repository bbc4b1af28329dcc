"""Linear map: y = x W + b.

    dx = dy Wᵀ        dW = xᵀ dy        db = Σ dy over all leading axes

The leading axes are flattened, so that each direction is one matrix product.
"""

import numpy as np

from minilm.arrays import leading


def init(rng, inputs, outputs, dtype=np.float32):
    """{"weight": (D, F), "bias": (F)}: Glorot and Bengio 2010, eq. 16.

    The weight is uniform in ±√(6 / (inputs + outputs)); the bias starts at zero.
    """
    bound = (6 / (inputs + outputs)) ** 0.5
    return {
        "weight": rng.uniform(-bound, bound, (inputs, outputs)).astype(dtype),
        "bias": np.zeros(outputs, dtype),
    }


def forward(params, x):
    """x (..., D) -> y (..., F), with weight (D, F) and bias (F,)."""
    weight, bias = params["weight"], params["bias"]                        # (D, F), (F)
    flat = x.reshape(-1, x.shape[-1])                                      # (N, D)
    y = (flat @ weight + bias).reshape(*x.shape[:-1], len(bias))           # (..., F)
    return y, {"x": x}


def backward(params, cache, dy):
    """dy (..., F) -> dx (..., D), dparams."""
    x, weight = cache["x"], params["weight"]                               # (..., D), (D, F)
    flat, dy_flat = x.reshape(-1, x.shape[-1]), dy.reshape(-1, dy.shape[-1])  # (N, D), (N, F)
    dx = (dy_flat @ weight.T).reshape(x.shape)                             # (..., D)
    return dx, {"weight": flat.T @ dy_flat, "bias": leading.sum(dy_flat)}
