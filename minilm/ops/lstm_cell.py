"""One step of a long short-term memory (Hochreiter and Schmidhuber 1997; the forget gate is Gers et al. 2000's).

    i, f, o = σ(x W + h U + b)   input, forget and output gate      g = tanh(x W + h U + b)   the candidate
    c_next  = f c + i g                                             h_next = o tanh(c_next)

    dc_next += dh_next · o (1 - tanh²(c_next))
    di = dc_next g      df = dc_next c      dg = dc_next i      do = dh_next tanh(c_next)      dc = dc_next f
    dz = (di i (1 - i), df f (1 - f), dg (1 - g²), do o (1 - o))        z = x W + h U + b
    dx = dz Wᵀ      dh = dz Uᵀ      dW = xᵀ dz      dU = hᵀ dz      db = Σ dz

The four stand side by side in one matrix, in the order i, f, g, o, which is torch.nn.LSTM's: input (D, 4H),
recurrent (H, 4H), bias (4H). (PyTorch has two biases, which are only ever added.) The cell's memory needs its own
gradient: c_next reaches the loss through h_next and through every later step, and both are added.
"""

import numpy as np

from minilm.arrays import leading


def init(rng, inputs, hidden, dtype=np.float32):
    """Uniform in ±1/√H; the forget gate's bias is one, so that a new cell remembers (Jozefowicz et al. 2015)."""
    bound = hidden**-0.5
    bias = np.zeros(4 * hidden, dtype)
    bias[hidden : 2 * hidden] = 1
    return {
        "input": rng.uniform(-bound, bound, (inputs, 4 * hidden)).astype(dtype),
        "recurrent": rng.uniform(-bound, bound, (hidden, 4 * hidden)).astype(dtype),
        "bias": bias,
    }


def forward(params, x, h, c):
    """x (B, D), h (B, H), c (B, H) -> {"h": (B, H), "c": (B, H)}, the next ones."""
    z = x @ params["input"] + params["bias"] + h @ params["recurrent"]     # (B, 4H)
    gates = activate(z)                                                    # (B, 4H)
    h_next, c_next, tanh_c = advance(gates, c)                             # (B, H)
    cache = {"x": x, "h": h, "c": c, "gates": gates, "tanh_c": tanh_c}
    return {"h": h_next, "c": c_next}, cache | named(gates)


def backward(params, cache, dnext):
    """dnext {"h": (B, H), "c": (B, H)} -> dx (B, D), dh (B, H), dc (B, H), dparams."""
    x, h = cache["x"], cache["h"]
    dz, dc = retreat(cache["gates"], cache["c"], cache["tanh_c"], dnext["h"], dnext["c"])  # (B, 4H), (B, H)
    dparams = {"input": x.T @ dz, "recurrent": h.T @ dz, "bias": leading.sum(dz)}
    return dz @ params["input"].T, dz @ params["recurrent"].T, dc, dparams


def activate(z):
    """z (B, 4H) -> the gates (B, 4H) in the order i, f, g, o.

    σ(z) = ½ + ½ tanh(z/2), so one hyperbolic tangent serves all four, and nothing can overflow.
    """
    hidden = z.shape[-1] // 4
    half = np.full(4 * hidden, 0.5, z.dtype)                               # (4H)
    half[2 * hidden : 3 * hidden] = 1
    gates = z * half                                                       # (B, 4H)
    np.tanh(gates, out=gates)
    gates *= half
    gates += 1 - half
    return gates


def advance(gates, c):
    """gates (B, 4H), c (B, H) -> h_next (B, H), c_next (B, H), tanh_c (B, H)."""
    i, f, g, o = split(gates)                                              # (B, H)
    c_next = f * c                                                         # (B, H)
    c_next += i * g
    tanh_c = np.tanh(c_next)                                               # (B, H)
    return o * tanh_c, c_next, tanh_c


def retreat(gates, c, tanh_c, dh_next, dc_next):
    """The derivative of `advance` and `activate`: -> dz (B, 4H), dc (B, H)."""
    i, f, g, o = split(gates)                                              # (B, H)
    do = dh_next * tanh_c                                                  # (B, H)
    dtotal = dh_next * o                                                   # (B, H)
    dtotal *= 1 - tanh_c * tanh_c
    dtotal += dc_next
    dz = np.empty(gates.shape, dtotal.dtype)                               # (B, 4H)
    di_z, df_z, dg_z, do_z = split(dz)                                     # (B, H)
    di_z[:] = dtotal * g * i * (1 - i)
    df_z[:] = dtotal * c * f * (1 - f)
    dg_z[:] = dtotal * i * (1 - g * g)
    do_z[:] = do * o * (1 - o)
    return dz, dtotal * f


def split(gates):
    """(..., 4H) -> i, f, g, o, each (..., H): views."""
    hidden = gates.shape[-1] // 4
    return tuple(gates[..., k * hidden : (k + 1) * hidden] for k in range(4))


def named(gates):
    """The four as views with their names, for whoever reads the cache."""
    return dict(zip(("input_gate", "forget_gate", "candidate", "output_gate"), split(gates), strict=True))
