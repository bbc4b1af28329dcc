"""LSTM layers one on the other: each reads the h of the layer below at the same position.

`params` is a list of layers.lstm's parameters, and the cache a list too. The states of all layers are one array, with
the batch first, so that it can be split and reordered by rows: h0 and c0 are (B, L, H). Between layers, not after the
last, stands dropout, as in Zaremba et al. 2014, section 3.2: on what goes up, never on what goes on in time.
"""

import numpy as np

from minilm.layers import lstm
from minilm.ops import dropout


def init(rng, inputs, hidden, layers, dtype=np.float32):
    """[{"input", "recurrent", "bias"}, ...]: a layers.lstm.init for each layer, of D inputs and then of H."""
    return [lstm.init(rng, inputs if layer == 0 else hidden, hidden, dtype) for layer in range(layers)]


def zero_state(params, batch):
    """h0 and c0 (B, L, H) of zeros."""
    zeros = np.zeros((batch, len(params), params[0]["recurrent"].shape[0]), params[0]["recurrent"].dtype)  # (B, L, H)
    return zeros, zeros.copy()


def forward(params, x, h0, c0, rate=0.0, rng=None):
    """x (B, T, D), h0 (B, L, H), c0 (B, L, H) -> {"h": (B, T, H) of the top, "h_last", "c_last": (B, L, H)}."""
    outputs: list[dict] = []
    caches: list[dict] = []
    for layer, parameters in enumerate(params):
        below = outputs[-1]["h"] if layer else x  # (B, T, D) at the bottom, (B, T, H) above
        kept, dropout_cache = dropout.forward(below, rate if layer else 0.0, rng)
        output, lstm_cache = lstm.forward(parameters, kept, h0[:, layer], c0[:, layer])
        outputs.append(output)
        caches.append({"dropout": dropout_cache, **lstm_cache})
    last = {name: np.stack([output[name] for output in outputs], axis=1) for name in ("h_last", "c_last")}
    return {"h": outputs[-1]["h"], **last}, caches


def backward(params, cache, dy, rate=0.0, consume=False):
    """dy: any of {"h", "h_last", "c_last"} -> dx (B, T, D), dh0, dc0 (B, L, H), dparams.

    `consume` empties the list of caches on the way: a layer's activations are freed when its gradients are there.
    """
    doutputs = [{"h": dy["h"]} if "h" in dy else {}]
    dstates: list[dict] = []
    dparams: list[dict] = []
    for layer in reversed(range(len(params))):
        layer_cache = cache.pop() if consume else cache[layer]
        doutput = doutputs[-1] | {name: dy[name][:, layer] for name in dy if name != "h"}
        dkept, dh0, dc0, dlayer = lstm.backward(params[layer], layer_cache, doutput)
        dbelow = dropout.backward(layer_cache["dropout"], dkept, rate if layer else 0.0)
        doutputs.append({"h": dbelow})
        dstates.insert(0, {"h": dh0, "c": dc0})
        dparams.insert(0, dlayer)
    dh0_all, dc0_all = (np.stack([dstate[name] for dstate in dstates], axis=1) for name in ("h", "c"))  # (B, L, H)
    return doutputs[-1]["h"], dh0_all, dc0_all, dparams
