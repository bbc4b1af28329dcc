"""The training loop: drives a task on a model that it does not know, and yields its steps.

Each step does, in this order: batch, forward and loss, backward, clipping, update. All of it follows from
the state (parameters, optimiser state, number of steps done, carry of a recurrent model) and from the seed:

    the batch            = batch_at(number of steps done)       a pure function
    the dropout's bits   = a function of (seed, step, shard)
    the learning rate    = schedule(step)

so a run that was stopped after any step and continued from its state is, bit for bit, the run that never
stopped. Between two yields the state is whole; a signal handler should only note the wish to stop, and the
caller of the generator act on it there. Under `mpiexec -n N` all this goes on in N processes (ranks.py).
"""

import math
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minilm import tree
from minilm.errors import InputError
from minilm.machine import blas_threads, memory
from minilm.training import adamw, clipping, packing, ranks, replicas
from minilm.training.replicas import Batch
from minilm.tree import Tree


@dataclass
class State:
    """All that a run is after `step` steps. `run` moves it on, at its own arrays."""

    params: Tree
    optimiser: Tree
    step: int = 0
    carry: Batch = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """The record of one step; `number` counts from 1, `loss` is the mean over `tokens` before the update."""

    number: int
    loss: float
    tokens: int
    learning_rate: float
    gradient_norm: float
    seconds: float


def start(params: Tree, optimiser: Any = adamw) -> State:
    """The state before the first step."""
    return State(params=params, optimiser=optimiser.init(params))


def run(
    task: Any, config: Any, state: State, batch_at: Callable[[int], Batch], *,
    steps: int, schedule: Callable[[int], float], seed: int = 0,
    optimiser: Any = adamw, settings: dict | None = None, decay_mask: Callable[[Tree], Tree] | None = None,
    clip: float | None = 1.0, shards: int | None = None, threads: int | None = None, accumulate: int = 1,
    carry_resets_every: int | None = None,
) -> Iterator[Step]:  # fmt: skip
    """Train from `state` until `steps` steps are done in all; yield a Step after each.

    task           what is trained: loss, loss_backward and count (and carry, if its model is recurrent), as in
                   minilm.tasks; its loss_backward is told to consume the cache, for each step has its own
    config         the model's settings, handed to both
    batch_at       index from 0 -> batch; step s takes the batches s * accumulate ... + accumulate - 1
    optimiser      a module with init and update_in_place; `settings` are its keywords (beta1, decay, ...)
    decay_mask     params -> tree of bools; the optimiser's own by default
    clip           the longest gradient; None: never clipped
    shards         replicas.py; the cores by default, and a multiple of the ranks (ranks.py).
                   `threads` (shards or cores, whichever is fewer) changes no bit
    accumulate     how many batches make one step
    carry_resets_every   after how many batches a recurrent model begins afresh (the length of an epoch)

    `state.params` and `state.optimiser` are replaced by packed copies first: the arrays that came in are not
    written. Raises InputError, naming the step and leaving the state as it was before it, where the loss or
    the gradient is not finite or no token counts, or where the ranks were given different models or data;
    ValueError where gradients and parameters differ.
    """
    world = ranks.world()
    memory.keep()
    shards = blas_threads.available() if shards is None else shards
    if threads is None:
        threads = max(1, min(-(-shards // world.size), blas_threads.available() // world.neighbours))
    if shards < 1 or threads < 1 or accumulate < 1:
        raise ValueError(f"shards, threads and accumulate are at least 1, not {shards}, {threads}, {accumulate}")
    decay_mask = decay_mask or getattr(optimiser, "decay_mask", None)
    keywords = dict(settings or {})
    if decay_mask is not None:
        keywords["mask"] = packing.MASK
    mask = decay_mask(state.params) if decay_mask else tree.map(lambda leaf: False, state.params)
    packed_params, state.params = packing.pack(state.params, mask)
    packed_gradients, gradients = packing.empty(state.params, mask)
    packed_state, state.optimiser = _pack_optimiser(state.optimiser, state.params, mask)
    sizes = {size for (size,) in world.agree(tree.size(state.params))}
    if len(sizes) > 1:
        raise InputError(f"the ranks' models differ ({sizes} parameters); give all the same data and settings")
    world.broadcast_in_place([leaf for _, leaf in tree.leaves([packed_params, packed_state])])
    state.step, state.carry, shards = world.first((state.step, state.carry, shards))
    shards = -(-shards // world.size) * world.size

    alone = world.neighbours == 1  # on this machine: several ranks there take one core each
    with replicas.threads(threads) as runner, nullcontext() if alone else blas_threads.one():
        while state.step < steps:
            began = time.perf_counter()
            step = state.step + 1
            place = f"training stopped at step {step}"
            first = state.step * accumulate
            batches = [batch_at(index) for index in range(first, first + accumulate)]
            tokens = sum(int(task.count(batch)) for batch in batches)
            if tokens == 0:
                raise InputError(f"{place}: no token of its batch counts in the loss; look at the data")
            loss, carry = 0.0, state.carry
            for turn, batch in enumerate(batches):
                if carry_resets_every and (first + turn) % carry_resets_every == 0:
                    carry = {}
                parts = replicas.split({**batch, **carry}, shards)
                mine = range(world.rank, len(parts), world.size)
                part_loss, carries = replicas.sum_gradients(
                    task, config, state.params, [parts[i] for i in mine], gradients, count=tokens, add=turn > 0,
                    rngs=[replicas.dropout_rng(seed, step, turn * shards + i) for i in mine],
                    runner=runner, wave=threads,
                )  # fmt: skip
                said = world.agree(part_loss, _checksum(batch) if world.size > 1 else 0)
                if len({checksum for _, checksum in said}) > 1:
                    raise InputError(f"{place}: the ranks have different batches; give all the same data and seed")
                for part_loss, _ in said:
                    loss += part_loss
                carry = replicas.join(world.gather(carries)) if getattr(task, "carry", None) else {}
            world.sum_in_place(packed_gradients.values())
            if not math.isfinite(loss):
                raise InputError(f"{place}: the loss is {loss}; lower the learning rate or look at the data")
            with blas_threads.one() if shards > 1 else nullcontext():
                norm = clipping.global_norm(packed_gradients, runner)
            norm = world.first(norm)  # unlike machines may round it otherwise
            try:
                scale = clipping.factor(norm, clip)
            except InputError as error:
                raise InputError(f"{place}: {error}") from None
            rate = schedule(step)
            optimiser.update_in_place(
                packed_params, packed_gradients, packed_state, rate, scale=scale, runner=runner, **keywords
            )
            state.step, state.carry = step, carry
            yield Step(step, loss, tokens, rate, norm, time.perf_counter() - began)


def _checksum(batch: Batch) -> int:
    return zlib.crc32(b"".join(array.tobytes() for _, array in sorted(batch.items())))


def _pack_optimiser(state: Tree, params: Tree, mask: Tree) -> tuple[Tree, Tree]:
    """The optimiser's state packed, and as trees like the parameters over the same memory."""
    packed: dict[str, Any] = {}
    views: dict[str, Any] = {}
    for name, entry in state.items():
        if isinstance(entry, np.ndarray) and entry.ndim == 0:  # the step count
            packed[name] = views[name] = entry.copy()
        else:
            in_order = tree.map(lambda param, leaf: leaf, params, entry)  # each beside its parameter, by name
            packed[name], views[name] = packing.pack(in_order, mask)
    return packed, views
