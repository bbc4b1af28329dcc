"""Scaled dot-product attention, and with its projections and heads."""

import math

import numpy as np
import torch

from broken.activations import scale_of
from broken.sample import Tape, lowered, right, wrong

OP, LAYER = "ops.scaled_dot_product", "layers.multi_head_attention"


def softmax(z):
    top = z.max(-1, keepdims=True)
    e = np.exp(z - np.where(np.isfinite(top), top, 0))
    total = e.sum(-1, keepdims=True)
    return e / np.where(total > 0, total, 1)


def in_numpy(golden, *, scale=None, bar=None, axes=None, **other):
    """q, k, v, mask, keep and rate of the dropout, dy. `other` are rules that replace a tensor on the way back."""
    g = lowered(golden)
    q, k, v, dy = g["q"], g["k"], g["v"], g["dy"]
    by = np.float32(scale(q) if scale else 1 / math.sqrt(q.shape[-1]))
    raw = q @ k.swapaxes(-1, -2) * by
    weights = bar(raw, g["mask"]) if bar else softmax(np.where(g["mask"], raw, -np.inf))
    factor = g["dropout.keep"] / np.float32(1 / scale_of(g["rate"])) if "dropout.keep" in g else np.float32(1)
    found = {"scores": raw, "weights": weights, "dropped": weights * factor}
    found["y"] = found["dropped"] @ v

    def enter(name, rule):
        found[name] = other[name](found) if name in other else rule()

    found |= {"q": q, "k": k, "v": v, "dy": dy, "factor": factor, "by": by}
    enter("dv", lambda: found["dropped"].swapaxes(-1, -2) @ dy)
    enter("ddropped", lambda: dy @ v.swapaxes(-1, -2))
    enter("dweights", lambda: found["ddropped"] * factor)
    enter("dscores", lambda: weights * (found["dweights"] - (found["dweights"] * weights).sum(-1, keepdims=True)))
    enter("dk", lambda: found["dscores"].swapaxes(-1, -2) @ q * by)
    enter("dq", lambda: found["dscores"] @ k * by)
    return {name: value for name, value in found.items() if name not in ("q", "k", "v", "dy", "factor", "by")}


def in_torch(golden, scale=None, bar=None):
    g, keep = lowered(golden), Tape()
    q, k, v = (keep.leaf(name, g[name]) for name in "qkv")
    scores = keep("scores", q @ k.transpose(-1, -2) * (scale or q.shape[-1] ** -0.5))
    mask = torch.tensor(np.broadcast_to(g["mask"], tuple(scores.shape)).copy())
    if bar:
        weights = keep("weights", bar(scores, mask))
    else:
        weights = keep("weights", torch.softmax(scores.masked_fill(~mask, -1e30), -1) * mask)
    factor = torch.tensor(g["dropout.keep"]) * scale_of(g["rate"]) if "dropout.keep" in g else 1.0
    dropped = keep("dropped", weights * factor)
    keep("y", dropped @ v).backward(torch.tensor(g["dy"]))
    return keep.results()


right(OP, "NumPy")(in_numpy)
right(OP, "PyTorch")(in_torch)


@wrong(OP, "no scale", "scores", "the scores are not divided by √K", r"scale|√|sqrt")
def no_scale(golden):
    return in_torch(golden, scale=1.0)


@wrong(OP, "divided by K", "scores", "the scores are divided by K, not by √K", r"scale|√|sqrt|by k")
def by_width(golden):
    return in_numpy(golden, scale=lambda q: 1 / q.shape[-1])


@wrong(OP, "scaled twice", "scores", "q is scaled before the product, and the product again", r"scale|twice|√|1 / k|by k")
def scaled_twice(golden):
    return in_torch(golden, scale=1 / golden["q"].shape[-1])


@wrong(OP, "mask inverted", "weights", "True was taken for: may not attend", r"invert|negat|opposite|reversed|true means")
def inverted(golden):
    return in_torch(golden, bar=lambda scores, mask: torch.softmax(scores.masked_fill(mask, -1e30), -1) * ~mask)


@wrong(OP, "softmax over the queries", "weights", "softmax over the axis of the queries", r"axis|quer")
def over_queries(golden):
    return in_torch(golden, bar=lambda scores, mask: torch.softmax(scores.masked_fill(~mask, -1e30), -2) * mask)


