"""What the two cases at GPT-2's size share: the model with random weights, and its peers."""

import numpy as np

from minilm.models import gpt2

CONFIG = gpt2.Config(embedding_dropout=0.0, attention_dropout=0.0, dropout=0.0)


def params(config=CONFIG):
    return gpt2.init(np.random.default_rng(0), config)


def prompt(positions, config=CONFIG):
    """(1, positions) of random ids."""
    return np.random.default_rng(1).integers(0, config.vocabulary, (1, positions))
