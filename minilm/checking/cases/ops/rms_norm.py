"""Cases of ops.rms_norm: of two, three and four axes, one row, a mean far from zero."""

from minilm.checking.cases.case import Case, random, randomised
from minilm.ops import rms_norm


def cases():
    rng = random("ops.rms_norm")
    params, settings = randomised(rng, rms_norm.init(3)), {"eps": 1e-3}
    for what, shape, mean in (
        ("2-D", (5, 3), 1), ("3-D", (2, 5, 3), 1), ("4-D", (2, 4, 5, 3), 1), ("one row", (1, 3), 1),
        ("far", (2, 5, 3), 40),
    ):  # fmt: skip
        yield Case(
            f"ops.rms_norm ({what})", rms_norm.forward, rms_norm.backward, params,
            {"x": 3 * rng.standard_normal(shape) + mean}, settings, ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, width=11):
    """A mean that is not zero; eps large enough to be seen where it stands in the wrong place."""
    params = randomised(rng, rms_norm.init(width))
    x = 2 * rng.standard_normal((batch, positions, width)) + 0.5
    return Case("ops.rms_norm", rms_norm.forward, rms_norm.backward, params, {"x": x}, {"eps": 1e-3})
