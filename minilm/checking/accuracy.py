"""How many digits an operation keeps, held against 50 digits, and beside PyTorch and JAX where they are installed.

An error is the largest over the output's largest entry, in units of the dtype's eps; where every entry is to be right
to its own digits (a tail), over each entry itself. Inputs are those at which digits are lost: large logits, tails,
constant rows, long sums. mpmath gives the true values.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minilm.arrays.sigmoid import sigmoid
from minilm.ops import cross_entropy, gelu_tanh, layer_norm, linear, softmax, tanh

DIGITS = 50


@dataclass(frozen=True)
class Subject:
    """An operation on some inputs: ours, the same in 50 digits, and in a framework's functions.

    `ours(*arrays)`, `exact(mp, *arrays)` on object arrays of mpmath numbers, `torch(torch, *tensors)` and
    `jax(jax, *arrays)` each return {"forward": y, "backward of ...": the gradients that ours returns}.
    """

    name: str
    arrays: tuple
    ours: Callable
    exact: Callable
    torch: Callable
    jax: Callable
    each: bool = False


def errors(subject, dtype):
    """{direction: {"minilm": error, "PyTorch": error, "JAX": error}} of a subject in a dtype."""
    import mpmath

    arrays = [array.astype(dtype) if array.dtype.kind == "f" else array for array in subject.arrays]
    with mpmath.workdps(DIGITS):
        lifted = [lift(mpmath, array) if array.dtype.kind == "f" else array for array in arrays]
        truth = subject.exact(mpmath, *lifted)
        found = {"minilm": subject.ours(*arrays), **by_peers(subject, arrays)}
        return {
            direction: {
                who: error(mpmath, results[direction], wanted, dtype, subject.each) for who, results in found.items()
            }
            for direction, wanted in truth.items()
        }  # fmt: skip


def by_peers(subject, arrays):
    """What PyTorch and JAX make of it, those of the two that are installed."""
    found = {}
    try:
        import torch
    except ImportError:
        pass
    else:
        found["PyTorch"] = subject.torch(torch, *map(torch.tensor, arrays))
    try:
        import jax
    except ImportError:
        pass
    else:
        jax.config.update("jax_enable_x64", True)
        found["JAX"] = subject.jax(jax, *map(jax.numpy.asarray, arrays))
    return found


def lift(mpmath, array):
    """An array of floats as one of mpmath's numbers, exactly."""
    return np.vectorize(lambda value: mpmath.mpf(float(value)), otypes=[object])(array)


def error(mpmath, found, truth, dtype, each):
    """In units of eps; `each`: the largest of the errors over their own entries, else over the largest entry."""
    found, truth = lift(mpmath, np.atleast_1d(np.asarray(found, dtype))), np.atleast_1d(np.asarray(truth, object))
    difference = np.abs(found - truth)
    scale = np.abs(truth) if each else np.abs(truth).max()
    if each:
        difference, scale = difference[truth != 0], scale[truth != 0]
    return float(np.max(difference / scale if each or scale else difference)) / float(np.finfo(dtype).eps)


def elementwise(name, x, ours, exact, torch, jax):
    """A subject of one array, forward and (with an upstream gradient of ones) backward, entry by entry."""

    def in_torch(t, x):
        x.requires_grad_()
        y = torch(t, x)
        y.sum().backward()
        return {"forward": y.detach().numpy(), "backward": x.grad.numpy()}

    def in_jax(j, x):
        return {"forward": jax(j, x), "backward": j.grad(lambda x: jax(j, x).sum())(x)}

    def in_ours(x):
        y, cache = ours.forward(x)
        return {"forward": y, "backward": ours.backward(cache, np.ones_like(x))}

    def exactly(mp, x):
        y, slope = (np.vectorize(function, otypes=[object])(x) for function in exact(mp))
        return {"forward": y, "backward": slope}

    return Subject(name, (x,), in_ours, exactly, in_torch, in_jax, each=True)


