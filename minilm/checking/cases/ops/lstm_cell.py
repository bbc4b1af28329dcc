"""Cases of ops.lstm_cell."""

from minilm.checking.cases.case import Case, random, randomised
from minilm.ops import lstm_cell


def cases():
    rng = random("ops.lstm_cell")
    normal, params = rng.standard_normal, randomised(rng, lstm_cell.init(rng, 3, 5))
    for what, batch in (("", 2), (" (batch of one)", 1)):
        inputs = {"x": normal((batch, 3)), "h": normal((batch, 5)), "c": normal((batch, 5))}
        yield Case(f"ops.lstm_cell{what}", lstm_cell.forward, lstm_cell.backward, params, inputs, ones="one" in what)


def sized(rng, batch=3, width=7, hidden=5):
    """One step."""
    normal, params = rng.standard_normal, randomised(rng, lstm_cell.init(rng, width, hidden))
    inputs = {"x": normal((batch, width)), "h": normal((batch, hidden)), "c": normal((batch, hidden))}
    return Case("ops.lstm_cell", lstm_cell.forward, lstm_cell.backward, params, inputs)
