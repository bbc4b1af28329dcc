"""Known mistakes of ops.relu."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "ops.relu:forward", "ops.relu:backward"
Y, DX = "np.maximum(x, zeros)", 'dy * (cache["y"] > 0)'


def mistakes():
    return [
        one(FORWARD, "a leak of 0.01", "leaky_relu, or its slope, from another model.", Y, "np.maximum(x, 0.01 * x)"),
        one(FORWARD, "the absolute value", "|x| in place of max(x, 0).", Y, "np.maximum(x, -x)"),
        one(FORWARD, "the wrong half is kept", "min(x, 0).", Y, "np.minimum(x, zeros)"),
        one(FORWARD, "GELU in place of ReLU", "The activation never arrives from the config.", Y, 'x * __import__("minilm.arrays.normal", fromlist=["_"]).cdf(x)'),
        one(FORWARD, "cut off at 6", "ReLU6, as for phones.", Y, "np.clip(x, 0, 6)"),
        one(BACKWARD, "the gradient goes through where y is zero", ">= in place of >: y is never below zero, so all goes through.", DX, 'dy * (cache["y"] >= 0)'),
        one(BACKWARD, "the gradient is cut where it is negative", "The upstream gradient's sign is asked, not the input's (guided backpropagation).", DX, 'dy * (dy > 0)'),
        one(BACKWARD, "both signs are asked", "Guided backpropagation: x and dy must be positive.", DX, 'dy * (cache["y"] > 0) * (dy > 0)'),
        one(BACKWARD, "the gradient goes through the wrong half", "x <= 0 in place of x > 0.", DX, 'dy * (cache["y"] == 0)'),
        one(BACKWARD, "the gradient is multiplied by y", "y in place of where y > 0.", DX, 'dy * cache["y"]'),
        one(BACKWARD, "the upstream gradient is forgotten", "1 where x > 0.", DX, '(cache["y"] > 0) * np.ones_like(dy)'),
    ]  # fmt: skip
