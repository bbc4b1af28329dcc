"""Cases of layers.classifier."""

from minilm.checking.cases.case import Case, random, randomised
from minilm.checking.cases.sizes import attention_dropout
from minilm.layers import classifier


def cases():
    rng = random("layers.classifier")
    params = randomised(rng, classifier.init(rng, 4, 3))
    for what, shape, rate in (("", (2, 5, 4), 0.3), (" (one row)", (1, 4), 0.0)):
        yield Case(
            f"layers.classifier{what}", classifier.forward, classifier.backward, params,
            {"x": rng.standard_normal(shape)}, {"rate": rate, "rng": random("classifier")}, {"rate": rate},
            ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, width=11, labels=5, dropout=0.0):
    """A logit for each label at each position."""
    settings, back = attention_dropout(rng, dropout)
    params, x = randomised(rng, classifier.init(rng, width, labels)), rng.standard_normal((batch, positions, width))
    return Case("layers.classifier", classifier.forward, classifier.backward, params, {"x": x}, settings, back)
