"""Known mistakes of ops.dropout."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "ops.dropout:forward", "ops.dropout:backward"
SCALE = "(PARTS / (PARTS - threshold))"


def mistakes():
    return [
        one(FORWARD, "what is kept is not scaled up", "The dropout of the first paper, which scales at inference; here it is inverted.",
            f"y = x * keep * {SCALE}", "y = x * keep * 1.0"),
        one(FORWARD, "what is kept is scaled down", "Multiplied by 1 - rate in place of divided.", f"x * keep * {SCALE}", "x * keep * ((PARTS - threshold) / PARTS)"),
        one(FORWARD, "what should be kept is dropped", "The pattern says what is dropped and was taken for what is kept.",
            "y = x * keep", "y = x * ~keep"),
        one(FORWARD, "scaled by 1 / rate", "rate is taken for the probability of keeping.", f"x * keep * {SCALE}", "x * keep * (PARTS / threshold)"),
        one(FORWARD, "nothing is dropped", "Evaluation mode, or the rate never arrives.", f"y = x * keep * {SCALE}", "y = x * 1.0"),
        one(BACKWARD, "the gradient is not scaled", "Forward scales what is kept up; backward forgets to.", f"dx = dy * keep * {SCALE}", "dx = dy * keep * 1.0"),
        one(BACKWARD, "the gradient goes through what was dropped", "The pattern is not applied on the way back.", "dx = dy * keep", "dx = dy * 1.0"),
        one(BACKWARD, "dropout is passed through on the way back", "Neither pattern nor scale: the layer was taken for the identity.",
            f"dx = dy * keep * {SCALE}", "dx = dy * 1.0"),
        one(BACKWARD, "the gradient goes through what was dropped, and only there", "The pattern is inverted on the way back.", "dx = dy * keep", "dx = dy * ~keep"),
        one(BACKWARD, "the scale stands squared", "The cached pattern holds the scale already.", f"dy * keep * {SCALE}", f"dy * keep * {SCALE} ** 2"),
    ]  # fmt: skip
