"""Clipping by the global norm: a gradient longer than the limit is shortened to it, its direction kept.

    norm = sqrt(sum of the squares of all entries of all leaves)
    gradients <- gradients * min(1, limit / (norm + 1e-6))

The 1e-6 is torch.nn.utils.clip_grad_norm_'s, so that the two agree to the last digits.

Source: Pascanu, Mikolov and Bengio 2013, "On the difficulty of training recurrent neural networks", Algorithm 1.
"""

import math

import numpy as np

from minilm import tree
from minilm.errors import InputError
from minilm.training.slices import Runner, slices
from minilm.tree import Tree


def global_norm(gradients: Tree, runner: Runner = map) -> float:
    """The norm of all leaves taken as one vector.

    The squares are summed slice by slice and the slices in their order, so the result does not depend on
    who runs them.
    """

    def square(named: tuple[str, tuple[np.ndarray, ...]]) -> float:
        (part,) = named[1]  # (N,)
        return float(part @ part)

    contiguous = tree.map(np.ascontiguousarray, gradients)
    return math.sqrt(math.fsum(runner(square, slices(contiguous))))


def factor(norm: float, limit: float | None) -> float:
    """What the gradient is multiplied by: 1 below the limit, and always 1 without one (None).

    Raises InputError where the norm is not finite: no step can be taken from such a gradient.
    """
    if not math.isfinite(norm):
        raise InputError(f"the gradient's norm is {norm}; lower the learning rate or look at the data")
    if limit is None:
        return 1.0
    return min(1.0, limit / (norm + 1e-6))


def clip(gradients: Tree, limit: float) -> tuple[Tree, float]:
    """``(clipped gradients, norm before clipping)``. Raises InputError where the norm is not finite."""
    norm = global_norm(gradients)
    scale = factor(norm, limit)
    return tree.map(lambda leaf: leaf * scale, gradients), norm
