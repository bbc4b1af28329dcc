"""Cases of layers.classifier."""

from minilm.checking.cases.case import Case, random, randomised
from minilm.layers import classifier


def cases():
    rng = random("layers.classifier")
    params = randomised(rng, classifier.init(rng, 4, 3))
    for what, shape, rate in (("", (2, 5, 4), 0.3), (" (one row)", (1, 4), 0.0)):
        yield Case(
            f"layers.classifier{what}", classifier.forward, classifier.backward, params,
            {"x": rng.standard_normal(shape)}, {"rate": rate, "rng": random("classifier")}, {"rate": rate}, ones="one" in what,
        )  # fmt: skip
