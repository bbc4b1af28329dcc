"""Cases of the layers."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised, some_mask
from minilm.layers import feed_forward, lstm, lstm_stack, multi_head_attention
from minilm.ops import gelu_exact, gelu_tanh, relu


def self_attention(params, x, **settings):
    """Self-attention as a function of x alone: the memory is x again."""
    return multi_head_attention.forward(params, x, x, **settings)


def self_attention_backward(params, cache, dy, **settings):
    dx, dmemory, dparams = multi_head_attention.backward(params, cache, dy, **settings)
    return dx + dmemory, dparams


def cases():
    rng = random("layers")
    normal = rng.standard_normal
    params = randomised(rng, multi_head_attention.init(rng, 6))
    yield Case(
        "layers.multi_head_attention (self, causal)", self_attention, self_attention_backward, params,
        {"x": normal((4, 5, 6))}, {"heads": 3, "mask": np.tri(5, dtype=bool)},
        {"heads": 3},
    )  # fmt: skip
    yield Case(
        "layers.multi_head_attention (cross, padded, dropout)", multi_head_attention.forward,
        multi_head_attention.backward, params, {"x": normal((4, 5, 6)), "memory": normal((4, 7, 6))},
        {"heads": 2, "mask": some_mask(rng, (4, 1, 5, 7)), "rate": 0.3, "rng": random("attention")},
        {"heads": 2, "rate": 0.3},
    )  # fmt: skip
    for activation in (relu, gelu_tanh, gelu_exact):
        name = activation.__name__.rpartition(".")[2]
        settings = {"activation": activation}
        yield Case(
            f"layers.feed_forward ({name})", feed_forward.forward, feed_forward.backward,
            randomised(rng, feed_forward.init(rng, 3, 7)), {"x": normal((2, 4, 3))}, settings, settings,
        )  # fmt: skip
    for positions in (1, 2, 5):
        yield Case(
            f"layers.lstm ({positions} steps)", lstm.forward, lstm.backward, randomised(rng, lstm.init(rng, 4, 3)),
            {"x": normal((6, positions, 4)), "h0": normal((6, 3)), "c0": normal((6, 3))},
        )  # fmt: skip
    yield Case(
        "layers.lstm_stack", lstm_stack.forward, lstm_stack.backward, randomised(rng, lstm_stack.init(rng, 4, 3, 2)),
        {"x": normal((6, 5, 4)), "h0": normal((6, 2, 3)), "c0": normal((6, 2, 3))},
        {"rate": 0.3, "rng": random("stack")}, {"rate": 0.3},
    )  # fmt: skip
