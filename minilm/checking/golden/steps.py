"""What a training makes of a model on one batch: the clipped gradients, and the weights after one and ten steps.

Each step sees the same batch and the same dropout patterns; the update is the one that the model is trained with. The
settings are in the manifest: the limit of the gradient's norm, the learning rate, and the optimiser's own.
"""

from typing import Any

import numpy as np

from minilm import catalogue, tree
from minilm.checking.golden import rounding
from minilm.checking.golden.running import Made, Run, ready
from minilm.checking.golden.subject import Subject
from minilm.training import clipping

CLIP, RATE = 1.0, 1e-2
AFTER = (1, 10)
ADAM = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-5}  # a smaller eps makes steps of a size out of mere roundings
DECAY = 0.1


def settings(subject: Subject) -> dict[str, Any]:
    """What the steps are taken with, for the manifest."""
    name = catalogue.of(subject.task.model).optimiser
    return {
        "optimiser": name,
        "clip": CLIP,
        "learning_rate": RATE,
        **ADAM,
        **({"decay": DECAY} if name == "adamw" else {}),
    }


def extended(subject: Subject, run: Run, convert=None, precision=None, rng=None) -> Run:
    """A run with its update after it: `clipped.NAME`, `after_1.NAME`, `after_10.NAME`. In place; the run again.

    With a precision the parameters, moments and gradients of each step are rounded to it.
    """
    task = subject.task
    if task is None:
        return run
    optimiser = catalogue.imported(f"minilm.training.{settings(subject)['optimiser']}")
    more = {"decay": DECAY} if settings(subject)["optimiser"] == "adamw" else {}

    def fit(thing: Any) -> Any:
        if precision is None:
            return thing
        return tree.map(lambda leaf: rounding.rounded(leaf, precision, rng), thing)

    given = ready(subject, convert)
    params = given["params"]
    state = optimiser.init(params)
    gradients = run.gradients["params"]
    for step in range(1, AFTER[-1] + 1):
        with np.errstate(all="ignore"):
            if step > 1:
                arguments = given | {"params": params}
                y, cache = subject.forward(arguments)
                gradients = subject.backward(arguments, cache, np.asarray(1.0, np.asarray(y).dtype))["params"]
            norm = clipping.global_norm(gradients)
            scale = clipping.factor(norm, CLIP) if np.isfinite(norm) else np.nan  # where a low precision overflows
            clipped = fit(tree.map(lambda leaf, scale=scale: leaf * scale, gradients))
            params, state = map(fit, optimiser.update(params, clipped, state, RATE, **ADAM, **more))
        if step == 1:
            keep(run, "clipped", clipped, "clipped = gradient * min(1, clip / (norm + 1e-6))", "dparams")
        if step in AFTER:
            keep(
                run, f"after_{step}", params, f"{optimiser.__name__.rpartition('.')[2]}.update, {step} times", "clipped"
            )
    return run


def keep(run: Run, prefix: str, found: Any, formula: str, source: str) -> None:
    """Add the leaves of a tree to a run."""
    every = [f"{source}.{name}" for name, _ in tree.leaves(found)]
    for name, leaf in tree.leaves(found):
        made = Made(f"{prefix}.{name}", np.array(leaf), "update", formula=formula, of=name)
        made.made_from = every if prefix == "clipped" else [f"clipped.{name}", name]
        made.file = "minilm/training/clipping.py" if prefix == "clipped" else ""
        run.made[made.name] = made
