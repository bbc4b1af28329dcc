"""The output head that is the token embedding, transposed (Press and Wolf 2017): logits = y Wᵀ.

    dy = dlogits W        dW = dlogitsᵀ y

W has another gradient from its use as the embedding; the model adds the two.
"""


def forward(params, y):
    """y (..., D) -> logits (..., V), with weight (V, D)."""
    weight = params["weight"]
    rows = y.reshape(-1, y.shape[-1])                                      # (N, D)
    return (rows @ weight.T).reshape(*y.shape[:-1], len(weight)), {"y": y}


def backward(params, cache, dlogits):
    """dlogits (..., V) -> dy (..., D), dparams."""
    y, weight = cache["y"], params["weight"]
    drows = dlogits.reshape(-1, len(weight))                               # (N, V)
    return (drows @ weight).reshape(y.shape), {"weight": drows.T @ y.reshape(-1, y.shape[-1])}
