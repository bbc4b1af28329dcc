"""Known mistakes of models.lstm_lm."""

from minilm.checking.mistakes.mistake import one

FORWARD = "models.lstm_lm:forward"


def mistakes():
    return [
        one(FORWARD, "the state of the window before is not read", "Each window begins from zeros.", "zeros[0] if h is None else h, zeros[1] if c is None else c", "zeros[0], zeros[1]"),
        one(FORWARD, "h and c are each in the other's place", "The state is handed over in the wrong order.", "zeros[0] if h is None else h, zeros[1] if c is None else c", "zeros[0] if c is None else c, zeros[1] if h is None else h"),
    ]  # fmt: skip
