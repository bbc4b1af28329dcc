"""Known mistakes of ops.gelu_exact."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "ops.gelu_exact:forward", "ops.gelu_exact:backward"
SIGMOID, MATH = '__import__("minilm.arrays.sigmoid", fromlist=["_"]).sigmoid', '__import__("math")'
Y, DX = "x * normal.cdf(x)", "dy * (normal.cdf(x) + x * normal.density(x))"


def mistakes():
    return [
        one(FORWARD, "the tanh form", "approximate='tanh' is GPT-2's; BERT's is the exact one.", Y, f"x * {SIGMOID}(2 * {MATH}.sqrt(2 / {MATH}.pi) * x * (1 + 0.044715 * x * x))"),
        one(FORWARD, "the sigmoid form, with 1.702", "x σ(1.702 x), the paper's coarser approximation.", Y, f"x * {SIGMOID}(1.702 * x)"),
        one(FORWARD, "SiLU in place of GELU", "The slope of the sigmoid's argument is left out: x σ(x).", Y, f"x * {SIGMOID}(x)"),
        one(FORWARD, "ReLU in place of GELU", "The activation never arrives from the config.", Y, "x * (x > 0)"),
        one(FORWARD, "erf of x, not of x / √2", "erf is not the normal distribution's: its argument is divided by √2.", Y, "x * normal.cdf(x * 2**0.5)"),
        one(FORWARD, "erf of x / 2", "A misread root.", Y, "x * normal.cdf(x * 2**-0.5)"),
        one(FORWARD, "the factor ½ is missing", "x (1 + erf(x / √2)).", Y, "2 * x * normal.cdf(x)"),
        one(FORWARD, "the factor x is missing", "Φ(x), the probability alone.", Y, "normal.cdf(x) + 0.0"),
        one(FORWARD, "the 1 beside erf is missing", "½ x erf(x / √2).", Y, "x * (normal.cdf(x) - 0.5)"),
        one(BACKWARD, "the density is dropped", "dy Φ(x): the second term of the product rule is forgotten.", DX, "dy * normal.cdf(x)"),
        one(BACKWARD, "the probability is dropped", "dy x φ(x): the first term of the product rule is forgotten.", DX, "dy * x * normal.density(x)"),
        one(BACKWARD, "the density lacks its factor x", "Φ(x) + φ(x).", "x * normal.density(x)", "normal.density(x)"),
        one(BACKWARD, "the density is not divided by √(2π)", "exp(-x²/2) alone.", "x * normal.density(x)", f"x * normal.density(x) * {MATH}.sqrt(2 * {MATH}.pi)"),
        one(BACKWARD, "the density's exponent lacks its ½", "exp(-x²).", "x * normal.density(x)", "x * normal.density(x * 2**0.5)"),
        one(BACKWARD, "the density has the wrong sign", "Φ(x) - x φ(x).", "+ x * normal.density(x)", "- x * normal.density(x)"),
        one(BACKWARD, "the tanh form's derivative is halved at the density", "½ is taken twice.", "x * normal.density(x)", "0.5 * x * normal.density(x)"),
        one(BACKWARD, "ReLU's derivative", "1 where x > 0.", DX, "dy * (x > 0)"),
        one(BACKWARD, "passed through", "The activation is taken for the identity on the way back.", DX, "dy * 1.0"),
    ]  # fmt: skip
