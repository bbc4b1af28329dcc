"""A training step of a GPT: nanoGPT's size for a small GPU; forward, backward, clipping, AdamW.

Attention in blocks, as PyTorch's: at 256 positions it takes the time of the plain one and none of its weights' memory.
The floor is the plain attention's products, of which a causal one could leave out nearly half.
"""

import numpy as np

from minilm.benchmarks import training
from minilm.machine import products
from minilm.models import gpt2
from minilm.tasks import language_modelling

UNIT = "step"
CONFIG = gpt2.Config(
    vocabulary=65, max_positions=256, width=384, heads=6, inner=1536, layers=6, embedding_dropout=0.0,
    attention_dropout=0.0, dropout=0.0, blocked=True,
)  # fmt: skip
ROWS = 8


def batch():
    ids = np.random.default_rng(0).integers(0, CONFIG.vocabulary, (ROWS, CONFIG.max_positions + 1))
    return {"inputs": ids[:, :-1], "targets": ids[:, 1:]}


def ours():
    return training.ours(language_modelling.Task(gpt2), CONFIG, batch())


def peers():
    return training.peers("gpt", CONFIG, batch())


def floor():
    return training.floor(products.gpt(CONFIG, ROWS // training.SHARDS, CONFIG.max_positions))
