"""A training step of the tagger: BiLSTM and random field; forward, backward, AdamW with averaged weights."""

import numpy as np

from minilm.benchmarks import training
from minilm.data import tag_schemes
from minilm.machine import products
from minilm.models import lstm_tagger
from minilm.tasks import tagging
from minilm.training import averaged

UNIT = "step"
ROWS, POSITIONS, TYPES = 20, 32, 8
CLIP = 5.0
CONFIG = lstm_tagger.Config(
    vocabulary=2000, features=12_000, tags=tag_schemes.number_of_tags(TYPES), embedding=64, feature_embedding=64,
    hidden=128, dropout=0.0,
)  # fmt: skip


def batch():
    rng = np.random.default_rng(0)
    whole = tag_schemes.numbered([tag_schemes.Entity(3, 7, "0"), tag_schemes.Entity(20, 21, "1")], POSITIONS, "01")
    return {
        "inputs": rng.integers(4, CONFIG.vocabulary, (ROWS, POSITIONS)),
        "features": rng.integers(4, CONFIG.features, (ROWS, POSITIONS)),
        "tags": np.array([whole] * ROWS), "lengths": np.full(ROWS, POSITIONS),
    }  # fmt: skip


def ours():
    return training.ours(tagging.Task(lstm_tagger), CONFIG, batch(), optimiser=averaged, clip=CLIP)


def peers():
    return training.peers("tagger", CONFIG, batch(), clip=CLIP)


def floor():
    return training.floor(products.tagger(CONFIG, ROWS // training.SHARDS, POSITIONS))
