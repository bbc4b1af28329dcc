"""Trees: nested dicts and lists whose leaves are arrays.

Parameters, gradients, caches and optimiser states are all trees. A leaf's name is its path, joined
by dots: ``{"blocks": [{"gain": g}]}`` has the one leaf ``blocks.0.gain``. Leaves are paired by name,
never by the order in which a dict happened to be written, and trees that differ are refused.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Tree = Any  # a leaf, a dict of trees or a list of trees


def leaves(tree: Tree, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield ``(dotted name, leaf)`` in the order in which the tree was written.

    Raises ValueError for a dict key that could not be read back: not a string, empty, or with a dot.
    """
    if isinstance(tree, dict):
        for key, child in tree.items():
            if not isinstance(key, str) or not key or "." in key or key.isdecimal():
                raise ValueError(f"a tree's keys are words without dots, not {key!r} (under {prefix or 'the root'})")
            yield from leaves(child, f"{prefix}.{key}" if prefix else key)
    elif isinstance(tree, list | tuple):
        for index, child in enumerate(tree):
            yield from leaves(child, f"{prefix}.{index}" if prefix else str(index))
    else:
        yield prefix, tree


def flatten(tree: Tree) -> dict[str, Any]:
    """The tree as one flat dict from dotted name to leaf."""
    return dict(leaves(tree))


def unflatten(flat: dict[str, Any]) -> Tree:
    """The inverse of `flatten` (empty dicts and lists leave no trace, and tuples come back as lists).

    Raises ValueError where names contradict each other: a leaf that is also a branch, list indices
    with a gap, or a level that mixes indices and words.
    """
    if set(flat) == {""}:
        return flat[""]
    branches: dict[str, dict[str, Any]] = {}
    for name, leaf in flat.items():
        head, _, rest = name.partition(".")
        if not head:
            raise ValueError(f"the name {name!r} has an empty part")
        branch = branches.setdefault(head, {})
        branch[rest] = leaf
    for head, branch in branches.items():
        if "" in branch and len(branch) > 1:
            raise ValueError(f"{head!r} is both a leaf and a branch")
    if branches and all(head.isdecimal() for head in branches):
        indices = [str(index) for index in range(len(branches))]
        if set(indices) != set(branches):
            raise ValueError(f"list indices with a gap: {', '.join(sorted(branches))}")
        return [unflatten(branches[index]) for index in indices]
    if any(head.isdecimal() for head in branches):
        raise ValueError(f"one level mixes indices and words: {', '.join(sorted(branches))}")
    return {head: unflatten(branch) for head, branch in branches.items()}


def map(function: Callable, tree: Tree, *others: Tree) -> Tree:
    """Apply `function` to each leaf, together with the leaves of the same name in the other trees.

    Raises ValueError, naming the first difference, where the trees do not have the same names.
    """
    flat_others = [flatten(other) for other in others]
    names = [name for name, _ in leaves(tree)]
    for other in flat_others:
        if set(other) != set(names):
            missing = sorted(set(names) - set(other))
            extra = sorted(set(other) - set(names))
            raise ValueError(f"trees differ: missing {missing[:3] or 'none'}, left over {extra[:3] or 'none'}")

    def visit(node: Tree, prefix: str) -> Tree:
        if isinstance(node, dict):
            return {key: visit(child, f"{prefix}.{key}" if prefix else key) for key, child in node.items()}
        if isinstance(node, list | tuple):
            return [visit(child, f"{prefix}.{i}" if prefix else str(i)) for i, child in enumerate(node)]
        return function(node, *(other[prefix] for other in flat_others))

    return visit(tree, "")


def add(tree: Tree, *others: Tree) -> Tree:
    """The leaf-by-leaf sum of trees of the same names."""
    return map(lambda leaf, *more: sum(more, start=leaf), tree, *others)


def size(tree: Tree) -> int:
    """The number of numbers in all leaves together."""
    return sum(int(np.size(leaf)) for _, leaf in leaves(tree))


def require_same(tree: Tree, like: Tree, what: str = "gradients") -> None:
    """Raise ValueError, naming the leaf, unless both trees agree in names, shapes and dtypes."""
    flat, flat_like = flatten(tree), flatten(like)
    for name in flat_like:
        if name not in flat:
            raise ValueError(f"{what}: {name} is missing")
    for name, leaf in flat.items():
        if name not in flat_like:
            raise ValueError(f"{what}: {name} is left over")
        other = flat_like[name]
        if np.shape(leaf) != np.shape(other):
            raise ValueError(f"{what}: {name} has shape {np.shape(leaf)}, not {np.shape(other)}")
        if leaf.dtype != other.dtype:
            raise ValueError(f"{what}: {name} has dtype {leaf.dtype}, not {other.dtype}")
