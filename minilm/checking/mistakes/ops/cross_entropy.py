"""Known mistakes of ops.cross_entropy."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "ops.cross_entropy:forward", "ops.cross_entropy:backward"
SHARES, COSTS = "answers(targets, mask, never, count, logits)", "np.where(share[..., 0] == 0, 0, share[..., 0] * costs).sum()"
CHOSEN, SPREAD = "-(1 - smoothing) * np.take_along_axis(log_p, ids, -1)[..., 0]", "rows.sum(log_p * uniform(logits, never))[..., 0]"
LOG_P, P, LESS = "z - np.log1p(others)", "np.exp(log_p)", "(p_less_one_hot + one_hot_less_q)"  # LESS is p - q
DLOGITS = f"np.where(share == 0, 0, dloss * share * {LESS})"


def shifted(by, where):
    """The targets moved along; what is moved in from padding, or from beyond the row, does not count."""
    moved = f"np.roll(targets, {by}, -1)"
    return f"answers({moved}, ({where}) & ({moved} != 0) & (True if mask is None else mask), never, count, logits)"


def mistakes():
    return [
        one(FORWARD, "the mean is over all positions, not over those that count", ".mean() divides by the padding too.",
            COSTS, "np.where(share[..., 0] == 0, 0, costs).sum() / costs.size"),
        one(FORWARD, "a sum in place of the mean", 'reduction="sum", or the division was left out.', COSTS, "np.where(share[..., 0] == 0, 0, costs).sum()"),
        one(FORWARD, "the sum is divided by the batch", "Divided by the number of rows of the batch and not by the tokens that count.",
            COSTS, "np.where(share[..., 0] == 0, 0, costs).sum() / len(costs)"),
        one(FORWARD, "positions that do not count are counted", "The mask of the targets never arrives.", COSTS, "costs.mean()"),
        one(FORWARD, "the mean of the rows' means", "Each row's mean first, then theirs: rows of few tokens weigh as much as long ones.",
            COSTS, "(np.where(share[..., 0] == 0, 0, costs).sum(-1) / np.maximum((share[..., 0] != 0).sum(-1), 1)).mean()"),
        one(FORWARD, "the targets' mask is inverted", "ignore_index and its opposite: what is padding is counted, and nothing else.",
            COSTS, "np.where(share[..., 0] != 0, 0, costs).sum() / max((share[..., 0] == 0).sum(), 1)"),
        one(FORWARD, "the targets are shifted twice", "The data hands over the next tokens, and the loss shifts them once more.",
            SHARES, shifted(-1, "np.arange(targets.shape[-1]) < targets.shape[-1] - 1")),
        one(FORWARD, "the targets are shifted twice, and the last is the row's first",
            "np.roll in place of a slice: the data hands over the next tokens, and the loss shifts them once more.",
            SHARES, shifted(-1, "True")),
        one(FORWARD, "the targets are shifted the wrong way", "Each position is asked for the token before it.",
            SHARES, shifted(1, "np.arange(targets.shape[-1]) > 0")),
        one(FORWARD, "the loss has the wrong sign", "The mean log-likelihood, which should be made large, in place of its negative.", COSTS, f"-({COSTS})"),
        one(FORWARD, "the loss in bits", "log2 in place of the natural logarithm.", COSTS, f"({COSTS}) / np.log(2)"),
        one(FORWARD, "the perplexity in place of the loss", "exp of the mean loss is returned.", COSTS, f"np.exp({COSTS})"),
        one(FORWARD, "the logits are not normalised", "The logit itself is taken for the log probability.", LOG_P, "z + 0.0"),
        one(FORWARD, "the softmax is taken twice", "The model's output is a softmax already, and the loss takes another: CrossEntropyLoss wants logits.",
            "z = logits - rows.max(logits.real)", "z = np.exp(logits - rows.max(logits.real)) / rows.sum(np.exp(logits - rows.max(logits.real)))"),
        one(FORWARD, "the loss is the negative probability", "The logarithm is forgotten: nll_loss of a softmax.",
            LOG_P, "np.exp(z) / rows.sum(np.exp(z))"),
        one(FORWARD, "the smoothed mass is forgotten", "The target gets 1 - ε and the others nothing.", " - smoothing * spread", ""),
        one(FORWARD, "no smoothing", "ε never arrives.", CHOSEN, "-np.take_along_axis(log_p, ids, -1)[..., 0]", (" - smoothing * spread", "")),
        one(FORWARD, "the target keeps all of its mass and gets the smoothed one too", "1 in place of 1 - ε.",
            CHOSEN, "-np.take_along_axis(log_p, ids, -1)[..., 0]"),
        one(FORWARD, "the smoothed mass falls on padding too", "Spread over all classes, those among them that can be no answer.",
            SPREAD, "rows.sum(log_p * uniform(logits, ()))[..., 0]"),
        one(FORWARD, "the smoothed mass goes to the other classes alone", "ε / (V - 1) for each class but the target, as Vaswani's reference code has it; here the target gets its part too.",
            SPREAD, "((rows.sum(log_p * uniform(logits, never) * (logits.shape[-1] - len(never))) - np.take_along_axis(log_p, ids, -1)) / (logits.shape[-1] - len(never) - 1))[..., 0]"),
        one(FORWARD, "the smoothed mass is not divided by the classes", "Σ log p in place of its mean.",
            SPREAD, "rows.sum(log_p * (uniform(logits, never) > 0))[..., 0]"),
        one(BACKWARD, "the mean is forgotten", "p - q of each row, not divided by the tokens that count.", DLOGITS, f"np.where(share == 0, 0, dloss * {LESS})"),
        one(BACKWARD, "divided by all positions, not by those that count", "The gradient of .mean() over padding too.",
            DLOGITS, f"np.where(share == 0, 0, dloss * {LESS}) / share.size"),
        one(BACKWARD, "divided by the batch", "1 / B in place of 1 / (tokens that count).", DLOGITS, f"np.where(share == 0, 0, dloss * {LESS}) / len(share)"),
        one(BACKWARD, "divided twice", "The loss takes its mean, and the gradient takes another.", DLOGITS, f"np.where(share == 0, 0, dloss * share * share * {LESS})"),
        one(BACKWARD, "positions that do not count have a gradient", "The mask of the targets is not applied on the way back.",
            DLOGITS, f"dloss * share.max() * {LESS}"),
        one(BACKWARD, "the gradient of the loss is not handed on", "dloss is taken for 1.", f"dloss * share * {LESS}", f"share * {LESS}"),
        one(BACKWARD, "the sign is wrong", "q - p in place of p - q.", LESS, f"(-{LESS})"),
        one(BACKWARD, "the one-hot target is not subtracted", "The gradient is p alone.", LESS, P),
        one(BACKWARD, "only the target's entry has a gradient", "The normaliser's derivative, p, is forgotten.", LESS, f"({LESS} - {P})"),
        one(BACKWARD, "the smoothed mass is forgotten", "p - (1 - ε) one-hot.", LESS, f"({P} - (1 - smoothing) * one_hot)"),
        one(BACKWARD, "no smoothing on the way back", "p - one-hot, where forward smooths.", LESS, "p_less_one_hot"),
        one(BACKWARD, "padding gets smoothed mass on the way back", "Spread over all classes in one direction alone.", "uniform(log_p, never)", "uniform(log_p, ())"),
        one(BACKWARD, "the softmax's derivative is applied once more", "p - q is the gradient of the logits already; a softmax backward follows it.",
            LESS, f"{P} * ({LESS} - rows.dot({LESS}, {P}))"),
        one(BACKWARD, "log p in place of p", "The cache holds log p, and it is not exponentiated.", LESS, f"({LESS} - {P} + log_p)"),
        one(BACKWARD, "the targets are shifted on the way back", "The gradient is taken for the token after the target.",
            "== ids", "== np.roll(ids, -1, -2)"),
    ]  # fmt: skip
