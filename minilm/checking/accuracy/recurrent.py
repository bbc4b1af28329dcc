"""The LSTM's gates and its step: h and c side by side as one output."""

import numpy as np

from minilm.checking.accuracy.subject import Subject, each
from minilm.ops import lstm_cell, lstm_gates


def subjects(rng):
    normal = rng.standard_normal
    for kind, scale in (("small, 0.1", 0.1), ("ordinary", 1.0), ("large, 10", 10.0), ("large, 40", 40.0)):
        z, c, dy = scale * normal((8, 4 * 16)), normal((8, 16)), normal((8, 2 * 16))
        yield of_gates(kind, z, c, dy)
        arrays = {
            "x": scale * normal((8, 5)), "h": normal((8, 6)), "c": normal((8, 6)), "input": normal((5, 24)),
            "recurrent": normal((6, 24)), "bias": normal(24),
        }  # fmt: skip
        yield of_cell(kind, arrays, normal((8, 12)))


def exact_gates(mp, z, c, dy):
    sigmoid = each(lambda value: 1 / (1 + mp.exp(-value)))
    tanh, sech = each(lambda value: mp.tanh(value)), each(lambda value: mp.sech(value) ** 2)
    zi, zf, zg, zo = np.split(z, 4, -1)
    i, f, g, o = sigmoid(zi), sigmoid(zf), tanh(zg), sigmoid(zo)
    c_next = f * c + i * g
    dh, dc = np.split(dy, 2, -1)
    dmemory = dc + dh * o * sech(c_next)
    dz = [dmemory * g * i * sigmoid(-zi), dmemory * c * f * sigmoid(-zf), dmemory * i * sech(zg),
          dh * tanh(c_next) * o * sigmoid(-zo)]  # fmt: skip
    return np.concatenate([o * tanh(c_next), c_next], -1), np.concatenate(dz, -1), dmemory * f


def theirs_of_gates(sigmoid, tanh, cat, z, c):
    hidden = c.shape[-1]
    zi, zf, zg, zo = (z[..., k * hidden : (k + 1) * hidden] for k in range(4))
    c_next = sigmoid(zf) * c + sigmoid(zi) * tanh(zg)
    return cat([sigmoid(zo) * tanh(c_next), c_next], -1)


def halves(dy):
    return dict(zip("hc", np.split(dy, 2, -1), strict=True))


def of_gates(where, z, c, dy):
    def ours(z, c, dy):
        y, cache = lstm_gates.forward(z, c)
        dz, dc = lstm_gates.backward(cache, halves(dy))
        return np.concatenate([y["h"], y["c"]], -1), {"z": dz, "c": dc}

    def exact(mp, z, c, dy):
        y, dz, dc = exact_gates(mp, z, c, dy)
        return y, {"z": dz, "c": dc}

    return Subject(
        "lstm_gates", where, {"z": z, "c": c}, dy, ("z", "c"), ours, exact,
        lambda t, z, c: theirs_of_gates(t.sigmoid, t.tanh, t.cat, z, c),
        lambda j, z, c: theirs_of_gates(j.nn.sigmoid, j.numpy.tanh, j.numpy.concatenate, z, c),
    )  # fmt: skip


def of_cell(where, arrays, dy):
    def ours(x, h, c, input, recurrent, bias, dy):
        params = {"input": input, "recurrent": recurrent, "bias": bias}
        y, cache = lstm_cell.forward(params, x, h, c)
        dx, dh, dc, dparams = lstm_cell.backward(params, cache, halves(dy))
        return np.concatenate([y["h"], y["c"]], -1), {"x": dx, "h": dh, "c": dc, **dparams}

    def exact(mp, x, h, c, input, recurrent, bias, dy):
        y, dz, dc = exact_gates(mp, x @ input + h @ recurrent + bias, c, dy)
        return y, {"x": dz @ input.T, "h": dz @ recurrent.T, "c": dc, "input": x.T @ dz, "recurrent": h.T @ dz,
                   "bias": dz.sum(0)}  # fmt: skip

    def in_torch(t, x, h, c, input, recurrent, bias):
        return t.cat(t.lstm_cell(x, [h, c], input.T, recurrent.T, bias, t.zeros_like(bias)), -1)

    def in_jax(j, x, h, c, input, recurrent, bias):
        return theirs_of_gates(j.nn.sigmoid, j.numpy.tanh, j.numpy.concatenate, x @ input + h @ recurrent + bias, c)

    wrt = ("x", "h", "c", "input", "recurrent", "bias")
    return Subject("lstm_cell", where, arrays, dy, wrt, ours, exact, in_torch, in_jax)
