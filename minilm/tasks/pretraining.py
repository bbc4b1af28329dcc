"""BERT's pre-training (Devlin et al. 2019, section 3.1): masked tokens and next sentences in one pass.

A batch is that of both (masked_tokens, next_sentence); either may be absent, and adds nothing to the loss then. Where
a batch is cut into shards it has "next_sentence_weight", since `count` is that of the masked tokens.
"""

from dataclasses import dataclass
from typing import Any

from minilm.tasks import masked_tokens, next_sentence, objectives


@dataclass(frozen=True)
class Task:
    """Train `model`, a module with the heads "masked" and "next_sentence"."""

    model: Any

    def count(self, batch):
        """The number of masked tokens; of a batch without them, the number of rows."""
        return int(batch["mask"].sum()) if "mask" in batch else len(batch["inputs"])

    def loss(self, params, batch, *, config, rng=None, count=None):
        """The mean loss of a masked token plus the mean loss of a pair, and the cache."""
        outputs, cache = objectives.read(self.model, params, batch, config=config, rng=rng)
        values, losses = [], {}
        if "targets" in batch:
            value, losses["masked"] = masked_tokens.answered(outputs, batch, count)
            values.append(value)
        if "next_sentence" in batch:
            value, losses["next_sentence"] = next_sentence.answered(outputs, batch)
            values.append(value)
        return sum(values, start=0.0), cache | {"loss": losses}

    def loss_backward(self, params, cache, dloss=1.0, *, config, consume=False):
        """dloss, a scalar -> dparams. `consume`: the cache is read no more, and backward lets go of it as it goes."""
        return objectives.backward(self.model, params, cache, dloss, config=config, consume=consume)
