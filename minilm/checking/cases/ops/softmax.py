"""Cases of ops.softmax: of two, three and four axes, masked, one row, scores so large that most weights vanish."""

from minilm.checking.cases.case import Case, random, some_mask
from minilm.ops import softmax


def cases():
    rng = random("ops.softmax")
    normal, rule = rng.standard_normal, (softmax.forward, softmax.backward, None)
    for shape in ((5, 3), (2, 5, 3), (2, 4, 5, 3)):
        yield Case(f"ops.softmax ({len(shape)}-D)", *rule, {"x": 2 * normal(shape)})
    yield Case("ops.softmax (masked)", *rule, {"x": normal((2, 4, 5)), "mask": some_mask(rng, (2, 4, 5))})
    yield Case("ops.softmax (one row)", *rule, {"x": normal((1, 5))}, ones=True)
    yield Case("ops.softmax (large)", *rule, {"x": 12 * normal((4, 5))})
