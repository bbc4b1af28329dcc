"""A training step of BERT on masked tokens, the head at the masked places alone; forward, backward, clipping, AdamW."""

import numpy as np

from minilm.benchmarks import training
from minilm.machine import products
from minilm.models import bert
from minilm.tasks import masked_tokens

UNIT = "step"
ROWS, POSITIONS, MASKED = 16, 128, 19  # 15 % of each row
CONFIG = bert.Config(
    vocabulary=30522, max_positions=POSITIONS, width=256, heads=4, inner=1024, layers=4, attention_dropout=0.0,
    dropout=0.0, classifier_dropout=0.0,
)  # fmt: skip
GIVEN = {"heads": ("masked",)}  # to init, beyond the settings


def batch():
    rng = np.random.default_rng(0)
    mask = rng.permuted(np.arange(POSITIONS) < MASKED + np.zeros((ROWS, 1)), axis=1)
    ids = rng.integers(1000, CONFIG.vocabulary, (2, ROWS, POSITIONS))
    return {"inputs": ids[0], "targets": ids[1], "mask": mask}


def ours():
    return training.ours(masked_tokens.Task(bert), CONFIG, batch(), **GIVEN)


def peers():
    return training.peers("bert", CONFIG, batch())


def floor():
    rows = ROWS // training.SHARDS
    return training.floor(products.bert(CONFIG, rows, POSITIONS, rows * MASKED))
