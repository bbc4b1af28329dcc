"""Operations entry by entry: sigmoid, tanh, ReLU, GELU in both forms and their fast twins."""

import numpy as np

from minilm.arrays.sigmoid import sigmoid
from minilm.checking.accuracy.subject import Subject, each
from minilm.fast import gelu_exact as fast_gelu_exact
from minilm.fast import gelu_tanh as fast_gelu_tanh
from minilm.ops import gelu_exact, gelu_tanh, relu, tanh

RANGES = {
    "-1 ... 1": (-1, 1), "-4 ... 4": (-4, 4), "-12 ... -4": (-12, -4), "4 ... 12": (4, 12), "-40 ... -12": (-40, -12),
    "12 ... 40": (12, 40),
}  # fmt: skip
NUMBER = 300  # entries of each range
ENDS = np.array([0.0, -0.0, 1e-30, -1e-30, 1e-8, -1e-8, 1e-4, -1e-4, 0.5, -0.5])


class Sigmoid:
    """The logistic function of the LSTM's gates as an operation: y, and dy y (1 - y) as the gates have it."""

    @staticmethod
    def forward(x):
        y = sigmoid(x)
        return y, {"y": y}

    @staticmethod
    def backward(cache, dy):
        return dy * cache["y"] * (1 - cache["y"])


def functions(mp):
    """{name: (function, derivative)} of one mpmath number."""
    root, cubic = mp.sqrt(8 / mp.pi), mp.mpf(0.044715)

    def logistic(x):
        return 1 / (1 + mp.exp(-x))

    def gate(x):
        return logistic(root * (x + cubic * x**3))

    def tanh_slope(x):
        return gate(x) + x * gate(x) * gate(-x) * root * (1 + 3 * cubic * x**2)

    def below(x):
        return mp.ncdf(x)

    def density(x):
        return mp.npdf(x)

    return {
        "sigmoid": (logistic, lambda x: logistic(x) * logistic(-x)),
        "tanh": (lambda x: mp.tanh(x), lambda x: mp.sech(x) ** 2),
        "relu": (lambda x: max(x, mp.mpf(0)), lambda x: mp.mpf(x > 0)),
        "gelu_tanh": (lambda x: x * gate(x), tanh_slope),
        "gelu_exact": (lambda x: x * below(x), lambda x: below(x) + x * density(x)),
    }


OURS = {
    "sigmoid": ("sigmoid", Sigmoid), "tanh": ("tanh", tanh), "relu": ("relu", relu),
    "gelu_tanh": ("gelu_tanh", gelu_tanh), "fast.gelu_tanh": ("gelu_tanh", fast_gelu_tanh),
    "gelu_exact": ("gelu_exact", gelu_exact), "fast.gelu_exact": ("gelu_exact", fast_gelu_exact),
}  # fmt: skip
TORCH = {
    "sigmoid": lambda t, x: t.sigmoid(x), "tanh": lambda t, x: t.tanh(x), "relu": lambda t, x: t.relu(x),
    "gelu_tanh": lambda t, x: t.nn.functional.gelu(x, approximate="tanh"),
    "gelu_exact": lambda t, x: t.nn.functional.gelu(x),
}  # fmt: skip
JAX = {
    "sigmoid": lambda j, x: j.nn.sigmoid(x), "tanh": lambda j, x: j.numpy.tanh(x), "relu": lambda j, x: j.nn.relu(x),
    "gelu_tanh": lambda j, x: j.nn.gelu(x, approximate=True),
    "gelu_exact": lambda j, x: j.nn.gelu(x, approximate=False),
}  # fmt: skip


def subjects(rng):
    for op, (what, module) in OURS.items():
        for where, (low, high) in RANGES.items():
            small = max(-low, high) <= 1
            x = np.concatenate([rng.uniform(low, high, NUMBER), ENDS if small else np.array([low, high], float)])
            yield subject(op, what, module, where, x, small)


def subject(op, what, module, where, x, small):
    """An upstream gradient of ones: it is the slope that is to be right."""

    def ours(x, dy):
        y, cache = module.forward(x)
        return y, {"x": module.backward(cache, dy)}

    def exact(mp, x, dy):
        function, slope = functions(mp)[what]
        return each(function)(x), {"x": each(slope)(x)}

    return Subject(op, where, {"x": x}, np.ones(len(x)), ("x",), ours, exact, TORCH[what], JAX[what], True, small)
