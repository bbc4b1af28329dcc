"""Trees cut into slices that fit the processor's cache.

An optimiser reads four arrays and passes over each a dozen times. Over whole arrays every pass goes to
memory; slice by slice only the first does. Measured with AdamW on 10.7 million float32 numbers: 34 ms in
one go, 20 ms in slices of 2^18, 12 ms with two threads on the slices (PyTorch's loop over tensors: 37 ms,
its fused kernel 5). Slices of 2^14 take 51 ms with two threads, which wait for each other's calls.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from minilm import tree
from minilm.tree import Tree

SLICE = 1 << 18  # numbers in a slice

Runner = Callable[..., Iterable]  # like the built-in map: runner(function, arguments)


def contiguous(leaves: Tree) -> Tree:
    """A copy whose leaves are contiguous: those of a file of another framework may be transposed views."""
    return tree.map(lambda leaf: np.array(leaf, order="C"), leaves)


def slices(first: Tree, *others: Tree) -> Iterator[tuple[str, tuple[np.ndarray, ...]]]:
    """Yield ``(name of the leaf, (slice of first, slice of each other))``, the slices being 1-D views.

    Raises ValueError where the trees differ in names, shapes or dtypes, or where a leaf is not contiguous
    (its slices would be copies, and writing to them would be lost).
    """
    for number, other in enumerate(others):
        tree.require_same(other, first, what=f"tree {number + 2}")
    flat_others = [tree.flatten(other) for other in others]
    for name, leaf in tree.leaves(first):
        arrays = [leaf, *(flat[name] for flat in flat_others)]
        if not all(array.flags.c_contiguous for array in arrays):
            raise ValueError(f"{name} is not contiguous; copy it first")
        lines = [array.reshape(-1) for array in arrays]  # each (N,)
        for start in range(0, leaf.size, SLICE):
            yield name, tuple(line[start : start + SLICE] for line in lines)
