"""A linear map: x, weight, bias, dy -> y, dx, dweight, dbias."""

import numpy as np
import torch

from broken.sample import Tape, lowered, right, wrong

OP = "ops.linear"


def in_numpy(golden, **other):
    g = lowered(golden)
    x, weight, bias, dy = g["x"], g["weight"], g["bias"], g["dy"]
    flat, dflat = x.reshape(-1, x.shape[-1]), dy.reshape(-1, dy.shape[-1])
    found = {"y": x @ weight + bias, "dx": dy @ weight.T, "dweight": flat.T @ dflat, "dbias": dflat.sum(0)}
    return found | {name: rule(x, weight, bias, dy, found) for name, rule in other.items()}


@right(OP, "PyTorch")
def in_torch(golden):
    g, keep = lowered(golden), Tape()
    x, weight, bias = (keep.leaf(name, g[name]) for name in ("x", "weight", "bias"))
    keep("y", torch.nn.functional.linear(x, weight.T, bias)).backward(torch.tensor(g["dy"]))
    return keep.results()


right(OP, "NumPy")(in_numpy)


@wrong(OP, "no bias", "y", "the bias is not added", r"bias")
def no_bias(golden):
    return in_numpy(golden, y=lambda x, weight, bias, dy, found: x @ weight)


@wrong(OP, "the first row of the batch alone", "dbias", "the bias's gradient is summed over positions, of the first row of the batch only",
       r"axis|axes|sum|first|batch")  # fmt: skip
def bias_of_first(golden):
    return in_numpy(golden, dbias=lambda x, weight, bias, dy, found: dy[0].reshape(-1, dy.shape[-1]).sum(0))


@wrong(OP, "weight's gradient a mean", "dweight", "the weight's gradient is divided by the number of rows",
       r"mean|factor|constant|divided")  # fmt: skip
def weight_mean(golden):
    return in_numpy(golden, dweight=lambda x, w, b, dy, found: found["dweight"] / np.float32(dy[..., 0].size))


@wrong(OP, "each batch overwrites", "dweight", "= for += over the batch: the last row's gradient remains",
       r"=|overw|last|accumul|batch")  # fmt: skip
def overwritten(golden):
    return in_numpy(golden, dweight=lambda x, w, b, dy, found: x[-1].reshape(-1, x.shape[-1]).T @ dy[-1].reshape(-1, dy.shape[-1]))


@wrong(OP, "all zeros", "dx", "dx is never filled", r"zero")
def zeros(golden):
    return in_numpy(golden, dx=lambda x, weight, bias, dy, found: np.zeros_like(x))


@wrong(OP, "the bias counted twice", "y", "the bias is added twice, once in the kernel and once after it", r"bias|twice")
def bias_twice(golden):
    return in_numpy(golden, y=lambda x, weight, bias, dy, found: found["y"] + bias)
