"""AdamW: Adam with weight decay that does not pass through the moments.

With a the learning rate and w the decay, at each step, first

    params <- params - a w params        where the mask says so

and then Adam's step (adam.py) from the gradient at the parameters before the decay.

THE VARIANT: that of torch.optim.AdamW. The decay is multiplied by the learning rate, and comes before Adam's
step, with the old parameters; eps is added after the bias correction. The paper's Algorithm 2 multiplies the
decay by a schedule factor only; with a constant rate a, its w is a w here.

THE MASK, a tree of bools: by default matrices decay, and gains and biases never do (`decay_mask`).

Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", Algorithm 2.
"""

import numpy as np

from minilm import tree
from minilm.training.adam import init, move, step_size
from minilm.training.slices import Runner, contiguous, slices
from minilm.tree import Tree

__all__ = ["decay_mask", "init", "update", "update_in_place"]


def decay_mask(params: Tree) -> Tree:
    """True for each leaf that decays: two axes or more, and not named gain or bias."""
    names = [name for name, _ in tree.leaves(params)]
    last = {name: name.rpartition(".")[2] for name in names}
    flat = {name: leaf.ndim >= 2 and last[name] not in ("gain", "bias") for name, leaf in tree.leaves(params)}
    return tree.unflatten(flat)


def update(
    params: Tree, gradients: Tree, state: Tree, learning_rate: float,
    *, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8, decay: float = 0.01, mask: Tree = None,
    scale: float = 1.0,
) -> tuple[Tree, Tree]:  # fmt: skip
    """One step; returns new ``(params, state)`` and writes to neither. Raises ValueError where trees differ.

    `scale` multiplies the gradient: clipping (clipping.py) without a pass of its own.
    """
    new_params, new_state = contiguous(params), contiguous(state)
    update_in_place(
        new_params, contiguous(gradients), new_state, learning_rate, beta1=beta1, beta2=beta2, eps=eps, decay=decay,
        mask=mask, scale=scale,
    )  # fmt: skip
    return new_params, new_state


def update_in_place(
    params: Tree, gradients: Tree, state: Tree, learning_rate: float,
    *, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8, decay: float = 0.01, mask: Tree = None,
    scale: float = 1.0, runner: Runner = map,
) -> None:  # fmt: skip
    """One step, written into `params` and `state`: for the training loop, which owns both (see adam.py)."""
    decays = tree.flatten(decay_mask(params) if mask is None else mask)
    if set(decays) != {name for name, _ in tree.leaves(params)}:
        raise ValueError("the decay mask has other names than the parameters")
    state["step"] += 1
    size, floor = step_size(int(state["step"]), learning_rate, beta1, beta2, eps)
    kept = 1 - learning_rate * decay

    def advance(named: tuple[str, tuple[np.ndarray, ...]]) -> None:
        name, (param, gradient, first, second) = named  # each (N,)
        if decays[name]:
            param *= kept
        move(param, gradient, first, second, size, floor, beta1, beta2, scale)

    cut = slices(params, gradients, state["first_moment"], state["second_moment"])
    for _ in runner(advance, cut):
        pass
