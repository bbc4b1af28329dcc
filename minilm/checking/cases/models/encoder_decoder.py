"""Cases of models.encoder_decoder: a repeated word, padding, a sentence of nothing but padding, a longer source."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised
from minilm.checking.cases.sizes import lengths
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
LONGER = {
    "source": np.array(
        [[4, 3, 5, 4, 8, 2, 6], [9, 7, 3, 9, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0], [5, 5, 3, 2, 7, 7, 0]]
    ),
    "target": np.array([[1, 5, 5, 7, 3, 2], [1, 8, 2, 0, 0, 0], [1, 4, 6, 2, 0, 0], [1, 2, 0, 0, 0, 0]]),
}


def cases():
    rng, task = random("models.encoder_decoder"), translation.Task(encoder_decoder)
    for what, batch, blocks in (("", BATCH, 2), (" (T < S)", LONGER, 1)):
        config = encoder_decoder.Config(**SIZES, **RATES, encoder_layers=blocks, decoder_layers=blocks)
        yield Case(
            f"models.encoder_decoder{what}", task.loss, task.loss_backward,
            randomised(rng, encoder_decoder.init(rng, config)), {"batch": batch},
            {"config": config, "rng": random("encoder_decoder")}, {"config": config},
        )  # fmt: skip


def sized(
    rng, batch=3, positions=7, keys=9, source_vocabulary=13, target_vocabulary=11, width=15, heads=5, inner=21,
    encoder_layers=2, decoder_layers=2, dropout=0.0, smoothing=0.1,
):  # fmt: skip
    """Sentences of several lengths on both sides; 0 is padding."""
    config = encoder_decoder.Config(
        source_vocabulary=source_vocabulary, target_vocabulary=target_vocabulary, width=width, heads=heads, inner=inner,
        encoder_layers=encoder_layers, decoder_layers=decoder_layers, max_positions=max(positions, keys) + 2,
        dropout=dropout, smoothing=smoothing, eps=1e-3,
    )  # fmt: skip
    batch_of = {
        "source": rng.integers(3, max(source_vocabulary, 4), (batch, keys)) * lengths(batch, keys),
        "target": rng.integers(3, max(target_vocabulary, 4), (batch, positions + 1)) * lengths(batch, positions + 1),
    }
    task = translation.Task(encoder_decoder)
    return Case(
        "models.encoder_decoder", task.loss, task.loss_backward,
        randomised(rng, encoder_decoder.init(rng, config), 0.3), {"batch": batch_of},
        {"config": config, "rng": np.random.default_rng(int(rng.integers(2**32)))}, {"config": config},
    )  # fmt: skip
