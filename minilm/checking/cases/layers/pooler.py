"""Cases of layers.pooler."""

from minilm.checking.cases.case import Case, random, randomised
from minilm.layers import pooler


def cases():
    rng = random("layers.pooler")
    params = randomised(rng, pooler.init(rng, 4))
    for what, shape in (("", (2, 3, 4)), (" (one position)", (1, 1, 4))):
        inputs = {"hidden": rng.standard_normal(shape)}
        yield Case(f"layers.pooler{what}", pooler.forward, pooler.backward, params, inputs, ones="one" in what)


def sized(rng, batch=3, positions=7, width=11):
    """Of several positions."""
    params = randomised(rng, pooler.init(rng, width), 0.4)
    hidden = rng.standard_normal((batch, positions, width))
    return Case("layers.pooler", pooler.forward, pooler.backward, params, {"hidden": hidden})
