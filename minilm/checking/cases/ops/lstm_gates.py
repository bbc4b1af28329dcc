"""Cases of ops.lstm_gates: in the middle, one row, and where the gates are all but open or shut."""

from minilm.checking.cases.case import Case, random
from minilm.ops import lstm_gates


def cases():
    rng = random("ops.lstm_gates")
    for what, rows, scale in (("", 2, 1), (" (one row)", 1, 1), (" (large)", 3, 6)):
        inputs = {"z": scale * rng.standard_normal((rows, 20)), "c": rng.standard_normal((rows, 5))}
        yield Case(f"ops.lstm_gates{what}", lstm_gates.forward, lstm_gates.backward, None, inputs, ones="one" in what)


def sized(rng, batch=3, hidden=5):
    """One step."""
    inputs = {"z": rng.standard_normal((batch, 4 * hidden)), "c": rng.standard_normal((batch, hidden))}
    return Case("ops.lstm_gates", lstm_gates.forward, lstm_gates.backward, None, inputs)
