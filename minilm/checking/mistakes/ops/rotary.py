"""Known mistakes of ops.rotary."""

from minilm.checking.mistakes.mistake import Mistake, Plant, one

FORWARD, BACKWARD = "ops.rotary:forward", "ops.rotary:backward"
FREQUENCY, ANGLE = "base ** (-np.arange(0, x.shape[-1], 2) / x.shape[-1])", "np.asarray(positions)[..., None] * frequency"
Y, BACK = "together(a * cos - b * sin, a * sin + b * cos, layout)", "dy_a * cos + dy_b * sin, dy_b * cos - dy_a * sin"
OTHER = '{"halves": "adjacent", "adjacent": "halves"}[layout]'


def mistakes():
    return [
        Mistake("the pairs are the other layout's", "Adjacent numbers (the paper, llama2.c) against halves (GPT-NeoX, Transformers): the weights must be permuted to go from one to the other.",
                (Plant(FORWARD, "pairs(x, layout)", f"pairs(x, {OTHER})"), Plant(FORWARD, Y, Y.replace("layout", OTHER)),
                 Plant(BACKWARD, "pairs(dy, layout)", f"pairs(dy, {OTHER})"), Plant(BACKWARD, "together(da, db, layout)", f"together(da, db, {OTHER})"))),
        Mistake("the pairs are read in one layout and written in the other", "The result is concatenated where it should be interleaved, or the other way round.",
                (Plant(FORWARD, Y, Y.replace("layout", OTHER)), Plant(BACKWARD, "pairs(dy, layout)", f"pairs(dy, {OTHER})"))),
        Mistake("turned the other way", "The sign of the sine.", (Plant(FORWARD, Y, "together(a * cos + b * sin, b * cos - a * sin, layout)"),
                 Plant(BACKWARD, BACK, "dy_a * cos - dy_b * sin, dy_b * cos + dy_a * sin"))),
        one(FORWARD, "the positions count from 1", "A position too many: each pair is turned once more.", ANGLE, "(np.asarray(positions) + 1)[..., None] * frequency"),
        one(FORWARD, "the exponent counts twice", "i is 0, 2, 4 ... already and is multiplied by two once more.", FREQUENCY, "base ** (-2 * np.arange(0, x.shape[-1], 2) / x.shape[-1])"),
        one(FORWARD, "the exponent counts by half", "i / K in place of 2i / K.", FREQUENCY, "base ** (-np.arange(0, x.shape[-1], 2) / 2 / x.shape[-1])"),
        one(FORWARD, "the exponent's divisor is the number of pairs", "2i / (K / 2).", FREQUENCY, "base ** (-np.arange(0, x.shape[-1], 2) / (x.shape[-1] // 2))"),
        one(FORWARD, "the base is 10000", "Another base is asked for, and the default is used.", FREQUENCY, FREQUENCY.replace("base", "10000.0", 1)),
        one(FORWARD, "the frequencies are inverted", "base^(2i / K), in place of one over it.", FREQUENCY, "base ** (np.arange(0, x.shape[-1], 2) / x.shape[-1])"),
        one(FORWARD, "nothing is turned", "The rotation never arrives.", Y, "x + 0.0"),
        one(FORWARD, "the second number of a pair is not turned", "Only a' is computed.", Y, "together(a * cos - b * sin, b + 0.0, layout)"),
        one(FORWARD, "the sine and the cosine are each in the other's place", "The table is read in the wrong order.", Y, "together(a * sin - b * cos, a * cos + b * sin, layout)"),
        one(BACKWARD, "turned on in place of back", "Backward calls forward again.", BACK, "dy_a * cos - dy_b * sin, dy_b * cos + dy_a * sin"),
        one(BACKWARD, "not turned back", "The gradient is passed through.", BACK, "dy_a + 0.0, dy_b + 0.0"),
        one(BACKWARD, "the cross terms are dropped on the way back", "dy · cos alone.", BACK, "dy_a * cos, dy_b * cos"),
        one(BACKWARD, "the pairs are the other layout's on the way back", "Forward and backward split the numbers differently.",
            "pairs(dy, layout)", f"pairs(dy, {OTHER})", ("together(da, db, layout)", f"together(da, db, {OTHER})")),
    ]  # fmt: skip
