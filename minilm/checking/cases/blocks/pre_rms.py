"""Cases of blocks.pre_rms: padded with dropout, with another activation and layout, a batch of one."""

from minilm.blocks import pre_rms
from minilm.checking.cases.case import Case, random, randomised, some_mask
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
