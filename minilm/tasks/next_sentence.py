"""Next sentences (Devlin et al. 2019, section 3.1): does the second text follow the first, 0, or not, 1?

A batch is what objectives.read takes, with "next_sentence" (B) of 0 and 1 and, where batches are cut into shards whose
losses are to add up whatever `count` is, "next_sentence_weight" (B): each row's share of the loss.
"""

from dataclasses import dataclass
from typing import Any

from minilm.fast import cross_entropy
from minilm.tasks import objectives


@dataclass(frozen=True)
class Task:
    """Train `model`, a module whose head "next_sentence" makes logits (B, 2)."""

    model: Any

    def count(self, batch):
        """The number of pairs."""
        return len(batch["next_sentence"])

    def loss(self, params, batch, *, config, rng=None, count=None):
        """The mean loss of a pair, and the cache."""
        outputs, cache = objectives.read(self.model, params, batch, config=config, rng=rng)
        value, loss_cache = answered(outputs, batch, count)
        return value, cache | {"loss": {"next_sentence": loss_cache}}

    def loss_backward(self, params, cache, dloss=1.0, *, config, consume=False):
        """dloss, a scalar -> dparams. `consume`: the cache is read no more, and backward lets go of it as it goes."""
        return objectives.backward(self.model, params, cache, dloss, config=config, consume=consume)


def answered(outputs, batch, count=None):
    """The head's logits (B, 2) against the answers -> their mean loss, weighted where there are weights."""
    logits, answers = outputs["next_sentence"], batch["next_sentence"]     # (B, 2), (B)
    if "next_sentence_weight" not in batch:
        return cross_entropy.forward(logits, answers, count=count)
    weights = batch["next_sentence_weight"].astype(logits.real.dtype)      # (B)
    return cross_entropy.forward(logits, answers, weights, count=1)
