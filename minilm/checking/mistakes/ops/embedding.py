"""Known mistakes of ops.embedding."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "ops.embedding:forward", "ops.embedding:backward"
Y, DW = "y = weight[ids] ", 'scatter.add(cache["ids"], dy, len(params["weight"]))'
ZEROS = 'np.zeros((len(params["weight"]), dy.shape[-1]), dy.dtype)'


def mistakes():
    return [
        one(FORWARD, "the ids are one too large", "Ids count from 1, or a mark was put before the vocabulary.", Y, "y = weight[(ids + 1) % len(weight)] "),
        one(FORWARD, "the ids are one too small", "Ids count from 0 where the table counts from 1.", Y, "y = weight[ids - 1] "),
        one(FORWARD, "the rows are multiplied by √D", "The Transformer's scale belongs to the model, and not to each use of the table.",
            Y, "y = weight[ids] * weight.shape[-1] ** 0.5 "),
        one(FORWARD, "the ids are shifted by one position", "The inputs are shifted once more than they should be.", Y, "y = weight[np.roll(ids, 1, -1)] "),
        one(FORWARD, "id 0 has a row of zeros", "padding_idx=0 is set, though 0 is a word here.", Y, "y = weight[ids] * (ids != 0)[..., None] "),
        one(BACKWARD, "= in place of +=: of a repeated id the last gradient stays",
            "dW[ids] += dy writes each row once in NumPy, whatever its number of occurrences; np.add.at is meant.",
            DW, f'(lambda table: (table.__setitem__(cache["ids"], dy), table)[1])({ZEROS})'),
        one(BACKWARD, "of a repeated id the first gradient stays", "A row that has a gradient is passed over when its id comes again.",
            DW, f'(lambda table: (table.__setitem__(cache["ids"].reshape(-1)[::-1], dy.reshape(-1, dy.shape[-1])[::-1]), table)[1])({ZEROS})'),
        one(BACKWARD, "the gradients of a repeated id are averaged", "scale_grad_by_freq, or a mean over occurrences, in place of their sum.",
            DW, f'{DW} / np.maximum(np.bincount(cache["ids"].reshape(-1), minlength=len(params["weight"])), 1)[:, None]'),
        one(BACKWARD, "the gradient is divided by the batch", "A mean, though the loss has taken its own.", DW, f"{DW} / len(dy)"),
        one(BACKWARD, "id 0 has no gradient", "padding_idx=0, though 0 is a word here.", DW, f'{DW} * (np.arange(len(params["weight"])) > 0)[:, None]'),
        one(BACKWARD, "the gradient is multiplied by √D", "The Transformer's scale is applied in backward, and forward has none.", DW, f"{DW} * dy.shape[-1] ** 0.5"),
        one(BACKWARD, "the table has no gradient", "The looked-up rows are detached, or ids are taken for the end of the way back.", DW, f"0 * {DW}"),
    ]  # fmt: skip
