"""Known mistakes of models.encoder_decoder."""

from minilm.checking.mistakes.mistake import one

HERE = "models.encoder_decoder"
BACKWARD, DECODE, ENCODE, EMBED = (f"{HERE}:{name}" for name in ("backward", "decode", "encode", "embed"))
SUM, CAUSAL = 'dhead["weight"] + dtarget["weight"]', "np.tri(target.shape[1], dtype=bool)"


def mistakes():
    return [
        one(BACKWARD, "the tied table loses the head's gradient", "= for +=: the target's table is the embedding and the head.", SUM, 'dtarget["weight"] + 0.0'),
        one(BACKWARD, "the tied table loses the embedding's gradient", "= for +=: the target's table is the embedding and the head.", SUM, 'dhead["weight"] + 0.0'),
        one(DECODE, "no causal mask", "Every target position sees what comes after it.", CAUSAL, "np.ones((target.shape[1], target.shape[1]), bool)"),
        one(DECODE, "the causal mask is turned round", "np.triu for np.tril.", CAUSAL, f"{CAUSAL}.T"),
        one(DECODE, "the source's padding is attended to", "The memory's mask never arrives.", "source_mask[:, None, None, :]", "np.ones_like(source_mask)[:, None, None, :]"),
        one(ENCODE, "padding is attended to in the encoder", "The source's mask never arrives.", "(source != PAD)[:, None, None, :]", "np.ones_like(source, bool)[:, None, None, :]"),
        one(ENCODE, "the encoder's mask is inverted", "True is taken for 'may not attend'.", "(source != PAD)[:, None, None, :]", "(source == PAD)[:, None, None, :]"),
        one(EMBED, "the embeddings are not multiplied by √D", "Section 3.4's scale is forgotten.", "rows * config.width**0.5", "rows * 1.0"),
        one(EMBED, "the positions are multiplied by √D too", "√D (embedding + positions).", "rows * config.width**0.5 + positions.table(ids.shape[1], config.width, rows.real.dtype)",
            "(rows + positions.table(ids.shape[1], config.width, rows.real.dtype)) * config.width**0.5"),
        one(EMBED, "the positions are not added", "The order of the words is lost.", " + positions.table(ids.shape[1], config.width, rows.real.dtype)", ""),
        one(f"{HERE}:embed_backward", "the scale √D is forgotten on the way back", "dx is taken for the gradient of the rows.", "dx * config.width**0.5", "dx * 1.0"),
    ]  # fmt: skip
