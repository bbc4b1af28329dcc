"""Cross-entropy: the operation, its fast twin, and the twin that makes head and loss together; of sigmoids; squares."""

import numpy as np

from minilm.checking.accuracy.subject import Subject, each
from minilm.fast import cross_entropy as fast_cross_entropy
from minilm.fast import sliced_cross_entropy
from minilm.ops import cross_entropy, sigmoid_cross_entropy, squared_error

ROWS = {8: 16, 1024: 4, 50257: 1}  # of so many words


def subjects(rng):
    for vocabulary, number in ROWS.items():
        kinds = {
            "ordinary": rng.standard_normal((number, vocabulary)),
            "large": 100 * rng.standard_normal((number, vocabulary)),
            "constant": np.full((number, vocabulary), 0.3),
            "far from zero": 1e4 + rng.standard_normal((number, vocabulary)),
            "sure and right": sure(rng, number, vocabulary),
        }
        targets = rng.integers(0, vocabulary, number)
        for kind, logits in kinds.items():
            answers = logits.argmax(-1) if kind == "sure and right" else targets
            for smoothing in (0.0, 0.1):
                where = f"V = {vocabulary:,}{', smoothed' if smoothing else ''}, {kind}"
                for op, module in (("cross_entropy", cross_entropy), ("fast.cross_entropy", fast_cross_entropy)):
                    yield of_logits(op, module, where, logits, answers, smoothing)
        width = 4
        for kind, scale in (("ordinary", 0.5), ("large", 20.0)):
            y, weight = rng.standard_normal((number, width)), scale * rng.standard_normal((vocabulary, width))
            for smoothing in (0.0, 0.1):
                where = f"V = {vocabulary:,}{', smoothed' if smoothing else ''}, {kind}"
                yield with_head(where, y, weight, targets, smoothing)
    for kind, scale in (("ordinary", 1.0), ("large, 30", 30.0)):
        yield of_labels(kind, scale * rng.standard_normal((16, 5)), rng.random((16, 5)) < 0.5)
        yield of_numbers(kind, scale * rng.standard_normal((16, 5)), rng.integers(-4, 5, (16, 5)))


def sure(rng, number, vocabulary):
    """Logits of which one stands far above the others."""
    logits = rng.standard_normal((number, vocabulary))
    logits[np.arange(number), rng.integers(0, vocabulary, number)] += 20
    return logits


KEPT: dict[bytes, tuple] = {}  # p and log p of the last logits: the twins are asked for the same


def probabilities(mp, z):
    key = b"".join(float(value).hex().encode() for value in z.ravel())
    if key not in KEPT:
        shifted = z - z.max(-1, keepdims=True)
        e = each(lambda value: mp.exp(value))(shifted)
        total = e.sum(-1, keepdims=True)
        while len(KEPT) > 1:  # one of each dtype
            KEPT.pop(next(iter(KEPT)))
        KEPT[key] = e / total, shifted - each(lambda value: mp.log(value))(total)
    return KEPT[key]


def exactly(mp, z, ids, smoothing, dy):
    """The loss and dlogits, in 50 digits."""
    p, log_p = probabilities(mp, z)
    vocabulary = z.shape[1]
    rest = mp.mpf(smoothing) / vocabulary
    q = np.where(np.arange(vocabulary) == ids[:, None], 1 - mp.mpf(smoothing) + rest, rest)
    return -(q * log_p).sum() / len(z), (p - q) * dy / len(z)


def in_torch(t, z, ids, smoothing):
    return t.nn.functional.cross_entropy(z, ids, label_smoothing=smoothing)


def in_jax(j, z, ids, smoothing):
    log_p = j.nn.log_softmax(z)
    chosen = j.numpy.take_along_axis(log_p, ids[:, None], -1)[:, 0]
    return -((1 - smoothing) * chosen + smoothing * log_p.mean(-1)).mean()


def of_logits(op, module, where, logits, targets, smoothing):
    def ours(logits, ids, dy):
        loss, cache = module.forward(logits, ids, smoothing=smoothing)
        return loss, {"logits": module.backward(cache, dy[()], smoothing=smoothing)}

    def exact(mp, logits, ids, dy):
        loss, dlogits = exactly(mp, logits, ids, smoothing, dy[()])
        return loss, {"logits": dlogits}

    return Subject(
        op, where, {"logits": logits, "ids": targets}, 1.0, ("logits",), ours, exact,
        lambda t, logits, ids: in_torch(t, logits, ids, smoothing),
        lambda j, logits, ids: in_jax(j, logits, ids, smoothing),
    )  # fmt: skip


def with_head(where, y, weight, targets, smoothing):
    def ours(y, weight, ids, dy):
        params = {"weight": weight}
        loss, cache = sliced_cross_entropy.forward(params, y, ids, smoothing=smoothing)
        back, dparams = sliced_cross_entropy.backward(params, cache, dy[()])
        return loss, {"y": back, "weight": dparams["weight"]}

    def exact(mp, y, weight, ids, dy):
        loss, dlogits = exactly(mp, y @ weight.T, ids, smoothing, dy[()])
        return loss, {"y": dlogits @ weight, "weight": dlogits.T @ y}

    return Subject(
        "fast.sliced_cross_entropy", where, {"y": y, "weight": weight, "ids": targets}, 1.0, ("y", "weight"), ours,
        exact,
        lambda t, y, weight, ids: in_torch(t, y @ weight.T, ids, smoothing),
        lambda j, y, weight, ids: in_jax(j, y @ weight.T, ids, smoothing),
    )  # fmt: skip


def of_labels(where, logits, there):
    def ours(logits, there, dy):
        loss, cache = sigmoid_cross_entropy.forward(logits, there)
        return loss, {"logits": sigmoid_cross_entropy.backward(cache, dy[()])}

    def exact(mp, logits, there, dy):
        costs = each(lambda z: mp.log1p(mp.exp(z)))(logits) - there * logits
        p = each(lambda z: 1 / (1 + mp.exp(-z)))(logits)
        return costs.sum() / logits.size, {"logits": (p - there) * dy / logits.size}

    return Subject(
        "sigmoid_cross_entropy", where, {"logits": logits, "there": there}, 1.0, ("logits",), ours, exact,
        lambda t, logits, there: t.nn.functional.binary_cross_entropy_with_logits(logits, there.to(logits.dtype)),
        lambda j, logits, there: (j.nn.softplus(logits) - there * logits).mean(),
    )  # fmt: skip


def of_numbers(where, y, wanted):
    def ours(y, wanted, dy):
        loss, cache = squared_error.forward(y, wanted)
        return loss, {"y": squared_error.backward(cache, dy[()])}

    def exact(mp, y, wanted, dy):
        error = y - wanted
        return (error * error).sum() / y.size, {"y": 2 * error * dy / y.size}

    def theirs(framework, y, wanted):
        return ((y - wanted) ** 2).mean()

    return Subject("squared_error", where, {"y": y, "wanted": wanted}, 1.0, ("y",), ours, exact, theirs, theirs)
