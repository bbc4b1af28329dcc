"""A long short-term memory through time (the step is ops.lstm_cell's), one layer.

    h_t, c_t = cell(x_t, h_{t-1}, c_{t-1})        t = 0 ... T - 1, from h0 and c0

Backward through time (Werbos 1990) goes the other way: what reaches h_t is the cotangent of the output at t and
dh of step t + 1; what reaches c_t is dc of step t + 1, and the last c's own cotangent at the end. A long text is cut
into windows: h_last and c_last of one are h0 and c0 of the next, and the gradient stops there (truncated backward).

What x contributes is known before the first step, so it is one matrix product for all steps, and so are dx and all
parameter gradients, after the last. Only h U, the gates, and their backward must be done step by step. The arrays are
kept time first, so that a step's rows lie together. h, c and what comes back to them have T + 1 rows, the first before
the first step; they and dz are filled step by step.
"""

import numpy as np

from minilm.arrays import leading
from minilm.ops import lstm_cell, lstm_gates

init = lstm_cell.init


def forward(params, x, h0, c0):
    """x (B, T, D), h0 (B, H), c0 (B, H) -> {"h": (B, T, H), "h_last": (B, H), "c_last": (B, H)}."""
    batch, positions, width = x.shape
    flat = x.swapaxes(0, 1).reshape(-1, width)                                             # (N, D)
    projected = (flat @ params["input"] + params["bias"]).reshape(positions, batch, -1)    # (T, B, 4H)
    h = np.empty((positions + 1, *h0.shape), np.result_type(projected, h0, c0))            # (T + 1, B, H)
    c = np.empty_like(h)                                                                   # (T + 1, B, H)
    h[0], c[0] = h0, c0
    gates_caches = []
    for t in range(positions):
        z = projected[t] + h[t] @ params["recurrent"]                                      # (B, 4H)
        following, gates_cache = lstm_gates.forward(z, c[t])
        h[t + 1], c[t + 1] = following["h"], following["c"]
        gates_caches.append(gates_cache)
    y = {"h": h[1:].swapaxes(0, 1), "h_last": h[-1], "c_last": c[-1]}
    return y, {"flat": flat, "h": h, "gates": gates_caches}


def backward(params, cache, dy):
    """dy: any of {"h": (B, T, H), "h_last": (B, H), "c_last": (B, H)} -> dx (B, T, D), dh0, dc0 (B, H), dparams.

    What is left out of dy has no influence on the loss. Raises ValueError for any other name in it.
    """
    if unknown := set(dy) - {"h", "h_last", "c_last"}:
        raise ValueError(f"an LSTM has no output {sorted(unknown)[0]!r}; it has h, h_last and c_last")
    flat, h, gates_caches = cache["flat"], cache["h"], cache["gates"]
    positions, (batch, hidden) = len(gates_caches), h.shape[1:]
    # What reaches h_t through the later steps alone, and what reaches c_t.
    dh_later, dc = np.zeros_like(h), np.zeros_like(h)                                      # (T + 1, B, H)
    dh_later[-1], dc[-1] = dy.get("h_last", 0), dy.get("c_last", 0)
    dz = np.empty((positions, batch, 4 * hidden), h.dtype)                                 # (T, B, 4H)
    # Copied once, because all steps read it: a seventh of the backward pass at 35 steps of 20 rows and 512 units.
    transposed = np.ascontiguousarray(params["recurrent"].T)                               # (4H, H)
    for t in reversed(range(positions)):
        dh = dh_later[t + 1] + dy["h"][:, t] if "h" in dy else dh_later[t + 1]             # (B, H)
        dz[t], dc[t] = lstm_gates.backward(gates_caches[t], {"h": dh, "c": dc[t + 1]})
        dh_later[t] = dz[t] @ transposed                                                   # (B, H)
    dz_flat = dz.reshape(-1, 4 * hidden)                                                   # (N, 4H)
    before = h[:-1].reshape(-1, hidden)  # h_{t-1}, not h_t: what U was multiplied by      # (N, H)
    dparams = {"input": flat.T @ dz_flat, "recurrent": before.T @ dz_flat, "bias": leading.sum(dz_flat)}
    dx = (dz_flat @ params["input"].T).reshape(positions, batch, -1).swapaxes(0, 1)        # (B, T, D)
    return dx, dh_later[0], dc[0], dparams
