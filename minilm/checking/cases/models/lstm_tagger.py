"""Cases of models.lstm_tagger: under the field's loss, with unequal lengths, a repeated token and one that never comes;
one row; and its output alone."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised
from minilm.models import lstm_tagger
from minilm.tasks import tagging

BATCH = {
    "inputs": np.array([[1, 4, 1, 2, 5], [3, 5, 3, 0, 0], [4, 0, 0, 0, 0], [2, 2, 6, 1, 0]]),  # 7 never
    "features": np.array([[1, 2, 5, 2, 4], [3, 3, 1, 0, 0], [4, 0, 0, 0, 0], [5, 1, 2, 2, 0]]),
    "tags": np.array([[1, 2, 3, 0, 4], [5, 7, 8, 0, 0], [0, 0, 0, 0, 0], [1, 3, 5, 7, 0]]),
    "lengths": np.array([5, 3, 1, 4]),
}


def cases():
    rng, task = random("models.lstm_tagger"), tagging.Task(lstm_tagger)
    config = lstm_tagger.Config(
        vocabulary=8, features=6, tags=9, embedding=4, feature_embedding=3, hidden=5, dropout=0.2, token_dropout=0.3
    )  # fmt: skip
    params = randomised(rng, lstm_tagger.init(rng, config))
    settings = {"config": config, "rng": random("tagger")}
    for what, rows in (("", 4), (" (batch of one)", 1)):
        yield Case(
            f"models.lstm_tagger{what}", task.loss, task.loss_backward, params,
            {"batch": {name: array[:rows] for name, array in BATCH.items()}}, settings, {"config": config},
            ones="one" in what,
        )  # fmt: skip
    read = {name: BATCH[name] for name in ("inputs", "features", "lengths")}
    yield Case(
        "models.lstm_tagger (potentials)", lstm_tagger.forward, lstm_tagger.backward, params, read, settings,
        {"config": config},
    )  # fmt: skip
