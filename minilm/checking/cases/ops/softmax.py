"""Cases of ops.softmax: of two, three and four axes, masked, one row, scores so large that most weights vanish."""

import numpy as np

from minilm.checking.cases.case import Case, random, some_mask
from minilm.checking.cases.sizes import padded
from minilm.ops import softmax


def cases():
    rng = random("ops.softmax")
    normal, rule = rng.standard_normal, (softmax.forward, softmax.backward, None)
    for shape in ((5, 3), (2, 5, 3), (2, 4, 5, 3)):
        yield Case(f"ops.softmax ({len(shape)}-D)", *rule, {"x": 2 * normal(shape)})
    yield Case("ops.softmax (masked)", *rule, {"x": normal((2, 4, 5)), "mask": some_mask(rng, (2, 4, 5))})
    yield Case("ops.softmax (one row)", *rule, {"x": normal((1, 5))}, ones=True)
    yield Case("ops.softmax (large)", *rule, {"x": 12 * normal((4, 5))})
    # Rows so far apart that beside the largest number of all of them a row's own would vanish.
    yield Case("ops.softmax (apart)", *rule, {"x": normal((4, 5)) + np.array([[0.0], [400.0], [-400.0], [800.0]])})


def sized(rng, batch=3, heads=5, positions=7, keys=9):
    """Masked, every row with something to attend to: a padded row of the batch, and causal beside it."""
    return Case("ops.softmax", softmax.forward, softmax.backward, None, {
        "x": 2 * rng.standard_normal((batch, heads, positions, keys)), "mask": padded(batch, positions, keys)
    })  # fmt: skip
