"""Cases of the blocks."""

import numpy as np

from minilm.blocks import post_norm, post_norm_cross, pre_norm, stack
from minilm.checking.cases.case import Case, random, randomised, some_mask
from minilm.ops import gelu_exact


def cases():
    rng = random("blocks")
    normal = rng.standard_normal
    rates = {"rate": 0.2, "attention_rate": 0.1}
    padded = some_mask(rng, (5, 1, 4, 4))
    for block in (post_norm, pre_norm):
        name = block.__name__.rpartition(".")[2]
        params = randomised(rng, block.init(rng, 6, 7))
        yield Case(
            f"blocks.{name}", block.forward, block.backward, params, {"x": normal((5, 4, 6))},
            {"heads": 2, "mask": padded, "rng": random(name), **rates}, {"heads": 2, **rates},
        )  # fmt: skip
    yield Case(
        "blocks.post_norm (exact GELU)", post_norm.forward, post_norm.backward,
        randomised(rng, post_norm.init(rng, 6, 7)), {"x": normal((5, 4, 6))},
        {"heads": 3, "mask": padded, "activation": gelu_exact}, {"heads": 3, "activation": gelu_exact},
    )  # fmt: skip
    yield Case(
        "blocks.post_norm_cross", post_norm_cross.forward, post_norm_cross.backward,
        randomised(rng, post_norm_cross.init(rng, 6, 7)), {"x": normal((5, 4, 6)), "memory": normal((5, 8, 6))},
        {"heads": 2, "mask": np.tri(4, dtype=bool), "memory_mask": some_mask(rng, (5, 1, 4, 8)), "rng": random("cross"),
         **rates}, {"heads": 2, **rates},
    )  # fmt: skip
    yield Case(
        "blocks.stack", decoder, decoder_backward, [randomised(rng, post_norm_cross.init(rng, 6, 7)) for _ in range(2)],
        {"x": normal((5, 4, 6)), "memory": normal((5, 8, 6))},
        {"heads": 3, "mask": np.tri(4, dtype=bool), "rng": random("stack of blocks"), **rates}, {"heads": 3, **rates},
    )  # fmt: skip


def decoder(params, x, memory, **settings):
    """Two blocks that read the same memory."""
    y, caches = stack.forward(post_norm_cross, params, x, memory, **settings)
    return y, {"blocks": caches}


def decoder_backward(params, cache, dy, **settings):
    return stack.backward(post_norm_cross, params, cache["blocks"], dy, **settings)
