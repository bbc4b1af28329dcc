"""Cases of fast.sliced_cross_entropy: twelve rows in slices of five, so two and a remainder."""

from minilm.checking.cases.case import Case, random
from minilm.checking.cases.ops.cross_entropy import SETTINGS, TARGETS
from minilm.fast import sliced_cross_entropy


def cases():
    rng = random("fast.sliced_cross_entropy")
    normal, rule = rng.standard_normal, (sliced_cross_entropy.forward, sliced_cross_entropy.backward)
    for what, settings in SETTINGS.items():
        for size in (5, 3):
            yield Case(
                f"fast.sliced_cross_entropy{what[:-1] + ', ' if what else ' ('}slices of {size})", *rule,
                {"weight": normal((7, 5))}, {"y": normal((3, 4, 5)), "targets": TARGETS, "mask": TARGETS != 0},
                settings | {"size": size},
            )  # fmt: skip
