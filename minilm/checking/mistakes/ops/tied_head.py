"""Known mistakes of ops.tied_head."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "ops.tied_head:forward", "ops.tied_head:backward"


def mistakes():
    return [
        one(FORWARD, "the logits are multiplied by 1/√D", "T5 scales before its tied head; these models do not.", "products.with_rows(y, weight)", "products.with_rows(y, weight) * y.shape[-1] ** -0.5"),
        one(FORWARD, "the logits are multiplied by √D", "The embedding's scale is applied to the head too.", "products.with_rows(y, weight)", "products.with_rows(y, weight) * y.shape[-1] ** 0.5"),
        one(BACKWARD, "the head has no gradient", "The table is taken for a constant where it is the head: a tied gradient lost.", "dweight = dlogits_flat.T @ flat", "dweight = 0 * (dlogits_flat.T @ flat)"),
        one(BACKWARD, "the gradient is divided by the number of rows", "A mean, though the loss has taken its own.", "dweight = dlogits_flat.T @ flat", "dweight = dlogits_flat.T @ flat / len(flat)"),
        one(BACKWARD, "the gradient is the last sample's", "= for += in a loop over the batch.", "dweight = dlogits_flat.T @ flat",
            "dweight = dlogits[-1:].reshape(-1, len(weight)).T @ y[-1:].reshape(-1, y.shape[-1])"),
        one(BACKWARD, "what comes back is divided by the classes", "A mean over V in place of the sum.", "(dlogits_flat @ weight)", "(dlogits_flat @ weight / len(weight))"),
    ]  # fmt: skip
