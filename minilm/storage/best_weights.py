"""The best weights of a training so far, by its measure on the validation part: best.safetensors in a run folder.

A training writes them when they are found, and a checkpoint at other times. So after a kill the file may be of a later
step than the checkpoint: a run that goes on from there passes that step again, finds the same weights and writes them
again. Until then it knows of no best ones (`read` gives None), and ends with the same.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from minilm import tree
from minilm.errors import InputError, bare
from minilm.storage import safetensors
from minilm.tree import Tree

FILE = "best.safetensors"
PARAMS = "params."  # what the names of the parameters begin with, here and in a checkpoint


class Best(NamedTuple):
    """`params` after `step` steps, when the measure was `score`."""

    step: int
    score: float
    params: Tree


def write(folder: str | Path, best: Best) -> None:
    """In place of those before."""
    named = {f"{PARAMS}{name}": leaf for name, leaf in tree.leaves(best.params)}
    said = {"step": np.array(best.step, np.int64), "score": np.array(best.score, np.float64)}
    safetensors.write(Path(folder) / FILE, {**named, **said})


def read(folder: str | Path, like: Tree, step: int) -> Best | None:
    """Those that a training knew after `step` steps; None where there are none of that time.

    Raises InputError, naming the file, where they do not have the names and shapes of `like`.
    """
    path = Path(folder) / FILE
    if not path.exists():
        return None
    tensors = safetensors.read(path)
    try:
        found = int(tensors["step"]), float(tensors["score"])
        params = tree.map(lambda leaf, stored: np.array(stored), like, tree.unflatten(params_of(tensors)))
        tree.require_same(params, like, what="the best weights")
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        problem = f"{bare(error, 120)}; it belongs to another run or is damaged"
        raise InputError(f"{path}: {problem}, start the training anew") from None
    return Best(*found, params) if found[0] <= step else None


def params_of(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The parameters by their own names, of all that a file holds."""
    return {name[len(PARAMS) :]: leaf for name, leaf in tensors.items() if name.startswith(PARAMS)}
