"""Softmax, attention whole and in blocks, rotary positions."""

import numpy as np

from minilm.checking.accuracy.subject import Subject, each
from minilm.fast import blocked_attention
from minilm.ops import rotary, scaled_dot_product, softmax


def subjects(rng):
    normal = rng.standard_normal
    for width in (8, 1024):
        kinds = {"ordinary": 1.0, "small, 1e-2": 1e-2, "large, 30": 30.0, "large, 1e4": 1e4}
        for kind, scale in kinds.items():
            yield of_softmax(f"S = {width:,}, {kind}", scale * normal((8, width)), normal((8, width)))
        yield of_softmax(f"S = {width:,}, constant", np.full((8, width), 0.3), normal((8, width)))
        yield of_softmax(f"S = {width:,}, far from zero", 1e4 + normal((8, width)), normal((8, width)))
    for kind, scale in (("ordinary", 1.0), ("large, 30", 30.0)):
        q, k, v, dy = scale * normal((2, 6, 16)), normal((2, 40, 16)), normal((2, 40, 16)), normal((2, 6, 16))
        for op in ("scaled_dot_product", "fast.blocked_attention"):
            yield of_attention(op, f"S = 40, {kind}", q, k, v, dy)
    for kind, far in (("ordinary", 0), ("positions from 100,000", 100_000)):
        yield of_rotary(f"{kind}", normal((2, 12, 16)), far + np.arange(12), normal((2, 12, 16)))


def exact_softmax(mp, x):
    e = each(lambda value: mp.exp(value))(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def back(y, dy):
    return y * (dy - (y * dy).sum(-1, keepdims=True))


def of_softmax(where, x, dy):
    def ours(x, dy):
        y, cache = softmax.forward(x)
        return y, {"x": softmax.backward(cache, dy)}

    def exact(mp, x, dy):
        y = exact_softmax(mp, x)
        return y, {"x": back(y, dy)}

    return Subject(
        "softmax", where, {"x": x}, dy, ("x",), ours, exact, lambda t, x: t.softmax(x, -1), lambda j, x: j.nn.softmax(x)
    )


def of_attention(op, where, q, k, v, dy):
    module = blocked_attention if op.startswith("fast") else scaled_dot_product
    blocks = {"block": 4, "keys": 16} if op.startswith("fast") else {}

    def ours(q, k, v, dy):
        y, cache = module.forward(q[None], k[None], v[None], **blocks)
        dq, dk, dv = module.backward(cache, dy[None], **blocks)
        return y[0], {"q": dq[0], "k": dk[0], "v": dv[0]}

    def exact(mp, q, k, v, dy):
        scale = 1 / mp.sqrt(q.shape[-1])
        parts = []
        for one in range(len(q)):
            weights = exact_softmax(mp, q[one] @ k[one].T * scale)
            dscores = back(weights, dy[one] @ v[one].T)
            parts.append((weights @ v[one], dscores @ k[one] * scale, dscores.T @ q[one] * scale, weights.T @ dy[one]))
        y, dq, dk, dv = (np.stack(part) for part in zip(*parts, strict=True))
        return y, {"q": dq, "k": dk, "v": dv}

    def in_torch(t, q, k, v):
        with t.nn.attention.sdpa_kernel(t.nn.attention.SDPBackend.MATH):
            return t.nn.functional.scaled_dot_product_attention(q[None], k[None], v[None])[0]

    def in_jax(j, q, k, v):
        return j.nn.softmax(q @ k.swapaxes(-1, -2) * q.shape[-1] ** -0.5) @ v

    return Subject(op, where, {"q": q, "k": k, "v": v}, dy, ("q", "k", "v"), ours, exact, in_torch, in_jax)


def of_rotary(where, x, positions, dy):
    half = x.shape[-1] // 2

    def ours(x, positions, dy):
        y, cache = rotary.forward(x, positions)
        return y, {"x": rotary.backward(cache, dy)}

    def turned(mp, x, positions, sign):
        width = x.shape[-1]
        angle = np.array([[int(p) * mp.mpf(10000) ** (mp.mpf(-2 * i) / width) for i in range(half)] for p in positions])
        cos, sin = each(lambda value: mp.cos(value))(angle), each(lambda value: mp.sin(value))(angle) * sign
        a, b = x[..., :half], x[..., half:]
        return np.concatenate([a * cos - b * sin, a * sin + b * cos], -1)

    def exact(mp, x, positions, dy):
        return turned(mp, x, positions, 1), {"x": turned(mp, dy, positions, -1)}

    def theirs(numpy, cat, x, positions, frequency):
        """As Transformers' Llama has it: the angles in float32, whatever the positions."""
        angle = positions[..., None] * frequency
        angle = cat([angle, angle])
        return x * numpy.cos(angle) + cat([-x[..., half:], x[..., :half]]) * numpy.sin(angle)

    def in_torch(t, x, positions):
        frequency = 1 / 10000.0 ** (t.arange(0, x.shape[-1], 2, dtype=x.dtype) / x.shape[-1])
        return theirs(t, lambda parts: t.cat(parts, -1), x, positions.to(x.dtype), frequency)

    def in_jax(j, x, positions):
        frequency = 1 / 10000.0 ** (j.numpy.arange(0, x.shape[-1], 2, dtype=x.dtype) / x.shape[-1])
        return theirs(j.numpy, lambda parts: j.numpy.concatenate(parts, -1), x, positions.astype(x.dtype), frequency)

    return Subject("rotary", where, {"x": x, "positions": positions}, dy, ("x",), ours, exact, in_torch, in_jax)
