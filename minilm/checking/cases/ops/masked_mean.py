"""Cases of ops.masked_mean: rows of unequal lengths, a hole, a row of which nothing counts, one row."""

import numpy as np

from minilm.checking.cases.case import Case, random
from minilm.ops import masked_mean

MASK = np.array([[1, 1, 1, 1, 1], [1, 0, 1, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 0, 0]], bool)


def cases():
    rng = random("ops.masked_mean")
    for what, mask in (("", MASK), (" (one row)", MASK[1:2])):
        yield Case(
            f"ops.masked_mean{what}", masked_mean.forward, masked_mean.backward, None,
            {"x": rng.standard_normal((*mask.shape, 3)), "mask": mask}, ones="one" in what,
        )  # fmt: skip
