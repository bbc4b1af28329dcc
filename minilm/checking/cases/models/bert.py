"""Cases of models.bert: padding, its objectives alone and together, all its heads at once, one row."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised
from minilm.checking.cases.models.gpt import SIZES, first_row
from minilm.checking.cases.sizes import lengths
from minilm.models import bert
from minilm.tasks import masked_tokens, next_sentence, pretraining

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
    rng = random("models.bert")
    config = bert.Config(**SIZES, labels=5, attention_dropout=0.3, classifier_dropout=0.2, eps=1e-3)
    for what, objective, batch in (
        ("masked tokens", masked_tokens, BERT | MASKED), ("next sentence", next_sentence, BERT | FOLLOWING),
        ("both", pretraining, BERT | MASKED | FOLLOWING),
        ("both, batch of one", pretraining, first_row(BERT | MASKED | FOLLOWING)),
    ):  # fmt: skip
        task = objective.Task(bert)
        yield Case(
            f"models.bert ({what})", task.loss, task.loss_backward, randomised(rng, bert.init(rng, config)),
            {"batch": batch}, {"config": config, "rng": random(what)}, {"config": config}, ones="one" in what,
        )  # fmt: skip
    yield Case(
        "models.bert (all heads)", bert.forward, bert.backward,
        randomised(rng, bert.init(rng, config, heads=bert.HEADS)), {**BERT, "attend": BERT["inputs"] != 0},
        {"config": config, "rng": random("heads")}, {"config": config},
    )  # fmt: skip


def sized(
    rng, batch=3, positions=7, vocabulary=11, width=15, heads=5, inner=21, layers=2, dropout=0.0, attention_dropout=0.0
):  # fmt: skip
    """Masked tokens and whether the second sentence follows, in rows of several lengths; 0 is padding, 1 the mask."""
    config = bert.Config(
        vocabulary=vocabulary, max_positions=positions + 2, width=width, heads=heads, inner=inner, layers=layers,
        dropout=dropout, attention_dropout=attention_dropout, eps=1e-3,
    )  # fmt: skip
    there = lengths(batch, positions)
    targets = rng.integers(2, max(vocabulary, 3), (batch, positions)) * there
    hidden = (np.arange(positions) % 3 == 1) & (there > 0)
    asked = {"targets": targets, "mask": hidden, "next_sentence": rng.integers(0, 2, batch)}
    segments = (np.arange(positions) >= positions // 2) * there
    task = pretraining.Task(bert)
    return Case(
        "models.bert", task.loss, task.loss_backward, randomised(rng, bert.init(rng, config), 0.3),
        {"batch": {"inputs": np.where(hidden, 1, targets), "segments": segments} | asked},
        {"config": config, "rng": np.random.default_rng(int(rng.integers(2**32)))}, {"config": config},
    )  # fmt: skip
