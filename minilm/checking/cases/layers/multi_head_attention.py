"""Cases of layers.multi_head_attention: of itself and of a memory, which is longer, shorter, or one position."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised, some_mask
from minilm.checking.cases.sizes import attention_dropout, padded
from minilm.layers import multi_head_attention


def self_attention(params, x, **settings):
    """Self-attention as a function of x alone: the memory is x again."""
    return multi_head_attention.forward(params, x, x, **settings)


def self_attention_backward(params, cache, dy, **settings):
    dx, dmemory, dparams = multi_head_attention.backward(params, cache, dy, **settings)
    return dx + dmemory, dparams


def cases():
    rng = random("layers.multi_head_attention")
    normal, name = rng.standard_normal, "layers.multi_head_attention"
    params = randomised(rng, multi_head_attention.init(rng, 6))
    yield Case(
        f"{name} (self, causal)", self_attention, self_attention_backward, params,
        {"x": normal((4, 5, 6))}, {"heads": 3, "mask": np.tri(5, dtype=bool)}, {"heads": 3},
    )  # fmt: skip
    rule = multi_head_attention.forward, multi_head_attention.backward, params
    for what, batch, queries, keys in (
        ("cross", 4, 5, 7), ("cross, T > S", 4, 7, 5), ("cross, batch of one", 1, 5, 7), ("cross, one query", 4, 1, 3)
    ):  # fmt: skip
        yield Case(
            f"{name} ({what}, padded, dropout)", *rule,
            {"x": normal((batch, queries, 6)), "memory": normal((batch, keys, 6))},
            {"heads": 2, "mask": some_mask(rng, (batch, 1, queries, keys)), "rate": 0.3, "rng": random("attention")},
            {"heads": 2, "rate": 0.3}, ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, keys=9, heads=5, width=35, dropout=0.0):
    """Of a memory, masked, every query with something to attend to."""
    settings, back = attention_dropout(rng, dropout)
    inputs = {"x": rng.standard_normal((batch, positions, width)), "memory": rng.standard_normal((batch, keys, width))}
    return Case(
        "layers.multi_head_attention", multi_head_attention.forward, multi_head_attention.backward,
        randomised(rng, multi_head_attention.init(rng, width), 0.3), inputs,
        {"heads": heads, "mask": padded(batch, positions, keys)} | settings, {"heads": heads} | back,
    )  # fmt: skip
