"""How long a piece of work takes on this machine: measured for its very shape, then the roofline.

    seconds of a product  =  max(measured seconds of one of its shape, its bytes / bandwidth)
    seconds of a pass     =  measured seconds of one of its kind and shape

A product with fewer than INTENSITY operations a byte, such as a vector's with the weights, takes what its matrix takes
to arrive: it is measured over as many matrices in turn as the model's bytes fill, so they come from where they will.

Measured side by side on as many threads as there are shards, since they share caches and memory. Where an array is
larger than all caches its rate no longer changes, so a smaller one is measured. What a call costs before it begins to
compute is taken off: NumPy's calls and Python's are counted once, in the overhead of the model (measured.py).
"""

import itertools
import math
import statistics
import time
from contextlib import nullcontext

import numpy as np

from minilm.arrays import masks, random_bits, rows
from minilm.costs.work import Pass, bytes_of
from minilm.machine import bandwidth, blas_threads, clock, products

RING = 1 << 25  # bytes of arrays in turn: fresh arrays come from memory, not from the cache
LARGEST = 1 << 22  # numbers
MOST_OPERATIONS = 2 << 30
CACHE = 1 << 25  # bytes: what is smaller may stay in a cache from token to token
MOST_TURNS = 1 << 28  # bytes of matrices in turn
INTENSITY = 8
FINE = time.get_clock_info("thread_time").resolution < 1e-4


class Machine:
    """The measured speed with `replicas` threads of Python, each on one thread of BLAS; 1: BLAS as it is set."""

    def __init__(self, replicas):
        self.replicas = replicas
        self.known = {}
        self.memory = None

    def seconds(self, work, footprint):
        """Of a Product or a Pass, in one thread while the others do the same; `footprint`: bytes the model touches."""
        if isinstance(work, Pass) and work.kind == "stream":
            return work.bytes / self.bandwidth()
        measured = self.measured(work, footprint)
        if isinstance(work, Pass) or footprint <= CACHE:
            return measured
        return max(measured, bytes_of(work) / self.bandwidth())

    def bandwidth(self):
        """Bytes a second that one of the replicas reads, while the others do."""
        if self.memory is None:
            self.memory = bandwidth.measure(self.replicas if self.replicas > 1 else None) / self.replicas
        return self.memory

    def measured(self, work, footprint=0):
        """Seconds of all its `times`, but for the cost of calls."""
        small, factor = shrink(work)
        around = footprint if isinstance(work, products.Product) and intensity(work) < INTENSITY else 0
        if (small, around) not in self.known:
            call = least(work)
            if (call, 0) not in self.known:
                self.known[call, 0] = timed(call, 1)
            self.known[small, around] = max(timed(small, self.replicas, around) - self.known[call, 0], 0)
        return self.known[small, around] * factor * work.times


def intensity(product):
    """Operations a byte."""
    return product.operations / bytes_of(product)


