"""A long prompt read by several threads, each with a run of positions of its own.

A position needs the keys and values of the positions before it, layer by layer, and nothing else of them. So each
thread takes its positions through all layers and waits, once a layer, until all have their keys and values in the
buffers. A later position attends to more: the runs are cut to the same work, so the later ones are shorter.

    work of t positions  ~  t + t² / (6 D)        linear maps: 12 D² a position; attention: 2 D a pair, counted twice

(with softmax and the smaller products of a block, a pair takes twice the time that its operations would).
"""

import math
import threading
from concurrent.futures import ThreadPoolExecutor

from minilm.machine import blas_threads

LONG = 256  # positions of a prompt that gains by it
LEAST = 128  # positions a thread: below, a layer's products are too small


def runs(positions, width, number):
    """0 ... positions in `number` slices of about the same work."""
    curve = 6 * width
    whole = positions + positions * positions / curve
    ends = [round(curve / 2 * (math.sqrt(1 + 4 * whole * part / number / curve) - 1)) for part in range(number + 1)]
    return [slice(start, stop) for start, stop in zip(ends, ends[1:], strict=False)]


def read(positions, width, run):
    """``run(part, wait)`` for each part of the positions, on a thread of its own where there are enough of them.

    `run` calls `wait()` once a layer. What it raises is raised here, and the others stop waiting.
    """
    number = min(blas_threads.available(), positions // LEAST) if positions >= LONG and blas_threads.can_hold() else 1
    if number < 2:
        run(slice(0, positions), lambda: None)
        return
    barrier = threading.Barrier(number)

    def guarded(part):
        try:
            run(part, barrier.wait)
        except BaseException:
            barrier.abort()
            raise

    with blas_threads.one(), ThreadPoolExecutor(number, thread_name_prefix="reading") as pool:
        done = [pool.submit(guarded, part) for part in runs(positions, width, number)]
    errors = [error for future in done if (error := future.exception()) is not None]
    for error in sorted(errors, key=lambda error: isinstance(error, threading.BrokenBarrierError)):
        raise error  # the cause, not that the others were let go
