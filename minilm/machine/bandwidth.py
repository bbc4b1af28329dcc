"""The memory's bandwidth: how many bytes a second the cores read together from arrays that no cache holds.

It bounds whatever reads much and computes little. A token of a generated text reads every weight once:

    seconds per token  >=  bytes of the weights / bandwidth
"""

import numpy as np

from minilm.machine import blas_threads, clock, identity

BYTES = 1 << 28  # 256 MB: the last caches of processors today hold up to a few dozen


def measure(threads=None, size=BYTES, seconds=0.3):
    """Bytes a second, read by `threads` (None: one a core) from `size` bytes in equal parts.

    Each thread takes inner products of its part with itself, in pieces, as BLAS reads it: a product and a sum a
    number, which every processor does faster than its memory delivers.
    """
    threads = identity.cores() if threads is None else threads
    lines = np.ones((threads, max(1, size // 4 // threads)), np.float32)   # (threads, N)
    run, close = clock.side_by_side([lambda line=line: line @ line for line in lines])
    try:
        with blas_threads.one():
            return lines.nbytes / clock.best(run, seconds)
    finally:
        close()
