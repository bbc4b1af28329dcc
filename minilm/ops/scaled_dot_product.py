"""Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1, eq. 1).

    scores = q kᵀ / √K        weights = softmax(scores)        y = weights v

    dv = weightsᵀ dy        dweights = dy vᵀ
    dscores from the softmax
    dq = dscores k / √K        dk = dscoresᵀ q / √K
"""

from minilm.ops import dropout, softmax


def forward(q, k, v, mask=None, rate=0.0, rng=None):
    """q (B, H, T, K), k and v (B, H, S, K) -> y (B, H, T, K).

    `mask` is boolean, True = may attend, and broadcasts against (B, H, T, S). A query that may attend to
    nothing gives zeros. Dropout falls on the weights, as in the paper's own implementation.
    """
    scale = q.shape[-1] ** -0.5
    scores = (q * scale) @ k.swapaxes(-1, -2)                              # (B, H, T, S)
    weights, softmax_cache = softmax.forward(scores, mask)                 # (B, H, T, S)
    dropped, dropout_cache = dropout.forward(weights, rate, rng)           # (B, H, T, S)
    y = dropped @ v                                                        # (B, H, T, K)
    cache = {"q": q, "k": k, "v": v, "weights": weights, "softmax": softmax_cache}
    return y, cache | {"dropped": dropped, "dropout": dropout_cache}


def backward(cache, dy, rate=0.0):
    """dy (B, H, T, K) -> dq (B, H, T, K), dk and dv (B, H, S, K)."""
    q, k, v = cache["q"], cache["k"], cache["v"]
    scale = q.shape[-1] ** -0.5
    dv = cache["dropped"].swapaxes(-1, -2) @ dy                            # (B, H, S, K)
    ddropped = dy @ v.swapaxes(-1, -2)                                     # (B, H, T, S)
    dweights = dropout.backward(cache["dropout"], ddropped, rate)          # (B, H, T, S)
    dscores = softmax.backward(cache["softmax"], dweights)                 # (B, H, T, S)
    dk = dscores.swapaxes(-1, -2) @ (q * scale)                            # (B, H, S, K)
    dq = dscores @ (k * scale)                                             # (B, H, T, K)
    return dq, dk, dv
