"""All leaves of a tree side by side in memory: one buffer for those that decay, one for the others.

The parameters of a small model are some fifty arrays, and a dozen passes over each cost more in Python than
in arithmetic. Packed, an optimiser sees two long leaves, {"decayed": (N,), "plain": (N,)}, and the model
sees the tree that it knows, whose leaves are views of the same memory. What is between two leaves (each
begins at a multiple of 64 bytes) stays zero.
"""

import numpy as np

from minilm import tree
from minilm.tree import Tree

MASK = {"decayed": True, "plain": False}  # the decay mask of a packed tree


def empty(like: Tree, mask: Tree) -> tuple[dict[str, np.ndarray], Tree]:
    """``(buffers of zeros, the tree `like` as views of them)``; `mask`: the tree of bools that sorts the leaves.

    Raises ValueError where the leaves are not of one dtype.
    """
    dtypes = {leaf.dtype for _, leaf in tree.leaves(like)}
    if len(dtypes) != 1:
        raise ValueError(f"parameters of one dtype, not {sorted(map(str, dtypes))}")
    dtype = dtypes.pop()
    unit = max(1, 64 // dtype.itemsize)
    masks = tree.flatten(tree.map(lambda leaf, decays: bool(decays), like, mask))
    places = {}
    ends = {"decayed": 0, "plain": 0}
    for name, leaf in tree.leaves(like):
        key = "decayed" if masks[name] else "plain"
        places[name] = (key, ends[key])
        ends[key] += -(-leaf.size // unit) * unit
    buffers = {}
    for key, end in ends.items():
        room = np.zeros(end + unit, dtype)
        begin = -room.ctypes.data % 64 // dtype.itemsize
        buffers[key] = room[begin : begin + end]
    ordered = []
    for name, leaf in tree.leaves(like):
        key, start = places[name]
        ordered.append(buffers[key][start : start + leaf.size].reshape(leaf.shape))
    upcoming = iter(ordered)
    views = tree.map(lambda leaf: next(upcoming), like)  # map visits in the order of leaves
    return buffers, views


def pack(params: Tree, mask: Tree) -> tuple[dict[str, np.ndarray], Tree]:
    """Like `empty`, with the numbers of `params` in it."""
    buffers, views = empty(params, mask)
    tree.map(np.copyto, views, params)
    return buffers, views
