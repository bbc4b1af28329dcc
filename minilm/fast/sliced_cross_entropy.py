"""Tied head and cross-entropy together, over slices of the rows: all logits at once, (N, V), are never held.

    logits = y Wᵀ        loss and dlogits = (p - q) / count as in ops.cross_entropy
    dy = dlogits W        dW = Σ over the slices of dlogitsᵀ y

The loss is where the gradients begin, and they are linear in dloss: so forward makes dy and dW for dloss = 1 while a
slice's logits are at hand, and backward multiplies by dloss. That is three products of N V D in all; to make the logits
again in backward would be a fourth. Against head and cross-entropy one after the other, in one thread and with freed
memory kept (machine.memory), three take 1.00 of the time at V = 8,000 (1,280 rows of width 256) and 0.96 at V = 50,257
(2,048 rows), four take 1.35 and 1.37. Whoever wants the loss without gradients is better off with those two.
"""

import numpy as np

from minilm.arrays import rows
from minilm.ops.cross_entropy import answers, uniform

ROWS = 512  # rows whose logits are held at once; 128 take 1.15 times as long, and from 512 on nothing is gained


def forward(params, y, targets, mask=None, smoothing=0.0, never=(), count=None, size=ROWS):
    """y (..., D), with weight (V, D), targets (...) of ids, mask (...) True = counts -> the loss, a scalar.

    Settings and exceptions as in cross_entropy.forward; `size` is the number of rows in a slice. Raises ValueError
    where it is below 1.
    """
    if size < 1:
        raise ValueError(f"a slice has at least 1 row, not {size}")
    weight = params["weight"]                                              # (V, D)
    flat = y.reshape(-1, y.shape[-1])                                      # (N, D)
    head = np.broadcast_to(y.dtype.type(0), (*targets.shape, len(weight)))  # the logits' shape, and no memory
    ids, share = (array.reshape(-1) for array in answers(targets, mask, never, count, head))  # (N)
    dflat = np.empty_like(flat)                                            # (N, D)
    dweight = np.zeros_like(weight)                                        # (V, D)
    loss = y.dtype.type(0)
    for start in range(0, len(flat), size):
        part = slice(start, start + size)
        value, dlogits = summed(flat[part] @ weight.T, ids[part], share[part], smoothing, never)
        loss += value
        dflat[part] = dlogits @ weight
        dweight += dlogits.T @ flat[part]
    return loss, {"dy": dflat.reshape(y.shape), "dweight": dweight}


def backward(params, cache, dloss=1.0):
    """dloss, a scalar -> dy (..., D), dparams."""
    return cache["dy"] * dloss, {"weight": cache["dweight"] * dloss}


def summed(logits, ids, share, smoothing, never):
    """logits (N, V), ids (N), each row's share (N) of the loss -> the rows' loss, dlogits (N, V). Consumes logits."""
    targets = np.arange(len(ids)), ids
    spread = uniform(logits, never)                                        # (V)
    tops = np.arange(len(ids)), logits.real.argmax(-1)
    logits -= logits.real[tops][:, None]
    costs = -(1 - smoothing) * logits[targets]                             # (N)
    if smoothing:
        costs -= smoothing * rows.sum(logits * spread)[:, 0]
    z_targets = logits[targets]                                            # (N)
    p = np.exp(logits, out=logits)  # and all below in the same array: a slice of logits is the largest of all
    p[tops] -= 1
    others = rows.sum(p)[:, 0]  # Σ exp but for the largest, whose is 1    # (N)
    p[tops] += 1
    log_total = np.log1p(others)                                           # (N)
    costs += log_total
    counts = share != 0                                                    # (N)
    p *= (share / (1 + others))[:, None]
    if smoothing:
        p -= share[:, None] * (smoothing * spread)
    p[targets] = share * (np.expm1(z_targets - log_total) + smoothing * (1 - spread[ids]))  # p - q
    p[~counts] = 0  # whatever its numbers are
    return share[counts] @ costs[counts], p
