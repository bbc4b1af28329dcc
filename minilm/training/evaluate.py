"""The loss of a task on data that its model is not trained on, and the perplexity that belongs to it.

    loss       = sum over tokens of -ln p(token) / number of tokens that count, over all batches together
    perplexity = exp(loss)

Not the mean of the batches' means: batches differ in their number of tokens. Without dropout (rng=None). A
config that smooths labels should be passed with its smoothing at 0, or the loss is not that of the formula.

Each batch is dealt to SHARDS, which run side by side as those of a training step do (replicas.py), with one BLAS thread
each. Their number is fixed, so that a loss is the same on every machine.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from minilm.errors import InputError
from minilm.machine import blas_threads
from minilm.training import replicas
from minilm.training.replicas import Batch
from minilm.tree import Tree

SHARDS = 2


@dataclass(frozen=True)
class Evaluation:
    """Mean loss a token, its exponential, and how many tokens that is over."""

    loss: float
    perplexity: float
    tokens: int


def evaluate(task: Any, config: Any, params: Tree, batches: Iterable[Batch], *, carried: bool = False) -> Evaluation:
    """Loss and perplexity over the batches; `carried`: a recurrent model's state goes from each to the next
    (for contiguous windows, where row i of a batch goes on in row i of the next).

    Raises InputError where no token counts.
    """
    total, tokens = 0.0, 0
    carry: Batch = {}
    with replicas.threads(min(SHARDS, blas_threads.available())) as runner, blas_threads.one():
        for batch in batches:
            counted = int(task.count(batch))

            def loss_of(shard: Batch, counted: int = counted) -> tuple[float, Batch]:
                loss, cache = task.loss(params, shard, config=config, count=max(counted, 1))
                return float(loss), task.carry(cache) if carried else {}

            done = list(runner(loss_of, replicas.split({**batch, **carry}, SHARDS)))
            total += sum(loss for loss, _ in done) * counted
            tokens += counted
            carry = replicas.join([part for _, part in done]) if carried else {}
    if tokens == 0:
        raise InputError("evaluation: no token counts in the loss; give at least one sentence")
    mean = total / tokens
    return Evaluation(mean, math.exp(mean) if mean < 709 else math.inf, tokens)
