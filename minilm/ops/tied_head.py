"""The output head that is the token embedding, transposed (Press and Wolf 2017): logits = y Wᵀ.

    dy = dlogits W        dW = dlogitsᵀ y

W has another gradient from its use as the embedding; the model adds the two.
"""

from minilm.arrays import products


def forward(params, y):
    """y (..., D) -> logits (..., V), with weight (V, D)."""
    weight = params["weight"]                                              # (V, D)
    logits = products.with_rows(y, weight)                                 # (..., V)
    return logits, {"y": y}


def backward(params, cache, dlogits):
    """dlogits (..., V) -> dy (..., D), dparams."""
    y, weight = cache["y"], params["weight"]                               # (..., D), (V, D)
    flat, dlogits_flat = y.reshape(-1, y.shape[-1]), dlogits.reshape(-1, len(weight))  # (N, D), (N, V)
    dy = (dlogits_flat @ weight).reshape(y.shape)                          # (..., D)
    dweight = dlogits_flat.T @ flat                                        # (V, D)
    return dy, {"weight": dweight}
