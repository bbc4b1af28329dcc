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
