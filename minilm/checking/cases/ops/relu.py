"""Cases of ops.relu: where it bends, and each tail by itself, as its slope there is small beside the middle's."""

from minilm.checking.cases.case import Case, random
from minilm.ops import relu


def cases():
    rng = random("ops.relu")
    rule = relu.forward, relu.backward, None
    yield Case("ops.relu", *rule, {"x": 3 * rng.standard_normal((3, 4, 5))})
    yield Case("ops.relu (left tail)", *rule, {"x": rng.uniform(-9, -4, (4, 5))})
    yield Case("ops.relu (right tail)", *rule, {"x": rng.uniform(4, 9, (4, 5))})


def sized(rng, batch=3, positions=7, width=11):
    """Where it bends, and well into both tails."""
    x = 2 * rng.standard_normal((batch, positions, width))
    return Case("ops.relu", relu.forward, relu.backward, None, {"x": x})
