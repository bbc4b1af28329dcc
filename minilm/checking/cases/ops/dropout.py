"""Cases of ops.dropout: nothing dropped, half, most."""

from minilm.checking.cases.case import Case, random
from minilm.ops import dropout


def cases():
    rng = random("ops.dropout")
    for rate in (0.0, 0.5, 0.9):
        yield Case(
            f"ops.dropout (rate {rate})", dropout.forward, dropout.backward, None,
            {"x": rng.standard_normal((3, 4, 5))}, {"rate": rate, "rng": random("keep")}, {"rate": rate},
        )  # fmt: skip
