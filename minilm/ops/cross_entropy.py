"""Cross-entropy of a softmax against target ids, with label smoothing, as a mean over the tokens that count.

    p = softmax(logits)        q = (1 - ε) one_hot(target) + ε uniform        (Szegedy et al. 2016, section 7)
    loss = -(1 / count) Σ_rows Σ_v q_v log p_v        dlogits = (p - q) / count

Written with log p = logits - log Σ exp(logits), and Σ q = 1, a row's loss is

    log Σ exp(logits) - (1 - ε) logits[target] - ε mean(logits)

and never the logarithm of a softmax, which is -inf where the softmax underflows. The uniform part is spread over
all classes, the target among them, except those named in `never` (padding can be no answer). With ε = 0 the two
are the plain cross-entropy. A row whose mask is False costs nothing and has a zero gradient. If no row counts,
the loss is 0 and so are all gradients.
"""

import numpy as np

from minilm import tree
from minilm.ops.embedding import require_ids

CHUNK = 1 << 18  # numbers in a slice of rows: 1 MB of float32 stays in the cache between the passes over it


def forward(logits, targets, mask=None, smoothing=0.0, never=(), count=None):
    """logits (..., V), targets (...) of ids, mask (...) True = counts -> the loss, a scalar of the logits' dtype.

    `count` divides the sum; None means the number of rows that count. Pass the whole batch's count with each of
    its parts, and their losses and gradients add up to the whole's.
    Raises IndexError, naming the place, for a target that counts and is outside the vocabulary or in `never`.
    """
    vocabulary = logits.shape[-1]
    rows = logits.reshape(-1, vocabulary)                                  # (N, V)
    counts, ids = answers(targets, mask, vocabulary, never)                # (...), (N)
    log_total = np.empty(len(ids), logits.dtype)                           # (N)
    log_p = np.empty(len(ids), logits.dtype)                               # (N)
    for part in slices(len(ids), vocabulary):
        z = rows[part]
        top = z.real.max(-1)
        exponentials = z - top[:, None]
        np.exp(exponentials, out=exponentials)
        log_total[part] = np.log(exponentials.sum(-1)) + top
        log_p[part] = (1 - smoothing) * z[np.arange(len(z)), ids[part]] - log_total[part]
        if smoothing:
            uniform = z.sum(-1) - sum(z[:, v] for v in never)
            log_p[part] += smoothing / (vocabulary - len(never)) * uniform
    number = int(counts.sum()) if count is None else count
    loss = -(log_p * counts.reshape(-1)).sum() / max(number, 1)
    cache = {"logits": logits, "ids": ids, "counts": counts, "log_total": log_total, "number": number}
    return loss, cache | {"smoothing": smoothing, "never": never}


def backward(cache, dloss=1.0):
    """dloss, a scalar -> dlogits (..., V); of a spent cache (tree.spent) in the memory of the logits."""
    logits, ids, log_total = cache["logits"], cache["ids"], cache["log_total"]
    vocabulary, smoothing, never = logits.shape[-1], cache["smoothing"], cache["never"]
    rows = logits.reshape(-1, vocabulary)                                  # (N, V)
    # Both are large where there are many words: the translator's step took 456 MB with the two, 417 with one.
    drows = rows if tree.is_spent(cache) else np.empty_like(rows)          # (N, V)
    scale = cache["counts"].reshape(-1).astype(logits.dtype)               # (N)
    scale *= dloss / max(cache["number"], 1)
    for part in slices(len(ids), vocabulary):
        p = np.subtract(rows[part], log_total[part, None], out=drows[part])
        np.exp(p, out=p)
        if smoothing:
            p -= smoothing / (vocabulary - len(never))
            for v in never:
                p[:, v] += smoothing / (vocabulary - len(never))
        p[np.arange(len(p)), ids[part]] -= 1 - smoothing
        p *= scale[part, None]
    return drows.reshape(logits.shape)


def answers(targets, mask, vocabulary, never):
    """Which rows count, (...), and the ids of their targets, (N), with some valid id where a row does not count."""
    counts = np.ones(targets.shape, bool) if mask is None else mask
    wanted = np.where(counts, targets, next(v for v in range(vocabulary) if v not in never))
    require_ids(wanted, vocabulary)
    if never and np.isin(wanted, never).any():
        place = tuple(int(index) for index in np.argwhere(np.isin(wanted, never))[0])
        raise IndexError(f"target {wanted[place]} at {place} is among the classes that are never an answer")
    return counts, wanted.reshape(-1)


def slices(rows, vocabulary):
    """Row ranges of about CHUNK numbers each."""
    step = max(1, CHUNK // vocabulary)
    return [slice(start, start + step) for start in range(0, rows, step)]
