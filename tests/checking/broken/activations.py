"""GELU in both forms, ReLU, tanh, dropout: x, dy -> y, dx."""

import math

import numpy as np
import torch

from broken.sample import Tape, lowered, right, wrong

ROOT = math.sqrt(2 / math.pi)
erf = np.vectorize(math.erf, otypes=[np.float32])
F = torch.nn.functional


def in_torch(golden, function):
    g, keep = lowered(golden), Tape()
    x = keep.leaf("x", g["x"])
    keep("y", function(x)).backward(torch.tensor(g["dy"]))
    return keep.results()


def in_numpy(golden, function, slope):
    g = lowered(golden)
    y = function(g["x"]).astype(np.float32)
    return {"y": y, "dx": (g["dy"] * slope(g["x"])).astype(np.float32)}


def inner(x):
    return ROOT * (x + 0.044715 * x**3)


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(inner(x)))


def gelu_tanh_slope(x, cubic=3 * 0.044715):
    t = np.tanh(inner(x))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * ROOT * (1 + cubic * x * x)


def cdf(x):
    return 0.5 * (1 + erf(x / math.sqrt(2)))


def gelu_slope(x):
    return cdf(x) + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


right("ops.gelu_tanh", "NumPy")(lambda golden: in_numpy(golden, gelu_tanh, gelu_tanh_slope))
right("ops.gelu_tanh", "PyTorch")(lambda golden: in_torch(golden, lambda x: F.gelu(x, approximate="tanh")))
right("ops.gelu_exact", "NumPy")(lambda golden: in_numpy(golden, lambda x: x * cdf(x), gelu_slope))
right("ops.gelu_exact", "PyTorch")(lambda golden: in_torch(golden, F.gelu))
right("ops.relu", "NumPy")(lambda golden: in_numpy(golden, lambda x: x * (x > 0), lambda x: x > 0))
right("ops.relu", "PyTorch")(lambda golden: in_torch(golden, F.relu))
right("ops.tanh", "NumPy")(lambda golden: in_numpy(golden, np.tanh, lambda x: 1 / np.cosh(x) ** 2))
right("ops.tanh", "PyTorch")(lambda golden: in_torch(golden, torch.tanh))


@wrong("ops.gelu_tanh", "the exact form", "y", "erf's GELU where tanh's is wanted", r"erf|exact")
def erf_for_tanh(golden):
    return in_torch(golden, F.gelu)


@wrong("ops.gelu_exact", "the tanh form", "y", "tanh's GELU where erf's is wanted", r"tanh")
def tanh_for_erf(golden):
    return in_torch(golden, lambda x: F.gelu(x, approximate="tanh"))


@wrong("ops.gelu_exact", "the sigmoid form", "y", "x σ(1.702 x), the quick approximation", r"sigmoid|1\.702|quick|silu|swish|σ")
def quick(golden):
    return in_torch(golden, lambda x: x * torch.sigmoid(1.702 * x))


@wrong("ops.gelu_exact", "no √2", "y", "erf of x, not of x / √2", r"√2|sqrt|root")
def no_root(golden):
    return in_torch(golden, lambda x: 0.5 * x * (1 + torch.erf(x)))


@wrong("ops.gelu_exact", "half of the product rule", "dx", "the derivative is Φ(x) alone: x φ(x) is left out", r"φ|density|product|term|dropped")
def no_density(golden):
    return in_numpy(golden, lambda x: x * cdf(x), cdf)


@wrong("ops.gelu_tanh", "no cube", "y", "the cubic term is left out: tanh(√(2/π) x)", r"cub|x³|0\.044715|x\^3")
def no_cube(golden):
    return in_torch(golden, lambda x: 0.5 * x * (1 + torch.tanh(ROOT * x)))


@wrong("ops.gelu_tanh", "the cube's factor lost in backward", "dx", "the derivative of x³ has no factor 3", r"cub|3|x³|x²|inner")
def no_three(golden):
    return in_numpy(golden, gelu_tanh, lambda x: gelu_tanh_slope(x, 0.044715))


@wrong("ops.gelu_tanh", "the inner derivative left out", "dx", "the derivative of tanh's argument is not multiplied in", r"inner|chain|argument|2u|slope")
def no_inner(golden):
    def slope(x):
        t = np.tanh(inner(x))
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t)

    return in_numpy(golden, gelu_tanh, slope)


