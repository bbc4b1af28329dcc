"""Cases of ops.rotary: both layouts, positions from zero, far out, and of each row its own."""

import numpy as np

from minilm.checking.cases.case import Case, random
from minilm.ops import rotary


def cases():
    rng = random("ops.rotary")
    places = {"from zero": np.arange(5), "far": 1000 + 7 * np.arange(5), "own": rng.integers(0, 50, (2, 3, 5))}
    for layout in ("halves", "adjacent"):
        for what, positions in places.items():
            yield Case(
                f"ops.rotary ({layout}, {what})", rotary.forward, rotary.backward, None,
                {"x": rng.standard_normal((2, 3, 5, 4)), "positions": positions}, {"base": 100.0, "layout": layout},
                {"layout": layout},
            )  # fmt: skip


def sized(rng, batch=3, heads=5, positions=7, width=6):
    """In halves, as Transformers has it. The width is even, as numbers are turned in pairs."""
    inputs = {"x": rng.standard_normal((batch, heads, positions, width)), "positions": np.arange(positions)}
    settings = {"base": 100.0, "layout": "halves"}
    return Case("ops.rotary", rotary.forward, rotary.backward, None, inputs, settings, {"layout": "halves"})
