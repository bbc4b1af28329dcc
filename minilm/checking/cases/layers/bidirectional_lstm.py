"""Cases of layers.bidirectional_lstm: rows of several lengths, one of them empty, and a batch of one."""

import numpy as np

from minilm.checking.cases.case import Case, random, randomised
from minilm.layers import bidirectional_lstm


def cases():
    rng = random("layers.bidirectional_lstm")
    params = randomised(rng, bidirectional_lstm.init(rng, 4, 3))
    rule = bidirectional_lstm.forward, bidirectional_lstm.backward, params
    for what, lengths in (("", [5, 2, 1, 0, 3, 4]), (" (batch of one)", [3])):
        inputs = {"x": rng.standard_normal((len(lengths), 5, 4)), "lengths": np.array(lengths)}
        yield Case(f"layers.bidirectional_lstm{what}", *rule, inputs, ones="one" in what)