def loss_subject(name, logits, targets, smoothing):
    """Cross-entropy, and its gradient of the logits."""

    def ours(z, ids):
        loss, cache = cross_entropy.forward(z, ids, smoothing=smoothing)
        return {"forward": loss, "backward": cross_entropy.backward(cache, smoothing=smoothing)}

    def exact(mp, z, ids):
        e = np.vectorize(mp.exp, otypes=[object])(z - z.max(-1, keepdims=True))
        total, number, vocabulary = e.sum(-1, keepdims=True), len(z), z.shape[1]
        log_p = z - z.max(-1, keepdims=True) - np.vectorize(mp.log, otypes=[object])(total)
        share, rest = mp.mpf(1) - mp.mpf(smoothing), mp.mpf(smoothing) / vocabulary
        q = np.where(np.arange(vocabulary) == ids[:, None], share + rest, rest)
        return {"forward": np.array(-(q * log_p).sum() / number), "backward": (e / total - q) / number}

    def in_torch(t, z, ids):
        z.requires_grad_()
        loss = t.nn.functional.cross_entropy(z, ids, label_smoothing=smoothing)
        loss.backward()
        return {"forward": loss.detach().numpy(), "backward": z.grad.numpy()}

    def in_jax(j, z, ids):
        def loss(z):
            log_p = j.nn.log_softmax(z)
            chosen = j.numpy.take_along_axis(log_p, ids[:, None], -1)[:, 0]
            return -((1 - smoothing) * chosen + smoothing * log_p.mean(-1)).mean()

        return {"forward": loss(z), "backward": j.grad(loss)(z)}

    return Subject(name, (logits, targets), ours, exact, in_torch, in_jax)


def softmax_subject(name, x, dy):
    """Softmax over the last axis."""

    def ours(x, dy):
        y, cache = softmax.forward(x)
        return {"forward": y, "backward": softmax.backward(cache, dy)}

    def exact(mp, x, dy):
        e = np.vectorize(mp.exp, otypes=[object])(x - x.max(-1, keepdims=True))
        y = e / e.sum(-1, keepdims=True)
        return {"forward": y, "backward": y * (dy - (y * dy).sum(-1, keepdims=True))}

    def in_torch(t, x, dy):
        x.requires_grad_()
        y = t.softmax(x, -1)
        y.backward(dy)
        return {"forward": y.detach().numpy(), "backward": x.grad.numpy()}

    def in_jax(j, x, dy):
        y, pull = j.vjp(j.nn.softmax, x)
        return {"forward": y, "backward": pull(dy)[0]}

    return Subject(name, (x, dy), ours, exact, in_torch, in_jax)


def linear_subject(name, x, weight, dy):
    """A linear map with a bias of zeros: y, dx, dW, db."""

    def ours(x, weight, dy):
        params = {"weight": weight, "bias": np.zeros(weight.shape[1], x.dtype)}
        y, cache = linear.forward(params, x)
        dx, dparams = linear.backward(params, cache, dy)
        return {"forward": y, "backward of x": dx, "backward of W": dparams["weight"], "backward of b": dparams["bias"]}

    def exact(mp, x, weight, dy):
        return {
            "forward": x @ weight, "backward of x": dy @ weight.T, "backward of W": x.T @ dy, "backward of b": dy.sum(0)
        }  # fmt: skip

    def in_torch(t, x, weight, dy):
        bias = t.zeros(weight.shape[1], dtype=x.dtype, requires_grad=True)
        y = x.requires_grad_() @ weight.requires_grad_() + bias
        y.backward(dy)
        gradients = (x.grad, weight.grad, bias.grad)
        names = ("backward of x", "backward of W", "backward of b")
        return {"forward": y.detach().numpy(), **{n: g.numpy() for n, g in zip(names, gradients, strict=True)}}

    def in_jax(j, x, weight, dy):
        bias = j.numpy.zeros(weight.shape[1], x.dtype)
        y, pull = j.vjp(lambda x, w, b: x @ w + b, x, weight, bias)
        dx, dweight, dbias = pull(dy)
        return {"forward": y, "backward of x": dx, "backward of W": dweight, "backward of b": dbias}

    return Subject(name, (x, weight, dy), ours, exact, in_torch, in_jax)


