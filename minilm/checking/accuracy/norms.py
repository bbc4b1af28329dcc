"""Layer norm and RMSNorm, of ordinary rows, of constant ones, of a mean far from zero, of one outlier."""

import numpy as np

from minilm.checking.accuracy.subject import Subject, each
from minilm.ops import layer_norm, rms_norm

EPS = 1e-5


def subjects(rng):
    for width in (8, 256, 768):
        gain, bias, dy = rng.standard_normal(width), np.zeros(width), rng.standard_normal((16, width))
        some = rng.standard_normal((16, width))
        outlier = some.copy()
        outlier[:, width // 3] = 1e3
        kinds = {
            "ordinary": some, "small, 1e-4": 1e-4 * some, "large, 1e4": 1e4 * some,
            "constant": np.repeat(rng.standard_normal((16, 1)), width, 1), "mean 1e4": 1e4 + some,
            "one outlier": outlier,
        }  # fmt: skip
        for kind, x in kinds.items():
            yield of_layer_norm(f"D = {width}, {kind}", x, gain, bias, dy)
            yield of_rms_norm(f"D = {width}, {kind}", x, gain, dy)


def mean(a):
    return a.sum(-1, keepdims=True) / a.shape[-1]


def of_layer_norm(where, x, gain, bias, dy):
    def ours(x, gain, bias, dy):
        params = {"gain": gain, "bias": bias}
        y, cache = layer_norm.forward(params, x, EPS)
        dx, dparams = layer_norm.backward(params, cache, dy)
        return y, {"x": dx, **dparams}

    def exact(mp, x, gain, bias, dy):
        centred = x - mean(x)
        rstd = 1 / each(lambda value: mp.sqrt(value))(mean(centred * centred) + mp.mpf(EPS))
        xhat, dxhat = centred * rstd, dy * gain
        dx = rstd * (dxhat - mean(dxhat) - xhat * mean(dxhat * xhat))
        return xhat * gain + bias, {"x": dx, "gain": (dy * xhat).sum(0), "bias": dy.sum(0)}

    def in_jax(j, x, gain, bias):
        centred = x - x.mean(-1, keepdims=True)
        return centred * j.lax.rsqrt((centred * centred).mean(-1, keepdims=True) + EPS) * gain + bias

    return Subject(
        "layer_norm", where, {"x": x, "gain": gain, "bias": bias}, dy, ("x", "gain", "bias"), ours, exact,
        lambda t, x, gain, bias: t.nn.functional.layer_norm(x, gain.shape, gain, bias, EPS), in_jax,
    )  # fmt: skip


def of_rms_norm(where, x, gain, dy):
    def ours(x, gain, dy):
        params = {"gain": gain}
        y, cache = rms_norm.forward(params, x, EPS)
        dx, dparams = rms_norm.backward(params, cache, dy)
        return y, {"x": dx, **dparams}

    def exact(mp, x, gain, dy):
        rstd = 1 / each(lambda value: mp.sqrt(value))(mean(x * x) + mp.mpf(EPS))
        xhat, dxhat = x * rstd, dy * gain
        return xhat * gain, {"x": rstd * (dxhat - xhat * mean(dxhat * xhat)), "gain": (dy * xhat).sum(0)}

    return Subject(
        "rms_norm", where, {"x": x, "gain": gain}, dy, ("x", "gain"), ours, exact,
        lambda t, x, gain: t.nn.functional.rms_norm(x, gain.shape, gain, EPS),
        lambda j, x, gain: x * j.lax.rsqrt((x * x).mean(-1, keepdims=True) + EPS) * gain,
    )  # fmt: skip
