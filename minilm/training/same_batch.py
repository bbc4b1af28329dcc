"""A training step on the same batch again and again: what is timed, and counted."""

from functools import partial

import numpy as np

from minilm.training import adamw, loop, schedules

RATE = 1e-4
SHARDS = 2  # as the recipes have it


def steps(task, config, batch, *, optimiser=adamw, clip=1.0, shards=SHARDS, **init):
    """A run that takes the next step of training.loop on this batch, from weights of task.model.init(..., **init)."""
    state = loop.start(task.model.init(np.random.default_rng(0), config, **init), optimiser)
    settings = {"decay": 0.1} if optimiser is adamw else {}
    taken = loop.run(
        task, config, state, lambda index: batch, steps=10**9, schedule=partial(schedules.constant, rate=RATE),
        optimiser=optimiser, settings=settings, clip=clip, shards=shards,
    )  # fmt: skip

    def run():
        next(taken)

    return run
