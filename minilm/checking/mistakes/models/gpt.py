"""Known mistakes of models.gpt."""

from minilm.checking.mistakes.mistake import Mistake, Plant, one

HERE = "models.gpt"
ENCODE, BACK = "models.gpt:forward", "models.gpt:backward"
SUM, CAUSAL = 'dhead["weight"] + drows["tokens"]["weight"]', "np.tri(inputs.shape[1], dtype=bool)"


def with_activation(name, why, module):
    """Another activation in all blocks, in both directions."""
    other = f'"activation": __import__("minilm.ops.{module}", fromlist=["_"])'
    return Mistake(name, why, (Plant(f"{HERE}:of_blocks", '"activation": gelu_tanh', other),))


def mistakes():
    return [
        with_activation("GELU's exact form in place of the tanh form", "PyTorch's default GELU is the exact one; GPT-2 wants approximate='tanh'.", "gelu_exact"),
        with_activation("ReLU in place of GELU", "The activation never arrives from the config.", "relu"),
        one(BACK, "the tied table loses the head's gradient", "= for +=: the table is the embedding and the head.", SUM, 'drows["tokens"]["weight"] + 0.0'),
        one(BACK, "the tied table loses the embedding's gradient", "= for +=: the table is the embedding and the head.", SUM, 'dhead["weight"] + 0.0'),
        one(BACK, "the tied table's two gradients are averaged", "A mean where they should be added.", SUM, f"0.5 * ({SUM})"),
        one(ENCODE, "no causal mask", "Every position sees what comes after it.", CAUSAL, "np.ones((inputs.shape[1], inputs.shape[1]), bool)"),
        one(ENCODE, "the causal mask is turned round", "np.triu for np.tril: every position sees what comes after it, and not what comes before.", CAUSAL, f"{CAUSAL}.T"),
        one(ENCODE, "the causal mask hides the position itself too", "np.tri(T, k=-1).", CAUSAL, "np.tri(inputs.shape[1], k=-1, dtype=bool)"),
        one(ENCODE, "the causal mask shows the next position too", "np.tri(T, k=1).", CAUSAL, "np.tri(inputs.shape[1], k=1, dtype=bool)"),
    ]  # fmt: skip