@wrong("ops.relu", "masked by the gradient's sign", "dx", "dy is rectified, as in guided backpropagation, not masked by x > 0", r"dy|gradient|upstream|sign|guided")
def by_gradient(golden):
    g = lowered(golden)
    return {"y": g["x"] * (g["x"] > 0), "dx": g["dy"] * (g["dy"] > 0)}


@wrong("ops.relu", "passed through", "dx", "backward passes dy on unmasked", r"mask|unmasked|identity|dy|passed|everywhere")
def passed_through(golden):
    return in_numpy(golden, lambda x: x * (x > 0), lambda x: np.ones_like(x))


@wrong("ops.relu", "leaky", "y", "a leaky rectifier: 0.01 x below zero", r"leak|0\.01|negative")
def leaky(golden):
    return in_torch(golden, F.leaky_relu)


@wrong("ops.tanh", "the derivative of the input", "dx", "1 - x² for 1 - y²: x is taken for the output", r"x²|input|1 - x|not y")
def of_input(golden):
    return in_numpy(golden, np.tanh, lambda x: 1 - x * x)


@wrong("ops.tanh", "the square left out", "dx", "1 - y for 1 - y²", r"square|1 - y|y²|1 - tanh")
def no_square(golden):
    return in_numpy(golden, np.tanh, lambda x: 1 - np.tanh(x))


@wrong("ops.tanh", "the sigmoid's derivative", "dx", "y (1 - y), the sigmoid's, for 1 - y²", r"sigmoid|y \(1 - y\)|logistic")
def of_sigmoid(golden):
    return in_numpy(golden, np.tanh, lambda x: np.tanh(x) * (1 - np.tanh(x)))


# Dropout: x, keep, rate, dy -> y, dx; the rate is a number of 65,536ths ------------------------------------------------------------------------------------


def scale_of(rate):
    return 65536 / (65536 - round(float(rate) * 65536))


def dropped(golden, forward=True, backward=None):
    """Factors of x and of dy: 1 / (1 - rate) where kept, as the function of (keep, scale) says."""
    g = lowered(golden)
    keep, scale = g["keep"], np.float32(scale_of(g["rate"]))
    factor = keep * scale if forward is True else forward(keep, scale)
    back = factor if backward is None else backward(keep, scale)
    return {"y": (g["x"] * factor).astype(np.float32), "dx": (g["dy"] * back).astype(np.float32)}


right("ops.dropout", "NumPy")(dropped)


@right("ops.dropout", "PyTorch")
def dropout_in_torch(golden):
    g = lowered(golden)
    return in_torch(golden, lambda x: x * torch.tensor(g["keep"]) * scale_of(g["rate"]))


@wrong("ops.dropout", "no scale", "y", "what is kept is not scaled up by 1 / (1 - rate)", r"scal|1 - rate|factor")
def no_scale(golden):
    return dropped(golden, lambda keep, scale: keep)


@wrong("ops.dropout", "keep inverted", "y", "what was to be kept is dropped", r"invert|negat|opposite|kept|reversed")
def keep_inverted(golden):
    return dropped(golden, lambda keep, scale: ~keep * scale)


@wrong("ops.dropout", "rate for 1 - rate", "y", "what is kept is divided by the rate, not by 1 - rate", r"rate|scal|factor")
def by_rate(golden):
    return dropped(golden, lambda keep, scale: keep / np.float32(golden["rate"]))


@wrong("ops.dropout", "backward without the mask", "dx", "dx = dy scale: dropped elements have a gradient", r"mask|keep|kept")
def no_mask_back(golden):
    return dropped(golden, backward=lambda keep, scale: np.full(keep.shape, scale))


@wrong("ops.dropout", "backward without the scale", "dx", "dx = dy keep: not scaled", r"scal|1 - rate|factor")
def no_scale_back(golden):
    return dropped(golden, backward=lambda keep, scale: keep)


@wrong("ops.dropout", "another pattern on the way back", "dx", "the mask is drawn anew in backward", r"mask|anew|another|drawn|pattern|keep")
def another_mask(golden):
    rng = np.random.default_rng(1)
    return dropped(golden, backward=lambda keep, scale: (rng.random(keep.shape) > golden["rate"]) * scale)
