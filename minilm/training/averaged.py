"""AdamW, and beside it a running average of the weights that it makes, which is what is used afterwards.

    params  <- AdamW's step                            adamw.py
    average <- average + (1 - d) (params - average)    d = min(kept, (1 + t) / (10 + t)),  t = 1, 2, ... the step

The weights of a training with a rate that stays high jump about a good place; their average lies nearer to it, and is
better than any of them. The smaller d of the first steps lets go of the random weights that the average begins with.

State: adamw's, and "average", a tree of params: so a checkpoint holds it, and a resumed run goes on with it.

Source: Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging"; exponential, as in Tarvainen
and Valpola 2017, section 2.
"""

import numpy as np

from minilm import tree
from minilm.training import adamw
from minilm.training.blocks import Runner, contiguous
from minilm.tree import Tree

decay_mask = adamw.decay_mask


def init(params: Tree) -> Tree:
    """The state before the first step: the average is the parameters themselves."""
    return {**adamw.init(params), "average": tree.map(np.array, params)}


def update(
    params: Tree, grads: Tree, state: Tree, learning_rate: float, *, kept: float = 0.999, **settings
) -> tuple[Tree, Tree]:  # fmt: skip
    """One step; returns new ``(params, state)`` and writes to neither. `settings` are adamw's."""
    new_params, new_state = contiguous(params), contiguous(state)
    update_in_place(new_params, contiguous(grads), new_state, learning_rate, kept=kept, **settings)
    return new_params, new_state


def update_in_place(
    params: Tree, grads: Tree, state: Tree, learning_rate: float, *, kept: float = 0.999, runner: Runner = map,
    **settings,
) -> None:  # fmt: skip
    """One step, written into `params` and `state`: for the training loop. `settings` are adamw's."""
    moments = {name: entry for name, entry in state.items() if name != "average"}
    adamw.update_in_place(params, grads, moments, learning_rate, runner=runner, **settings)
    step = int(state["step"])
    share = 1 - min(kept, (1 + step) / (10 + step))

    def move(average: np.ndarray, param: np.ndarray) -> None:
        average += share * (param - average)

    tree.map(move, state["average"], params)
