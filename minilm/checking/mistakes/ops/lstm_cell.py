"""Known mistakes of ops.lstm_cell."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "ops.lstm_cell:forward", "ops.lstm_cell:backward"
Z = 'x @ params["input"] + h @ params["recurrent"] + params["bias"]'


def mistakes():
    return [
        one(FORWARD, "the bias is forgotten", "bias=False, or it was never loaded.", f"z = {Z}", 'z = x @ params["input"] + h @ params["recurrent"]'),
        one(FORWARD, "the bias is added twice", "PyTorch has two biases, which are added; both were filled with the whole one.", f"z = {Z}", f'z = {Z} + params["bias"]'),
        one(FORWARD, "the state before is not read", "h U is left out: each step stands alone.", ' + h @ params["recurrent"]', ""),
        one(FORWARD, "the memory is multiplied by the recurrent matrix", "c U in place of h U.", 'h @ params["recurrent"]', 'c @ params["recurrent"]'),
        one(BACKWARD, "the recurrent matrix's gradient is read from the next state", "h_tᵀ dz in place of h_{t-1}ᵀ dz.",
            "h.T @ dz", '(cache["gates"]["o"] * cache["gates"]["tanh_c"]).T @ dz'),
        one(BACKWARD, "the state before has no gradient", "The way back ends at this step.", 'dh = dz @ params["recurrent"].T', 'dh = 0 * (dz @ params["recurrent"].T)'),
        one(BACKWARD, "the memory before has no gradient", "The way back through the memory ends at this step.", "return dx, dh, dc,", "return dx, dh, 0 * dc,"),
        one(BACKWARD, "the gradients of the parameters are divided by the batch", "A mean, though the loss has taken its own.",
            '{"input": x.T @ dz, "recurrent": h.T @ dz, "bias": leading.sum(dz)}',
            '{"input": x.T @ dz / len(x), "recurrent": h.T @ dz / len(x), "bias": leading.sum(dz) / len(x)}'),
        one(BACKWARD, "state and memory are each in the other's place", "dh and dc are returned in the wrong order.", "return dx, dh, dc,", "return dx, dc, dh,"),
    ]  # fmt: skip
