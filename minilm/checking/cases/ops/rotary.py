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
