"""The speed of a matrix product, float32, by its shape: small products reach less of the machine than large ones.

    (rows, inner) times (inner, columns)   =   2 · rows · inner · columns operations
"""

import statistics
import time
from contextlib import nullcontext

import numpy as np

from minilm.machine import blas_threads, clock

SIDE = 1024  # large enough for any core's full speed, small enough for 30 ms


def waiting(looks=7):
    """How many times as long a product of half a millisecond takes with all BLAS threads as with one: below 1 on an
    idle machine, 10 and more where other programs have the cores. Medians of `looks` in turns."""
    rng = np.random.default_rng(0)
    left, right = rng.random((128, 256), np.float32), rng.random((256, 512), np.float32)
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(looks):
        for alone, found in times.items():
            with blas_threads.one() if alone else nullcontext():
                left @ right  # wakes the threads
                began = time.perf_counter()
                for _ in range(4):
                    left @ right
                found.append(time.perf_counter() - began)
    return statistics.median(times[False]) / statistics.median(times[True])


def measure(rows=SIDE, inner=SIDE, columns=SIDE, threads=None, replicas=1, seconds=0.15):
    """Operations a second.

    threads    1: BLAS held to one thread; None: as many as it is set to
    replicas   so many threads of Python multiply matrices of their own at once, each on one thread of BLAS, as the
               shards of a training step do; the operations of all are counted
    """
    rng = np.random.default_rng(0)
    left = rng.standard_normal((replicas, rows, inner), np.float32)        # (replicas, rows, inner)
    right = rng.standard_normal((replicas, inner, columns), np.float32)    # (replicas, inner, columns)
    products = np.empty((replicas, rows, columns), np.float32)             # (replicas, rows, columns)
    works = [lambda i=i: np.matmul(left[i], right[i], out=products[i]) for i in range(replicas)]
    operations = 2 * rows * inner * columns * replicas
    with blas_threads.one() if threads == 1 or replicas > 1 else nullcontext():
        if replicas == 1:
            return operations / clock.best(works[0], seconds)
        run, close = clock.side_by_side(works)
        try:
            return operations / clock.best(run, seconds)
        finally:
            close()
