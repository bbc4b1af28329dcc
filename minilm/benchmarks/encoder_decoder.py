"""A training step of an encoder-decoder, with dropout and label smoothing; forward, backward, clipping, AdamW."""

import numpy as np

from minilm.benchmarks import training
from minilm.machine import products
from minilm.models import encoder_decoder
from minilm.tasks import translation

UNIT = "step"
ROWS, POSITIONS = 64, 20
CONFIG = encoder_decoder.Config(
    source_vocabulary=8000, target_vocabulary=8000, width=256, heads=8, inner=1024, encoder_layers=3, decoder_layers=3,
    max_positions=POSITIONS, dropout=0.1, smoothing=0.1,
)  # fmt: skip


def batch():
    rng = np.random.default_rng(0)
    return {
        "source": rng.integers(4, CONFIG.source_vocabulary, (ROWS, POSITIONS)),
        "target": rng.integers(4, CONFIG.target_vocabulary, (ROWS, POSITIONS + 1)),
    }


def ours():
    return training.ours(translation.Task(encoder_decoder), CONFIG, batch())


def peers():
    return training.peers("encoder_decoder", CONFIG, batch())


def floor():
    return training.floor(products.encoder_decoder(CONFIG, ROWS // training.SHARDS, POSITIONS, POSITIONS))
