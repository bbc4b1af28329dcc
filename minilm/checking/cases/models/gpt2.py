"""Cases of models.gpt2: as GPT's, and with attention in blocks and the loss in slices."""

from minilm.checking.cases.case import Case, random, randomised
from minilm.checking.cases.models.gpt import RATES, SIZES, WINDOWS, first_row
from minilm.models import gpt2
from minilm.tasks import language_modelling


def cases():
    rng, task = random("models.gpt2"), language_modelling.Task(gpt2)
    for what, batch, twins in (
        ("", WINDOWS, {}), (" (blocked, sliced)", WINDOWS, {"blocked": True, "sliced": True}),
        (" (batch of one)", first_row(WINDOWS), {}),
    ):  # fmt: skip
        config = gpt2.Config(**SIZES, **RATES, **twins)
        yield Case(
            f"models.gpt2{what}", task.loss, task.loss_backward, randomised(rng, gpt2.init(rng, config)),
            {"batch": batch}, {"config": config, "rng": random("gpt2")}, {"config": config}, ones="one" in what,
        )  # fmt: skip
