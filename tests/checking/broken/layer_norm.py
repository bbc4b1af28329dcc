"""Layer norm: x, gain, bias, eps, dy -> centred, rstd, xhat, y, dxhat, dx, dgain, dbias."""

import numpy as np
import torch

from broken.sample import Tape, lowered, right, wrong

OP = "ops.layer_norm"


def in_numpy(golden, *, rstd_of=None, slope=None, gain_of=None, affine=None, bias_of=None, dxhat_of=None):
    g = lowered(golden)
    x, gain, bias, dy, eps = g["x"], g["gain"], g["bias"], g["dy"], np.float32(g["eps"])
    centred = x - x.mean(-1, keepdims=True)
    rstd = (rstd_of or (lambda c: 1 / np.sqrt((c * c).mean(-1, keepdims=True) + eps)))(centred)
    xhat = centred * rstd
    y = affine(xhat, gain, bias) if affine else xhat * gain + bias
    dxhat = dxhat_of(dy, gain) if dxhat_of else dy * gain
    axes = tuple(range(dy.ndim - 1))
    return {
        "centred": centred, "rstd": rstd, "xhat": xhat, "y": y, "dxhat": dxhat,
        "dx": (slope or derivative)(rstd, xhat, dxhat),
        "dgain": (gain_of(dy, x, centred) if gain_of else dy * xhat).sum(axes),
        "dbias": (bias_of or np.sum)(dy, axes),
    }  # fmt: skip


def derivative(rstd, xhat, dxhat):
    return rstd * (dxhat - dxhat.mean(-1, keepdims=True) - xhat * (dxhat * xhat).mean(-1, keepdims=True))


def in_torch(golden, statistics=None):
    g, keep = lowered(golden), Tape()
    x, gain, bias = (keep.leaf(name, g[name]) for name in ("x", "gain", "bias"))
    if statistics is None:
        y = keep("y", torch.nn.functional.layer_norm(x, x.shape[-1:], gain, bias, float(g["eps"])))
    else:
        mean, variance = statistics(x)
        xhat = keep("xhat", (x - mean) / torch.sqrt(variance + float(g["eps"])))
        y = keep("y", xhat * gain + bias)
    y.backward(torch.tensor(g["dy"]))
    return keep.results()


right(OP, "NumPy")(in_numpy)
right(OP, "PyTorch")(in_torch)


@wrong(OP, "torch.var as it comes", "xhat", "the variance divides by D - 1", r"unbiased|d - 1|bessel|ddof")
def unbiased(golden):
    return in_torch(golden, lambda x: (x.mean(-1, keepdim=True), x.var(-1, keepdim=True)))


@wrong(OP, "ddof=1", "rstd", "the standard deviation divides by D - 1", r"unbiased|d - 1|bessel|ddof")
def unbiased_in_numpy(golden):
    eps = np.float32(golden["eps"])
    return in_numpy(golden, rstd_of=lambda c: 1 / np.sqrt(np.var(c, -1, ddof=1, keepdims=True) + eps))


@wrong(OP, "eps outside the root", "rstd", "eps is added to the standard deviation, not to the variance", r"eps")
def eps_outside(golden):
    eps = np.float32(golden["eps"])
    return in_numpy(golden, rstd_of=lambda c: 1 / (np.sqrt((c * c).mean(-1, keepdims=True)) + eps))


@wrong(OP, "no eps", "rstd", "eps is left out", r"eps")
def no_eps(golden):
    return in_numpy(golden, rstd_of=lambda c: 1 / np.sqrt((c * c).mean(-1, keepdims=True)))


@wrong(OP, "statistics over all but the batch", "xhat", "mean and variance are taken over the positions too",
       r"axis|axes")  # fmt: skip
def over_positions(golden):
    axes = tuple(range(1, np.ndim(golden["x"])))
    return in_torch(golden, lambda x: (x.mean(axes, keepdim=True), x.var(axes, keepdim=True, correction=0)))


@wrong(OP, "over the batch", "xhat", "mean and variance are a batch norm's, over the rows", r"axis|axes|batch norm")
def batch_norm(golden):
    axes = tuple(range(np.ndim(golden["x"]) - 1))
    return in_torch(golden, lambda x: (x.mean(axes, keepdim=True), x.var(axes, keepdim=True, correction=0)))


@wrong(OP, "statistics without a gradient", "dx", "mean and variance are taken for constants in backward",
       r"constant|detach|dropped|term|mean and|statistics")  # fmt: skip
def detached(golden):
    return in_torch(golden, lambda x: (x.mean(-1, keepdim=True).detach(), x.var(-1, keepdim=True, correction=0).detach()))


@wrong(OP, "variance without a gradient", "dx", "the path through the variance is left out: x̂ mean(dx̂ x̂)",
       r"varian|second (term|mean)|projection|dx̂ · x̂|dxhat|x̂|term|dropped")  # fmt: skip
def no_variance_path(golden):
    return in_numpy(golden, slope=lambda rstd, xhat, dxhat: rstd * (dxhat - dxhat.mean(-1, keepdims=True)))


@wrong(OP, "mean without a gradient", "dx", "the path through the mean is left out: mean dx̂",
       r"mean|term|dropped")  # fmt: skip
def no_mean_path(golden):
    return in_numpy(golden, slope=lambda r, xhat, d: r * (d - xhat * (d * xhat).mean(-1, keepdims=True)))


@wrong(OP, "rstd forgotten on the way back", "dx", "the derivative is not multiplied by 1 / √(variance + eps)",
       r"rstd|root|deviation|scale|1 / √")  # fmt: skip
def no_rstd(golden):
    return in_numpy(golden, slope=lambda rstd, xhat, dxhat: derivative(1, xhat, dxhat))


@wrong(OP, "sums for means", "dx", "sums over the row stand where means do", r"sum")
def sums(golden):
    return in_numpy(golden, slope=lambda r, xhat, d: r * (d - d.sum(-1, keepdims=True) - xhat * (d * xhat).sum(-1, keepdims=True)))


@wrong(OP, "gain forgotten on the way back", "dxhat", "dx̂ is dy, without the gain", r"gain|gamma")
def no_gain(golden):
    return in_numpy(golden, dxhat_of=lambda dy, gain: dy)


@wrong(OP, "dgain from x", "dgain", "the gain's gradient is Σ dy x, not Σ dy x̂", r"x̂|xhat|input|normalis|normaliz|not x")
def gain_from_x(golden):
    return in_numpy(golden, gain_of=lambda dy, x, centred: dy * x)


@wrong(OP, "bias before gain", "y", "y = gain (x̂ + bias)", r"bias")
def bias_first(golden):
    return in_numpy(golden, affine=lambda xhat, gain, bias: (xhat + bias) * gain)


@wrong(OP, "gain one plus gain", "y", "the gain is stored as its distance from one", r"1 \+|one|gain|plus")
def one_plus_gain(golden):
    return in_numpy(golden, affine=lambda xhat, gain, bias: xhat * (1 + gain) + bias)


@wrong(OP, "dbias a mean", "dbias", "the bias's gradient is the mean over the rows, not their sum", r"mean|factor|constant")
def bias_mean(golden):
    return in_numpy(golden, bias_of=lambda dy, axes: dy.mean(axes))
