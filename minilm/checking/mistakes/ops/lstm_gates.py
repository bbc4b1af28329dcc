"""Known mistakes of ops.lstm_gates."""

from minilm.checking.mistakes.mistake import Mistake, Plant, one

FORWARD, BACKWARD = "ops.lstm_gates:forward", "ops.lstm_gates:backward"
SPLIT, GATES = "z_i, z_f, z_g, z_o = split(z)", "sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_o)"
DZ = "[di * i * (1 - i), df * f * (1 - f), dg * (1 - g * g), do * o * (1 - o)]"


def ordered(name, why, order):
    """The gates side by side in another order, in both directions."""
    parts = {"i": "di * i * (1 - i)", "f": "df * f * (1 - f)", "g": "dg * (1 - g * g)", "o": "do * o * (1 - o)"}
    there = f"z_{order[0]}, z_{order[1]}, z_{order[2]}, z_{order[3]} = split(z)"
    return Mistake(name, why, (Plant(FORWARD, SPLIT, there), Plant(BACKWARD, DZ, f"[{', '.join(parts[g] for g in order)}]")))


def mistakes():
    return [
        ordered("the gates are in the order i, f, o, g", "The order of many papers and of CNTK; here it is i, f, g, o, which is PyTorch's.", "ifog"),
        ordered("the gates are in the order i, g, f, o", "TensorFlow's order (i, j, f, o); here it is PyTorch's.", "igfo"),
        ordered("the gates are in the order f, i, g, o", "The forget gate first, as some listings have it.", "figo"),
        ordered("the gates are in the order i, o, f, g", "ONNX's order (i, o, f, c).", "iofg"),
        ordered("input and output gate are each in the other's place", "A slip in the split.", "ofgi"),
        one(FORWARD, "the candidate passes through a sigmoid", "All four gates got the same activation.", GATES, "sigmoid(z_i), sigmoid(z_f), sigmoid(z_g), sigmoid(z_o)"),
        one(FORWARD, "one is added to the forget gate", "forget_bias=1 of TensorFlow is added, though the bias holds it already.",
            GATES, "sigmoid(z_i), sigmoid(z_f + 1), np.tanh(z_g), sigmoid(z_o)"),
        one(FORWARD, "the gates are not squashed", "The sigmoids are missing.", GATES, "z_i + 0.0, z_f + 0.0, np.tanh(z_g), z_o + 0.0"),
        one(FORWARD, "h is not squashed", "h = o c in place of o tanh c.", "h_next = o * tanh_c", "h_next = o * c_next"),
        one(FORWARD, "h is made from the memory before", "o tanh(c) of the step before.", "h_next = o * tanh_c", "h_next = o * np.tanh(c)"),
        one(FORWARD, "nothing is forgotten", "c + i g: the forget gate is not applied, as in the memory of 1997.", "f * c + i * g", "c + i * g"),
        one(FORWARD, "input and forget gate are coupled", "(1 - i) c + i g, a variant with one gate for both.", "f * c + i * g", "(1 - i) * c + i * g"),
        one(BACKWARD, "the next memory's own gradient is dropped", "What reaches c through the later steps is lost, so that nothing is learnt over time.",
            'dnext["c"] + dnext["h"] * o * (1 - tanh_c * tanh_c)', 'dnext["h"] * o * (1 - tanh_c * tanh_c)'),
        one(BACKWARD, "the memory's gradient through h is dropped", "Only what comes back from the next step's memory is passed on.",
            'dnext["c"] + dnext["h"] * o * (1 - tanh_c * tanh_c)', 'dnext["c"] + 0.0'),
        one(BACKWARD, "the slope of tanh c is forgotten", "dh · o in place of dh · o (1 - tanh² c).", " * (1 - tanh_c * tanh_c)", ""),
        one(BACKWARD, "the slope of tanh is taken of a tanh", "1 - tanh²(tanh c): the derivative is called on the output.",
            "(1 - tanh_c * tanh_c)", "(1 - np.tanh(tanh_c) ** 2)"),
        one(BACKWARD, "the slope of tanh c is 1 - tanh c", "The square is missing.", "(1 - tanh_c * tanh_c)", "(1 - tanh_c)"),
        one(BACKWARD, "the output gate is forgotten in the memory's gradient", "dh (1 - tanh² c).", 'dnext["h"] * o * (1', 'dnext["h"] * (1'),
        one(BACKWARD, "the output gate reads c and not tanh c", "do = dh · c.", 'do = dnext["h"] * tanh_c', 'do = dnext["h"] * c'),
        one(BACKWARD, "the forget gate reads the next memory", "df = dmemory · c_next: index t where t - 1 is meant.",
            "dmemory * g, dmemory * c, dmemory * i", "dmemory * g, dmemory * (f * c + i * g), dmemory * i"),
        one(BACKWARD, "input gate and candidate are each in the other's place", "di = dmemory i, dg = dmemory g.",
            "dmemory * g, dmemory * c, dmemory * i", "dmemory * i, dmemory * c, dmemory * g"),
        one(BACKWARD, "the memory's gradient is not multiplied by the forget gate", "dc = dmemory: nothing is forgotten on the way back.",
            "dmemory * i, dmemory * f", "dmemory * i, dmemory * 1.0"),
        one(BACKWARD, "the forget gate's slope is taken at another value", "f (1 - c), or f (1 - i): a slip of the pen.", "df * f * (1 - f)", "df * f * (1 - c)"),
        one(BACKWARD, "the candidate's slope is a sigmoid's", "g (1 - g) in place of 1 - g².", "dg * (1 - g * g)", "dg * g * (1 - g)"),
        one(BACKWARD, "the candidate's slope is 1 - g", "The square is missing.", "dg * (1 - g * g)", "dg * (1 - g)"),
        one(BACKWARD, "the gates' slopes are forgotten", "di, df, dg, do are taken for the gradients of z.", DZ, "[di, df, dg, do]"),
        one(BACKWARD, "the output gate's slope is forgotten", "do in place of do · o (1 - o).", "do * o * (1 - o)", "do"),
        one(BACKWARD, "the sigmoids' slopes are those of a tanh", "1 - i² for i (1 - i).",
            DZ, "[di * (1 - i * i), df * (1 - f * f), dg * (1 - g * g), do * (1 - o * o)]"),
    ]  # fmt: skip
