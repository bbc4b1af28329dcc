"""Cases of layers.masked_head, the table that it shares as an input among others."""

from minilm.checking.cases.case import Case, random, randomised
from minilm.layers import masked_head
from minilm.ops import gelu_exact, relu


def logits(params, x, table, **settings):
    y, cache = masked_head.forward(params, table, x, **settings)
    return y, {"masked_head": cache, "table": table}


def logits_backward(params, cache, dlogits, **settings):
    return masked_head.backward(params, cache["table"], cache["masked_head"], dlogits, **settings)


def cases():
    rng = random("layers.masked_head")
    normal, params = rng.standard_normal, randomised(rng, masked_head.init(rng, 4, 7))
    for what, shape, activation in (
        ("", (2, 3, 4), gelu_exact), (" (relu)", (2, 3, 4), relu), (" (one row)", (1, 4), gelu_exact)
    ):  # fmt: skip
        yield Case(
            f"layers.masked_head{what}", logits, logits_backward, params,
            {"x": normal(shape), "table": {"weight": normal((7, 4))}}, {"activation": activation, "eps": 1e-3},
            {"activation": activation}, ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, width=11, vocabulary=13):
    """With exact GELU."""
    normal, params = rng.standard_normal, randomised(rng, masked_head.init(rng, width, vocabulary), 0.4)
    return Case(
        "layers.masked_head", logits, logits_backward, params,
        {"x": normal((batch, positions, width)), "table": {"weight": normal((vocabulary, width))}},
        {"activation": gelu_exact, "eps": 1e-3}, {"activation": gelu_exact},
    )  # fmt: skip
