"""Replicas over threads: the rows of a batch dealt to shards, each with its own forward and backward.

    loss(batch)     = sum over shards of loss(shard, count=count(batch))
    dparams(batch)  = sum over shards of dparams(shard)

because a task's loss is a sum over tokens divided by `count`. All shards read the same parameters and write
nothing that is shared; NumPy lets go of the interpreter's lock inside its loops and products, so threads run
side by side. The gradients are added in the order of the shards, whatever the order in which they are done:
the result depends on the number of shards, a setting, and never on the number of threads. While there is
more than one shard, matrix products are held to one thread each (blas_threads.py), and so are those of a single small
one (small_products.py).

More shards than threads is gradient accumulation: the shards then run in waves of one a thread, and memory
holds the activations and gradients of one wave.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from minilm import tree
from minilm.data import random_streams
from minilm.machine import blas_threads, small_products
from minilm.training.slices import Runner
from minilm.tree import Tree

Batch = dict[str, np.ndarray]


def split(batch: Batch, shards: int) -> list[Batch]:
    """The batch dealt out like cards: shard i has rows i, i + shards, i + 2 shards, ...

    Rows sorted by length, as data.batches leaves them, therefore give shards of like cost. A batch of fewer
    rows than shards gives one shard a row. Raises ValueError where the arrays differ in their number of rows.
    """
    if shards < 1:
        raise ValueError(f"at least 1 shard, not {shards}")
    rows = {name: len(array) for name, array in batch.items()}
    if len(set(rows.values())) != 1 or not all(rows.values()):
        raise ValueError(f"a batch's arrays have the same number of rows, at least 1, not {rows}")
    number = min(shards, next(iter(rows.values())))
    if number == 1:
        return [batch]
    return [
        {name: np.ascontiguousarray(array[i::number]) for name, array in batch.items()} for i in range(number)
    ]


def join(parts: list[Batch]) -> Batch:
    """The inverse of `split`: the rows back in their places. Of no parts: {}."""
    if len(parts) <= 1:
        return parts[0] if parts else {}
    joined = {}
    for name in parts[0]:
        rows = sum(len(part[name]) for part in parts)
        whole = np.empty((rows, *parts[0][name].shape[1:]), parts[0][name].dtype)
        for i, part in enumerate(parts):
            whole[i :: len(parts)] = part[name]
        joined[name] = whole
    return joined


def dropout_rng(seed: int, step: int, shard: int) -> np.random.Generator:
    """The random numbers of one shard of one step, from these three numbers alone: nothing to store."""
    return random_streams.fast_generator(random_streams.DROPOUT, seed, step, shard)


@contextmanager
def threads(number: int) -> Iterator[Runner]:
    """A runner like the built-in map, over `number` threads (the built-in map itself for one)."""
    if number <= 1:
        yield map
        return
    with ThreadPoolExecutor(number, thread_name_prefix="replica") as pool:
        yield pool.map


def sum_gradients(
    task: Any, config: Any, params: Tree, shards: list[Batch], total: Tree,
    *, rngs: list[np.random.Generator | None], count: int, add: bool = False,
    runner: Runner = map, wave: int = 1,
) -> tuple[float, list[Batch]]:  # fmt: skip
    """Write the sum of the shards' gradients into `total` (add it with `add`); return ``(loss, carries)``.

    `total` is a tree like params that the caller owns; `count` is that of all tokens the loss is divided by;
    `wave` is how many shards run at once. `carries`: what a recurrent model hands on, a batch a shard, for `join`;
    {} a shard for other models. No shards at all: zeros.
    Raises ValueError where a gradient differs from its parameter in name, shape or dtype.
    """
    carry_of = getattr(task, "carry", None)

    def work(index: int) -> tuple[float, Tree, Batch]:
        loss, cache = task.loss(params, shards[index], config=config, rng=rngs[index], count=count)
        carry = carry_of(cache) if carry_of else {}
        return float(loss), task.loss_backward(params, cache, config=config, consume=True), carry

    targets = list(tree.leaves(total))
    if not shards and not add:
        for _, target in targets:
            target[...] = 0
    parts = _parts(targets, wave)
    loss = 0.0
    carries: list[Batch] = []
    with blas_threads.one() if len(shards) > 1 else small_products.held(params, count):
        for start in range(0, len(shards), wave):
            done = list(runner(work, range(start, min(start + wave, len(shards)))))
            fresh = start == 0 and not add
            flat = [_checked(gradients, total, targets) for _, gradients, _ in done]
            for _ in runner(lambda part, flat=flat, fresh=fresh: _add(part, flat, fresh), parts):
                pass
            for shard_loss, _, _ in done:  # one by one: a wave's own sum would depend on its size
                loss += shard_loss
            carries += [carry for _, _, carry in done]
    return loss, carries


def _checked(gradients: Tree, total: Tree, targets: list[tuple[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The gradients by name, after a look at names, shapes and dtypes."""
    flat = tree.flatten(gradients)
    same = len(flat) == len(targets) and all(
        name in flat and flat[name].shape == target.shape and flat[name].dtype == target.dtype
        for name, target in targets
    )
    if not same:
        tree.require_same(gradients, total)  # says which
    return flat


def _parts(targets: list, number: int) -> list[list]:
    """The leaves in `number` runs of about the same size."""
    numbers = sum(target.size for _, target in targets) or 1
    parts: list[list] = [[] for _ in range(number)]
    before = 0
    for name, target in targets:
        parts[min(number - 1, before * number // numbers)].append((name, target))
        before += target.size
    return [part for part in parts if part]


def _add(part: list, flat: list[dict[str, np.ndarray]], fresh: bool) -> None:
    """Add the shards' gradients into the leaves of one part, in the order of the shards."""
    for name, target in part:
        rest = flat
        if fresh and len(flat) > 1:
            np.add(flat[0][name], flat[1][name], out=target)
            rest = flat[2:]
        elif fresh:
            np.copyto(target, flat[0][name])
            rest = flat[1:]
        for gradients in rest:
            target += gradients[name]
