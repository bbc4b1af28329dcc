"""Cases of the models: the loss, from the embeddings up, as a function of every parameter."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised
from minilm.models import encoder_decoder, lstm_lm
from minilm.tasks import language_modelling, translation


def cases():
    rng = random("models")
    config = encoder_decoder.Config(
        source_vocabulary=10, target_vocabulary=9, width=6, heads=3, inner=8, encoder_layers=2, decoder_layers=2,
        max_positions=12, dropout=0.1, smoothing=0.1,
    )  # fmt: skip
    batch = {  # a repeated word, padding, a sentence of nothing but padding
        "source": np.array([[4, 3, 5, 4, 8], [6, 5, 0, 0, 0], [0, 0, 0, 0, 0], [9, 7, 3, 9, 0]]),
        "target": np.array(
            [[1, 5, 5, 7, 6, 5, 4, 2], [1, 4, 8, 2, 0, 0, 0, 0], [1, 3, 2, 0, 0, 0, 0, 0], [1, 2, 0, 0, 0, 0, 0, 0]]
        ),
    }
    task = translation.Task(encoder_decoder)
    yield Case(
        "models.encoder_decoder", task.loss, task.loss_backward,
        randomised(rng, encoder_decoder.init(rng, config)), {"batch": batch},
        {"config": config, "rng": random("encoder_decoder")}, {"config": config},
    )  # fmt: skip
    small = lstm_lm.Config(vocabulary=7, embedding=6, hidden=5, layers=2, dropout=0.2)
    windows = {
        "inputs": np.array([[1, 4, 1, 2], [3, 5, 0, 5], [0, 0, 4, 3]]),  # 6 never
        "targets": np.array([[4, 1, 2, 2], [5, 0, 5, 1], [0, 4, 3, 6]]),
        "h": rng.standard_normal((3, 2, 5)), "c": rng.standard_normal((3, 2, 5)),
    }  # fmt: skip
    recurrent = language_modelling.Task(lstm_lm)
    yield Case(
        "models.lstm_lm", recurrent.loss, recurrent.loss_backward, randomised(rng, lstm_lm.init(rng, small)),
        {"batch": windows}, {"config": small, "rng": random("lstm_lm")}, {"config": small},
    )  # fmt: skip
