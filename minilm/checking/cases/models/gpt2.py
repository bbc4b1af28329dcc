"""Cases of models.gpt2: as GPT's, and with attention in blocks and the loss in slices."""

from minilm.checking.cases.case import Case, random, randomised
from minilm.checking.cases.models.gpt import RATES, SIZES, WINDOWS, first_row
from minilm.checking.cases.sizes import language_model, windows
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


def sized(
    rng, batch=3, positions=7, vocabulary=11, width=15, heads=5, inner=21, layers=2, dropout=0.0, attention_dropout=0.0,
    embedding_dropout=0.0,
):  # fmt: skip
    """Windows with rows of several lengths: what stands behind a row's length does not count."""
    config = gpt2.Config(
        vocabulary=vocabulary, max_positions=positions + 2, width=width, heads=heads, inner=inner, layers=layers,
        dropout=dropout, attention_dropout=attention_dropout, embedding_dropout=embedding_dropout, eps=1e-3,
    )  # fmt: skip
    return language_model(rng, gpt2, config, windows(rng, batch, positions, vocabulary))
