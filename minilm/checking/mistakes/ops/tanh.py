"""Known mistakes of ops.tanh."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "ops.tanh:forward", "ops.tanh:backward"
DX = "dy * (4 * sigmoid(2 * x) * sigmoid(-2 * x))"


def mistakes():
    return [
        one(FORWARD, "a sigmoid in place of tanh", "The two are mixed up.", "np.tanh(x)", "sigmoid(x)"),
        one(FORWARD, "tanh of half", "2 σ(x) - 1, which is tanh(x / 2).", "np.tanh(x)", "np.tanh(x / 2)"),
        one(BACKWARD, "1 - y in place of 1 - y²", "The square is missing.", DX, "dy * (1 - np.tanh(x))"),
        one(BACKWARD, "1 - x² in place of 1 - y²", "The derivative is written in terms of the output and is given the input.", DX, "dy * (1 - x * x)"),
        one(BACKWARD, "1 - tanh²(y)", "The derivative is written in terms of the input and is given the output.", DX, "dy * (1 - np.tanh(np.tanh(x)) ** 2)"),
        one(BACKWARD, "a sigmoid's derivative", "y (1 - y).", DX, "dy * np.tanh(x) * (1 - np.tanh(x))"),
        one(BACKWARD, "passed through", "The activation is taken for the identity on the way back.", DX, "dy * 1.0"),
    ]  # fmt: skip
