"""Cases of ops.dropout: nothing dropped, half, most."""

import numpy as np

from minilm.checking.cases.case import Case, random
from minilm.ops import dropout


def cases():
    rng = random("ops.dropout")
    for rate in (0.0, 0.5, 0.9):
        yield Case(
            f"ops.dropout (rate {rate})", dropout.forward, dropout.backward, None,
            {"x": rng.standard_normal((3, 4, 5))}, {"rate": rate, "rng": random("keep")}, {"rate": rate},
        )  # fmt: skip


def sized(rng, batch=3, positions=7, width=11, rate=0.3):
    """What is kept stands in the cache, as `keep`."""
    settings = {"rate": rate, "rng": np.random.default_rng(int(rng.integers(2**32)))}
    x = rng.standard_normal((batch, positions, width))
    return Case("ops.dropout", dropout.forward, dropout.backward, None, {"x": x}, settings, {"rate": rate})
