"""Cases of blocks.post_norm_cross: a memory that is longer, shorter, or of one position, and another activation."""

import numpy as np

from minilm.blocks import post_norm_cross
from minilm.checking.cases.case import Case, random, randomised, some_mask
from minilm.checking.cases.sizes import attention_dropout, lengths
from minilm.ops import gelu_tanh, relu


def cases():
    rng = random("blocks.post_norm_cross")
    normal, rates = rng.standard_normal, {"rate": 0.2, "attention_rate": 0.1}
    for what, batch, positions, keys, activation in (
        ("", 5, 4, 8, relu), (" (T > S)", 5, 7, 4, gelu_tanh), (" (batch of one)", 1, 4, 8, relu),
        (" (one position)", 5, 1, 3, gelu_tanh),
    ):  # fmt: skip
        back = {"heads": 2, "activation": activation, **rates}
        settings = {
            "mask": np.tri(positions, dtype=bool), "memory_mask": some_mask(rng, (batch, 1, positions, keys)),
            "eps": 1e-3, "rng": random("cross"),
        }  # fmt: skip
        yield Case(
            f"blocks.post_norm_cross{what}", post_norm_cross.forward, post_norm_cross.backward,
            randomised(rng, post_norm_cross.init(rng, 6, 7)),
            {"x": normal((batch, positions, 6)), "memory": normal((batch, keys, 6))}, back | settings, back,
            ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, keys=9, heads=5, width=35, inner=21, dropout=0.0):
    """Causal, and a memory whose rows have several lengths; `dropout` is the attention's rate too."""
    back = {"heads": heads, "activation": relu, "rate": dropout, "attention_rate": dropout}
    settings, _ = attention_dropout(rng, dropout)
    masks = {"mask": np.tri(positions, dtype=bool), "memory_mask": lengths(batch, keys).astype(bool)[:, None, None, :]}
    return Case(
        "blocks.post_norm_cross", post_norm_cross.forward, post_norm_cross.backward,
        randomised(rng, post_norm_cross.init(rng, width, inner), 0.3),
        {"x": rng.standard_normal((batch, positions, width)), "memory": rng.standard_normal((batch, keys, width))},
        back | masks | {"eps": 1e-3, "rng": settings["rng"]}, back,
    )  # fmt: skip
