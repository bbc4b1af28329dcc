"""A long short-term memory through time (the step is ops.lstm_cell's), one layer.

    h_t, c_t = cell(x_t, h_{t-1}, c_{t-1})        t = 0 ... T - 1, from h0 and c0

Backward through time (Werbos 1990) goes the other way: what reaches h_t is the cotangent of the output at t and
dh of step t + 1; what reaches c_t is dc of step t + 1, and the last c's own cotangent at the end. A long text is cut
into windows: h_last and c_last of one are h0 and c0 of the next, and the gradient stops there (truncated backward).

What x contributes is known before the first step, so it is one matrix product for all steps, and so are dx and all
parameter gradients, after the last. Only h U and its backward, dz Uᵀ, must be done step by step. The arrays are
kept time first, so that a step's rows lie together.
"""

import numpy as np

from minilm.arrays import leading
from minilm.ops import lstm_cell

init = lstm_cell.init


def zero_state(params, batch):
    """h0 and c0 (B, H) of zeros."""
    zeros = np.zeros((batch, params["recurrent"].shape[0]), params["recurrent"].dtype)     # (B, H)
    return zeros, zeros.copy()


def forward(params, x, h0, c0):
    """x (B, T, D), h0 (B, H), c0 (B, H) -> {"h": (B, T, H), "h_last": (B, H), "c_last": (B, H)}."""
    batch, positions, width = x.shape
    rows = np.ascontiguousarray(x.swapaxes(0, 1)).reshape(-1, width)                       # (N, D)
    projected = rows @ params["input"]                                                     # (N, 4H)
    projected += params["bias"]
    steps = projected.reshape(positions, batch, -1)                                        # (T, B, 4H)
    dtype = np.result_type(projected, h0, c0, params["recurrent"])
    gates = np.empty(steps.shape, dtype)                                                   # (T, B, 4H)
    h = np.empty((positions + 1, *h0.shape), dtype)                                        # (T + 1, B, H)
    c = np.empty((positions + 1, *c0.shape), dtype)                                        # (T + 1, B, H)
    tanh_c = np.empty((positions, *c0.shape), dtype)                                       # (T, B, H)
    h[0], c[0] = h0, c0
    for t in range(positions):
        z = h[t] @ params["recurrent"]                                                     # (B, 4H)
        z += steps[t]
        gates[t] = lstm_cell.activate(z)
        h[t + 1], c[t + 1], tanh_c[t] = lstm_cell.advance(gates[t], c[t])
    y = h[1:].swapaxes(0, 1)                                                               # (B, T, H)
    cache = {"rows": rows, "h": h, "c": c, "gates": gates, "tanh_c": tanh_c, "x": x}
    named = {name: gate.swapaxes(0, 1) for name, gate in lstm_cell.named(gates).items()}
    return {"h": y, "h_last": h[-1], "c_last": c[-1]}, cache | named


def backward(params, cache, dy):
    """dy: any of {"h": (B, T, H), "h_last": (B, H), "c_last": (B, H)} -> dx (B, T, D), dh0, dc0 (B, H), dparams.

    What is left out of dy has no influence on the loss. Raises ValueError for any other name in it.
    """
    if unknown := set(dy) - {"h", "h_last", "c_last"}:
        raise ValueError(f"an LSTM has no output {sorted(unknown)[0]!r}; it has h, h_last and c_last")
    h, c, gates, tanh_c, x = (cache[name] for name in ("h", "c", "gates", "tanh_c", "x"))
    positions, batch, columns = gates.shape
    dh_all = dy["h"].swapaxes(0, 1) if "h" in dy else None                                 # (T, B, H)
    dh = dy.get("h_last", np.zeros_like(h[0]))                                             # (B, H)
    dc = dy.get("c_last", np.zeros_like(c[0]))                                             # (B, H)
    dz = np.empty_like(gates)                                                              # (T, B, 4H)
    # Copied once, because all steps read it: a seventh of the backward pass at 35 steps of 20 rows and 512 units.
    transposed = np.ascontiguousarray(params["recurrent"].T)                               # (4H, H)
    for t in reversed(range(positions)):
        dh_t = dh if dh_all is None else dh_all[t] + dh                                    # (B, H)
        dz[t], dc = lstm_cell.retreat(gates[t], c[t], tanh_c[t], dh_t, dc)
        dh = dz[t] @ transposed                                                            # (B, H)
    drows = dz.reshape(-1, columns)                                                        # (N, 4H)
    dx = (drows @ params["input"].T).reshape(positions, batch, -1).swapaxes(0, 1)          # (B, T, D)
    before = h[:-1].reshape(-1, h.shape[-1])  # h_{t-1}, not h_t: what U was multiplied by # (N, H)
    dparams = {"input": cache["rows"].T @ drows, "recurrent": before.T @ drows, "bias": leading.sum(drows)}
    return dx.reshape(x.shape), dh, dc, dparams
