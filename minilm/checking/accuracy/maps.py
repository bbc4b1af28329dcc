"""Products and sums over rows: linear, the tied head, the embedding's rows, a mean, dropout, rows turned round."""

import numpy as np

from minilm.arrays import random_bits
from minilm.checking.accuracy.subject import Subject
from minilm.ops import dropout, embedding, linear, masked_mean, tied_head, turned


def subjects(rng):
    normal, positive = rng.standard_normal, rng.random
    for kind, draw in (("ordinary", normal), ("all positive", positive)):
        yield of_linear(f"[4096, 8], {kind}", draw((4096, 8)), draw((8, 8)), draw(8), draw((4096, 8)))
        yield of_linear(f"[16, 1024], {kind}", draw((16, 1024)), draw((1024, 8)), draw(8), draw((16, 8)))
        yield of_head(f"[64, 256], {kind}", draw((64, 64)), draw((256, 64)), draw((64, 256)))
        yield of_embedding(f"an id 2,000 times, {kind}", draw((5, 8)), rng.integers(0, 3, 6000), draw((6000, 8)))
    scales = np.where(np.arange(1024) % 2, 1e4, 1e-4)
    x = scales * normal((16, 1024))
    yield of_linear("[16, 1024], of sizes far apart", x, normal((1024, 8)), normal(8), normal((16, 8)))
    yield of_dropout("ordinary", rng, normal((16, 64)), normal((16, 64)))
    mask = np.arange(300) < np.array([300, 1, 170, 0])[:, None]
    for kind, far in (("ordinary", 0.0), ("mean 1e4", 1e4)):
        yield of_mean(f"T = 300, {kind}", far + normal((4, 300, 3)), mask, normal((4, 3)))
    yield of_turned("ordinary", normal((4, 6, 3)), np.array([6, 1, 4, 0]), normal((4, 6, 3)))


def of_linear(where, x, weight, bias, dy):
    def ours(x, weight, bias, dy):
        params = {"weight": weight, "bias": bias}
        y, cache = linear.forward(params, x)
        dx, dparams = linear.backward(params, cache, dy)
        return y, {"x": dx, **dparams}

    def exact(mp, x, weight, bias, dy):
        return x @ weight + bias, {"x": dy @ weight.T, "weight": x.T @ dy, "bias": dy.sum(0)}

    def theirs(framework, x, weight, bias):
        return x @ weight + bias

    arrays = {"x": x, "weight": weight, "bias": bias}
    return Subject("linear", where, arrays, dy, ("x", "weight", "bias"), ours, exact, theirs, theirs)


def of_head(where, y, weight, dlogits):
    def ours(y, weight, dy):
        params = {"weight": weight}
        logits, cache = tied_head.forward(params, y)
        back, dparams = tied_head.backward(params, cache, dy)
        return logits, {"y": back, **dparams}

    def exact(mp, y, weight, dy):
        return y @ weight.T, {"y": dy @ weight, "weight": dy.T @ y}

    def theirs(framework, y, weight):
        return y @ weight.T

    arrays = {"y": y, "weight": weight}
    return Subject("tied_head", where, arrays, dlogits, ("y", "weight"), ours, exact, theirs, theirs)


def of_embedding(where, weight, ids, dy):
    def ours(weight, ids, dy):
        y, cache = embedding.forward({"weight": weight}, ids)
        return y, embedding.backward({"weight": weight}, cache, dy)

    def exact(mp, weight, ids, dy):
        rows = [dy[ids == number].sum(0) + np.full(dy.shape[1], mp.mpf(0)) for number in range(len(weight))]
        return weight[ids], {"weight": np.stack(rows)}

    return Subject(
        "embedding", where, {"weight": weight, "ids": ids}, dy, ("weight",), ours, exact,
        lambda t, weight, ids: t.nn.functional.embedding(ids, weight), lambda j, weight, ids: weight[ids],
    )  # fmt: skip


def of_dropout(where, rng, x, dy):
    rate, seed = 0.3, 5
    keep = random_bits.draw(np.random.default_rng(seed), x.shape) >= dropout.dropped_parts(rate)

    def ours(x, keep, dy):
        y, cache = dropout.forward(x, rate, np.random.default_rng(seed))
        return y, {"x": dropout.backward(cache, dy, rate)}

    def exact(mp, x, keep, dy):
        scale = mp.mpf(dropout.PARTS) / (dropout.PARTS - dropout.dropped_parts(rate))
        return x * keep * scale, {"x": dy * keep * scale}

    scale = dropout.PARTS / (dropout.PARTS - dropout.dropped_parts(rate))

    def theirs(framework, x, keep):
        return x * keep * scale

    return Subject("dropout", where, {"x": x, "keep": keep}, dy, ("x",), ours, exact, theirs, theirs, True)


def of_mean(where, x, mask, dy):
    def ours(x, mask, dy):
        y, cache = masked_mean.forward(x, mask)
        return y, {"x": masked_mean.backward(cache, dy)}

    def exact(mp, x, mask, dy):
        number = np.array([[max(int(row.sum()), 1)] for row in mask], object)
        return (x * mask[..., None]).sum(1) / number, {"x": mask[..., None] * (dy / number)[:, None, :]}

    def theirs(framework, x, mask):
        number = mask.sum(-1, keepdims=True)
        return (x * mask[..., None]).sum(1) / (number + (number == 0))

    return Subject("masked_mean", where, {"x": x, "mask": mask}, dy, ("x",), ours, exact, theirs, theirs)


def of_turned(where, x, lengths, dy):
    """Only places are exchanged: not a bit may differ."""
    places = turned.mirrored(lengths, x.shape[1])

    def ours(x, lengths, dy):
        y, cache = turned.forward(x, lengths)
        return y, {"x": turned.backward(cache, dy)}

    def exact(mp, x, lengths, dy):
        y, dx = (np.take_along_axis(array, places[..., None], 1) for array in (x, dy))
        return y, {"x": dx}

    def theirs(framework, x, lengths):
        return x[np.arange(len(places))[:, None], places]

    return Subject("turned", where, {"x": x, "lengths": lengths}, dy, ("x",), ours, exact, theirs, theirs, True)
