"""Known mistakes of blocks.stack."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "blocks.stack:forward", "blocks.stack:backward"


def mistakes():
    return [
        one(FORWARD, "all blocks have the first one's weights", "The list holds one block several times.", "block.forward(parameters, stream.pop()", "block.forward(params[0], stream.pop()"),
        one(BACKWARD, "the memory's gradient is the last block's alone", "= for +=: every block of the decoder reads the memory.", "sum(each[1:], start=each[0])", "each[0]"),
        one(BACKWARD, "the memory's gradient is the first block's alone", "= for +=: every block of the decoder reads the memory.", "sum(each[1:], start=each[0])", "each[-1]"),
        one(BACKWARD, "the gradients of the blocks are in the opposite order", "The loop goes from the top, and appends.", "dparams.insert(0, dblock)", "dparams.append(dblock)"),
    ]  # fmt: skip
