"""The LSTM: its gates, one step, a layer through time."""

import numpy as np
import torch

from broken.sample import Tape, lowered, right, wrong

GATES, CELL, LAYER = "ops.lstm_gates", "ops.lstm_cell", "layers.lstm"


def sigmoid(x):
    return (1 / (1 + np.exp(-x))).astype(np.float32)


def gates(z, c, *, order="ifgo", out=np.tanh, memory=None):
    part = dict(zip(order, np.split(z, 4, -1), strict=True))
    i, f, g, o = sigmoid(part["i"]), sigmoid(part["f"]), np.tanh(part["g"]), sigmoid(part["o"])
    c_next = memory(i, f, g, c) if memory else f * c + i * g
    return {"z": z, "c": c, "i": i, "f": f, "g": g, "o": o, "c_next": c_next, "tanh_c": out(c_next), "h_next": o * out(c_next)}


def gates_back(s, dh, dc, *, bend=None, through=None, slopes=None, onward=None):
    i, f, g, o, t = (s[n] for n in ("i", "f", "g", "o", "tanh_c"))
    dmemory = bend(dh, dc, s) if bend else dc + dh * o * (1 - t * t)
    d = {"i": dmemory * g, "f": dmemory * s["c"], "g": dmemory * i, "o": dh * t}
    z = slopes(s) if slopes else {"i": i * (1 - i), "f": f * (1 - f), "g": 1 - g * g, "o": o * (1 - o)}
    dz = np.concatenate([d[n] * z[n] for n in "ifgo"], -1)
    return {"do": d["o"], "dmemory": dmemory, "di": d["i"], "df": d["f"], "dg": d["g"], "dz": dz, "dc": onward(dmemory, s) if onward else dmemory * f}


def of_gates(golden, there=None, back=None):
    g = lowered(golden)
    s = gates(g["z"], g["c"], **(there or {}))
    found = {name: s[name] for name in ("i", "f", "g", "o", "c_next", "tanh_c", "h_next")}
    return found | gates_back(s, g["dnext.h"], g["dnext.c"], **(back or {}))


right(GATES, "NumPy")(of_gates)


@right(GATES, "PyTorch")
def gates_in_torch(golden, order="ifgo"):
    g, keep = lowered(golden), Tape()
    z, c = keep.leaf("z", g["z"]), keep.leaf("c", g["c"])
    part = dict(zip(order, z.chunk(4, -1), strict=True))
    i, f, o = (keep(n, torch.sigmoid(part[n])) for n in "ifo")
    cand = keep("g", torch.tanh(part["g"]))
    c_next = keep("c_next", f * c + i * cand)
    h_next = keep("h_next", o * keep("tanh_c", torch.tanh(c_next)))
    torch.autograd.backward([h_next, c_next], [torch.tensor(g["dnext.h"]), torch.tensor(g["dnext.c"])])
    skip = ("dtanh_c", "dc_next", "dh_next")
    return {name: array for name, array in keep.results().items() if name not in skip}


@wrong(GATES, "order i f o g", "g", "the gates stand in the order i, f, o, g", r"order|gate|ifog|i, f, o")
def order_ifog(golden):
    return gates_in_torch(golden, "ifog")


@wrong(GATES, "order i g f o", "f", "the gates stand in the order i, g, f, o, as in TensorFlow's cell", r"order|gate")
def order_igfo(golden):
    return gates_in_torch(golden, "igfo")


@wrong(GATES, "no tanh of the memory", "h_next", "h = o c, not o tanh c", r"tanh")
def no_tanh(golden):
    found = of_gates(golden, {"out": lambda c: c})
    return {name: array for name, array in found.items() if name != "tanh_c"}


@wrong(GATES, "coupled gates", "c_next", "c = f c + (1 - f) g, as in a GRU", r"1 - f|coupl|gru|input gate")
def coupled(golden):
    return of_gates(golden, {"memory": lambda i, f, g, c: f * c + (1 - f) * g})


