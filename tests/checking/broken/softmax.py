"""Softmax with a mask: x, mask, dy -> y, dx."""

import numpy as np
import torch

from broken.sample import drawn, lowered, right, wrong

OP = "ops.softmax"


def slope(y, dy):
    return y * (dy - (dy * y).sum(-1, keepdims=True))


def in_numpy(golden, forward=None, backward=slope):
    g = lowered(golden)
    x, mask, dy = g["x"], np.broadcast_to(g["mask"], g["x"].shape), g["dy"]
    y = (forward or plain)(x, mask)
    return {"y": y, "dx": backward(y, dy)}


def plain(x, mask):
    z = np.where(mask, x, -np.inf)
    top = z.max(-1, keepdims=True)
    e = np.exp(z - np.where(np.isfinite(top), top, 0))
    total = e.sum(-1, keepdims=True)
    return e / np.where(total > 0, total, 1)


def in_torch(golden, masked=None, axis=-1):
    g = lowered(golden)
    x, mask = drawn(g["x"]), torch.tensor(np.broadcast_to(g["mask"], g["x"].shape).copy())
    if masked is None:
        y = torch.softmax(x.masked_fill(~mask, -torch.inf), axis).nan_to_num(0.0)
        y = torch.where(mask.any(axis, keepdim=True), y, 0.0)
        y.retain_grad()
        (y * torch.tensor(g["dy"])).sum().backward()
        return {"y": y.detach().numpy(), "dx": x.grad.nan_to_num(0.0).numpy()}
    y = torch.softmax(masked(x, mask), axis)
    y.backward(torch.tensor(g["dy"]))
    return {"y": y.detach().numpy(), "dx": x.grad.numpy()}


right(OP, "NumPy")(in_numpy)
right(OP, "PyTorch")(in_torch)


@wrong(OP, "the sigmoid's derivative", "dx", "backward is y (1 - y), elementwise: the rest of the Jacobian is left out",
       r"y \(1 - y\)|diagonal|jacobian|sigmoid|elementwise")  # fmt: skip
def elementwise(golden):
    return in_numpy(golden, backward=lambda y, dy: dy * y * (1 - y))


@wrong(OP, "no sum", "dx", "the sum over the row in the derivative is left out: dx = y dy",
       r"sum|term|Σ|dropped|mean")  # fmt: skip
def no_sum(golden):
    return in_numpy(golden, backward=lambda y, dy: y * dy)


@wrong(OP, "backward sums over the whole array", "dx", "the sum in the derivative runs over all entries, not over the row",
       r"axis|axes|sum over")  # fmt: skip
def sums_over_all(golden):
    return in_numpy(golden, backward=lambda y, dy: y * (dy - (dy * y).sum()))


@wrong(OP, "backward sums over the columns", "dx", "the sum in the derivative runs over the last axis but one",
       r"axis|axes|sum over")  # fmt: skip
def sums_over_columns(golden):
    return in_numpy(golden, backward=lambda y, dy: y * (dy - (dy * y).sum(-2, keepdims=True)))


@wrong(OP, "over the queries", "y", "softmax over the last axis but one", r"axis|axes")
def wrong_axis(golden):
    return in_torch(golden, axis=-2)


@wrong(OP, "mask inverted", "y", "True was taken for: may not attend", r"invert|negat|opposite|true means|reversed")
def inverted(golden):
    return in_torch(golden, masked=lambda x, mask: x.masked_fill(mask, -1e9))


@wrong(OP, "masked after the softmax", "y", "the mask is multiplied in after the softmax: the rows no longer sum to one",
       r"after the softmax|renormal|sum to one|after softmax|not normal")  # fmt: skip
def masked_late(golden):
    return in_numpy(golden, forward=lambda x, mask: plain(x, np.ones_like(mask)) * mask)


@wrong(OP, "the mask added as ones and zeros", "y", "the boolean mask itself is added to the scores", r"add")
def mask_added(golden):
    return in_torch(golden, masked=lambda x, mask: x + mask)


@wrong(OP, "a small constant for -inf", "y", "masked scores are set to -10: masked positions keep some weight",
       r"constant|-1e|too small|finite|leak|not -inf|minus infinity")  # fmt: skip
def small_constant(golden):
    return in_numpy(golden, forward=lambda x, mask: plain(np.where(mask, x, np.float32(-10)), np.ones_like(mask)))


@wrong(OP, "a row that may attend to nothing is uniform", "y",
       "with a finite constant for -inf a fully masked row becomes uniform, not zero", r"fully masked|nothing|uniform")  # fmt: skip
def uniform_row(golden):
    return in_torch(golden, masked=lambda x, mask: x.masked_fill(~mask, -1e9))


@wrong(OP, "a row that may attend to nothing is NaN", "y", "a fully masked row is 0 / 0", r"nan")
def nan_row(golden):
    return in_torch(golden, masked=lambda x, mask: x.masked_fill(~mask, -torch.inf))


@wrong(OP, "no mask", "y", "the mask is not applied", r"mask")
def unmasked(golden):
    return in_numpy(golden, forward=lambda x, mask: plain(x, np.ones_like(mask)))
