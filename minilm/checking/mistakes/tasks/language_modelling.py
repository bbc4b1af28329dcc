"""Known mistakes of tasks.language_modelling."""

from minilm.checking.mistakes.mistake import one

LOSS = "tasks.language_modelling:Task.loss"
CALL = 'cross_entropy.forward(logits, batch["targets"], mask, count=count)'


def mistakes():
    return [
        one(LOSS, "the targets are shifted twice", "The data hands over the next tokens, and the loss shifts them once more.", CALL,
            'cross_entropy.forward(logits, __import__("numpy").roll(batch["targets"], -1, -1), mask, count=count)'),
        one(LOSS, "the inputs stand for the targets", "Nothing is shifted: each position is asked for itself.", CALL, 'cross_entropy.forward(logits, batch["inputs"], mask, count=count)'),
        one(LOSS, "all positions count", "The targets' mask never arrives.", CALL, 'cross_entropy.forward(logits, batch["targets"], None, count=count)'),
        one(LOSS, "the mean is over all positions", "Divided by all positions and not by those that count.", CALL,
            'cross_entropy.forward(logits, batch["targets"], mask, count=batch["targets"].size)'),
        one(LOSS, "a sum in place of the mean", 'reduction="sum".', CALL, 'cross_entropy.forward(logits, batch["targets"], mask, count=1)'),
        one(LOSS, "the loss is divided by the batch", "Divided by the rows of the batch and not by the tokens that count.", CALL,
            'cross_entropy.forward(logits, batch["targets"], mask, count=len(batch["targets"]))'),
    ]  # fmt: skip
