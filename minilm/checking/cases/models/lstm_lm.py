"""Cases of models.lstm_lm: a state that is carried on, a token that never comes, one row from a state of zeros."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised
from minilm.checking.cases.sizes import language_model, windows
from minilm.models import lstm_lm
from minilm.tasks import language_modelling


def cases():
    rng, task = random("models.lstm_lm"), language_modelling.Task(lstm_lm)
    config = lstm_lm.Config(vocabulary=7, embedding=6, hidden=5, layers=2, dropout=0.2)
    windows = {
        "inputs": np.array([[1, 4, 1, 2], [3, 5, 0, 5], [0, 0, 4, 3]]),  # 6 never
        "targets": np.array([[4, 1, 2, 2], [5, 0, 5, 1], [0, 4, 3, 6]]),
    }
    carried = {"h": rng.standard_normal((3, 2, 5)), "c": rng.standard_normal((3, 2, 5))}
    for what, batch in (
        ("", windows | carried), (" (batch of one)", {name: array[:1] for name, array in windows.items()})
    ):  # fmt: skip
        yield Case(
            f"models.lstm_lm{what}", task.loss, task.loss_backward, randomised(rng, lstm_lm.init(rng, config)),
            {"batch": batch}, {"config": config, "rng": random("lstm_lm")}, {"config": config}, ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, vocabulary=11, embedding=9, hidden=5, layers=2, dropout=0.0):
    """A window with the state of the one before."""
    config = lstm_lm.Config(vocabulary=vocabulary, embedding=embedding, hidden=hidden, layers=layers, dropout=dropout)
    state = {name: rng.standard_normal((batch, layers, hidden)) for name in ("h", "c")}
    return language_model(rng, lstm_lm, config, windows(rng, batch, positions, vocabulary) | state)
