"""What the training cases share: a step of minilm's loop, and the same step of a peer in PyTorch."""

from functools import partial

import numpy as np

from minilm.machine import products
from minilm.training import adamw, loop, schedules

RATE = 1e-4
SHARDS = 2  # as the recipes have it
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")


def ours(task, config, batch, *, optimiser=adamw, clip=1.0, shards=SHARDS, **init):
    """A run that takes the next step of training.loop on this batch."""
    state = loop.start(task.model.init(np.random.default_rng(0), config, **init), optimiser)
    settings = {"decay": 0.1} if optimiser is adamw else {}
    steps = loop.run(
        task, config, state, lambda index: batch, steps=10**9, schedule=partial(schedules.constant, rate=RATE),
        optimiser=optimiser, settings=settings, clip=clip, shards=shards,
    )  # fmt: skip

    def run():
        next(steps)

    return run


def peers(model, config, batch, *, optimiser="AdamW", clip=1.0):
    """The same step by PyTorch, eager and compiled; `model` names a module of benchmarks.peers."""

    def build(compiled):
        from minilm.benchmarks.peers import step

        return step.build(model, config, batch, compiled, optimiser, clip, RATE)

    return {"torch eager": partial(build, False), "torch.compile": partial(build, True)}


def floor(of_a_shard):
    """The bare products of a step whose shards each do `of_a_shard`."""
    return products.replay(of_a_shard, SHARDS)
