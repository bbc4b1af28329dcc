"""Known mistakes of ops.scaled_dot_product."""

from minilm.checking.mistakes.mistake import Mistake, Plant, one

FORWARD, BACKWARD = "ops.scaled_dot_product:forward", "ops.scaled_dot_product:backward"
ROOT = "scale = q.shape[-1] ** -0.5"
SCORES, WEIGHTS = "(q * scale) @ k.swapaxes(-1, -2)", "softmax.forward(scores, mask)"
DK, DQ, DV = "@ (q * scale)", "@ (k * scale)", 'cache["dropped"].swapaxes(-1, -2) @ dy'


def scaled(name, why, root):
    """A wrong scale, in both directions."""
    return Mistake(name, why, (Plant(FORWARD, ROOT, f"scale = {root}"), Plant(BACKWARD, ROOT, f"scale = {root}")))


def mistakes():
    return [
        scaled("the scale 1/√K is missing", "The scores are not divided by the root of the heads' width.", "1.0"),
        scaled("the scale is 1/K", "Divided by the width and not by its root.", "1 / q.shape[-1]"),
        scaled("the scale is √K", "Multiplied by the root where it should be divided by it.", "q.shape[-1] ** 0.5"),
        scaled("the scale is that of the whole width D, not of a head", "√D in place of √(D / H): taken from the model before the split.",
               "(q.shape[1] * q.shape[-1]) ** -0.5"),
        scaled("the scale is that of the number of keys", "k.shape[-2] (or the transposed key's last axis) in place of the width.", "k.shape[-2] ** -0.5"),
        scaled("the scale is that of the number of queries", "q.shape[-2] in place of the width.", "q.shape[-2] ** -0.5"),
        scaled("the scale is that of the number of heads", "q.shape[1] in place of the width.", "q.shape[1] ** -0.5"),
        scaled("the scale is applied twice", "The queries are scaled already, and the scores are once more.", "1 / q.shape[-1]"),
        one(FORWARD, "the mask is inverted", "True is taken for 'may not attend'.", WEIGHTS, "softmax.forward(scores, None if mask is None else ~mask)"),
        one(FORWARD, "the mask is not applied", "The mask never arrives.", WEIGHTS, "softmax.forward(scores, None)"),
        one(FORWARD, "the mask is transposed", "Queries and keys are exchanged in the mask: each sees what comes after it.",
            WEIGHTS, "softmax.forward(scores, None if mask is None else mask.swapaxes(-1, -2))"),
        one(FORWARD, "a causal mask that hides the position itself too", "np.tri(T, k=-1): the diagonal is barred.",
            WEIGHTS, "softmax.forward(scores, None if mask is None else mask & __import__('numpy').tri(*mask.shape[-2:], -1, dtype=bool))"),
        one(FORWARD, "a causal mask that shows the next position too", "np.tri(T, k=1): one position too many may be attended to.",
            WEIGHTS, "softmax.forward(scores, None if mask is None else mask | __import__('numpy').tri(*mask.shape[-2:], 1, dtype=bool))"),
        one(FORWARD, "the weights are not dropped", "Attention dropout never arrives.", "dropped @ v", "weights @ v"),
        one(BACKWARD, "the keys' gradient lacks the scale", "dscoresᵀ q without 1/√K, where forward scales the queries.", DK, "@ q"),
        one(BACKWARD, "the queries' gradient lacks the scale", "dscores k without 1/√K.", DQ, "@ k"),
        one(BACKWARD, "both gradients of the scores lack the scale", "1/√K is forgotten on the way back.", DK, "@ q", (DQ, "@ k")),
        one(BACKWARD, "the scale stands squared in both gradients", "dscores is scaled, and the products are too.", DK, "@ (q * scale * scale)", (DQ, "@ (k * scale * scale)")),
        one(BACKWARD, "the scale is inverted in both gradients", "Multiplied by √K where forward divides.", DK, "@ (q / scale)", (DQ, "@ (k / scale)")),
        one(BACKWARD, "the values' gradient is taken from the weights before dropout", "weightsᵀ dy in place of droppedᵀ dy.",
            DV, 'cache["weights"].swapaxes(-1, -2) @ dy'),
        one(BACKWARD, "dropout is passed through on the way back", "The pattern is not applied to the weights' gradient.",
            'dropout.backward(cache["dropout"], ddropped, rate)', "ddropped + 0.0"),
        one(BACKWARD, "the softmax is passed through", "The weights' gradient is taken for the scores'.",
            'softmax.backward(cache["softmax"], dweights)', "dweights + 0.0"),
        one(BACKWARD, "the softmax's derivative lacks its sum", "y · dy alone.", 'softmax.backward(cache["softmax"], dweights)', 'cache["weights"] * dweights'),
        one(BACKWARD, "the gradients of queries and keys are each in the other's place", "They are returned in the wrong order.",
            "return dq, dk, dv", "return dk, dq, dv"),
        one(BACKWARD, "the gradients of keys and values are each in the other's place", "They are returned in the wrong order.",
            "return dq, dk, dv", "return dq, dv, dk"),
        one(BACKWARD, "the scores' gradient is not transposed for the keys", "dscores q: where there are as many queries as keys no shape complains.",
            "dk = dscores.swapaxes(-1, -2)", "dk = dscores"),
        one(BACKWARD, "the weights are not transposed for the values", "weights dy: where there are as many queries as keys no shape complains.",
            DV, 'cache["dropped"] @ dy'),
        one(BACKWARD, "the queries' gradient is read from the queries", "dscores q in place of dscores k.", DQ, "@ (q * scale)"),
    ]  # fmt: skip
