"""Cases of GPT, GPT-2 and BERT: a row that does not count, padding, BERT's objectives alone and together."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised
from minilm.models import bert, gpt, gpt2
from minilm.tasks import language_modelling, masked_tokens, next_sentence, pretraining

SIZES: dict = {"vocabulary": 7, "max_positions": 9, "width": 6, "heads": 3, "inner": 8, "layers": 2, "dropout": 0.1}
BERT = {
    "inputs": np.array([[1, 4, 5, 4, 6], [1, 6, 4, 0, 0], [1, 3, 3, 0, 0], [0, 0, 0, 0, 0]]),
    "segments": np.array([[0, 0, 1, 1, 1], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]),
}
MASKED = {
    "targets": np.array([[1, 2, 5, 2, 6], [1, 6, 5, 0, 0], [1, 3, 3, 0, 0], [0, 0, 0, 0, 0]]),
    "mask": np.array([[0, 1, 0, 1, 1], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]], bool),
}
FOLLOWING = {"next_sentence": np.array([0, 1, 1, 0])}


def cases():
    rng = random("language models")
    windows = {
        "inputs": np.array([[1, 4, 1, 2, 4], [3, 5, 0, 5, 1], [2, 2, 0, 0, 0], [0, 3, 1, 1, 2]]),
        "targets": np.array([[4, 1, 2, 4, 1], [5, 0, 5, 1, 6], [0, 0, 0, 0, 0], [3, 1, 1, 2, 0]]),
        "mask": np.array([[1, 1, 0, 1, 1], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0], [1, 0, 1, 0, 0]], bool),
    }
    for model in (gpt, gpt2):
        config = model.Config(**SIZES)
        task = language_modelling.Task(model)
        yield Case(
            f"models.{model.__name__.rpartition('.')[2]}", task.loss, task.loss_backward,
            randomised(rng, model.init(rng, config)), {"batch": windows},
            {"config": config, "rng": random(model.__name__)}, {"config": config},
        )  # fmt: skip
    config = gpt2.Config(**SIZES, blocked=True, sliced=True)
    task = language_modelling.Task(gpt2)
    yield Case(
        "models.gpt2 (blocked, sliced)", task.loss, task.loss_backward, randomised(rng, gpt2.init(rng, config)),
        {"batch": windows}, {"config": config, "rng": random("blocked")}, {"config": config},
    )  # fmt: skip
    config = bert.Config(**SIZES)
    for name, objective, batch in (
        ("masked tokens", masked_tokens, BERT | MASKED),
        ("next sentence", next_sentence, BERT | FOLLOWING),
        ("both", pretraining, BERT | MASKED | FOLLOWING),
    ):
        task = objective.Task(bert)
        yield Case(
            f"models.bert ({name})", task.loss, task.loss_backward, randomised(rng, bert.init(rng, config)),
            {"batch": batch}, {"config": config, "rng": random(name)}, {"config": config},
        )  # fmt: skip
