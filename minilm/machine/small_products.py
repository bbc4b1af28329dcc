"""One BLAS thread where products are small: beside a busy program a second one costs a hundred times what it brings.

BLAS cuts even a product of 50 us in two. Where the cores have other work, each such product waits until the system lets
both halves run, some milliseconds each time: a small GPT's prompt of 64 tokens then takes 340 ms in place of 2.

    operations of the largest product  =  2 · rows · numbers of the largest matrix

A product is small below OPERATIONS, about two milliseconds of a core. But where there are more weights than NUMBERS,
they come from memory at every step, and two cores read them faster than one: such a model keeps its threads.
"""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from minilm import tree
from minilm.machine import blas_threads

OPERATIONS = 1 << 27
NUMBERS = 1 << 24


def small(params: Any, rows: int) -> bool:
    """Whether the products of `rows` rows (positions of all texts together) with the matrices of `params` are small.

    `params` is a tree of arrays, or of an outline's shapes.
    """
    shapes = [getattr(leaf, "shape", ()) for _, leaf in tree.leaves(params)]
    largest = max((math.prod(shape) for shape in shapes if len(shape) > 1), default=0)
    return 2 * rows * largest < OPERATIONS and sum(map(math.prod, shapes)) <= NUMBERS


def holder(params: Any, rows: int) -> Callable[[], AbstractContextManager[None]]:
    """What opens a block for products of `rows` rows: with one BLAS thread where they are small, else as it is set."""
    return blas_threads.one if small(params, rows) else nullcontext


def held(params: Any, rows: int) -> AbstractContextManager[None]:
    """Such a block."""
    return holder(params, rows)()
