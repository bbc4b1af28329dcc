"""LSTM layers one on the other: each reads the h of the layer below at the same position.

`params` is a list of layers.lstm's parameters. The states of all layers are one array, with the batch first, so that
it can be split and reordered by rows: h0 and c0 are (B, L, H). Between layers, not after the last, stands dropout,
as in Zaremba et al. 2014, section 3.2: on what goes up, never on what goes on in time.
"""

import numpy as np

from minilm.layers import lstm
from minilm.ops import dropout


def init(rng, inputs, hidden, layers, dtype=np.float32):
    return [lstm.init(rng, inputs if layer == 0 else hidden, hidden, dtype) for layer in range(layers)]


def zero_state(params, batch):
    """h0 and c0 (B, L, H) of zeros."""
    zeros = np.zeros((batch, len(params), params[0]["recurrent"].shape[0]), params[0]["recurrent"].dtype)
    return zeros, zeros.copy()


def forward(params, x, h0, c0, rate=0.0, rng=None):
    """x (B, T, D), h0 (B, L, H), c0 (B, L, H) -> {"h": (B, T, H) of the top, "h_last", "c_last": (B, L, H)}."""
    below, caches, ends = x, [], []
    for layer, parameters in enumerate(params):
        kept, dropout_cache = dropout.forward(below, rate if layer else 0.0, rng)
        y, layer_cache = lstm.forward(parameters, kept, h0[:, layer], c0[:, layer])
        caches.append({"dropout": dropout_cache, "lstm": layer_cache})
        ends.append(y)
        below = y["h"]
    last = {name: np.stack([y[name] for y in ends], axis=1) for name in ("h_last", "c_last")}
    return {"h": below, **last}, {"layers": caches}


def backward(params, cache, dy):
    """dy: any of {"h", "h_last", "c_last"} -> dx (B, T, D), dh0, dc0 (B, L, H), dparams."""
    dbelow = dy.get("h")
    gradients: list = []
    for layer in reversed(range(len(params))):
        layer_cache = cache["layers"][layer]
        dlayer = {name: dy[name][:, layer] for name in dy if name != "h"}
        if dbelow is not None:
            dlayer["h"] = dbelow
        dkept, *others = lstm.backward(params[layer], layer_cache["lstm"], dlayer)
        dbelow = dropout.backward(layer_cache["dropout"], dkept)
        gradients.insert(0, others)
    dh0, dc0, dparams = zip(*gradients, strict=True)
    return dbelow, np.stack(dh0, axis=1), np.stack(dc0, axis=1), list(dparams)
