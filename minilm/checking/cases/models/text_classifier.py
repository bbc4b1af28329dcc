"""Cases of models.text_classifier: its three losses, padding, a row of nothing but padding; all outputs at once."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised
from minilm.models import text_classifier
from minilm.tasks import classification

SIZES: dict = {"vocabulary": 7, "max_positions": 9, "width": 6, "heads": 3, "inner": 8, "layers": 2, "labels": 7}
RATES: dict = {
    "eps": 1e-3, "embedding_dropout": 0.2, "attention_dropout": 0.3, "dropout": 0.1, "classifier_dropout": 0.4,
}  # fmt: skip
READ = {"inputs": np.array([[2, 4, 1, 4, 6], [3, 5, 0, 0, 0], [0, 0, 0, 0, 0], [1, 4, 3, 0, 0]])}
ANSWERS = {
    "one label": {"label": np.array([4, 0, 4, 6])},
    "several labels": {"labels": np.arange(28).reshape(4, 7) % 3 == 1},
    "numbers": {"values": np.arange(28.0).reshape(4, 7) - 4},
}


def cases():
    rng = random("models.text_classifier")
    config, task = text_classifier.Config(**SIZES, **RATES), classification.Task(text_classifier)
    for what, answers in ANSWERS.items():
        yield Case(
            f"models.text_classifier ({what})", task.loss, task.loss_backward,
            randomised(rng, text_classifier.init(rng, config)), {"batch": READ | answers},
            {"config": config, "rng": random(what)}, {"config": config},
        )  # fmt: skip
    one = {name: array[:1] for name, array in (READ | ANSWERS["one label"]).items()}
    yield Case(
        "models.text_classifier (batch of one)", task.loss, task.loss_backward,
        randomised(rng, text_classifier.init(rng, config)), {"batch": one}, {"config": config, "rng": random("one")},
        {"config": config}, ones=True,
    )  # fmt: skip
    yield Case(
        "models.text_classifier (all outputs)", text_classifier.forward, text_classifier.backward,
        randomised(rng, text_classifier.init(rng, config)),
        {"inputs": READ["inputs"], "segments": 0 * READ["inputs"], "attend": READ["inputs"] != 0},
        {"config": config, "rng": random("outputs")}, {"config": config},
    )  # fmt: skip
