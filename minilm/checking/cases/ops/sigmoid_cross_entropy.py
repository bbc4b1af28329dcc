"""Cases of ops.sigmoid_cross_entropy: logits on both sides of zero and far from it, a count from elsewhere, one row."""

import numpy as np

from minilm.checking.cases.case import Case, random
from minilm.ops import sigmoid_cross_entropy

TARGETS = np.array([[1, 0, 0], [0, 0, 0], [1, 1, 1], [0, 1, 1]], bool)


def cases():
    rng = random("ops.sigmoid_cross_entropy")
    rule = (sigmoid_cross_entropy.forward, sigmoid_cross_entropy.backward, None)
    for what, scale in (("", 2), (" (large)", 20)):
        inputs = {"logits": scale * rng.standard_normal((4, 3)), "targets": TARGETS}
        yield Case(f"ops.sigmoid_cross_entropy{what}", *rule, inputs)
    inputs = {"logits": rng.standard_normal((4, 3)), "targets": TARGETS.astype(int)}
    yield Case("ops.sigmoid_cross_entropy (counted elsewhere)", *rule, inputs, {"count": 7})
    inputs = {"logits": rng.standard_normal((1, 3)), "targets": TARGETS[:1]}
    yield Case("ops.sigmoid_cross_entropy (one row)", *rule, inputs, ones=True)
