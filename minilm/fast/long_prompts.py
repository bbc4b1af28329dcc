"""A prompt through a stack of blocks, from the first position on, by several threads where it is long.

The twin of blocks.stack.step with a causal mask, for whoever wants the states and no output: the next token goes
through all blocks on its own, so the last block keeps its keys and values and does no more.

A position needs the keys and values of the positions before it, layer by layer, and nothing else of them. So each
thread has a run of positions of its own: it finishes a block with them and keeps the keys and values of the next, and
when all have done so, all go on. A later position attends to more: the runs are cut to the same work, so the later ones
are shorter.

    work of t positions  ~  t + t² / (6 D)        linear maps: 12 D² a position; attention: 2 D a pair, counted twice

(with softmax and the smaller products of a block, a pair takes twice the time that its operations would).
"""

import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np

from minilm.fast import blocked_attention
from minilm.machine import blas_threads

LONG = 256  # positions of a prompt that gains by threads, and by attention in blocks
LEAST = 128  # positions a thread: below, a layer's products are too small


def read(block, params, states, x, **settings):
    """x (B, T, D) at the positions 0 ... T - 1 -> the list of states. Consumes `states`, whose buffers have room for T.

    `block` offers keep and attend, the halves of its step; `settings` are theirs both.
    """
    positions, width = x.shape[1:]
    if not positions:
        return states
    causal = blocked_attention.CAUSAL if positions >= LONG else np.tri(positions, dtype=bool)
    parts = runs(positions, width, threads(positions))

    def keep(layer, part, x):
        n, _ = block.keep(params[layer], states[layer], x, position=part.start, **settings)
        return x, n

    def go_on(layer, part, kept):
        seen = {"mask": causal, "length": part.stop}
        return keep(layer + 1, part, block.attend(params[layer], states[layer], *kept, **seen, **settings))

    with side_by_side(len(parts)) as runner:
        kept = list(runner(lambda part: keep(0, part, x[:, part]), parts))
        for layer in range(len(params) - 1):
            kept = list(runner(lambda part, kept, layer=layer: go_on(layer, part, kept), parts, kept))
    return states


def threads(positions):
    """How many threads read a prompt."""
    if positions < LONG or not blas_threads.can_hold():
        return 1
    return max(1, min(blas_threads.available(), positions // LEAST))


def runs(positions, width, number):
    """0 ... positions in `number` slices of about the same work."""
    curve = 6 * width
    whole = positions + positions * positions / curve
    ends = [round(curve / 2 * (math.sqrt(1 + 4 * whole * part / number / curve) - 1)) for part in range(number + 1)]
    return [slice(start, stop) for start, stop in zip(ends, ends[1:], strict=False)]


@contextmanager
def side_by_side(number):
    """A runner like the built-in map, with a thread for each of its items and one thread a product; for one, map."""
    if number == 1:
        yield map
        return
    with blas_threads.one(), ThreadPoolExecutor(number, thread_name_prefix="reading") as pool:
        yield pool.map
