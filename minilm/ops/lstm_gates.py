"""The gates of a long short-term memory (Hochreiter and Schmidhuber 1997; the forget gate is Gers et al. 2000's).

    i, f, o = σ(z_i), σ(z_f), σ(z_o)    input, forget and output gate        g = tanh(z_g)    the candidate
    c_next  = f c + i g                                                      h_next = o tanh(c_next)

    do = dh_next tanh(c_next)        dmemory = dc_next + dh_next o (1 - tanh²(c_next))
    di = dmemory g                   df = dmemory c        dg = dmemory i        dc = dmemory f
    dz = (di i (1 - i), df f (1 - f), dg (1 - g²), do o (1 - o))

z has the four side by side, in the order i, f, g, o, which is torch.nn.LSTM's. The memory c_next has two gradients,
because it reaches the loss through h_next and through every later step, and dmemory is their sum.
"""

import numpy as np

from minilm.arrays.sigmoid import sigmoid


def forward(z, c):
    """z (B, 4H), c (B, H) -> {"h": (B, H), "c": (B, H)}, the next ones."""
    z_i, z_f, z_g, z_o = split(z)                                          # (B, H)
    i, f, g, o = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_o)    # (B, H)
    c_next = f * c + i * g                                                 # (B, H)
    tanh_c = np.tanh(c_next)                                               # (B, H)
    h_next = o * tanh_c                                                    # (B, H)
    return {"h": h_next, "c": c_next}, {"i": i, "f": f, "g": g, "o": o, "c": c, "tanh_c": tanh_c}


def backward(cache, dnext):
    """dnext {"h": (B, H), "c": (B, H)} -> dz (B, 4H), dc (B, H)."""
    i, f, g, o, c, tanh_c = (cache[name] for name in ("i", "f", "g", "o", "c", "tanh_c"))  # (B, H)
    do = dnext["h"] * tanh_c                                               # (B, H)
    dmemory = dnext["c"] + dnext["h"] * o * (1 - tanh_c * tanh_c)          # (B, H)
    di, df, dg, dc = dmemory * g, dmemory * c, dmemory * i, dmemory * f    # (B, H)
    dz = np.concatenate([di * i * (1 - i), df * f * (1 - f), dg * (1 - g * g), do * o * (1 - o)], -1)  # (B, 4H)
    return dz, dc


def split(z):
    """(B, 4H) -> the parts of i, f, g, o, each (B, H): views."""
    hidden = z.shape[-1] // 4
    return tuple(z[..., k * hidden : (k + 1) * hidden] for k in range(4))
