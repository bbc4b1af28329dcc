"""Tied head and cross-entropy together, in slices of the vocabulary: the logits of all classes are never held.

    logits = y Wᵀ        loss as in ops.cross_entropy, of which only log Σ exp(logits), the target's logit and,
                         with smoothing, the mean logit are needed

A slice of the classes after the other, the sum runs with its maximum, as in ops.blocked_attention. Backward makes each
slice's logits again, and from them, with p = exp(logits - log Σ exp(logits)),

    dlogits = (p - q) / count        dy += dlogits W_slice        dW_slice = dlogitsᵀ y

So memory holds N × SLICE logits in place of N × V, for one product more: four of N D V in place of three. (Slices of
rows could do with three if forward made the gradients too, but would add up a whole (V, D) table once a slice.)
"""

import numpy as np

from minilm.ops import cross_entropy

SLICE = 4096  # classes whose logits are held at once


def forward(params, y, targets, mask=None, smoothing=0.0, never=(), count=None, size=SLICE):
    """y (..., D), with weight (V, D), targets (...) of ids, mask (...) True = counts -> the loss, a scalar.

    Settings and exceptions as in cross_entropy.forward; `size` is the number of classes in a slice.
    """
    weight = params["weight"]
    vocabulary = len(weight)
    rows = y.reshape(-1, y.shape[-1])                                      # (N, D)
    counts, ids = cross_entropy.answers(targets, mask, vocabulary, never)  # (...), (N)
    top = np.full(len(ids), -np.inf, y.real.dtype)                         # (N)
    total = np.zeros(len(ids), np.result_type(y, weight))                  # (N)
    wanted = np.zeros_like(total)                                          # (N)
    for part in slices(vocabulary, size):
        z = rows @ weight[part].T
        mine = (ids >= part.start) & (ids < part.stop)
        wanted[mine] += (1 - smoothing) * z[mine, ids[mine] - part.start]
        if smoothing:
            uniform = z.sum(-1) - sum(z[:, v - part.start] for v in never if part.start <= v < part.stop)
            wanted += smoothing / (vocabulary - len(never)) * uniform
        higher = np.maximum(top, z.real.max(-1))
        z -= higher[:, None]
        np.exp(z, out=z)
        total = total * np.exp(top - higher) + z.sum(-1)
        top = higher
    log_total = np.log(total) + top                                        # (N)
    number = int(counts.sum()) if count is None else count
    loss = ((log_total - wanted) * counts.reshape(-1)).sum() / max(number, 1)
    cache = {"y": y, "ids": ids, "counts": counts, "log_total": log_total, "number": number}
    return loss, cache | {"smoothing": smoothing, "never": never, "size": size}


def backward(params, cache, dloss=1.0):
    """dloss, a scalar -> dy (..., D), dparams."""
    weight, y, ids, log_total = params["weight"], cache["y"], cache["ids"], cache["log_total"]
    vocabulary, smoothing, never = len(weight), cache["smoothing"], cache["never"]
    rows = y.reshape(-1, y.shape[-1])                                      # (N, D)
    drows = np.zeros(rows.shape, log_total.dtype)                          # (N, D)
    dweight = np.empty(weight.shape, log_total.dtype)                      # (V, D)
    scale = cache["counts"].reshape(-1).astype(log_total.dtype)            # (N)
    scale *= dloss / max(cache["number"], 1)
    for part in slices(vocabulary, cache["size"]):
        p = rows @ weight[part].T
        p -= log_total[:, None]
        np.exp(p, out=p)
        if smoothing:
            p -= smoothing / (vocabulary - len(never))
            for v in never:
                if part.start <= v < part.stop:
                    p[:, v - part.start] += smoothing / (vocabulary - len(never))
        mine = np.flatnonzero((ids >= part.start) & (ids < part.stop))
        p[mine, ids[mine] - part.start] -= 1 - smoothing
        p *= scale[:, None]
        drows += p @ weight[part]
        dweight[part] = p.T @ rows
    return drows.reshape(y.shape), {"weight": dweight}


def slices(vocabulary, size):
    """The classes in slices. Raises ValueError for a size below 1."""
    if size < 1:
        raise ValueError(f"a slice has at least 1 class, not {size}")
    return [slice(start, min(start + size, vocabulary)) for start in range(0, vocabulary, size)]
