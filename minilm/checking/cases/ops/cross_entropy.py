"""Cases of ops.cross_entropy: rows that do not count, smoothing, one row, logits far apart."""

import numpy as np

from minilm.checking.cases.case import Case, random
from minilm.ops import cross_entropy

TARGETS = np.array([[1, 4, 1, 2], [3, 5, 0, 6], [2, 0, 0, 0]])
SETTINGS: dict = {"": {}, " (smoothed)": {"smoothing": 0.2, "never": (0,)}}


def cases():
    rng = random("ops.cross_entropy")
    normal, rule = rng.standard_normal, (cross_entropy.forward, cross_entropy.backward, None)
    for what, settings in SETTINGS.items():
        inputs = {"logits": 2 * normal((3, 4, 7)), "targets": TARGETS, "mask": TARGETS != 0}
        yield Case(f"ops.cross_entropy{what}", *rule, inputs, settings, settings)
    inputs = {"logits": 2 * normal((3, 4, 7)), "targets": TARGETS, "mask": TARGETS != 0}
    yield Case("ops.cross_entropy (counted elsewhere)", *rule, inputs, {"count": 13})
    yield Case("ops.cross_entropy (one row)", *rule, {"logits": normal((1, 7)), "targets": np.array([3])}, ones=True)
    yield Case("ops.cross_entropy (large)", *rule, {"logits": 12 * normal((4, 7)), "targets": np.array([0, 6, 2, 2])})
