"""Cases of blocks.post_norm: padded with dropout, with another activation, a batch of one, one position."""

import numpy as np

from minilm.blocks import post_norm
from minilm.checking.cases.case import Case, random, randomised, some_mask
from minilm.checking.cases.sizes import attention_dropout
from minilm.ops import gelu_exact, gelu_tanh, relu


def cases():
    rng = random("blocks.post_norm")
    rates = {"rate": 0.2, "attention_rate": 0.1}
    for what, batch, positions, activation in (
        ("", 5, 4, relu), (" (exact GELU)", 5, 4, gelu_exact), (" (batch of one)", 1, 4, gelu_tanh),
        (" (one position)", 5, 1, relu),
    ):  # fmt: skip
        back = {"heads": 2, "activation": activation, **rates}
        mask = some_mask(rng, (batch, 1, positions, positions))
        yield Case(
            f"blocks.post_norm{what}", post_norm.forward, post_norm.backward,
            randomised(rng, post_norm.init(rng, 6, 7)), {"x": rng.standard_normal((batch, positions, 6))},
            back | {"mask": mask, "eps": 1e-3, "rng": random("post_norm")}, back, ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, heads=5, width=35, inner=21, dropout=0.0):
    """Causal; `dropout` is the attention's rate too."""
    back = {"heads": heads, "activation": relu, "rate": dropout, "attention_rate": dropout}
    settings, _ = attention_dropout(rng, dropout)
    return Case(
        "blocks.post_norm", post_norm.forward, post_norm.backward,
        randomised(rng, post_norm.init(rng, width, inner), 0.3), {"x": rng.standard_normal((batch, positions, width))},
        back | {"mask": np.tri(positions, dtype=bool), "eps": 1e-3, "rng": settings["rng"]}, back,
    )  # fmt: skip
