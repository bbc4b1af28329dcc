"""The linear-chain random field; the frameworks by their own log-sum-exp, position by position."""

import numpy as np

from minilm.checking.accuracy.subject import Subject, each
from minilm.ops import conditional_random_field

BATCH, LENGTH, TAGS = 3, 7, 4


def subjects(rng):
    for kind, scale in (("ordinary", 1.0), ("large, 100", 100.0), ("small, 1e-3", 1e-3)):
        arrays = {
            "emissions": scale * rng.standard_normal((BATCH, LENGTH, TAGS)),
            "tags": rng.integers(0, TAGS, (BATCH, LENGTH)),
            "transitions": rng.standard_normal((TAGS, TAGS)), "first": rng.standard_normal(TAGS),
            "last": rng.standard_normal(TAGS),
        }  # fmt: skip
        yield Subject(
            "conditional_random_field", f"T = {LENGTH}, {kind}", arrays, 1.0,
            ("emissions", "transitions", "first", "last"), ours, exact, in_torch, in_jax,
        )  # fmt: skip


def ours(emissions, tags, transitions, first, last, dy):
    params = {"transitions": transitions, "first": first, "last": last}
    loss, cache = conditional_random_field.forward(params, emissions, tags)
    demissions, dparams = conditional_random_field.backward(params, cache, dy[()])
    return loss, {"emissions": demissions, **dparams}


def exact(mp, emissions, tags, transitions, first, last, dy):
    """By products of exponentials, which 50 digits do not let overflow or vanish."""
    exp = each(lambda value: mp.exp(value))
    number = emissions.shape[0] * emissions.shape[1]
    demissions, total = np.zeros_like(emissions), mp.mpf(0)
    dtransitions, dfirst, dlast = np.zeros_like(transitions), np.zeros_like(first), np.zeros_like(last)
    step = exp(transitions)
    for row, answers in enumerate(tags):
        e = exp(emissions[row])
        ahead = [exp(first) * e[0]]
        for t in range(1, len(e)):
            ahead.append((ahead[-1] @ step) * e[t])
        behind = [exp(last)]
        for t in reversed(range(1, len(e))):
            behind.insert(0, step @ (e[t] * behind[0]))
        z = (ahead[-1] * behind[-1]).sum()
        score = first[answers[0]] + last[answers[-1]] + sum(emissions[row, t, tag] for t, tag in enumerate(answers))
        score += sum(transitions[a, b] for a, b in zip(answers, answers[1:], strict=False))
        total += mp.log(z) - score
        for t, tag in enumerate(answers):
            one = ahead[t] * behind[t] / z
            demissions[row, t] += one
            demissions[row, t, tag] -= 1
            if t:
                dtransitions += ahead[t - 1][:, None] * step * (e[t] * behind[t]) / z
                dtransitions[answers[t - 1], tag] -= 1
        dfirst, dlast = dfirst + demissions[row, 0], dlast + demissions[row, -1]
    gradients = {"emissions": demissions, "transitions": dtransitions, "first": dfirst, "last": dlast}
    return total / number, {name: array * dy[()] / number for name, array in gradients.items()}


def score_and_alpha(log_sum_exp, emissions, tags, transitions, first, last):
    alpha, score = first + emissions[:, 0], first[tags[:, 0]] + last[tags[:, -1]]
    rows = np.arange(BATCH)
    for t in range(LENGTH):
        score = score + emissions[rows, t, tags[:, t]]
        if t:
            alpha = emissions[:, t] + log_sum_exp(alpha[:, :, None] + transitions, 1)
            score = score + transitions[tags[:, t - 1], tags[:, t]]
    return (log_sum_exp(alpha + last, 1) - score).sum() / (BATCH * LENGTH)


def in_torch(t, **arrays):
    return score_and_alpha(t.logsumexp, **arrays)


def in_jax(j, **arrays):
    return score_and_alpha(j.nn.logsumexp, **arrays)
