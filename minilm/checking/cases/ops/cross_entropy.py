"""Cases of ops.cross_entropy: rows that do not count, smoothing, one row, logits far apart."""

import numpy as np

from minilm.checking.cases.case import Case, random
from minilm.checking.cases.sizes import lengths
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


def sized(rng, batch=3, positions=7, vocabulary=11, smoothing=0.1):
    """Rows of several lengths; padding, 0, is never an answer and does not count."""
    targets = rng.integers(1, vocabulary, (batch, positions)) * lengths(batch, positions)
    settings = {"smoothing": smoothing, "never": (0,)}
    logits = 2 * rng.standard_normal((batch, positions, vocabulary))
    inputs = {"logits": logits, "targets": targets, "mask": targets != 0}
    return Case("ops.cross_entropy", cross_entropy.forward, cross_entropy.backward, None, inputs, settings, settings)
