"""Known mistakes of layers.masked_head."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "layers.masked_head:forward", "layers.masked_head:backward"


def mistakes():
    return [
        one(FORWARD, "the bias of the logits is forgotten", "At the initial bias of zero nobody sees it.", 'product + params["bias"]', "product + 0.0"),
        one(FORWARD, "the activation of the transform is forgotten", "Linear map and norm alone.", "activation.forward(z)", "z + 0.0, activation.forward(z)[1]"),
        one(FORWARD, "the norm of the transform is forgotten", "Linear map and activation alone.", 'tied_head.forward(table, y)', "tied_head.forward(table, active)"),
        one(BACKWARD, "the table has no gradient from the head", "A tied gradient lost.", "return dx, dtable,", 'return dx, {"weight": 0 * dtable["weight"]},'),
        one(BACKWARD, "the bias's gradient is a mean", ".mean in place of .sum.", "leading.sum(dlogits)", "leading.sum(dlogits) / dlogits[..., 0].size"),
        one(BACKWARD, "the activation is passed through on the way back", "Its slope is forgotten.", 'activation.backward(cache["activation"], dactive)', "dactive + 0.0"),
    ]  # fmt: skip
