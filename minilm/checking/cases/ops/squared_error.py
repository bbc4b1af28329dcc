"""Cases of ops.squared_error: several numbers a row, a count from elsewhere, one number."""

import numpy as np

from minilm.checking.cases.case import Case, random
from minilm.ops import squared_error


def cases():
    rng = random("ops.squared_error")
    rule = (squared_error.forward, squared_error.backward, None)
    targets = np.arange(12).reshape(4, 3)
    yield Case("ops.squared_error", *rule, {"y": 3 * rng.standard_normal((4, 3)), "targets": targets})
    yield Case(
        "ops.squared_error (counted elsewhere)", *rule, {"y": rng.standard_normal((4, 3)), "targets": targets},
        {"count": 7},
    )  # fmt: skip
    yield Case(
        "ops.squared_error (one number)", *rule, {"y": rng.standard_normal((1, 1)), "targets": np.array([[2]])},
        ones=True,
    )  # fmt: skip
