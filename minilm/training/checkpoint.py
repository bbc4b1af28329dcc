"""A run's state as one tree of arrays, for whatever writes trees to files, and back."""

from typing import Any

import numpy as np

from minilm import tree
from minilm.errors import InputError
from minilm.training import adamw
from minilm.training.loop import State
from minilm.training.replicas import Batch
from minilm.tree import Tree


def to_tree(state: State) -> Tree:
    """{"params", "optimiser", "step", "carry"}: the arrays of the state itself, not copies."""
    whole = {"params": state.params, "optimiser": state.optimiser, "step": np.array(state.step, np.int64)}
    return {**whole, "carry": dict(state.carry)} if state.carry else whole


def from_tree(whole: Tree, params_like: Tree, optimiser: Any = adamw, carry_like: Batch | None = None) -> State:
    """The inverse, held against the parameters that the model's settings ask for, and a carry against `carry_like`.

    Raises InputError, naming the first array, where names, shapes or dtypes are not those of the run.
    """
    try:
        like = {"params": params_like, "optimiser": optimiser.init(params_like), "step": np.zeros((), np.int64)}
        tree.require_same({key: part for key, part in whole.items() if key != "carry"}, like, what="checkpoint")
        carry = {name: np.array(array) for name, array in whole.get("carry", {}).items()}
        if carry and carry_like is not None:
            tree.require_same(carry, carry_like, what="checkpoint.carry")
        if int(whole["step"]) < 0:
            raise ValueError(f"checkpoint: step is {int(whole['step'])}")
    except (ValueError, AttributeError) as error:
        raise InputError(f"{error}; it belongs to another run or is damaged") from None
    # `like` gives the order in which dicts are written, which is the order in which the loop packs the leaves; a
    # file has its own, and moments packed in another order than the parameters would belong to other parameters
    params = tree.map(lambda leaf, stored: stored, like["params"], whole["params"])
    optimiser_state = tree.map(lambda leaf, stored: stored, like["optimiser"], whole["optimiser"])
    return State(params=params, optimiser=optimiser_state, step=int(whole["step"]), carry=carry)
