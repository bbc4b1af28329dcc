"""Known mistakes of ops.conditional_random_field."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "ops.conditional_random_field:forward", "ops.conditional_random_field:backward"
LOSS = "(np.where(counts[:, 0], log_z - score, 0) * share[:, 0]).sum()"


def mistakes():
    return [
        one(FORWARD, "the loss is the sum over the batch", "It is not divided by the positions that count.", LOSS, "np.where(counts[:, 0], log_z - score, 0).sum()"),
        one(FORWARD, "the loss is the mean over the sequences", "Divided by the rows of the batch and not by the positions.", LOSS, "np.where(counts[:, 0], log_z - score, 0).mean()"),
        one(FORWARD, "the loss has the wrong sign", "The log-likelihood in place of its negative.", LOSS, f"-{LOSS}"),
        one(FORWARD, "the last tags' scores are missing in log Z", "The end of the sequence has no weight in the normaliser.", "log_sum_exp(alpha[:, -1] + last, -1)", "log_sum_exp(alpha[:, -1] + 0 * last, -1)"),
        one(FORWARD, "the first tags' scores are missing in log Z", "The start of the sequence has no weight in the normaliser.", "alpha[:, 0] = first + kept[:, 0]", "alpha[:, 0] = 0 * first + kept[:, 0]"),
        one(FORWARD, "first and last are missing in the score", "They stand in log Z alone.", "score = edges + ", "score = 0 * edges + "),
        one(FORWARD, "the transitions are transposed in the score", "[to, from], as some libraries keep them, in place of [from, to].",
            "transitions[answers[:, :-1], answers[:, 1:]]", "transitions[answers[:, 1:], answers[:, :-1]]"),
        one(FORWARD, "the transitions are transposed in log Z", "[to, from] in place of [from, to].", "alpha[:, t - 1, :, None] + transitions", "alpha[:, t - 1, :, None] + transitions.T"),
        one(FORWARD, "padding is summed in log Z", "The mask is not asked in the recursion.", "np.where(counts[:, t, None], kept[:, t] + into, alpha[:, t - 1])", "kept[:, t] + into"),
        one(BACKWARD, "the chosen tags are not subtracted", "The expectation alone.", "(one - is_tag) * share", "one * share"),
        one(BACKWARD, "the chosen transitions are not subtracted", "The expectation alone.", "expected - observed", "expected - 0 * observed"),
        one(BACKWARD, "the gradient of the transitions is transposed", "[to, from] in place of [from, to].", '{"transitions": dtransitions', '{"transitions": dtransitions.T'),
        one(BACKWARD, "first and last are each in the other's place", "They are returned in the wrong order.", '"first": demissions[:, 0].sum(0), "last": dlast', '"first": dlast, "last": demissions[:, 0].sum(0)'),
        one(BACKWARD, "the gradient is not divided by the positions", "The mean of the loss is forgotten.", 'dloss * cache["share"]', "dloss * counts"),
        one(BACKWARD, "the gradient of the loss is not handed on", "dloss is taken for 1.", 'dloss * cache["share"]', '1.0 * cache["share"]'),
    ]  # fmt: skip
