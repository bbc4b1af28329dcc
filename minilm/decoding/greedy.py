"""Greedy decoding: at each position the most probable token (the lowest id, where two are equal).

A row ends with its end mark, which is not part of what is returned, or after `limits[row]` tokens without one.
"""

import numpy as np

from minilm import tree
from minilm.decoding.finite import require_finite
from minilm.machine import small_products


def decode(model, params, config, state, *, first, end, limits, forbidden=()):
    """Return one list of ids a row of `state`.

    `first` is the token that starts every row, `end` the one that ends it, `limits` (B) the largest number of tokens
    of each row, `forbidden` ids that are never chosen. Consumes `state`. Rows that have ended leave the batch.
    """
    limits = np.asarray(limits)                                            # (B)
    texts: list[list[int]] = [[] for _ in limits]
    rows = np.flatnonzero(limits > 0)
    state = tree.map(lambda leaf: leaf[rows], state)
    tokens = np.full(len(rows), first)
    held = small_products.holder(params, len(rows))
    while len(rows):
        with held():
            logits, state = model.step(params, config, state, tokens)
        require_finite(logits)
        logits[:, list(forbidden)] = -np.inf
        tokens = logits.argmax(-1)
        for row, token in zip(rows, tokens, strict=True):
            if token != end:
                texts[row].append(int(token))
        going = (tokens != end) & (np.array([len(texts[row]) for row in rows]) < limits[rows])
        if not going.all():
            rows, tokens = rows[going], tokens[going]
            state = tree.map(lambda leaf, going=going: leaf[going], state)
    return texts
