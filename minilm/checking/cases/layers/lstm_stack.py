"""Cases of layers.lstm_stack: with and without dropout between the layers."""

from minilm.checking.cases.case import Case, random, randomised
from minilm.checking.cases.sizes import attention_dropout
from minilm.layers import lstm_stack


def cases():
    rng = random("layers.lstm_stack")
    normal = rng.standard_normal
    params = randomised(rng, lstm_stack.init(rng, 4, 3, 2))
    rule = lstm_stack.forward, lstm_stack.backward, params
    for what, batch, rate in (("", 6, 0.3), (" (batch of one)", 1, 0.0)):
        inputs = {"x": normal((batch, 5, 4)), "h0": normal((batch, 2, 3)), "c0": normal((batch, 2, 3))}
        yield Case(
            f"layers.lstm_stack{what}", *rule, inputs, {"rate": rate, "rng": random("stack")}, {"rate": rate},
            ones="one" in what,
        )  # fmt: skip


def sized(rng, batch=3, positions=7, width=11, hidden=5, layers=2, dropout=0.0):
    """From states that are not zero."""
    settings, back = attention_dropout(rng, dropout)
    normal, params = rng.standard_normal, randomised(rng, lstm_stack.init(rng, width, hidden, layers), 0.5)
    states = {"h0": normal((batch, layers, hidden)), "c0": normal((batch, layers, hidden))}
    inputs = {"x": normal((batch, positions, width))} | states
    return Case("layers.lstm_stack", lstm_stack.forward, lstm_stack.backward, params, inputs, settings, back)
