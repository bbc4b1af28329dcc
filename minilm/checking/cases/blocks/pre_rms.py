"""Cases of blocks.pre_rms: padded with dropout, with another activation and layout, a batch of one."""

import numpy as np

from minilm.blocks import pre_rms
from minilm.checking.cases.case import Case, random, randomised, some_mask
from minilm.checking.cases.sizes import attention_dropout
from minilm.ops import gelu_exact, gelu_tanh, relu


def cases():
    rng = random("blocks.pre_rms")
    rates = {"rate": 0.2, "attention_rate": 0.1}
    for what, batch, activation, layout in (
        ("", 5, relu, "halves"), (" (exact GELU, adjacent)", 5, gelu_exact, "adjacent"),
        (" (batch of one)", 1, gelu_tanh, "halves"),
    ):  # fmt: skip
        back = {"heads": 3, "activation": activation, "layout": layout, **rates}
        settings = {"mask": some_mask(rng, (batch, 1, 4, 4)), "eps": 1e-3, "base": 50.0, "rng": random("pre_rms")}
        yield Case(
            f"blocks.pre_rms{what}", pre_rms.forward, pre_rms.backward, randomised(rng, pre_rms.init(rng, 6, 7)),
            {"x": rng.standard_normal((batch, 4, 6))}, back | settings, back, ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, heads=5, width=30, inner=21, dropout=0.0):
    """Causal, rotary in halves; `dropout` is the attention's rate too."""
    back = {"heads": heads, "activation": gelu_tanh, "layout": "halves", "rate": dropout, "attention_rate": dropout}
    settings, _ = attention_dropout(rng, dropout)
    more = {"mask": np.tri(positions, dtype=bool), "eps": 1e-3, "base": 100.0, "rng": settings["rng"]}
    return Case(
        "blocks.pre_rms", pre_rms.forward, pre_rms.backward, randomised(rng, pre_rms.init(rng, width, inner), 0.3),
        {"x": rng.standard_normal((batch, positions, width))}, back | more, back,
    )  # fmt: skip