@wrong(GATES, "the memory's own gradient dropped", "dmemory", "what comes back to c from the next step is left out", r"dc|next|later|memory|lost|dropped|path")
def no_dc_next(golden):
    return of_gates(golden, back={"bend": lambda dh, dc, s: dh * s["o"] * (1 - s["tanh_c"] ** 2)})


@wrong(GATES, "tanh's derivative left out", "dmemory", "dh o is not multiplied by 1 - tanh² c", r"tanh")
def no_bend(golden):
    return of_gates(golden, back={"bend": lambda dh, dc, s: dc + dh * s["o"]})


@wrong(GATES, "slopes of what came in", "dz", "z (1 - z) for σ(z) (1 - σ(z)): the gate's derivative on the wrong value", r"pre|z \(1 - z\)|wrong value|input|slope|derivative")
def slopes_of_z(golden):
    def slopes(s):
        z = dict(zip("ifgo", np.split(s["z"], 4, -1), strict=True))
        return {n: z[n] * (1 - z[n]) if n != "g" else 1 - z[n] ** 2 for n in "ifgo"}

    return of_gates(golden, back={"slopes": slopes})


@wrong(GATES, "the candidate's slope a sigmoid's", "dz", "g (1 - g), a sigmoid's slope, for 1 - g²", r"g \(1 - g\)|sigmoid|candidate|1 - g")
def candidate_slope(golden):
    def slopes(s):
        return {n: s[n] * (1 - s[n]) for n in "ifgo"}

    return of_gates(golden, back={"slopes": slopes})


@wrong(GATES, "dc not through the forget gate", "dc", "what goes back to c is not multiplied by f", r"forget|by f|\bf\b")
def dc_past_f(golden):
    return of_gates(golden, back={"onward": lambda dmemory, s: dmemory})


# One step: x, h, c, input, recurrent, bias ------------------------------------------------------------------------------


def of_cell(golden, z_of=None, **other):
    g = lowered(golden)
    z = z_of(g) if z_of else g["x"] @ g["input"] + g["h"] @ g["recurrent"] + g["bias"]
    s = gates(z, g["c"])
    back = gates_back(s, g["dnext.h"], g["dnext.c"])
    dz = back["dz"]
    found = {"z": z, "y.h": s["h_next"], "y.c": s["c_next"], "dz": dz, "dx": dz @ g["input"].T, "dh": dz @ g["recurrent"].T,
             "dc": back["dc"], "dinput": g["x"].T @ dz, "drecurrent": g["h"].T @ dz, "dbias": dz.sum(0)}  # fmt: skip
    return found | {name: rule(g, s, dz) for name, rule in other.items()}


right(CELL, "NumPy")(of_cell)


@right(CELL, "PyTorch")
def cell_in_torch(golden, second=0.0):
    g, keep = lowered(golden), Tape()
    p = {n: keep.leaf(n, g[n]) for n in ("x", "h", "c", "input", "recurrent", "bias")}
    h, c = torch.lstm_cell(p["x"], [p["h"], p["c"]], p["input"].T, p["recurrent"].T, p["bias"], second * p["bias"])
    torch.autograd.backward([h, c], [torch.tensor(g["dnext.h"]), torch.tensor(g["dnext.c"])])
    return {"y.h": h.detach().numpy(), "y.c": c.detach().numpy()} | keep.results()


@wrong(CELL, "the bias as both biases", "y.h", "the one bias is loaded into both of PyTorch's, and counts twice", r"bias|twice", "y.c")
def bias_twice(golden):
    return cell_in_torch(golden, 1.0)


@wrong(CELL, "the next h for the last", "drecurrent", "dU is of h_t, not of h_{t-1}", r"h_t|next|previous|t-1|t - 1|h of|before")
def next_h(golden):
    return of_cell(golden, drecurrent=lambda g, s, dz: s["h_next"].T @ dz)


