"""Layer normalisation (Ba, Kiros and Hinton 2016, section 3, eq. 4).

    x̂ = (x - mean x) / √(mean (x - mean x)² + eps)        y = gain · x̂ + bias

    dx̂ = gain · dy
    dx  = rstd · (dx̂ - mean dx̂ - x̂ · mean(dx̂ · x̂))        with rstd = 1 / √(variance + eps)

The variance divides by D (not D - 1), and eps stands inside the root. Both means of dx are there because
mean and variance depend on every element of the row.
"""

import numpy as np

from minilm.arrays import leading, rows


def init(width, dtype=np.float32):
    """Gain one, bias zero."""
    return {"gain": np.ones(width, dtype), "bias": np.zeros(width, dtype)}


def forward(params, x, eps=1e-5):
    """x (..., D) -> y (..., D), with gain and bias (D,)."""
    scale = 1 / x.shape[-1]
    mean = rows.sum(x) * scale                                             # (..., 1)
    centred = x - mean                                                     # (..., D)
    variance = rows.dot(centred, centred) * scale                           # (..., 1)
    rstd = 1 / np.sqrt(variance + eps)                                     # (..., 1)
    xhat = np.multiply(centred, rstd, out=centred)  # over centred, which nobody reads again: 8 % of the operation
    y = xhat * params["gain"]                                              # (..., D)
    y += params["bias"]
    return y, {"xhat": xhat, "rstd": rstd}


def backward(params, cache, dy):
    """dy (..., D) -> dx (..., D), dparams."""
    xhat, rstd = cache["xhat"], cache["rstd"]
    scale = 1 / xhat.shape[-1]
    dgain = leading.sum(dy * xhat)                                         # (D)
    dxhat = dy * params["gain"]                                            # (..., D)
    mean = rows.sum(dxhat) * scale                                          # (..., 1)
    slope = rows.dot(dxhat, xhat) * scale                                   # (..., 1)
    dx = dxhat - mean                                                      # (..., D)
    dx -= xhat * slope
    dx *= rstd
    return dx, {"gain": dgain, "bias": leading.sum(dy)}
