"""Known mistakes of layers.lstm_stack."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "layers.lstm_stack:forward", "layers.lstm_stack:backward"


def mistakes():
    return [
        one(FORWARD, "every layer begins from the first layer's state", "h0[0] for all layers.", "h0[:, layer], c0[:, layer]", "h0[:, 0], c0[:, 0]"),
        one(FORWARD, "the layers' states are in the opposite order", "The top layer's state comes first.", "h0[:, layer], c0[:, layer]", "h0[:, -1 - layer], c0[:, -1 - layer]"),
        one(FORWARD, "the output is the first layer's", "outputs[0]: the layers above are lost.", '{"h": outputs[-1]["h"], **last}', '{"h": outputs[0]["h"], **last}'),
        one(BACKWARD, "the last states' gradients of all layers but the top are dropped", "Only the top layer's state is taken to reach the loss.",
            'dy[name][:, layer] for name in dy if name != "h"', 'dy[name][:, layer] * (layer == len(params) - 1) for name in dy if name != "h"'),
    ]  # fmt: skip
