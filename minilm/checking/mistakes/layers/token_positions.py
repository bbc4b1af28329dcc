"""Known mistakes of layers.token_positions."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "layers.token_positions:forward", "layers.token_positions:backward"
POSITIONS = "dx if cache[\"ids\"].ndim == 2 else dx.sum(0)"


def mistakes():
    return [
        one(FORWARD, "the positions are not added", "The tokens alone: the model cannot tell their order.", "x = of_tokens + of_positions", "x = of_tokens + 0 * of_positions"),
        one(FORWARD, "the positions count from 1", "Position 0 is kept for padding.", "np.arange(ids.shape[1]) if places", "(np.arange(ids.shape[1]) + 1) % room if places"),
        one(FORWARD, "the positions count from the end", "The last token stands at 0.", "np.arange(ids.shape[1]) if places", "np.arange(ids.shape[1])[::-1] if places"),
        one(FORWARD, "tokens and positions are multiplied", "A * for a +.", "of_tokens + of_positions", "of_tokens * of_positions"),
        one(FORWARD, "the tokens are multiplied by √D", "The paper's scale, which this model has not.", "of_tokens + of_positions", "of_tokens * of_tokens.shape[-1] ** 0.5 + of_positions"),
        one(BACKWARD, "the tokens have no gradient", "= for +=: only the positions' table gets what comes back.", "embedding.backward(params[\"tokens\"], cache[\"tokens\"], dx)", "embedding.backward(params[\"tokens\"], cache[\"tokens\"], 0 * dx)"),
        one(BACKWARD, "the positions have no gradient", "The table is taken for a constant, as sines are.", "cache[\"positions\"], dx)", "cache[\"positions\"], 0 * dx)"),
        one("layers.token_positions:positions_backward", "the positions' gradient is a mean over the batch", ".mean(0) in place of .sum(0).", POSITIONS, POSITIONS.replace("sum", "mean")),
        one("layers.token_positions:positions_backward", "the positions' gradient is the last sample's", "= for += in a loop over the batch.", POSITIONS, POSITIONS.replace("dx.sum(0)", "dx[-1]")),
        one("layers.token_positions:positions_backward", "the positions' gradient is the first sample's", "Only index 0 of the batch is read.", POSITIONS, POSITIONS.replace("dx.sum(0)", "dx[0]")),
    ]  # fmt: skip