def shrink(work):
    """(one time of the work or of a smaller one at the same rate, how many times larger it is)."""
    if isinstance(work, Pass):
        rows = max(1, min(work.rows, LARGEST // work.columns))
        columns = min(work.columns, LARGEST)
        return Pass(work.kind, rows, columns), work.rows * work.columns / (rows * columns)
    sizes = {"stack": work.stack, "rows": work.rows, "inner": work.inner, "columns": work.columns}
    factor = 1.0
    for name in ("stack", *sorted(("rows", "inner", "columns"), key=lambda size: -sizes[size])):
        operations = 2 * sizes["stack"] * sizes["rows"] * sizes["inner"] * sizes["columns"]
        if operations > MOST_OPERATIONS:
            kept = max(min(sizes[name], 1 if name == "stack" else 256), int(sizes[name] * MOST_OPERATIONS / operations))
            factor *= sizes[name] / kept
            sizes[name] = kept
    return products.Product(**sizes, transposed=work.transposed), factor


def least(work):
    """The smallest work of its kind."""
    return Pass(work.kind, 1, 1) if isinstance(work, Pass) else products.Product(1, 1, 1)


def timed(work, replicas, around=0):
    """The seconds of one `work` in each of `replicas` threads; `around`: bytes that are touched between two.

    Of a thread of several its own processor time, which does not count what else runs on the machine; where BLAS has
    threads of its own, the shortest time of the clock.
    """
    runs = [runner(work, around // replicas) for _ in range(replicas)]
    once = max(min(clocked(runs[0]) for _ in range(4)), 1e-7)
    alone = replicas == 1
    look, looks = (1e-4, 20) if alone else (2e-3, 6)
    number = max(1, min(2000, int(look / once)))
    looks = min(looks, max(5, int(0.2 / (number * once))))
    read = time.perf_counter if alone or not FINE else time.thread_time

    def repeated(run):
        began = read()
        for _ in range(number):
            run()
        return read() - began

    together, close = clock.side_by_side([lambda run=run: repeated(run) for run in runs])
    try:
        with nullcontext() if alone else blas_threads.one():
            found = [statistics.mean([repeated(runs[0])] if alone else together()) for _ in range(looks)]
    finally:
        close()
    return (min(found) if alone else statistics.median(found[1:])) / number


def clocked(run):
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def runner(work, around=0):
    """A function that does the work once, in arrays of its own."""
    if isinstance(work, products.Product):
        left, right, out = products.arrays(work)
        number = max(1, min(math.ceil(min(around, MOST_TURNS) / right.nbytes), 64))
        turned = [right, *(right.copy(order="K") for _ in range(number - 1))]
        following = itertools.cycle(turned)
        ring = [None] * max(1, min(16, RING // max(out.nbytes, 1)))
        return in_turn(ring, lambda before: left @ next(following))
    rng = np.random.default_rng(0)
    shape = (work.rows, work.columns)
    x = rng.standard_normal(shape, np.float32)                             # (N, D)
    row = rng.standard_normal(work.columns, np.float32) * np.float32(1e-6)  # (D)
    return KINDS[work.kind](x, row, rng)


def in_turn(ring, make):
    """A function that puts make(the last one made) into the next place of a ring, where an older one is let go."""
    place = [0]

    def run():
        now = place[0]
        following = now + 1 if now + 1 < len(ring) else 0
        ring[following] = make(ring[now])
        place[0] = following

    return run


def fresh(x, row, rng):
    ring = [x.copy() for _ in range(max(2, min(64, RING // x.nbytes)))]
    return in_turn(ring, lambda before: before + x)


def temporary(x, row, rng):
    return in_turn([x.copy()], lambda before: before + x)


def gather(x, row, rng):
    ids = rng.integers(0, len(x), len(x))
    return lambda: x[ids]


def bar(x, row, rng):
    summand = masks.barred(rng.random((min(x.shape), x.shape[1])) < 0.5, x.dtype)
    stacked = x[: len(x) // len(summand) * len(summand)].reshape(-1, *summand.shape)
    return lambda: stacked + summand


def copy(x, row, rng):
    heads = 8 if x.shape[1] % 8 == 0 else 1
    turned = x.reshape(len(x), heads, -1).swapaxes(0, 1)
    return lambda: turned.copy()


def keep(x, row, rng):
    bits = rng.random(x.shape) < 0.9
    return lambda: x * bits


def exponentials(x, row, rng):
    out, negative = np.empty_like(x), -np.maximum(x, -x)
    return lambda: np.exp(negative, out=out)


def tangents(x, row, rng):
    out = np.empty_like(x)
    return lambda: np.tanh(x, out=out)


def quotient(x, row, rng):
    one = np.ones((len(x), 1), np.float32)
    return lambda: np.divide(x, one, out=x)


def leading(x, row, rng):
    ones = np.ones(len(x), np.float32)
    return lambda: ones @ x


def zeros(x, row, rng):
    def run():
        np.zeros_like(x)[:, ::16] = 1  # touched: the system gives the memory only then

    return run


KINDS = {
    "fresh": fresh,
    "temporary": temporary,
    "inplace": lambda x, row, rng: lambda: np.add(x, row, out=x),
    "divide": quotient,
    "exp": exponentials,
    "tanh": tangents,
    "sum": lambda x, row, rng: lambda: rows.sum(x),
    "max": lambda x, row, rng: lambda: rows.max(x),
    "dot": lambda x, row, rng: lambda: rows.dot(x, x),
    "leading": leading,
    "copy": copy,
    "gather": gather,
    "zeros": zeros,
    "bar": bar,
    "compare": lambda x, row, rng: lambda: x > 0,
    "keep": keep,
    "draw": lambda x, row, rng: lambda: random_bits.draw(rng, x.shape) >= 6554,
}
