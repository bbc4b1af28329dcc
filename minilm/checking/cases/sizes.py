"""What the cases of any size share: rows of several lengths, masks, and the batches of a language model."""

import numpy as np

from minilm.checking.cases.case import Case, randomised
from minilm.tasks import language_modelling


def lengths(batch, positions):
    """Rows that end at several places, the first at the last position and none before the second: (B, T) of 0 and 1."""
    ends = positions - (np.arange(batch) * 2) % max(positions - 1, 1)
    return (np.arange(positions) < ends[:, None]).astype(np.int64)


def padded(batch, positions, keys):
    """(B, 1, T, S), True = may attend: causal from the first row of the keys on, and rows of several lengths.

    Every query may attend to the first key, so that no row is without any.
    """
    causal = np.tri(positions, keys, max(keys - positions, 0), dtype=bool)
    return causal[None, None] & lengths(batch, keys).astype(bool)[:, None, None, :]


def attention_dropout(rng, rate):
    """The settings of a dropout in forward, and in backward."""
    return {"rate": rate, "rng": np.random.default_rng(int(rng.integers(2**32)))}, {"rate": rate}


def windows(rng, batch, positions, vocabulary):
    """Inputs and the token after each, with repeated ids and some that never come, and which targets count."""
    text = rng.integers(0, max(vocabulary - 2, 1), (batch, positions + 1))
    return {"inputs": text[:, :-1], "targets": text[:, 1:], "mask": lengths(batch, positions).astype(bool)}


def language_model(rng, model, config, batch):
    """The case of a language model's loss."""
    task = language_modelling.Task(model)
    return Case(
        f"models.{model.__name__.rpartition('.')[2]}", task.loss, task.loss_backward,
        randomised(rng, model.init(rng, config), 0.3), {"batch": batch},
        {"config": config, "rng": np.random.default_rng(int(rng.integers(2**32)))}, {"config": config},
    )  # fmt: skip
