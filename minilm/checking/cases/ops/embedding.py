"""Cases of ops.embedding: an id four times, ids that never come."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised
from minilm.ops import embedding


def cases():
    rng = random("ops.embedding")
    params = randomised(rng, embedding.init(rng, 6, 3))
    for what, ids in (("", [[1, 4, 1, 1], [4, 0, 2, 1]]), (" (one id)", [[5]])):
        yield Case(
            f"ops.embedding{what}", embedding.forward, embedding.backward, params, {"ids": np.array(ids)},
            ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, vocabulary=11, width=5):
    """Ids that come several times, and some that never come."""
    params = randomised(rng, embedding.init(rng, vocabulary, width))
    ids = rng.integers(0, max(vocabulary - 2, 1), (batch, positions))
    return Case("ops.embedding", embedding.forward, embedding.backward, params, {"ids": ids})
