"""Cross-entropy of a softmax against target ids, with label smoothing, as a mean over the tokens that count.

    p = softmax(logits)        q = (1 - ε) one_hot(target) + ε uniform        (Szegedy et al. 2016, section 7)
    loss = -Σ_rows share Σ_v q_v log p_v        dlogits = dloss share (p - q)        share = 1 / count

Written with log p = z - log Σ exp(z) for z = logits - the largest of the row, which changes nothing (it cancels) and
keeps the digits of large logits, and never the logarithm of a softmax, which is -inf where the softmax underflows.
Where the answer is sure, Σ exp(z) is 1 and little more, and p is 1 but for little: log1p of what the others add, and
expm1 for p - 1, keep the digits of that little.

The uniform part is spread over all classes, the target among them, except those named in `never` (padding can be no
answer). With ε = 0 the two are the plain cross-entropy. A row whose mask is False has no share: it costs nothing
whatever its numbers are, and has a zero gradient. If no row counts, the loss is 0 and so are all gradients.
"""

import numpy as np

from minilm.arrays import rows
from minilm.ops.embedding import require_ids


def forward(logits, targets, mask=None, smoothing=0.0, never=(), count=None):
    """logits (..., V), targets (...) of ids, mask (...) True = counts -> the loss, a scalar of the logits' dtype.

    `count` divides the sum; None means the number of rows that count. Pass the whole batch's count with each of
    its parts, and their losses and gradients add up to the whole's. A mask of numbers says how much each row counts.
    Raises IndexError, naming the place, for a target that counts and is outside the vocabulary or in `never`.
    """
    ids, share = answers(targets, mask, never, count, logits)              # (..., 1), (..., 1)
    z = logits - rows.max(logits.real)                                     # (..., V)
    is_top = np.arange(z.shape[-1]) == logits.real.argmax(-1)[..., None]   # (..., V)
    others = rows.sum(np.exp(z) - is_top)                                  # (..., 1)
    log_p = z - np.log1p(others)                                           # (..., V)
    # With ε = 0 the other classes are not asked: their log p may be -inf.
    spread = rows.sum(log_p * uniform(logits, never))[..., 0] if smoothing else 0.0  # (...)
    costs = -(1 - smoothing) * np.take_along_axis(log_p, ids, -1)[..., 0] - smoothing * spread  # (...)
    loss = np.where(share[..., 0] == 0, 0, share[..., 0] * costs).sum()
    return loss, {"log_p": log_p, "ids": ids, "share": share}


def backward(cache, dloss=1.0, smoothing=0.0, never=()):
    """dloss, a scalar -> dlogits (..., V)."""
    log_p, ids, share = cache["log_p"], cache["ids"], cache["share"]       # (..., V), (..., 1), (..., 1)
    one_hot = np.arange(log_p.shape[-1]) == ids                            # (..., V)
    p_less_one_hot = np.where(one_hot, np.expm1(log_p), np.exp(log_p))     # (..., V)
    one_hot_less_q = smoothing * (one_hot.astype(log_p.dtype) - uniform(log_p, never))  # (..., V)
    dlogits = np.where(share == 0, 0, dloss * share * (p_less_one_hot + one_hot_less_q))  # (..., V)
    return dlogits


def uniform(logits, never):
    """The same probability for each class but those that are never an answer: (V), of the logits' dtype."""
    vocabulary = logits.shape[-1]
    possible = np.isin(np.arange(vocabulary), never, invert=True)          # (V)
    return possible.astype(logits.dtype) / (vocabulary - len(never))


def answers(targets, mask, never, count, logits):
    """The target ids (..., 1), some valid id where a row does not count, and each row's share of the loss (..., 1)."""
    vocabulary = logits.shape[-1]
    counts = np.ones(targets.shape, bool) if mask is None else mask        # (...)
    wanted = np.where(counts, targets, next(v for v in range(vocabulary) if v not in never))  # (...)
    require_ids(wanted, vocabulary)
    if never and np.isin(wanted, never).any():
        place = tuple(int(index) for index in np.argwhere(np.isin(wanted, never))[0])
        raise IndexError(f"target {wanted[place]} at {place} is among the classes that are never an answer")
    number = int(counts.sum()) if count is None else count
    share = counts.astype(logits.real.dtype) / max(number, 1)              # (...)
    return wanted[..., None], share[..., None]
