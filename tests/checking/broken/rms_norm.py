"""RMSNorm: x, gain, eps, dy -> rstd, xhat, y, dx, dgain."""

import numpy as np
import torch

from broken.sample import Tape, lowered, right, wrong

OP = "ops.rms_norm"


def in_numpy(golden, rstd_of=None, slope=None):
    g = lowered(golden)
    x, gain, dy, eps = g["x"], g["gain"], g["dy"], np.float32(g["eps"])
    rstd = rstd_of(x, eps) if rstd_of else 1 / np.sqrt((x * x).mean(-1, keepdims=True) + eps)
    xhat, dxhat = x * rstd, dy * gain
    dx = slope(rstd, xhat, dxhat) if slope else rstd * (dxhat - xhat * (dxhat * xhat).mean(-1, keepdims=True))
    dgain = (dy * xhat).reshape(-1, len(gain)).sum(0)
    return {"rstd": rstd, "xhat": xhat, "y": xhat * gain, "dxhat": dxhat, "dx": dx, "dgain": dgain}


def in_torch(golden, normed=None):
    g, keep = lowered(golden), Tape()
    x, gain = keep.leaf("x", g["x"]), keep.leaf("gain", g["gain"])
    xhat = keep("xhat", (normed or plain)(x, float(g["eps"])))
    keep("y", xhat * gain).backward(torch.tensor(g["dy"]))
    return keep.results()


def plain(x, eps):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps)


right(OP, "NumPy")(in_numpy)
right(OP, "PyTorch")(in_torch)


@wrong(OP, "a layer norm", "xhat", "the mean is subtracted, as in a layer norm", r"mean|layer norm|centred|subtract")
def centred(golden):
    return in_torch(golden, lambda x, eps: plain(x - x.mean(-1, keepdim=True), eps))


@wrong(OP, "the root's path left out", "dx", "backward takes the root mean square for a constant", r"term|constant|dropped|x̂|path")
def constant_root(golden):
    return in_numpy(golden, slope=lambda rstd, xhat, dxhat: rstd * dxhat)


@wrong(OP, "sum for mean", "rstd", "the squares are summed, not averaged: the norm of the row", r"sum|mean")
def norm_of_row(golden):
    return in_numpy(golden, rstd_of=lambda x, eps: 1 / np.sqrt((x * x).sum(-1, keepdims=True) + eps))


@wrong(OP, "eps outside the root", "xhat", "x / (root mean square + eps)", r"eps")
def eps_outside(golden):
    return in_torch(golden, lambda x, eps: x / (x.pow(2).mean(-1, keepdim=True).sqrt() + eps))