@wrong(OP, "no mask", "weights", "the mask is not applied", r"mask")
def no_mask(golden):
    return in_torch(golden, bar=lambda scores, mask: torch.softmax(scores, -1))


@wrong(OP, "masked after the softmax", "weights", "the mask is multiplied in after the softmax", r"after the softmax|renormal|sum to one|after softmax|not normal")
def masked_late(golden):
    return in_numpy(golden, bar=lambda scores, mask: softmax(scores) * mask)


@wrong(OP, "dq without the scale", "dq", "dq is not multiplied by 1 / √K", r"scale|√|sqrt")
def dq_unscaled(golden):
    return in_numpy(golden, dq=lambda f: f["dscores"] @ f["k"])


@wrong(OP, "dk without the scale", "dk", "dk is not multiplied by 1 / √K", r"scale|√|sqrt")
def dk_unscaled(golden):
    return in_numpy(golden, dk=lambda f: f["dscores"].swapaxes(-1, -2) @ f["q"])


@wrong(OP, "the softmax's sum left out", "dscores", "the derivative of the softmax is weights dweights, without the row's sum", r"sum|term|dropped|row")
def no_sum(golden):
    return in_numpy(golden, dscores=lambda f: f["weights"] * f["dweights"])


@wrong(OP, "the sigmoid's derivative", "dscores", "weights (1 - weights), elementwise, for the Jacobian of the softmax", r"diagonal|jacobian|sigmoid|elementwise|1 - ")
def elementwise(golden):
    return in_numpy(golden, dscores=lambda f: f["dweights"] * f["weights"] * (1 - f["weights"]))


@wrong(OP, "dv from undropped weights", "dv", "dv is of the weights before dropout", r"dropout|undropped|before|keep|weights")
def dv_undropped(golden):
    return in_numpy(golden, dv=lambda f: f["weights"].swapaxes(-1, -2) @ f["dy"])


@wrong(OP, "dropout forgotten on the way back", "dweights", "the gradient of the dropped weights is taken for that of the weights", r"dropout|keep|mask")
def dropout_forgotten(golden):
    return in_numpy(golden, dweights=lambda f: f["ddropped"])


# Heads ------------------------------------------------------------------------------------------------------------------


def heads_in_torch(golden, *, split=None, merge=None, weight=None, output_bias=True, names=("query", "key", "value")):
    """x, memory, heads, mask, and the four linear maps; dy."""
    g, keep = lowered(golden), Tape()
    x, memory = keep.leaf("x", g["x"]), keep.leaf("memory", g["memory"])
    p = {f"{m}.{n}": keep.leaf(f"{m}.{n}", g[f"{m}.{n}"]) for m in ("query", "key", "value", "output") for n in ("weight", "bias")}
    heads = int(g["heads"])

    def project(name, under, array):
        w = p[f"{name}.weight"]
        return keep(under, array @ (weight(name, w) if weight else w) + p[f"{name}.bias"])

    apart = split or (lambda a: a.unflatten(-1, (heads, -1)).transpose(1, 2))
    q, k, v = (apart(project(name, under, array)) for name, under, array in zip(names, ("query.y", "key.y", "value.y"), (x, memory, memory), strict=True))
    scores = keep("attention.scores", q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5)
    mask = torch.tensor(np.broadcast_to(g["mask"], tuple(scores.shape)).copy())
    weights = keep("attention.weights", torch.softmax(scores.masked_fill(~mask, -1e30), -1) * mask)
    factor = torch.tensor(g["attention.dropout.keep"]) * scale_of(g["rate"]) if "attention.dropout.keep" in g else 1.0
    heads_y = keep("heads_y", keep("attention.dropped", weights * factor) @ v)
    merged = merge(heads_y) if merge else heads_y.transpose(1, 2).flatten(2)
    y = keep("y", merged @ (weight("output", p["output.weight"]) if weight else p["output.weight"]) + (p["output.bias"] if output_bias else 0))
    y.backward(torch.tensor(g["dy"]))
    return keep.results()


right(LAYER, "PyTorch")(heads_in_torch)


