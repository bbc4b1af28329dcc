"""Cases of layers.token_positions: positions counted from 0, given, and given row by row."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised
from minilm.layers import token_positions


def cases():
    rng = random("layers.token_positions")
    params = randomised(rng, token_positions.init(rng, 6, 5, 3))
    rule = token_positions.forward, token_positions.backward, params
    ids = {"ids": np.array([[1, 4, 1, 1], [4, 0, 2, 1]])}
    yield Case("layers.token_positions", *rule, ids)
    yield Case("layers.token_positions (given)", *rule, ids | {"places": np.array([1, 0, 4, 1])})
    yield Case("layers.token_positions (by row)", *rule, ids | {"places": np.array([[1, 0, 4, 1], [0, 0, 3, 4]])})
    yield Case("layers.token_positions (one id)", *rule, {"ids": np.array([[5]])}, ones=True)


def sized(rng, batch=3, positions=7, vocabulary=11, width=5):
    """Positions counted from 0, and two in the table that never come."""
    params = randomised(rng, token_positions.init(rng, vocabulary, positions + 2, width))
    ids = rng.integers(0, max(vocabulary - 2, 1), (batch, positions))
    return Case("layers.token_positions", token_positions.forward, token_positions.backward, params, {"ids": ids})
