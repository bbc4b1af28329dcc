"""Known mistakes of layers.feed_forward."""

from minilm.checking.mistakes.mistake import Mistake, Plant, one

FORWARD, BACKWARD = "layers.feed_forward:forward", "layers.feed_forward:backward"
THERE, BACK = "activation.forward(expanded)", 'activation.backward(cache["activation"], dactive)'


def with_activation(name, why, module):
    """Another activation, in both directions."""
    other = f'__import__("minilm.ops.{module}", fromlist=["_"])'
    return Mistake(name, why, (Plant(FORWARD, THERE, f"{other}.forward(expanded)"),
                               Plant(BACKWARD, BACK, f'{other}.backward(cache["activation"], dactive)')))  # fmt: skip


def mistakes():
    return [
        with_activation("GELU's exact form in place of the one that was asked for", "PyTorch's default GELU is the exact one; GPT-2 wants approximate='tanh'.", "gelu_exact"),
        with_activation("GELU's tanh form in place of the activation that was asked for", "GPT-2's GELU, where BERT wants the exact one or the paper a ReLU.", "gelu_tanh"),
        with_activation("ReLU in place of the activation that was asked for", "The paper's activation, where the model wants a GELU.", "relu"),
        with_activation("tanh in place of the activation that was asked for", "Another activation than the config's.", "tanh"),
        one(FORWARD, "the activation is forgotten", "Two linear maps without anything between them are one.", THERE, f"expanded, {THERE}[1]"),
        one(BACKWARD, "the activation is passed through on the way back", "Its slope is forgotten.", BACK, "dactive + 0.0"),
    ]  # fmt: skip
