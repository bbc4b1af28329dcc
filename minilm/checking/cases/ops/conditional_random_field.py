"""Cases of ops.conditional_random_field: rows of several lengths, transitions that cannot be, a batch of one."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised
from minilm.checking.cases.sizes import lengths
from minilm.ops import conditional_random_field


def cases():
    rng = random("ops.conditional_random_field")
    rule = conditional_random_field.forward, conditional_random_field.backward
    tags, lengths = np.array([[1, 2, 0, 1, 2], [2, 1, 2, 0, 0], [0, 2, 0, 0, 0]]), np.array([5, 3, 2])
    allowed = {"transitions": ~np.eye(4, dtype=bool), "first": np.arange(4) < 3, "last": np.arange(4) != 1}
    for what, settings, rows in (
        ("", {}, 3), (" (barred)", {"allowed": allowed, "count": 7}, 3), (" (batch of one)", {}, 1)
    ):  # fmt: skip
        mask = np.arange(5) < lengths[:rows, None]
        yield Case(
            f"ops.conditional_random_field{what}", *rule, randomised(rng, conditional_random_field.init(rng, 4)),
            {"emissions": rng.standard_normal((rows, 5, 4)), "tags": tags[:rows], "mask": mask}, settings,
            {"allowed": settings["allowed"]} if settings else {},
            ones="one" in what,
        )  # fmt: skip
    inputs = {"emissions": 8 * rng.standard_normal((2, 3, 4)), "tags": np.array([[3, 3, 0], [1, 2, 1]])}
    params = randomised(rng, conditional_random_field.init(rng, 4))
    yield Case("ops.conditional_random_field (large)", *rule, params, inputs)


def sized(rng, batch=3, positions=7, tags=5):
    """Rows of several lengths."""
    params = randomised(rng, conditional_random_field.init(rng, tags))
    mask = lengths(batch, positions).astype(bool)
    answers = rng.integers(0, tags, (batch, positions))
    inputs = {"emissions": rng.standard_normal((batch, positions, tags)), "tags": answers, "mask": mask}
    rule = conditional_random_field.forward, conditional_random_field.backward
    return Case("ops.conditional_random_field", *rule, params, inputs)
