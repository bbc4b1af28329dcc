"""Sampling: each next token drawn from the model's distribution, sharpened and cut off as asked.

The order is fixed:

    1. forbidden      ids that are never chosen are taken out
    2. temperature    logits / temperature; 0 is greedy: the most probable token, the lowest id where several are equal
    3. top_k          the k most probable tokens stay (of equals, those with the lower ids), the rest is taken out
    4. top_p          of these, with their probabilities summing to one again, the most probable stay until their sum
                      reaches p; the token that crosses the threshold stays (Holtzman et al. 2020, section 3.1)
    5. the draw       one uniform number u in [0, 1): the first token, by id, whose cumulative probability exceeds u

Row b has random numbers of its own, from the seed plus b, one a token. So a seed repeats its text exactly, and a row
of a batch gets the text that it would get alone with its own seed.

Past the context: a model with a fixed number of positions has to forget. When all positions of a row are used, its
latest half of them (rounded up) is read anew as a prompt, and the rest forgotten. So a token sees between half a
context and a whole one, and the reading costs one pass every half context, not one a token.

Tokens come as they are drawn (`stream`), or all at the end (`decode`). A row ends with its end token, which is not
part of what is returned, or after its number of tokens. Rows that have ended leave the batch.
"""

import numpy as np

from minilm import tree
from minilm.decoding.finite import require_finite
from minilm.errors import InputError, said
from minilm.machine import memory, small_products

HOTTEST = 1e6  # a temperature at which all tokens are as probable as floats can say


def require_settings(temperature=1.0, top_k=None, top_p=None, *, tokens=0, seed=0):
    """Raise InputError, naming the setting, where one is out of range or no number at all.

    `tokens` is one number or several.
    """
    if not (number(temperature) and 0 <= temperature <= HOTTEST):
        raise InputError(f"temperature is {said(temperature)}; it must be 0 (greedy) or a number up to {HOTTEST:g}")
    if top_k is not None and not (whole(top_k) and top_k >= 1):
        raise InputError(f"top_k is {said(top_k)}; it must be a whole number, and at least 1 token must stay")
    if top_p is not None and not (number(top_p) and 0 < top_p <= 1):
        raise InputError(f"top_p is {said(top_p)}; it must lie above 0 and be at most 1")
    if wrong := [one for one in (tokens if np.iterable(tokens) else [tokens]) if not (whole(one) and one >= 0)]:
        raise InputError(f"tokens is {said(wrong[0])}; it must be a whole number from 0 up")
    if not (whole(seed) and seed >= 0):
        raise InputError(f"seed is {said(seed)}; it must be a whole number from 0 up")


def whole(value):
    """Whether a setting is a whole number; True and False are none."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def number(value):
    """Whether a setting is a whole number or a float."""
    return whole(value) or isinstance(value, (float, np.floating))


def stream(
    model, params, config, prompts, *, tokens, temperature=1.0, top_k=None, top_p=None, seed=0,
    end=None, context=None, forbidden=(),
):  # fmt: skip
    """Yield [(row, id), ...] for each turn: the tokens that were drawn for the rows that still go on.

    `prompts` are lists of ids, of any lengths above zero; `tokens` how many to draw at most, one number or one a row;
    `context` how many positions the model has (None: no limit), `end` a token or several that end a row.
    Raises InputError for a setting out of range, a prompt that is empty or longer than the context, and logits that are
    not numbers.
    """
    require_settings(temperature, top_k, top_p, tokens=tokens, seed=seed)
    memory.keep()
    ends = frozenset([end] if isinstance(end, (int, np.integer)) else end or ())
    windows = [[int(token) for token in prompt] for prompt in prompts]  # what a row's state holds, and its next token
    for row, window in enumerate(windows, start=1):
        if not window:
            raise InputError(f"prompt {row} is empty; give at least one token")
        if context is not None and len(window) > context:
            raise InputError(f"prompt {row} has {len(window)} tokens, the model reads at most {context}; shorten it")
    left = np.broadcast_to(tokens, len(windows)).copy()                    # (B)
    rngs = [np.random.default_rng((seed + row) % 2**64) for row in range(len(windows))]
    rows = np.flatnonzero(left > 0)
    state = read(model, params, config, [windows[row] for row in rows]) if len(rows) else None
    held = small_products.holder(params, len(windows))
    while len(rows):
        with held():  # not while a token is handed out: the number of threads is the whole process's
            logits, state = model.step(params, config, state, np.array([windows[row][-1] for row in rows]))
        filters = (temperature, top_k, top_p)
        drawn = [choose(line, *filters, rngs[row], forbidden) for row, line in zip(rows, logits, strict=True)]
        alive = [(row, token) for row, token in zip(rows, drawn, strict=True) if token not in ends]
        yield [(int(row), token) for row, token in alive]
        for index, token in alive:
            windows[index].append(token)
            left[index] -= 1
        going = np.array([token not in ends and left[row] > 0 for row, token in zip(rows, drawn, strict=True)])
        full = [row for row in rows[going] if context is not None and len(windows[row]) > context]
        for row in full:
            windows[row] = windows[row][-((context + 1) // 2) :]
        rows = rows[going]
        if full:  # the other rows are read again too: it gives them the state that they have
            state = read(model, params, config, [windows[row] for row in rows])
        elif not going.all():
            state = tree.map(lambda leaf, going=going: leaf[going], state)


def decode(model, params, config, prompts, **settings):
    """The ids that `stream` yields, one list a prompt."""
    texts: list[list[int]] = [[] for _ in prompts]
    for turn in stream(model, params, config, prompts, **settings):
        for row, token in turn:
            texts[row].append(token)
    return texts


def read(model, params, config, windows):
    """The state after all but the last token of each window, which is the first to be given to `step`."""
    lengths = np.array([len(window) - 1 for window in windows])            # (B)
    prompts = np.zeros((len(windows), lengths.max()), np.int64)            # (B, T)
    for prompt, window in zip(prompts, windows, strict=True):
        prompt[: len(window) - 1] = window[:-1]
    with small_products.held(params, prompts.size):
        return model.start(params, config, prompts, lengths)


def choose(logits, temperature, top_k, top_p, rng, forbidden=()):
    """logits (V) -> one id, drawn as the module says."""
    scores = logits.astype(np.float64)                                     # (V)
    require_finite(scores)
    scores[list(forbidden)] = -np.inf
    if temperature == 0:
        return int(scores.argmax())
    with np.errstate(over="ignore"):  # a tiny temperature sends all but the largest to -inf, as it should
        scores = (scores - scores.max()) / temperature
    kept = np.arange(len(scores)) if top_k is None else largest(scores, top_k)
    p = np.exp(scores[kept])
    p /= p.sum()
    if top_p is not None and top_p < 1:
        order = np.argsort(-p, kind="stable")
        before = np.cumsum(p[order]) - p[order]  # the sum of what is more probable
        stay = np.sort(order[: max(1, int((before < top_p).sum()))])
        kept, p = kept[stay], p[stay]
    cumulative = np.cumsum(p)
    return int(kept[min(np.searchsorted(cumulative, rng.random() * cumulative[-1], side="right"), len(kept) - 1)])


def largest(scores, number):
    """The ids of the `number` largest scores, in rising order; of equal scores the lower ids."""
    if number >= len(scores):
        return np.arange(len(scores))
    least = np.partition(scores, -number)[-number]
    above = np.flatnonzero(scores > least)
    equal = np.flatnonzero(scores == least)
    return np.sort(np.concatenate([above, equal[: number - len(above)]]))
