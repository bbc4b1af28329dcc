"""Cases of blocks.stack: two blocks that read the same memory."""

import numpy as np

from minilm.blocks import post_norm_cross, stack
from minilm.checking.cases.case import Case, random, randomised
from minilm.ops import gelu_tanh


def decoder(params, x, memory, **settings):
    y, caches = stack.forward(post_norm_cross, params, x, memory, **settings)
    return y, {"blocks": caches}


def decoder_backward(params, cache, dy, **settings):
    return stack.backward(post_norm_cross, params, cache["blocks"], dy, **settings)


def cases():
    rng = random("blocks.stack")
    params = [randomised(rng, post_norm_cross.init(rng, 6, 7)) for _ in range(2)]
    back = {"heads": 3, "activation": gelu_tanh, "rate": 0.2, "attention_rate": 0.1}
    yield Case(
        "blocks.stack", decoder, decoder_backward, params,
        {"x": rng.standard_normal((5, 4, 6)), "memory": rng.standard_normal((5, 8, 6))},
        back | {"mask": np.tri(4, dtype=bool), "eps": 1e-3, "rng": random("stack of blocks")}, back,
    )  # fmt: skip
