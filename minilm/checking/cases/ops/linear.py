"""Cases of ops.linear."""

from minilm.checking.cases.case import Case, random, randomised
from minilm.ops import linear


def cases():
    rng = random("ops.linear")
    params = randomised(rng, linear.init(rng, 3, 5))
    for what, shape in (("", (2, 4, 3)), (" (one row)", (1, 3)), (" (4-D)", (2, 4, 5, 3))):
        yield Case(
            f"ops.linear{what}", linear.forward, linear.backward, params, {"x": rng.standard_normal(shape)},
            ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, width=11, outputs=9):
    """Of three axes."""
    params = randomised(rng, linear.init(rng, width, outputs))
    x = rng.standard_normal((batch, positions, width))
    return Case("ops.linear", linear.forward, linear.backward, params, {"x": x})
