"""The best sequence of tags under a conditional random field (Viterbi 1967; Rabiner 1989, section III.B).

    δ_0 = first + e_0        δ_t[j] = e_t[j] + max_i (δ_{t-1}[i] + transitions[i, j])

Each maximum remembers where it came from; the best end is followed back to the beginning. Where two sequences are
equally good, the one with the lower ids at its end is taken.
"""

import numpy as np

from minilm.ops import conditional_random_field


def best(params, emissions, mask=None, allowed=None):
    """emissions (B, T, K), mask (B, T) True = counts -> tags (B, T), 0 where a position does not count, scores (B).

    `allowed` as in ops.conditional_random_field. A row in which nothing counts has the score 0.
    """
    batch, positions, _ = emissions.shape
    counts = np.ones((batch, positions), bool) if mask is None else mask                   # (B, T)
    transitions, first, last = conditional_random_field.weights(params, allowed)           # (K, K), (K), (K)
    delta = first + emissions[:, 0]                                                        # (B, K)
    came = np.zeros(emissions.shape, np.int64)                                             # (B, T, K)
    for t in range(1, positions):
        through = delta[:, :, None] + transitions                                          # (B, K, K)
        came[:, t] = through.argmax(1)
        delta = np.where(counts[:, t, None], emissions[:, t] + through.max(1), delta)
    tags = np.zeros((batch, positions), np.int64)                                          # (B, T)
    current = (delta + last).argmax(-1)                                                    # (B)
    for t in reversed(range(positions)):
        tags[:, t] = np.where(counts[:, t], current, 0)
        before = came[np.arange(batch), t, current]                                        # (B)
        current = np.where(counts[:, t], before, current)
    return tags, np.where(counts[:, 0], (delta + last).max(-1), 0)
