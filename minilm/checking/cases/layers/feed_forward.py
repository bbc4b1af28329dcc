"""Cases of layers.feed_forward: with each activation, and one row."""

from minilm.checking.cases.case import Case, random, randomised
from minilm.layers import feed_forward
from minilm.ops import gelu_exact, gelu_tanh, relu


def cases():
    rng = random("layers.feed_forward")
    for what, activation, shape in (
        ("relu", relu, (2, 4, 3)), ("gelu_tanh", gelu_tanh, (2, 4, 3)), ("gelu_exact", gelu_exact, (2, 4, 3)),
        ("one row", gelu_tanh, (1, 3)),
    ):  # fmt: skip
        settings = {"activation": activation}
        yield Case(
            f"layers.feed_forward ({what})", feed_forward.forward, feed_forward.backward,
            randomised(rng, feed_forward.init(rng, 3, 7)), {"x": rng.standard_normal(shape)}, settings, settings,
            ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, width=11, inner=21):
    """With tanh-GELU."""
    how, params = {"activation": gelu_tanh}, randomised(rng, feed_forward.init(rng, width, inner), 0.5)
    x = rng.standard_normal((batch, positions, width))
    return Case("layers.feed_forward", feed_forward.forward, feed_forward.backward, params, {"x": x}, how, how)
