"""Cases of layers.rotary_self_attention: causal, and padded with dropout in the other layout; a batch of one."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised, some_mask
from minilm.checking.cases.sizes import attention_dropout
from minilm.layers import rotary_self_attention


def cases():
    rng = random("layers.rotary_self_attention")
    params = randomised(rng, rotary_self_attention.init(rng, 12))
    rule = rotary_self_attention.forward, rotary_self_attention.backward, params
    causal = {"mask": np.tri(5, dtype=bool), "base": 50.0}
    for what, batch, back, settings in (
        ("causal", 7, {"heads": 3, "layout": "halves"}, causal),
        ("padded, dropout", 4, {"heads": 2, "layout": "adjacent", "rate": 0.3},
         {"mask": some_mask(rng, (4, 1, 5, 5)), "rng": random("rotary attention")}),
        ("batch of one", 1, {"heads": 3}, causal),
    ):  # fmt: skip
        yield Case(
            f"layers.rotary_self_attention ({what})", *rule, {"x": rng.standard_normal((batch, 5, 12))},
            back | settings, back, ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, heads=5, width=30, dropout=0.0):
    """Causal, in halves."""
    settings, back = attention_dropout(rng, dropout)
    how = {"heads": heads, "layout": "halves"}
    return Case(
        "layers.rotary_self_attention", rotary_self_attention.forward, rotary_self_attention.backward,
        randomised(rng, rotary_self_attention.init(rng, width), 0.3),
        {"x": rng.standard_normal((batch, positions, width))},
        how | {"mask": np.tri(positions, dtype=bool), "base": 100.0} | settings, how | back,
    )  # fmt: skip
