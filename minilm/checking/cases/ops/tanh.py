"""Cases of ops.tanh: where it bends, and each tail by itself, as its slope there is small beside the middle's."""

from minilm.checking.cases.case import Case, random
from minilm.ops import tanh


def cases():
    rng = random("ops.tanh")
    rule = tanh.forward, tanh.backward, None
    yield Case("ops.tanh", *rule, {"x": 3 * rng.standard_normal((3, 4, 5))})
    yield Case("ops.tanh (left tail)", *rule, {"x": rng.uniform(-9, -4, (4, 5))})
    yield Case("ops.tanh (right tail)", *rule, {"x": rng.uniform(4, 9, (4, 5))})


def sized(rng, batch=3, positions=7, width=11):
    """Where it bends, and well into both tails."""
    x = 2 * rng.standard_normal((batch, positions, width))
    return Case("ops.tanh", tanh.forward, tanh.backward, None, {"x": x})