@wrong(CELL, "no bias", "z", "the bias is left out", r"bias")
def no_bias(golden):
    return of_cell(golden, lambda g: g["x"] @ g["input"] + g["h"] @ g["recurrent"])


# Through time: x, h0, c0; dy.h, dy.h_last, dy.c_last -----------------------------------------------------------------


def through_time(golden, *, later=True, last_h=True, last_c=True, direct=True, memory=True, shifted=False):
    g = lowered(golden)
    x, h, c = g["x"], g["h0"], g["c0"]
    states, hs = [], [h]
    for t in range(x.shape[1]):
        s = gates(x[:, t] @ g["input"] + h @ g["recurrent"] + g["bias"], c)
        h, c = s["h_next"], s["c_next"]
        states.append(s)
        hs.append(h)
    found = {"y.h": np.stack(hs[1:], 1), "y.h_last": h, "y.c_last": c}
    dh = g["dy.h_last"] if last_h else np.zeros_like(h)
    dc = g["dy.c_last"] if last_c else np.zeros_like(c)
    dx, dinput, drecurrent, dbias = [], 0, 0, 0
    for t in reversed(range(x.shape[1])):
        back = gates_back(states[t], dh + (g["dy.h"][:, t] if direct else 0), dc)
        dz = back["dz"]
        dx.insert(0, dz @ g["input"].T)
        dinput, dbias = dinput + x[:, t].T @ dz, dbias + dz.sum(0)
        drecurrent = drecurrent + hs[t + 1 if shifted else t].T @ dz
        dh = dz @ g["recurrent"].T if later else np.zeros_like(dh)
        dc = back["dc"] if memory else np.zeros_like(dc)
    return found | {"dx": np.stack(dx, 1), "dh0": dh, "dc0": dc, "dinput": dinput, "drecurrent": drecurrent, "dbias": dbias}


right(LAYER, "NumPy")(through_time)


@right(LAYER, "PyTorch")
def layer_in_torch(golden, both=False):
    g, keep = lowered(golden), Tape()
    p = {n: keep.leaf(n, g[n]) for n in ("x", "h0", "c0", "input", "recurrent", "bias")}
    weights = [p["input"].T, p["recurrent"].T, p["bias"], p["bias"] if both else torch.zeros_like(p["bias"])]
    h, h_last, c_last = torch.lstm(p["x"], (p["h0"][None], p["c0"][None]), weights, True, 1, 0.0, False, False, True)
    torch.autograd.backward([h, h_last[0], c_last[0]], [torch.tensor(g[n]) for n in ("dy.h", "dy.h_last", "dy.c_last")])
    found = {"y.h": h, "y.h_last": h_last[0], "y.c_last": c_last[0]}
    return {name: tensor.detach().numpy() for name, tensor in found.items()} | keep.results()


@wrong(LAYER, "one step of gradients", "dx", "what reaches h_t through later steps is left out", r"later|step|time|through|h_t|lost|dropped|truncat", "dinput")
def one_step(golden):
    return through_time(golden, later=False)


@wrong(LAYER, "the memory's path through time lost", "dx", "what reaches c_t through later steps is left out", r"memory|later|dc|c_t|time|lost|dropped", "dinput")
def memory_lost(golden):
    return through_time(golden, memory=False)


@wrong(LAYER, "the last state dropped", "dx", "the gradient of the last c is not taken in", r"last", "dinput")
def last_dropped(golden):
    return through_time(golden, last_c=False)


@wrong(LAYER, "h of the same step", "drecurrent", "dU is of h_t, not of h_{t-1}", r"h_t|next|previous|t-1|t - 1|before|shift|off by one")
def same_step(golden):
    return through_time(golden, shifted=True)


@wrong(LAYER, "the bias as both biases", "y.h", "the one bias is loaded into both of PyTorch's, and counts twice", r"bias|twice")
def both_biases(golden):
    return layer_in_torch(golden, True)
