"""How long something takes: repeated until it can be told, on one thread or side by side on several."""

import time
from concurrent.futures import ThreadPoolExecutor


def best(work, seconds=0.1, least=3):
    """The shortest time of `work()` in runs that last `seconds` together, `least` of them at the least.

    The shortest, because whatever else runs on the machine only ever adds to it. One run before them does not count.
    """
    work()
    shortest, began, runs = float("inf"), time.perf_counter(), 0
    while runs < least or time.perf_counter() - began < seconds:
        start = time.perf_counter()
        work()
        shortest = min(shortest, time.perf_counter() - start)
        runs += 1
    return shortest


def side_by_side(works):
    """A function that runs each of `works` on a thread of its own and returns what they return; then a way to end it.

    Use as `run, close = side_by_side([...])`.
    """
    pool = ThreadPoolExecutor(len(works), thread_name_prefix="measuring")

    def run():
        return list(pool.map(lambda work: work(), works))

    return run, pool.shutdown
