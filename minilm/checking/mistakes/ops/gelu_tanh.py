"""Known mistakes of ops.gelu_tanh."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "ops.gelu_tanh:forward", "ops.gelu_tanh:backward"
NORMAL = '__import__("minilm.arrays.normal", fromlist=["_"])'
DX, SLOPE = "dy * gate + dinner * (SCALE * (1 + 3 * CUBIC * x * x))", "(1 + 3 * CUBIC * x * x)"


def mistakes():
    return [
        one(FORWARD, "the exact form, with erf", "GELU's default in PyTorch is the exact one; GPT-2 wants approximate='tanh'.", "y = x * sigmoid(inner)", f"y = x * {NORMAL}.cdf(x)"),
        one(FORWARD, "the sigmoid form, with 1.702", "x σ(1.702 x), the paper's coarser approximation.", "y = x * sigmoid(inner)", "y = x * sigmoid(1.702 * x)"),
        one(FORWARD, "SiLU in place of GELU", "The slope of the sigmoid's argument is left out: x σ(x).", "y = x * sigmoid(inner)", "y = x * sigmoid(x)"),
        one(FORWARD, "ReLU in place of GELU", "The activation never arrives from the config.", "y = x * sigmoid(inner)", "y = x * (x > 0)"),
        one(FORWARD, "the cubic term is missing", "tanh(√(2/π) x).", "(1 + CUBIC * x * x)", "(1 + 0 * CUBIC * x * x)"),
        one(FORWARD, "the cubic term is a square", "x + 0.044715 x².", "(1 + CUBIC * x * x)", "(1 + CUBIC * x)"),
        one(FORWARD, "√(2/π) is missing", "tanh(x + 0.044715 x³).", "SCALE * x", "2 * x"),
        one(FORWARD, "√(2π) in place of √(2/π)", "A misread fraction.", "SCALE * x", "2 * math.sqrt(2 * math.pi) * x"),
        one(FORWARD, "2/π without its root", "A misread root.", "SCALE * x", "2 * (2 / math.pi) * x"),
        one(FORWARD, "the factor ½ is missing", "x (1 + tanh u).", "y = x * sigmoid(inner)", "y = 2 * x * sigmoid(inner)"),
        one(FORWARD, "the factor x is missing", "½ (1 + tanh u), the probability alone.", "y = x * sigmoid(inner)", "y = sigmoid(inner) + 0.0"),
        one(FORWARD, "the 1 beside tanh is missing", "½ x tanh u.", "y = x * sigmoid(inner)", "y = x * (sigmoid(inner) - 0.5)"),
        one(BACKWARD, "the second term of the product rule is dropped", "dy σ alone: the slope of σ is forgotten.", DX, "dy * gate"),
        one(BACKWARD, "the first term of the product rule is dropped", "dy x σ' alone.", DX, "dinner * (SCALE * (1 + 3 * CUBIC * x * x))"),
        one(BACKWARD, "the cubic's derivative lacks its 3", "1 + 0.044715 x².", SLOPE, "(1 + CUBIC * x * x)"),
        one(BACKWARD, "the cubic's derivative is dropped", "The slope of u is taken for √(2/π).", SLOPE, "1"),
        one(BACKWARD, "the slope of u is dropped", "The chain ends at tanh.", "(SCALE * (1 + 3 * CUBIC * x * x))", "2"),
        one(BACKWARD, "the slope of u is halved", "½ is taken twice.", "(SCALE * (1 + 3 * CUBIC * x * x))", "(0.5 * SCALE * (1 + 3 * CUBIC * x * x))"),
        one(BACKWARD, "the exact form's derivative", "Φ(x) + x φ(x) beside a forward with tanh.", DX, f"dy * ({NORMAL}.cdf(x) + x * {NORMAL}.density(x))"),
        one(BACKWARD, "ReLU's derivative", "1 where x > 0.", DX, "dy * (x > 0)"),
        one(BACKWARD, "passed through", "The activation is taken for the identity on the way back.", DX, "dy * 1.0"),
    ]  # fmt: skip
