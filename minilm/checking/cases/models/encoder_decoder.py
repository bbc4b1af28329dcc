"""Cases of models.encoder_decoder: a repeated word, padding, a sentence of nothing but padding, a longer source."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised
from minilm.models import encoder_decoder
from minilm.tasks import translation

SIZES: dict = {"source_vocabulary": 10, "target_vocabulary": 9, "width": 6, "heads": 3, "inner": 8, "max_positions": 12}
RATES: dict = {"dropout": 0.1, "smoothing": 0.1, "eps": 1e-3}
BATCH = {
    "source": np.array([[4, 3, 5, 4, 8], [6, 5, 0, 0, 0], [0, 0, 0, 0, 0], [9, 7, 3, 9, 0]]),
    "target": np.array(
        [[1, 5, 5, 7, 6, 5, 4, 2], [1, 4, 8, 2, 0, 0, 0, 0], [1, 3, 2, 0, 0, 0, 0, 0], [1, 2, 0, 0, 0, 0, 0, 0]]
    ),
}
LONGER = {"source": np.array([[4, 3, 5, 4, 8], [9, 7, 3, 9, 0]]), "target": np.array([[1, 5, 5, 2], [1, 8, 2, 0]])}


def cases():
    rng, task = random("models.encoder_decoder"), translation.Task(encoder_decoder)
    for what, batch, blocks in (("", BATCH, 2), (" (T < S)", LONGER, 1)):
        config = encoder_decoder.Config(**SIZES, **RATES, encoder_layers=blocks, decoder_layers=blocks)
        yield Case(
            f"models.encoder_decoder{what}", task.loss, task.loss_backward,
            randomised(rng, encoder_decoder.init(rng, config)), {"batch": batch},
            {"config": config, "rng": random("encoder_decoder")}, {"config": config},
        )  # fmt: skip
