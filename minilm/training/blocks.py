"""Trees cut into blocks that fit the processor's cache.

An optimiser reads four arrays and passes over each a dozen times. Over whole arrays every pass goes to
memory; block by block only the first does. Measured with AdamW on 10.7 million float32 numbers: 34 ms in
one piece, 20 ms in blocks of 2^18, 12 ms with two threads on the blocks (PyTorch's loop over tensors: 37 ms,
its fused kernel 5). Blocks of 2^14 take 51 ms with two threads, which wait for each other's calls.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from minilm import tree
from minilm.tree import Tree

BLOCK = 1 << 18  # numbers in a block

Runner = Callable[..., Iterable]  # like the built-in map: runner(function, arguments)


def contiguous(leaves: Tree) -> Tree:
    """A copy whose leaves are contiguous: those of a file of another framework may be transposed views."""
    return tree.map(lambda leaf: np.array(leaf, order="C"), leaves)


def blocks(first: Tree, *others: Tree) -> Iterator[tuple[str, tuple[np.ndarray, ...]]]:
    """Yield ``(name of the leaf, (block of first, block of each other))``, the blocks being 1-D views.

    Raises ValueError where the trees differ in names, shapes or dtypes, or where a leaf is not contiguous
    (its blocks would be copies, and writing to them would be lost).
    """
    for number, other in enumerate(others):
        tree.require_same(other, first, what=f"tree {number + 2}")
    flat_others = [tree.flatten(other) for other in others]
    for name, leaf in tree.leaves(first):
        arrays = [leaf, *(flat[name] for flat in flat_others)]
        if not all(array.flags.c_contiguous for array in arrays):
            raise ValueError(f"{name} is not contiguous; copy it first")
        lines = [array.reshape(-1) for array in arrays]  # each (N,)
        for start in range(0, leaf.size, BLOCK):
            yield name, tuple(line[start : start + BLOCK] for line in lines)
