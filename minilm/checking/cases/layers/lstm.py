"""Cases of layers.lstm: one step, two, many, and a batch of one."""

from minilm.checking.cases.case import Case, random, randomised
from minilm.layers import lstm


def cases():
    rng = random("layers.lstm")
    normal = rng.standard_normal
    for what, batch, positions in (("1 steps", 6, 1), ("2 steps", 6, 2), ("5 steps", 6, 5), ("batch of one", 1, 5)):
        yield Case(
            f"layers.lstm ({what})", lstm.forward, lstm.backward, randomised(rng, lstm.init(rng, 4, 3)),
            {"x": normal((batch, positions, 4)), "h0": normal((batch, 3)), "c0": normal((batch, 3))},
            ones=1 in (batch, positions),
        )  # fmt: skip


def sized(rng, batch=3, positions=7, width=11, hidden=5):
    """From a state that is not zero."""
    normal, params = rng.standard_normal, randomised(rng, lstm.init(rng, width, hidden), 0.5)
    inputs = {"x": normal((batch, positions, width)), "h0": normal((batch, hidden)), "c0": normal((batch, hidden))}
    return Case("layers.lstm", lstm.forward, lstm.backward, params, inputs)
