"""Known mistakes of ops.linear."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "ops.linear:forward", "ops.linear:backward"
Y, DX = "(flat @ weight + bias)", "(dy_flat @ weight.T)"
DW, DB = '"weight": flat.T @ dy_flat', '"bias": leading.sum(dy_flat)'


def mistakes():
    return [
        one(FORWARD, "the weight is transposed",
            "PyTorch keeps (out, in) and multiplies by the transpose; here it is (in, out). Where it is square no shape complains.",
            Y, "(flat @ weight.T + bias)"),
        one(FORWARD, "the bias is forgotten", "At the initial bias of zero nobody sees it.", Y, "(flat @ weight)"),
        one(FORWARD, "the bias is added twice", "The bias is added by a fused call and once more after it.", Y, "(flat @ weight + 2 * bias)"),
        one(FORWARD, "the bias is subtracted", "The sign of the bias.", Y, "(flat @ weight - bias)"),
        one(BACKWARD, "dx with the weight not transposed", "dy W in place of dy Wᵀ: where W is square no shape complains.",
            DX, "(dy_flat @ weight)"),
        one(BACKWARD, "the weight's gradient is transposed", "dyᵀ x in place of xᵀ dy: PyTorch's layout, or a swap.",
            DW, '"weight": dy_flat.T @ flat'),
        one(BACKWARD, "the bias's gradient is a mean", ".mean(0) in place of .sum(0).", DB, '"bias": leading.sum(dy_flat) / len(dy_flat)'),
        one(BACKWARD, "the weight's gradient is divided by the number of rows", "A mean over the rows, though the loss has taken its mean already.",
            DW, '"weight": flat.T @ dy_flat / len(flat)'),
        one(BACKWARD, "both gradients are divided by the number of rows", "A mean over the rows, though the loss has taken its mean already.",
            DW, '"weight": flat.T @ dy_flat / len(flat)', (DB, '"bias": leading.sum(dy_flat) / len(dy_flat)')),
        one(BACKWARD, "the weight's gradient is divided by the batch", "1/m of a course's formula, though the loss has taken its mean already.",
            DW, '"weight": flat.T @ dy_flat / len(x)', (DB, '"bias": leading.sum(dy_flat) / len(x)')),
        one(BACKWARD, "the gradients are the last sample's", "= for += in a loop over the batch.",
            DW, '"weight": x[-1:].reshape(-1, x.shape[-1]).T @ dy[-1:].reshape(-1, dy.shape[-1])', (DB, '"bias": leading.sum(dy[-1:])')),
        one(BACKWARD, "the gradients are the first sample's", "Only index 0 of the batch is read.",
            DW, '"weight": x[:1].reshape(-1, x.shape[-1]).T @ dy[:1].reshape(-1, dy.shape[-1])', (DB, '"bias": leading.sum(dy[:1])')),
        one(BACKWARD, "the bias's gradient is the last sample's", "= for += in a loop over the batch.", DB, '"bias": leading.sum(dy[-1:])'),
        one(BACKWARD, "the bias has no gradient", "It was left out of the backward pass and stays zero.", DB, '"bias": 0 * leading.sum(dy_flat)'),
        one(BACKWARD, "the weight has no gradient", "It was left out of the backward pass, or is detached.", DW, '"weight": 0 * (flat.T @ dy_flat)'),
        one(BACKWARD, "dx is divided by the number of rows", "A mean that belongs to no gradient of an input.", DX, "(dy_flat @ weight.T / len(flat))"),
    ]  # fmt: skip
