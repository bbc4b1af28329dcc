"""The real thing, run: a training step, a token, a prompt. Also of a model of the least sizes: what calls cost.

A training step of a small model makes thousands of calls, each some microseconds before the first number. How many
depends on the structure, not on the sizes, so the same structure with the least sizes tells what they take.
"""

import statistics
import time

import numpy as np

from minilm.decoding import sampling
from minilm.machine import small_products
from minilm.training import same_batch


def step(subject):
    """A function that takes a step of the training loop."""
    return same_batch.steps(
        subject.task, subject.config, subject.batch(), optimiser=subject.optimiser, clip=subject.clip,
        **(subject.given or {}),
    )  # fmt: skip


def token(subject, context, tokens, params=None):
    """A function that makes one of up to `tokens` tokens, of which the first has `context` positions before it."""
    params = drawn(subject) if params is None else params
    if hasattr(subject.costs, "generating"):
        return subject.costs.generating(subject, params, context)
    ids = np.random.default_rng(1).integers(0, subject.config.vocabulary, max(1, context)).tolist()
    turns = sampling.stream(subject.model, params, subject.config, [ids], tokens=tokens, temperature=0)
    return lambda: next(turns)


def prompt(subject, positions, params=None):
    """A function that reads a prompt of so many positions."""
    params = drawn(subject) if params is None else params
    ids = np.random.default_rng(1).integers(0, subject.config.vocabulary, (1, positions))

    def read():
        with small_products.held(params, positions):
            subject.model.start(params, subject.config, ids, [positions])

    return read


def drawn(subject):
    return subject.model.init(np.random.default_rng(0), subject.config, **(subject.given or {}))


def undisturbed(run, runs, seconds):
    """The seconds that a quarter of the runs stay below: what else runs on the machine lengthens some, not most."""
    return statistics.quantiles([whole for whole, _ in times(run, runs, seconds, 2)], n=4)[0]


def median(run, runs, seconds=10.0, warm=2, done=lambda: None):
    """(seconds, seconds of all processors together): the medians of `runs` runs, of fewer where they last longer.

    Where the processors computed for less than they could have, a run waited: for other programs, or for its threads.
    """
    wholes, computing = zip(*times(run, runs, seconds, warm, done), strict=True)
    return statistics.median(wholes), statistics.median(computing)


def times(run, runs, seconds, warm, done=lambda: None):
    """(seconds, processor seconds) of each run; `done()` after each."""
    for _ in range(warm):
        run()
    found: list[tuple[float, float]] = []
    began = time.perf_counter()
    while len(found) < runs and (len(found) < 3 or time.perf_counter() - began < seconds):
        start, start_computing = time.perf_counter(), time.process_time()
        run()
        found.append((time.perf_counter() - start, time.process_time() - start_computing))
        done()
    return found
