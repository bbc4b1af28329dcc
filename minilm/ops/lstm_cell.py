"""One step of a long short-term memory (Hochreiter and Schmidhuber 1997; the forget gate is Gers et al. 2000's).

    z = x W + h U + b        h_next, c_next = gates(z, c)        the gates are ops.lstm_gates'

    dz, dc = the gates' backward
    dx = dz Wᵀ      dh = dz Uᵀ      dW = xᵀ dz      dU = hᵀ dz      db = Σ dz

The four gates stand side by side in one matrix, in the order i, f, g, o, which is torch.nn.LSTM's: input (D, 4H),
recurrent (H, 4H), bias (4H). (PyTorch has two biases, which are only ever added.)
"""

import numpy as np

from minilm.arrays import leading
from minilm.ops import lstm_gates


def init(rng, inputs, hidden, dtype=np.float32):
    """{"input": (D, 4H), "recurrent": (H, 4H), "bias": (4H)}: uniform in ±1/√H.

    The forget gate's bias is one, so that a new cell remembers (Jozefowicz et al. 2015); the others are zero.
    """
    bound = hidden**-0.5
    return {
        "input": rng.uniform(-bound, bound, (inputs, 4 * hidden)).astype(dtype),
        "recurrent": rng.uniform(-bound, bound, (hidden, 4 * hidden)).astype(dtype),
        "bias": np.repeat(np.array([0, 1, 0, 0], dtype), hidden),
    }


def forward(params, x, h, c):
    """x (B, D), h (B, H), c (B, H) -> {"h": (B, H), "c": (B, H)}, the next ones."""
    z = x @ params["input"] + h @ params["recurrent"] + params["bias"]     # (B, 4H)
    y, gates_cache = lstm_gates.forward(z, c)
    return y, {"x": x, "h": h, "gates": gates_cache}


def backward(params, cache, dnext):
    """dnext {"h": (B, H), "c": (B, H)} -> dx (B, D), dh (B, H), dc (B, H), dparams."""
    x, h = cache["x"], cache["h"]
    dz, dc = lstm_gates.backward(cache["gates"], dnext)                    # (B, 4H), (B, H)
    dx = dz @ params["input"].T                                            # (B, D)
    dh = dz @ params["recurrent"].T                                        # (B, H)
    return dx, dh, dc, {"input": x.T @ dz, "recurrent": h.T @ dz, "bias": leading.sum(dz)}
