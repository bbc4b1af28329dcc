"""A training step of a GPT: nanoGPT's size for a CPU; forward, backward, clipping, AdamW."""

import numpy as np

from minilm.benchmarks import training
from minilm.machine import products
from minilm.models import gpt2
from minilm.tasks import language_modelling

UNIT = "step"
CONFIG = gpt2.Config(
    vocabulary=65, max_positions=64, width=128, heads=4, inner=512, layers=4, embedding_dropout=0.0,
    attention_dropout=0.0, dropout=0.0,
)  # fmt: skip
ROWS = 12


def batch():
    ids = np.random.default_rng(0).integers(0, CONFIG.vocabulary, (ROWS, CONFIG.max_positions + 1))
    return {"inputs": ids[:, :-1], "targets": ids[:, 1:]}


def ours():
    return training.ours(language_modelling.Task(gpt2), CONFIG, batch())


def peers():
    return training.peers("gpt", CONFIG, batch())


def floor():
    return training.floor(products.gpt(CONFIG, ROWS // training.SHARDS, CONFIG.max_positions))
