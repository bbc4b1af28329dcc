"""Cases of ops.tied_head."""

from minilm.checking.cases.case import Case, random
from minilm.ops import tied_head


def cases():
    rng = random("ops.tied_head")
    params = {"weight": rng.standard_normal((7, 3))}
    for what, shape in (("", (2, 4, 3)), (" (one row)", (1, 3))):
        yield Case(
            f"ops.tied_head{what}", tied_head.forward, tied_head.backward, params, {"y": rng.standard_normal(shape)},
            ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, width=5, vocabulary=11):
    """Of three axes."""
    params = {"weight": rng.standard_normal((vocabulary, width))}
    y = rng.standard_normal((batch, positions, width))
    return Case("ops.tied_head", tied_head.forward, tied_head.backward, params, {"y": y})
