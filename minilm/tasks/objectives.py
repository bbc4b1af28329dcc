"""What the objectives of a model with several heads share: the way from a batch to the heads, and back.

A batch has "inputs" (B, T) of ids and, where there are any, "segments" (B, T), "attend" (B, T), True = may be attended
to (otherwise: all but padding), and "mask" (B, T), True where the masked head is asked (otherwise: nowhere).
"""

import numpy as np

from minilm.fast import cross_entropy
from minilm.text.marks import PAD


def read(model, params, batch, *, config, rng=None):
    """The outputs of all heads for a batch, and the cache."""
    inputs = batch["inputs"]                                               # (B, T)
    attend = batch.get("attend", inputs != PAD)                            # (B, T)
    return model.forward(params, inputs, batch.get("segments"), attend, asked(batch), config=config, rng=rng)


def asked(batch):
    """Where the masked head is asked: (B, T), True where it is."""
    return batch["mask"] if "mask" in batch else np.zeros(batch["inputs"].shape, bool)


def backward(model, params, cache, dloss, *, config, consume):
    """The gradient of the sum of the losses in cache["loss"], a cross-entropy for each head -> dparams."""
    # The gradients of the logits have no name here, so that the model's backward alone holds them, and lets go of them.
    return model.backward(
        params, cache,
        {head: cross_entropy.backward(loss, dloss, consume=consume) for head, loss in taken(cache["loss"], consume)},
        config=config, consume=consume,
    )  # fmt: skip


def taken(losses, consume):
    """The heads and the caches of their losses, which `consume` takes out: the logits are as large as all else."""
    for head in list(losses):
        yield head, losses.pop(head) if consume else losses[head]
