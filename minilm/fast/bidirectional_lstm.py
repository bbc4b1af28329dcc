"""layers.bidirectional_lstm with both directions side by side, a step of both at once.

    z_t = x_t [W→, W←] + [h→ U→, h← U←] + [b→, b←]

What x contributes to both is one product; a step is then one stack of two products and one pass of each kind over the
rows of both, so that there are half as many steps, and each of them has twice as much to do: rows are few in a batch of
a tagger, and a call of NumPy costs more than its arithmetic. Of the way back all that does not wait for what comes from
the step after is done before the first step, over all positions:

    dz_i = dm g i (1 - i)    dz_f = dm c f (1 - f)    dz_g = dm i (1 - g²)    dz_o = dh tanh(c') o (1 - o)
    dm   = dh o (1 - tanh²(c')) + dc                  each is dm or dh times what the forward pass knows already
"""

import numpy as np

from minilm.arrays import leading
from minilm.arrays.sigmoid import sigmoid
from minilm.ops import lstm_cell, turned

DIRECTIONS = ("forward", "backward")


def init(rng, inputs, hidden, dtype=np.float32):
    """{"forward", "backward"}: the parameters of an ops.lstm_cell each, of D inputs and H units."""
    return {direction: lstm_cell.init(rng, inputs, hidden, dtype) for direction in DIRECTIONS}


def forward(params, x, lengths):
    """x (B, T, D), lengths (B) of integers -> y (B, T, 2H). Raises ValueError for a length not in 0 ... T."""
    (batch, positions, width), hidden = x.shape, len(params["forward"]["recurrent"])
    places = turned.mirrored(lengths, positions).T[..., None]                              # (T, B, 1)
    counts = (np.arange(positions) < lengths[:, None])[..., None]                          # (B, T, 1)
    flat = np.where(counts, x, 0).swapaxes(0, 1).reshape(-1, width)                        # (N, D)
    projected = (flat @ side_by_side(params, "input") + side_by_side(params, "bias")).reshape(positions, batch, 2, -1)
    gates = np.empty((positions, 2, batch, 4 * hidden), projected.dtype)                   # (T, 2, B, 4H)
    gates[:, 0] = projected[:, :, 0]
    gates[:, 1] = np.take_along_axis(projected[:, :, 1], places, 0)
    recurrent = np.stack([params[direction]["recurrent"] for direction in DIRECTIONS])     # (2, H, 4H)
    h = np.zeros((positions + 1, 2, batch, hidden), projected.dtype)                       # (T + 1, 2, B, H)
    c, tanh_c = np.zeros_like(h), np.empty_like(h[1:])
    for t in range(positions):
        z = h[t] @ recurrent                                                               # (2, B, 4H)
        z += gates[t]
        gates[t] = sigmoid(z)
        i, f, g, o = parts(gates[t])                                                       # (2, B, H)
        np.tanh(parts(z)[2], out=g)
        np.multiply(f, c[t], out=c[t + 1])
        c[t + 1] += i * g
        np.tanh(c[t + 1], out=tanh_c[t])
        np.multiply(o, tanh_c[t], out=h[t + 1])
    both = np.concatenate([h[1:, 0], np.take_along_axis(h[1:, 1], places, 0)], -1)         # (T, B, 2H)
    y = np.where(counts, both.swapaxes(0, 1), 0)                                           # (B, T, 2H)
    kept = {direction: {"h": h[:-1, k]} for k, direction in enumerate(DIRECTIONS)}  # h_{t-1}, as U met it
    return y, {"flat": flat, "places": places, "counts": counts, "gates": gates, "c": c, "tanh_c": tanh_c} | kept


def backward(params, cache, dy):
    """dy (B, T, 2H) -> dx (B, T, D), dparams."""
    places, gates, c, tanh_c = (cache[name] for name in ("places", "gates", "c", "tanh_c"))
    positions, _, batch, hidden = tanh_c.shape
    dboth = np.where(cache["counts"], dy, 0).swapaxes(0, 1)                                # (T, B, 2H)
    dh_here = np.stack([dboth[..., :hidden], np.take_along_axis(dboth[..., hidden:], places, 0)], 1)   # (T, 2, B, H)
    i, f, g, o = parts(gates)                                                              # (T, 2, B, H)
    through = o * (1 - tanh_c * tanh_c)                                                    # (T, 2, B, H)
    dz = np.concatenate([g * i * (1 - i), c[:-1] * f * (1 - f), i * (1 - g * g), tanh_c * o * (1 - o)], -1)
    by_gate = dz.reshape(positions, 2, batch, 4, hidden)
    back = np.stack([params[direction]["recurrent"].T for direction in DIRECTIONS])        # (2, 4H, H)
    dc, dh_later = np.zeros_like(dh_here[0]), np.zeros_like(dh_here[0])                    # (2, B, H)
    for t in reversed(range(positions)):
        dh = dh_here[t] + dh_later
        dmemory = dh * through[t]
        dmemory += dc
        by_gate[t, :, :, :3] *= dmemory[:, :, None]
        by_gate[t, :, :, 3] *= dh
        dc = dmemory * f[t]
        dh_later = dz[t] @ back
    flat = cache["flat"]                                                                   # (N, D)
    dparams = {}
    for k, direction in enumerate(DIRECTIONS):
        before = cache[direction]["h"].reshape(-1, hidden)                                 # (N, H)
        dparams[direction] = {"recurrent": before.T @ dz[:, k].reshape(-1, 4 * hidden)}
    there = np.concatenate([dz[:, 0], np.take_along_axis(dz[:, 1], places, 0)], -1)        # (T, B, 8H)
    dz_flat = there.reshape(-1, 8 * hidden)                                                # (N, 8H)
    dx = (dz_flat @ side_by_side(params, "input").T).reshape(positions, batch, -1).swapaxes(0, 1)  # (B, T, D)
    halves = np.split(flat.T @ dz_flat, 2, -1), np.split(leading.sum(dz_flat), 2)
    for direction, dinput, dbias in zip(DIRECTIONS, *halves, strict=True):
        dparams[direction] |= {"input": np.ascontiguousarray(dinput), "bias": dbias}
    return dx, dparams


def side_by_side(params, name):
    """A parameter of both directions, its columns one after the other."""
    return np.concatenate([params[direction][name] for direction in DIRECTIONS], -1)


def parts(z):
    """(..., 4H) -> i, f, g, o: (..., H) each, views."""
    hidden = z.shape[-1] // 4
    return tuple(z[..., k * hidden : (k + 1) * hidden] for k in range(4))
