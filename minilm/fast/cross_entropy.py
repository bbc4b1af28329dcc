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
    total = np.empty(len(flat), logits.dtype)                              # (N)
    costs = np.empty(len(flat), logits.dtype)                              # (N)
    spread = uniform(logits, never)                                        # (V)
    for part in slices(*flat.shape):
        largest[part] = flat[part].real.max(-1)
        z = flat[part] - largest[part, None]
        costs[part] = -(1 - smoothing) * z[np.arange(len(z)), ids[part]]
        if smoothing:
            costs[part] -= smoothing * rows.sum(z * spread)[:, 0]
        total[part] = np.exp(z, out=z).sum(-1)
    costs += np.log(total)
    loss = np.where(share == 0, 0, share * costs).sum()
    return loss, {"logits": logits, "ids": ids, "share": share, "largest": largest, "total": total}


def backward(cache, dloss=1.0, smoothing=0.0, never=(), consume=False):
    """dloss, a scalar -> dlogits (..., V), where `consume` is True in the memory of the logits."""
    logits, ids, share, largest, total = (cache[name] for name in ("logits", "ids", "share", "largest", "total"))
    flat = logits.reshape(-1, logits.shape[-1])                            # (N, V)
    dflat = flat if consume else np.empty_like(flat)                       # (N, V)
    dcosts, spread = dloss * share, uniform(logits, never)                 # (N), (V)
    for part in slices(*flat.shape):
        p = np.subtract(flat[part], largest[part, None], out=dflat[part])
        np.exp(p, out=p)
        p *= (dcosts[part] / total[part])[:, None]
        if smoothing:
            p -= dcosts[part, None] * (smoothing * spread)
        p[np.arange(len(p)), ids[part]] -= (1 - smoothing) * dcosts[part]
        p[share[part] == 0] = 0  # whatever its numbers are
    return dflat.reshape(logits.shape)


def slices(number, vocabulary):
    """Row ranges of about CHUNK numbers each."""
    step = max(1, CHUNK // vocabulary)
    return [slice(start, start + step) for start in range(0, number, step)]