def norm_subject(name, x, gain, dy, eps=1e-5):
    """Layer norm with a bias of zeros: y, dx, dgain."""

    def ours(x, gain, dy):
        params = {"gain": gain, "bias": np.zeros_like(gain)}
        y, cache = layer_norm.forward(params, x, eps)
        dx, dparams = layer_norm.backward(params, cache, dy)
        return {"forward": y, "backward of x": dx, "backward of gain": dparams["gain"]}

    def exact(mp, x, gain, dy):
        def mean(a):
            return a.sum(-1, keepdims=True) / a.shape[-1]

        centred = x - mean(x)
        rstd = 1 / np.vectorize(mp.sqrt, otypes=[object])(mean(centred * centred) + mp.mpf(eps))
        xhat, dxhat = centred * rstd, dy * gain
        dx = rstd * (dxhat - mean(dxhat) - xhat * mean(dxhat * xhat))
        return {"forward": xhat * gain, "backward of x": dx, "backward of gain": (dy * xhat).sum(0)}

    def in_torch(t, x, gain, dy):
        y = t.nn.functional.layer_norm(x.requires_grad_(), gain.shape, gain.requires_grad_(), None, eps)
        y.backward(dy)
        return {"forward": y.detach().numpy(), "backward of x": x.grad.numpy(), "backward of gain": gain.grad.numpy()}

    def in_jax(j, x, gain, dy):
        def norm(x, gain):
            centred = x - x.mean(-1, keepdims=True)
            return centred * j.lax.rsqrt((centred * centred).mean(-1, keepdims=True) + eps) * gain

        y, pull = j.vjp(norm, x, gain)
        dx, dgain = pull(dy)
        return {"forward": y, "backward of x": dx, "backward of gain": dgain}

    return Subject(name, (x, gain, dy), ours, exact, in_torch, in_jax)


class Logistic:
    """The sigmoid of the LSTM's gates as an operation: y, and y (1 - y) as the gates have it."""

    @staticmethod
    def forward(x):
        y = sigmoid(x)
        return y, {"y": y}

    @staticmethod
    def backward(cache, dy):
        return dy * cache["y"] * (1 - cache["y"])


def subjects(rng):
    """The inputs at which digits are lost."""
    normal = rng.standard_normal
    for vocabulary in (8, 1024):
        for smoothing in (0.0, 0.1):
            kinds = {"large": 100 * normal((16, vocabulary)), "constant": np.full((16, vocabulary), 0.3)}
            for kind, logits in kinds.items():
                name = f"cross_entropy [{vocabulary}] smoothing {smoothing}, {kind}"
                yield loss_subject(name, logits, rng.integers(0, vocabulary, 16), smoothing)

    def logistic(mp):
        return lambda x: 1 / (1 + mp.exp(-x)), lambda x: mp.exp(-x) / (1 + mp.exp(-x)) ** 2

    for low, high in ((-40, -12), (-12, -4)):
        yield elementwise(f"sigmoid, {low} to {high}", rng.uniform(low, high, 500), Logistic, logistic,
                          lambda t, x: t.sigmoid(x), lambda j, x: j.nn.sigmoid(x))  # fmt: skip
    for low, high in ((-12, -4), (-4, 4), (4, 12)):
        yield elementwise(
            f"tanh, {low} to {high}", rng.uniform(low, high, 500), tanh,
            lambda mp: (mp.tanh, lambda x: mp.sech(x) ** 2), lambda t, x: t.tanh(x), lambda j, x: j.numpy.tanh(x),
        )  # fmt: skip

    def tanh_gelu(mp):
        root, cubic = mp.sqrt(8 / mp.pi), mp.mpf(0.044715)

        def gate(x):
            return 1 / (1 + mp.exp(-root * (x + cubic * x**3)))

        def slope(x):
            return gate(x) + x * gate(x) * (1 - gate(x)) * root * (1 + 3 * cubic * x**2)

        return lambda x: x * gate(x), slope

    yield elementwise(
        "gelu_tanh, 4 to 12", rng.uniform(4, 12, 500), gelu_tanh, tanh_gelu,
        lambda t, x: t.nn.functional.gelu(x, approximate="tanh"), lambda j, x: j.nn.gelu(x, approximate=True),
    )  # fmt: skip
    for kind, scale in (("large", 30), ("small", 1e-2), ("normal", 1)):
        yield softmax_subject(f"softmax [1024], {kind}", scale * normal((16, 1024)), normal((16, 1024)))
    for kind, draw in (("positive", lambda *s: rng.random(s)), ("normal", lambda *s: normal(s))):
        yield linear_subject(f"linear [4096, 8], all {kind}", draw(4096, 8), draw(8, 8), draw(4096, 8))
        yield linear_subject(f"linear [16, 1024], all {kind}", draw(16, 1024), draw(1024, 8), draw(16, 8))
    for width in (8, 256, 768):
        gain = normal(width)
        constant = np.repeat(normal((16, 1)), width, 1)
        some = normal((16, width))
        for kind, x in (("constant", constant), ("mean 1e4", 1e4 + some), ("normal", some)):
            yield norm_subject(f"layer_norm [{width}], {kind}", x, gain, normal((16, width)))
