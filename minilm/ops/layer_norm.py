"""Layer normalisation (Ba, Kiros and Hinton 2016, section 3, eq. 4).

    x̂ = (x - mean x) / √(mean (x - mean x)² + eps)        y = gain · x̂ + bias

    dx̂ = gain · dy
    dx  = rstd · (dx̂ - mean dx̂ - x̂ · mean(dx̂ · x̂))        with rstd = 1 / √(variance + eps)

The variance divides by D (not D - 1), and eps stands inside the root. Both means of dx are there because
mean and variance depend on every element of the row. A row of equal numbers becomes the bias, exactly.
"""

import numpy as np

from minilm.arrays import leading, rows


def init(width, dtype=np.float32):
    """Gain one, bias zero: {"gain": (D), "bias": (D)}."""
    return {"gain": np.ones(width, dtype), "bias": np.zeros(width, dtype)}


def forward(params, x, eps=1e-5):
    """x (..., D) -> y (..., D), with gain and bias (D,)."""
    centred = rows.centred(x)                                              # (..., D)
    variance = rows.mean_product(centred, centred)                         # (..., 1)
    rstd = 1 / np.sqrt(variance + eps)                                     # (..., 1)
    xhat = centred * rstd                                                  # (..., D)
    y = xhat * params["gain"] + params["bias"]                             # (..., D)
    return y, {"xhat": xhat, "rstd": rstd}


def backward(params, cache, dy):
    """dy (..., D) -> dx (..., D), dparams."""
    xhat, rstd = cache["xhat"], cache["rstd"]
    dxhat = dy * params["gain"]                                            # (..., D)
    dx = rstd * (dxhat - rows.mean(dxhat) - xhat * rows.mean_product(dxhat, xhat))  # (..., D)
    return dx, {"gain": leading.sum(dy * xhat), "bias": leading.sum(dy)}
