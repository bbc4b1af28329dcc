"""Linear map: y = x W + b.

    dx = dy Wᵀ        dW = xᵀ dy        db = Σ dy over all leading axes

The leading axes are flattened, so that each direction is one matrix product.
"""

import numpy as np

from minilm.arrays import leading


def init(rng, inputs, outputs, dtype=np.float32):
    """Glorot and Bengio 2010, eq. 16: uniform in ±√(6 / (inputs + outputs)); the bias starts at zero."""
    bound = (6 / (inputs + outputs)) ** 0.5
    return {
        "weight": rng.uniform(-bound, bound, (inputs, outputs)).astype(dtype),
        "bias": np.zeros(outputs, dtype),
    }


def forward(params, x):
    """x (..., D) -> y (..., F), with weight (D, F) and bias (F,)."""
    weight, bias = params["weight"], params["bias"]
    rows = x.reshape(-1, x.shape[-1])                                      # (N, D)
    y = rows @ weight                                                      # (N, F)
    y += bias  # in place: the product is ours, and a second array of its size costs 6 % of a training step
    return y.reshape(*x.shape[:-1], weight.shape[1]), {"x": x}


def backward(params, cache, dy):
    """dy (..., F) -> dx (..., D), dparams."""
    x, weight = cache["x"], params["weight"]
    rows = x.reshape(-1, x.shape[-1])                                      # (N, D)
    drows = dy.reshape(-1, dy.shape[-1])                                   # (N, F)
    dx = (drows @ weight.T).reshape(x.shape)                               # (..., D)
    return dx, {"weight": rows.T @ drows, "bias": leading.sum(drows)}
