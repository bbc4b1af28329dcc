"""Known mistakes of layers.pooler."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "layers.pooler:forward", "layers.pooler:backward"


def mistakes():
    return [
        one(FORWARD, "the last position is pooled", "hidden[:, -1], as for a model that reads to the right.", "hidden[:, 0])", "hidden[:, -1])"),
        one(FORWARD, "the mean of the positions is pooled", "Mean pooling, as sentence encoders have it.", "hidden[:, 0])", "hidden.mean(1))"),
        one(FORWARD, "the largest of the positions is pooled", "Max pooling.", "hidden[:, 0])", "hidden.max(1))"),
        one(FORWARD, "tanh is forgotten", "The linear map alone.", "tanh.forward(z)", "z + 0.0, tanh.forward(z)[1]"),
        one(BACKWARD, "tanh is passed through on the way back", "Its slope is forgotten.", 'tanh.backward(cache["tanh"], dpooled)', "dpooled + 0.0"),
        one(BACKWARD, "the gradient goes to the last position", "It is put at the wrong end.", "[dfirst[:, None], others]", "[others, dfirst[:, None]]"),
        one(BACKWARD, "every position gets the gradient", "It is broadcast over the positions.", "np.zeros_like(dfirst, shape=cache[\"others\"])", "np.broadcast_to(dfirst[:, None], cache[\"others\"])"),
    ]  # fmt: skip
