"""Known mistakes of models.bert."""

from minilm.checking.mistakes.mistake import Mistake, Plant, one

HERE = "models.bert"
ENCODE, BACK = f"{HERE}:encode", f"{HERE}:encode_backward"


def mistakes():
    return [
        Mistake("GELU's tanh form in place of the exact one", "GPT-2's GELU; BERT's is the exact one.",
                (Plant(f"{HERE}:of_blocks", '"activation": gelu_exact', '"activation": __import__("minilm.ops.gelu_tanh", fromlist=["_"])'),)),
        one(ENCODE, "the segments are not added", "token_type_ids never arrive.", "placed + of_segment, config.eps", "placed + 0 * of_segment, config.eps"),
        one(ENCODE, "all tokens have segment 0", "token_type_ids never arrive, and zeros stand in their place.", 'params["segments"], numbers', 'params["segments"], 0 * numbers'),
        one(ENCODE, "the embeddings are not normed", "The norm after the three embeddings is forgotten.", 'layer_norm.forward(params["embedding_norm"], placed + of_segment, config.eps)',
            'placed + of_segment, layer_norm.forward(params["embedding_norm"], placed + of_segment, config.eps)[1]'),
        one(ENCODE, "padding is attended to", "The attention mask never arrives.", "None if attend is None or attend.all() else attend[:, None, None, :]", "None"),
        one(ENCODE, "the attention mask is inverted", "True is taken for 'may not attend'.", "else attend[:, None, None, :]", "else ~attend[:, None, None, :]"),
        one(ENCODE, "a causal mask", "BERT reads in both directions.", "None if attend is None or attend.all() else attend[:, None, None, :]", "np.tri(inputs.shape[1], dtype=bool)"),
        one(BACK, "the tied table loses the head's gradient", "= for +=: the table is the embedding and the head.", "dsummed, dtable_head)", "dsummed)"),
        one(BACK, "the segments have no gradient", "Their table is taken for a constant.", 'cache["segments"], dsummed)', 'cache["segments"], 0 * dsummed)'),
    ]  # fmt: skip
