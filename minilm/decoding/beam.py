"""Beam search with a length penalty (Wu et al. 2016, section 7, eq. 14).

What it does, exactly, with a beam of size `beam` for each sentence:

1. There are `beam` places. At first one is live and holds the empty hypothesis, with log p = 0.
2. At each position every live hypothesis is continued with every token. Of all continuations of the sentence the
   ones with the largest log p, the sum of the tokens' log probabilities, take the places that are not finished
   (of equals, the earlier hypothesis, then the lower id).
3. A continuation that is the end mark is finished: it keeps its place and is not continued.
4. The search ends when all places are finished, or at the limit; hypotheses without an end mark at the limit then
   compete as they are.
5. The answer has the largest score = log p / ((5 + n) / 6)^length_penalty, with n tokens, the end mark included.

A beam of one is greedy decoding. The penalty chooses among the places at the end and does not steer the search.
"""

from typing import Any

import numpy as np

from minilm import tree
from minilm.decoding.finite import require_finite
from minilm.errors import InputError, said
from minilm.machine import small_products

STEEPEST = 100.0  # a length penalty: its power of a long text is still a number


def require_settings(beam: Any = 4, length_penalty: Any = 0.6, widest: int = 1 << 20) -> None:
    """Raise InputError, naming the setting, where one is out of range; `widest` is the largest beam."""
    if not isinstance(beam, (int, np.integer)) or isinstance(beam, bool) or not 1 <= beam <= widest:
        raise InputError(f"beam is {said(beam)}; it must be a whole number from 1 (greedy) to {widest}")
    number = isinstance(length_penalty, (int, float, np.integer, np.floating)) and not isinstance(length_penalty, bool)
    if not number or not abs(length_penalty) <= STEEPEST:
        raise InputError(
            f"length_penalty is {said(length_penalty)}; it must be a number from {-STEEPEST:g} to {STEEPEST:g}, "
            "such as 0.6"
        )


def log_softmax(logits):
    """logits (..., V) -> log probabilities (..., V), with the maximum subtracted and never the log of a softmax."""
    shifted = logits - logits.max(-1, keepdims=True)                       # (..., V)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def score(log_p, tokens, length_penalty):
    """The score that ranks finished hypotheses; `tokens` counts the end mark."""
    return log_p / ((5 + tokens) / 6) ** length_penalty


def decode(model, params, config, state, *, first, end, limits, beam=4, length_penalty=0.6, forbidden=()):
    """Return one list of ids a row of `state`: the best hypothesis, without its end mark. Consumes `state`.

    `limits` (B): the largest number of tokens of each row. Raises InputError for settings out of range.
    """
    require_settings(beam, length_penalty)
    limits = np.asarray(limits)                                            # (B)
    finished: list[list[tuple[float, list[int]]]] = [[] for _ in limits]
    live: list[tuple[int, float, list[int]]]  # (sentence, log p, tokens so far)
    live = [(row, 0.0, []) for row in range(len(limits)) if limits[row] > 0]
    state = tree.map(lambda leaf: leaf[[row for row, _, _ in live]], state)
    held = small_products.holder(params, beam * len(live))
    while live:
        tokens = np.array([text[-1] if text else first for _, _, text in live])
        with held():
            logits, state = model.step(params, config, state, tokens)
        require_finite(logits)
        logits[:, list(forbidden)] = -np.inf
        totals = log_softmax(logits) + np.array([log_p for _, log_p, _ in live])[:, None]
        following, parents = [], []
        for row in dict.fromkeys(row for row, _, _ in live):
            mine = [index for index, hypothesis in enumerate(live) if hypothesis[0] == row]
            for index, token, log_p in best(totals[mine], beam - len(finished[row])):
                parent = mine[index]
                text = live[parent][2]
                if token == end:
                    finished[row].append((float(score(log_p, len(text) + 1, length_penalty)), text))
                elif len(text) + 1 == limits[row]:
                    finished[row].append((float(score(log_p, len(text) + 1, length_penalty)), [*text, token]))
                else:
                    following.append((row, log_p, [*text, token]))
                    parents.append(parent)
        live = following
        state = tree.map(lambda leaf, parents=parents: leaf[parents], state)
    return [max(texts, key=lambda item: item[0])[1] if texts else [] for texts in finished]


def best(totals, places):
    """The `places` largest of totals (N, V) as (row, column, value), the largest first, ties in reading order."""
    flat = totals.reshape(-1)
    least = np.partition(flat, -places)[-places] if places < flat.size else -np.inf
    candidates = np.flatnonzero(flat >= least)
    chosen = candidates[np.argsort(-flat[candidates], kind="stable")][:places]
    width = totals.shape[1]
    return [(int(i) // width, int(i) % width, float(flat[i])) for i in chosen if flat[i] > -np.inf]