@right(LAYER, "NumPy")
def heads_in_numpy(golden, split=None, joined=None):
    """The same by hand, forward and backward."""
    g = lowered(golden)
    heads, width = int(g["heads"]), g["x"].shape[-1]

    def apart(a):
        return a.reshape(*a.shape[:2], heads, width // heads).swapaxes(1, 2)

    def together(a):
        return a.swapaxes(1, 2).reshape(a.shape[0], a.shape[2], width)

    flat = {n: g[n].reshape(-1, width) for n in ("x", "memory", "dy")}
    q, k, v = (g[s] @ g[f"{n}.weight"] + g[f"{n}.bias"] for n, s in (("query", "x"), ("key", "memory"), ("value", "memory")))
    inside = {"q": apart(q), "k": apart(k), "v": apart(v), "mask": g["mask"], "rate": g["rate"]}
    inside |= {"dropout.keep": g["attention.dropout.keep"]} if "attention.dropout.keep" in g else {}
    dmerged = (flat["dy"] @ g["output.weight"].T).reshape(g["x"].shape)
    core = in_numpy(inside | {"dy": apart(dmerged)})
    merged = together(core["y"])
    found = {"query.y": q, "key.y": k, "value.y": v, "heads_y": core["y"], "y": merged @ g["output.weight"] + g["output.bias"]}
    found |= {f"attention.{n}": core[n] for n in ("scores", "weights", "dropped", "dv", "dscores", "dk", "dq")}
    found |= {"output.dweight": merged.reshape(-1, width).T @ flat["dy"], "output.dbias": flat["dy"].sum(0)}
    back = {}
    for name, source, d in (("value", "memory", "dv"), ("key", "memory", "dk"), ("query", "x", "dq")):
        dz = together(core[d])
        dflat = dz.reshape(-1, width)
        found |= {f"{name}.dweight": flat[source].T @ dflat, f"{name}.dbias": dflat.sum(0)}
        back[name] = dz @ g[f"{name}.weight"].T
    dmemory = joined(back) if joined else back["key"] + back["value"]
    return found | {"dx": back["query"], "dmemory": dmemory}


@wrong(LAYER, "weights transposed", "query.y", "weights of (outputs, inputs) are read as (inputs, outputs)", r"transpos")
def transposed(golden):
    return heads_in_torch(golden, weight=lambda name, w: w.T)


@wrong(LAYER, "the output's weight transposed", "y", "the output map's weight is transposed", r"transpos")
def output_transposed(golden):
    return heads_in_torch(golden, weight=lambda name, w: w.T if name == "output" else w)


@wrong(LAYER, "heads and positions not swapped", "attention.scores", "(B, T, D) is reshaped to (B, H, T, K) without swapping two axes", r"swap|head|reshape|axes|transpos")
def not_swapped(golden):
    heads = int(golden["heads"])
    return heads_in_torch(golden, split=lambda a: a.reshape(a.shape[0], heads, a.shape[1], -1))


@wrong(LAYER, "heads interleaved", "attention.scores", "a head takes every H-th number, not K in a row", r"interleav|head|split|stride|reshape|every")
def interleaved(golden):
    heads = int(golden["heads"])
    return heads_in_torch(golden, split=lambda a: a.unflatten(-1, (-1, heads)).permute(0, 3, 1, 2))


@wrong(LAYER, "merged without swapping", "y", "(B, H, T, K) is reshaped to (B, T, D) without swapping two axes", r"swap|merge|head|reshape|axes|transpos")
def merged_badly(golden):
    return heads_in_torch(golden, merge=lambda a: a.reshape(a.shape[0], a.shape[2], -1))


@wrong(LAYER, "key and value exchanged", "key.y", "the key's map is used for the values, and the value's for the keys", r"key|value|exchang|swap|another name|other name")
def exchanged(golden):
    return heads_in_torch(golden, names=("query", "value", "key"))


@wrong(LAYER, "no bias at the end", "y", "the output map has no bias", r"bias")
def no_output_bias(golden):
    return heads_in_torch(golden, output_bias=False)


@wrong(LAYER, "memory's gradient from the values alone", "dmemory", "= for += where the gradients of keys and values join", r"=|path|join|key|lost|overw")
def values_alone(golden):
    return heads_in_numpy(golden, joined=lambda back: back["value"])
