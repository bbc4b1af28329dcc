"""Two LSTMs through one text, one from either end (Schuster and Paliwal 1997; of LSTMs, Graves and Schmidhuber 2005).

    h→_t = LSTM(x_t, h→_{t-1})        t = 0 ... n - 1        parameters "forward"
    h←_t = LSTM(x_t, h←_{t+1})        t = n - 1 ... 0        parameters "backward"
    y_t  = [h→_t, h←_t]               both states are zero where they begin

So y_t knows the whole text. A row has a length n of its own, and what stands after it is padding. The second LSTM reads
each row turned round within its length (ops.turned), x_{n-1}, ..., x_0, and then the padding: so the padding comes last
for both, and what comes last changes nothing before it. A row has the same numbers in a batch as alone.

    [dh→, dh←] = dy        dx = dx→ + turned(dx←)        y and dx are zero in the padding, whatever stands there in x
"""

import numpy as np

from minilm.layers import lstm
from minilm.ops import turned


def init(rng, inputs, hidden, dtype=np.float32):
    """{"forward", "backward"}: a layers.lstm.init each, of D inputs and H units."""
    return {direction: lstm.init(rng, inputs, hidden, dtype) for direction in ("forward", "backward")}


def forward(params, x, lengths):
    """x (B, T, D), lengths (B) of integers -> y (B, T, 2H). Raises ValueError for a length not in 0 ... T."""
    counts = np.arange(x.shape[1]) < lengths[:, None]                                      # (B, T)
    kept = np.where(counts[..., None], x, 0)                                               # (B, T, D)
    zeros = np.zeros((len(x), len(params["forward"]["recurrent"])), x.dtype)               # (B, H)
    there, forward_cache = lstm.forward(params["forward"], kept, zeros, zeros)
    x_turned, x_cache = turned.forward(kept, lengths)                                      # (B, T, D)
    back, backward_cache = lstm.forward(params["backward"], x_turned, zeros, zeros)
    h_back, h_cache = turned.forward(back["h"], lengths)                                   # (B, T, H)
    y = np.where(counts[..., None], np.concatenate([there["h"], h_back], -1), 0)           # (B, T, 2H)
    cache = {"counts": counts, "x_turned": x_cache, "h_turned": h_cache}
    return y, cache | {"forward": forward_cache, "backward": backward_cache}


def backward(params, cache, dy):
    """dy (B, T, 2H) -> dx (B, T, D), dparams."""
    counts = cache["counts"]                                                               # (B, T)
    dh_there, dh_back = np.split(np.where(counts[..., None], dy, 0), 2, -1)                # (B, T, H)
    dh_turned = turned.backward(cache["h_turned"], dh_back)                                # (B, T, H)
    dx_turned, _, _, dbackward = lstm.backward(params["backward"], cache["backward"], {"h": dh_turned})
    dx_back = turned.backward(cache["x_turned"], dx_turned)                                # (B, T, D)
    dx_there, _, _, dforward = lstm.backward(params["forward"], cache["forward"], {"h": dh_there})
    dx = np.where(counts[..., None], dx_there + dx_back, 0)                                # (B, T, D)
    return dx, {"forward": dforward, "backward": dbackward}
