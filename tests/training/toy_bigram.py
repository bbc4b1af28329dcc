"""A small model with the contract, for tests of the training: a bigram softmax with a hidden layer of tanh.

    hidden = dropout(tanh(E[input])),  logits = hidden W + bias,  loss = sum of -ln softmax(logits)[target] / count

Targets of 0 do not count. `carry` hands on the row sums of the last hidden state, which the next batch adds.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Config:
    vocabulary: int = 7
    width: int = 5
    dropout: float = 0.0


def init(rng, config, dtype=np.float64):
    def normal(*shape):
        return rng.standard_normal(shape).astype(dtype)

    # deliberately neither sorted nor grouped by what decays
    return {
        "head": {"weight": normal(config.width, config.vocabulary), "bias": normal(config.vocabulary)},
        "layers": [{"gain": normal(config.width)}],
        "embedding": {"weight": normal(config.vocabulary, config.width)},
    }


def count(batch):
    return int((batch["targets"] != 0).sum())


def loss(params, batch, *, config, rng=None, count=None):
    count = int((batch["targets"] != 0).sum()) if count is None else count
    table, gain = params["embedding"]["weight"], params["layers"][0]["gain"]
    before = batch.get("last", np.zeros((len(batch["inputs"]), config.width), table.dtype))
    tanh = np.tanh(table[batch["inputs"]] + before[:, None])
    keep = np.ones_like(tanh)
    if rng is not None and config.dropout:
        keep = ((rng.random(tanh.shape) >= config.dropout) / (1 - config.dropout)).astype(tanh.dtype)
    hidden = tanh * keep
    logits = (hidden * gain) @ params["head"]["weight"] + params["head"]["bias"]
    shifted = logits - logits.max(-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    counts = batch["targets"] != 0
    picked = np.take_along_axis(log_p, batch["targets"][..., None], -1)[..., 0]
    cache = {"batch": batch, "tanh": tanh, "keep": keep, "hidden": hidden, "log_p": log_p, "counts": counts}
    return -(picked * counts).sum() / count, {**cache, "count": count}


def loss_backward(params, cache, dloss=1.0, *, config, consume=False):
    batch = cache["batch"]
    targets, inputs = batch["targets"], batch["inputs"]
    gain, weight = params["layers"][0]["gain"], params["head"]["weight"]
    dlogits = np.exp(cache["log_p"])
    np.put_along_axis(
        dlogits, targets[..., None], np.take_along_axis(dlogits, targets[..., None], -1) - 1, -1
    )
    dlogits = dlogits * (cache["counts"][..., None] * (dloss / cache["count"])).astype(dlogits.dtype)
    flat = dlogits.reshape(-1, dlogits.shape[-1])
    scaled = (cache["hidden"] * gain).reshape(-1, len(gain))
    dscaled = dlogits @ weight.T
    dtanh = dscaled * gain * cache["keep"] * (1 - cache["tanh"] * cache["tanh"])
    dtable = np.zeros_like(params["embedding"]["weight"])
    np.add.at(dtable, inputs, dtanh)
    # another order than in init: leaves are paired by their names
    return {
        "embedding": {"weight": dtable},
        "head": {"bias": flat.sum(0), "weight": scaled.T @ flat},
        "layers": [{"gain": (dscaled * cache["hidden"]).reshape(-1, len(gain)).sum(0)}],
    }


def batch_at(index, *, rows=6, length=9, vocabulary=7):
    """Random rows with unequal numbers of tokens that count."""
    rng = np.random.default_rng((11, index))
    inputs = rng.integers(1, vocabulary, (rows, length))
    targets = rng.integers(1, vocabulary, (rows, length))
    lengths = np.sort(rng.integers(1, length + 1, rows))
    targets[np.arange(length) >= lengths[:, None]] = 0
    return {"inputs": inputs, "targets": targets}
