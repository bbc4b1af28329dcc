"""Known mistakes of training.adamw, and of Adam's step in it."""

from minilm.checking.mistakes.mistake import one

UPDATE, SIZE, MOVE = "training.adamw:update_in_place", "training.adam:step_size", "training.adam:move"


def mistakes():
    return [
        one(SIZE, "no bias correction", "The moments are used as they are: the first steps are too small.", "learning_rate * correction2 / correction1, eps * correction2", "learning_rate, eps"),
        one(SIZE, "the second moment is not corrected", "Only the first is.", "learning_rate * correction2 / correction1, eps * correction2", "learning_rate / correction1, eps"),
        one(SIZE, "eps is added before the bias correction", "√v + eps, and then the correction: TensorFlow's eps hat.", "eps * correction2", "eps"),
        one(SIZE, "the step counts from 0", "The correction of the step before: the first divides by zero, or is guarded.", "1 - beta1**step", "1 - beta1 ** max(step - 1, 1)", ("1 - beta2**step", "1 - beta2 ** max(step - 1, 1)")),
        one(UPDATE, "everything decays", "Gains and biases decay like matrices.", "if decays[name]:", "if True:"),
        one(UPDATE, "nothing decays", "The decay never arrives.", "if decays[name]:", "if False:"),
        one(UPDATE, "the decay is not multiplied by the learning rate", "1 - decay in place of 1 - rate · decay.", "1 - learning_rate * decay", "1 - decay"),
        one(UPDATE, "the decay passes through the moments", "L2: decay · weight is added to the gradient, which is Adam and not AdamW.", "param *= kept", "gradient = gradient + decay * param / scale"),
        one(MOVE, "the root is forgotten", "Divided by v and not by its root.", "np.sqrt(second, out=part)", "np.copyto(part, second)"),
        one(MOVE, "the sign is wrong", "The loss is climbed.", "param -= part", "param += part"),
    ]  # fmt: skip
