"""Cases of models.gpt: a row that does not count, padding, a repeated token, one that never comes; one row."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised
from minilm.checking.cases.sizes import language_model, windows
from minilm.models import gpt
from minilm.tasks import language_modelling

SIZES: dict = {"vocabulary": 7, "max_positions": 9, "width": 6, "heads": 3, "inner": 8, "layers": 2, "dropout": 0.1}
RATES: dict = {"embedding_dropout": 0.2, "attention_dropout": 0.3, "eps": 1e-3}
WINDOWS = {
    "inputs": np.array([[1, 4, 1, 2, 4], [3, 5, 0, 5, 1], [2, 2, 0, 0, 0], [0, 3, 1, 1, 2]]),
    "targets": np.array([[4, 1, 2, 4, 1], [5, 0, 5, 1, 6], [0, 0, 0, 0, 0], [3, 1, 1, 2, 0]]),
    "mask": np.array([[1, 1, 0, 1, 1], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0], [1, 0, 1, 0, 0]], bool),
}


def first_row(batch):
    """A batch's first row alone."""
    return {name: array[:1] for name, array in batch.items()}


def cases():
    rng = random("models.gpt")
    config, task = gpt.Config(**SIZES, **RATES), language_modelling.Task(gpt)
    for what, batch in (("", WINDOWS), (" (batch of one)", first_row(WINDOWS))):
        yield Case(
            f"models.gpt{what}", task.loss, task.loss_backward, randomised(rng, gpt.init(rng, config)),
            {"batch": batch}, {"config": config, "rng": random("gpt")}, {"config": config}, ones="one" in what,
        )  # fmt: skip


def sized(
    rng, batch=3, positions=7, vocabulary=11, width=15, heads=5, inner=21, layers=2, dropout=0.0, attention_dropout=0.0,
    embedding_dropout=0.0,
):  # fmt: skip
    """Windows with rows of several lengths: what stands behind a row's length does not count."""
    config = gpt.Config(
        vocabulary=vocabulary, max_positions=positions + 2, width=width, heads=heads, inner=inner, layers=layers,
        dropout=dropout, attention_dropout=attention_dropout, embedding_dropout=embedding_dropout, eps=1e-3,
    )  # fmt: skip
    return language_model(rng, gpt, config, windows(rng, batch, positions, vocabulary))
