"""Root mean square normalisation (Zhang and Sennrich 2019, section 4, eq. 4).

    x̂ = x / √(mean x² + eps)        y = gain · x̂

    dx̂ = gain · dy
    dx  = rstd · (dx̂ - x̂ · mean(dx̂ · x̂))        with rstd = 1 / √(mean x² + eps)

A layer norm without the mean and without the bias: what it keeps is that y does not change where x is scaled. The mean
is over the row's D numbers, and eps stands inside the root.
"""

import numpy as np

from minilm.arrays import leading, rows


def init(width, dtype=np.float32):
    """Gain one: {"gain": (D)}."""
    return {"gain": np.ones(width, dtype)}


def forward(params, x, eps=1e-5):
    """x (..., D) -> y (..., D), with gain (D)."""
    rstd = 1 / np.sqrt(rows.mean_product(x, x) + eps)                      # (..., 1)
    xhat = x * rstd                                                        # (..., D)
    y = xhat * params["gain"]                                              # (..., D)
    return y, {"xhat": xhat, "rstd": rstd}


def backward(params, cache, dy):
    """dy (..., D) -> dx (..., D), dparams."""
    xhat, rstd = cache["xhat"], cache["rstd"]                              # (..., D), (..., 1)
    dxhat = dy * params["gain"]                                            # (..., D)
    dx = rstd * (dxhat - xhat * rows.mean_product(dxhat, xhat))            # (..., D)
    return dx, {"gain": leading.sum(dy * xhat)}
