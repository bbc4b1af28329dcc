"""A training step of the article's LSTM; forward, backward, Adam. The state is carried from step to step."""

import numpy as np

from minilm.benchmarks import training
from minilm.machine import products
from minilm.models import lstm_lm
from minilm.tasks import language_modelling
from minilm.training import adam

UNIT = "step"
ROWS, POSITIONS = 32, 35
CLIP = None
CONFIG = lstm_lm.Config(vocabulary=10_000, embedding=256, hidden=512)


def batch():
    ids = np.random.default_rng(0).integers(0, CONFIG.vocabulary, (ROWS, POSITIONS + 1))
    return {"inputs": ids[:, :-1], "targets": ids[:, 1:]}


def ours():
    return training.ours(language_modelling.Task(lstm_lm), CONFIG, batch(), optimiser=adam, clip=CLIP)


def peers():
    return training.peers("lstm", CONFIG, batch(), optimiser="Adam", clip=CLIP)


def floor():
    return training.floor(products.lstm(CONFIG, ROWS // training.SHARDS, POSITIONS))
