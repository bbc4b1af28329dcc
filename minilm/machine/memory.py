"""Memory that is freed stays with the process: a training step finds the pages of the step before.

A step makes and frees the same arrays again and again. By default the C library of Linux hands large ones back to the
system at once, which then has to find and clear new pages for the next: at GPT's small sizes that is a quarter of a
step. `keep` asks it (mallopt) to keep them, and to let all threads share one heap, since a heap of a thread's own ends
at 64 MB. Elsewhere it does nothing. Whoever set one of the C library's own variables (MALLOC_ARENA_MAX,
MALLOC_TRIM_THRESHOLD_, MALLOC_MMAP_THRESHOLD_) keeps what they set.
"""

import ctypes
import os
import sys
from functools import cache

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8  # mallopt's names, from malloc.h
VARIABLES = ("MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")
MOST = 1 << 30  # bytes: larger arrays go back to the system when they are freed


@cache
def keep() -> bool:
    """Keep freed memory from now on; whether that was to be had."""
    if sys.platform != "linux" or any(name in os.environ for name in VARIABLES):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    mallopt.argtypes, mallopt.restype = [ctypes.c_int, ctypes.c_int], ctypes.c_int
    if not mallopt(MMAP_THRESHOLD, MOST) and not mallopt(MMAP_THRESHOLD, 32 << 20):  # older ones allow 32 MB
        return False
    return bool(mallopt(TRIM_THRESHOLD, 2 * MOST - 1)) and bool(mallopt(ARENA_MAX, 1))
