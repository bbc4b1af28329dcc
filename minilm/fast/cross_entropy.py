"""ops.cross_entropy in slices of rows, each in one array: the contract and the formulas are those.

Logits are the largest array of a step where there are many words. Here none of their size is made in forward, and in
backward one, or none: with `consume` the gradient is written over the logits, for whoever reads them no more. The
translator's step took 456 MB with two arrays of that size, and 417 with one.
"""

import numpy as np

from minilm.arrays import rows
from minilm.ops.cross_entropy import answers, uniform

CHUNK = 1 << 18  # numbers in a slice of rows: 1 MB of float32 stays in the cache between the passes over it


def forward(logits, targets, mask=None, smoothing=0.0, never=(), count=None):
    """logits (..., V), targets (...) of ids, mask (...) True = counts -> the loss, a scalar of the logits' dtype.

    Settings and exceptions as in ops.cross_entropy.forward.
    """
    ids, share = (array.reshape(-1) for array in answers(targets, mask, never, count, logits))    # (N)
    flat = logits.reshape(-1, logits.shape[-1])                            # (N, V)
    largest = np.empty(len(flat), logits.real.dtype)                       # (N)
    others = np.empty(len(flat), logits.dtype)  # Σ exp but for the largest, whose is 1  # (N)
    costs = np.empty(len(flat), logits.dtype)                              # (N)
    spread = uniform(logits, never)                                        # (V)
    for part in slices(*flat.shape):
        tops = flat[part].real.argmax(-1)
        each = np.arange(len(tops))
        largest[part] = flat[part].real[each, tops]
        z = flat[part] - largest[part, None]
        costs[part] = -(1 - smoothing) * z[each, ids[part]]
        if smoothing:
            costs[part] -= smoothing * rows.sum(z * spread)[:, 0]
        np.exp(z, out=z)
        z[each, tops] -= 1
        others[part] = z.sum(-1)
    costs += np.log1p(others)
    loss = np.where(share == 0, 0, share * costs).sum()
    return loss, {"logits": logits, "ids": ids, "share": share, "largest": largest, "others": others}


def backward(cache, dloss=1.0, smoothing=0.0, never=(), consume=False):
    """dloss, a scalar -> dlogits (..., V), where `consume` is True in the memory of the logits."""
    logits, ids, share, largest, others = (cache[name] for name in ("logits", "ids", "share", "largest", "others"))
    flat = logits.reshape(-1, logits.shape[-1])                            # (N, V)
    dflat = flat if consume else np.empty_like(flat)                       # (N, V)
    dcosts, spread = dloss * share, uniform(logits, never)                 # (N), (V)
    for part in slices(*flat.shape):
        p = np.subtract(flat[part], largest[part, None], out=dflat[part])
        targets = np.arange(len(p)), ids[part]
        at_targets = np.expm1(p[targets] - np.log1p(others[part])) + smoothing * (1 - spread[ids[part]])  # p - q
        np.exp(p, out=p)
        p *= (dcosts[part] / (1 + others[part]))[:, None]
        if smoothing:
            p -= dcosts[part, None] * (smoothing * spread)
        p[targets] = dcosts[part] * at_targets
        p[share[part] == 0] = 0  # whatever its numbers are
    return dflat.reshape(logits.shape)


def slices(number, vocabulary):
    """Row ranges of about CHUNK numbers each."""
    step = max(1, CHUNK // vocabulary)
    return [slice(start, start + step) for start in range(0, number, step)]
