"""Adam: steps scaled by running averages of the gradient and of its square.

With g the gradient, t = 1, 2, ... the step, a the learning rate:

    m <- beta1 m + (1 - beta1) g                    first moment
    v <- beta2 v + (1 - beta2) g^2                  second moment
    params <- params - a mhat / (sqrt(vhat) + eps)  mhat = m / (1 - beta1^t), vhat = v / (1 - beta2^t)

THE VARIANT: eps is added after the bias correction, to sqrt(vhat), as in the paper's Algorithm 1 and in
torch.optim.Adam. There is no weight decay here; see adamw.py. The code computes the same step with both
corrections folded into two numbers (the end of the paper's section 2), which spares two passes:

    a sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + eps sqrt(1 - beta2^t))

State: {"step": int64 array of shape (), "first_moment": tree of params, "second_moment": tree of params}.

Source: Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", section 2 and Algorithm 1.
"""

import math

import numpy as np

from minilm import tree
from minilm.training.slices import Runner, contiguous, slices
from minilm.tree import Tree


def init(params: Tree) -> Tree:
    """The state before the first step: zero moments, of the dtypes of the parameters."""
    return {
        "step": np.zeros((), np.int64),
        "first_moment": tree.map(np.zeros_like, params),
        "second_moment": tree.map(np.zeros_like, params),
    }


def update(
    params: Tree, gradients: Tree, state: Tree, learning_rate: float,
    *, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
) -> tuple[Tree, Tree]:  # fmt: skip
    """One step; returns new ``(params, state)`` and writes to neither. Raises ValueError where trees differ."""
    new_params, new_state = contiguous(params), contiguous(state)
    update_in_place(new_params, contiguous(gradients), new_state, learning_rate, beta1=beta1, beta2=beta2, eps=eps)
    return new_params, new_state


def update_in_place(
    params: Tree, gradients: Tree, state: Tree, learning_rate: float,
    *, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
    scale: float = 1.0, runner: Runner = map,
) -> None:  # fmt: skip
    """One step, written into `params` and `state`: for the training loop, which owns both.

    `scale` multiplies the gradient (clipping without a pass of its own); `runner` runs the slices (a thread
    pool's map, say; each number is computed alone, so the result is the same).
    """
    state["step"] += 1
    size, floor = step_size(int(state["step"]), learning_rate, beta1, beta2, eps)

    def advance(named: tuple[str, tuple[np.ndarray, ...]]) -> None:
        param, gradient, first, second = named[1]  # each (N,)
        move(param, gradient, first, second, size, floor, beta1, beta2, scale)

    cut = slices(params, gradients, state["first_moment"], state["second_moment"])
    for _ in runner(advance, cut):
        pass


def step_size(step: int, learning_rate: float, beta1: float, beta2: float, eps: float) -> tuple[float, float]:
    """The learning rate and eps of step `step` (from 1), with the bias corrections folded in."""
    correction1 = 1 - beta1**step
    correction2 = math.sqrt(1 - beta2**step)
    return learning_rate * correction2 / correction1, eps * correction2


def move(
    param: np.ndarray, gradient: np.ndarray, first: np.ndarray, second: np.ndarray,
    size: float, floor: float, beta1: float, beta2: float, scale: float = 1.0,
) -> None:  # fmt: skip
    """Adam's three lines on one slice, in place (all arrays (N,); `size`, `floor` from `step_size`).

    The gradient is gradient * scale. What the lines need stands in one array, one after the other: a slice
    brings no further memory into the cache (slices.py has the figures).
    """
    part = np.multiply(gradient, (1 - beta1) * scale)
    first *= beta1
    first += part
    np.multiply(gradient, gradient, out=part)
    part *= (1 - beta2) * scale * scale
    second *= beta2
    second += part
    np.sqrt(second, out=part)
    part += floor
    np.divide(first, part, out=part)
    part *= size
    param -= part
