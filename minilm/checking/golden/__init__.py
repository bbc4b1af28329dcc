"""Golden files: every number of a formula, forward and backward, in a file that any language reads.

    from minilm.checking import golden

    golden.write("ops.softmax", "softmax.golden")       golden.safetensors and manifest.json
    made = golden.make("models.gpt2", sizes={"positions": 5})
    made.tensors["blocks.0.attention.attention.scores"].array

What stands in it: docs/golden.md. `checking.compare` holds the numbers of others against one.
"""

from pathlib import Path
from typing import Any

import numpy as np

from minilm import __version__
from minilm.checking.golden import describing, folder, rounding, steps, subject, tolerances
from minilm.checking.golden.folder import Golden, Tensor
from minilm.checking.golden.folder import read as read
from minilm.checking.golden.running import Run, run
from minilm.checking.golden.subject import Subject, names
from minilm.errors import InputError

__all__ = ["Golden", "Subject", "Tensor", "make", "names", "of_subject", "read", "write"]


def make(what: str, *, seed: int = 0, sizes: dict[str, float] | None = None, dtype: str = "float64") -> Golden:
    """The golden numbers of an operation, layer, block or model, by its name. Raises InputError, naming the nearest."""
    found = subject.of(what, seed, sizes, dtype)
    try:
        return of_subject(found)
    except (ValueError, LookupError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{found.name}: not at these sizes: {error}") from None


def write(what: str, out: str | Path, **how: Any) -> Golden:
    """`make`, written into a folder."""
    made = make(what, **how)
    folder.write(made, out)
    return made


def of_subject(made: Subject) -> Golden:
    """The golden numbers of a Subject."""
    right = complete(made)
    granted = tolerances.measured(made, right)
    tensors = {}
    for order, (name, each) in enumerate(right.made.items()):
        tensors[name] = Tensor(
            name, stored(each.array, made.dtype), each.role, order, tuple(each.also), each.formula, each.file,
            each.line, tuple(each.made_from), each.of, tuple(each.calls), granted.get(name, {}),
        )  # fmt: skip
    return Golden(tensors, about(made, right))


def complete(made: Subject) -> Run:
    """The run of a subject in float64, of a model with its steps."""
    return steps.extended(made, run(made))


def stored(array: np.ndarray, dtype: str) -> np.ndarray:
    """An array as the file has it."""
    if array.dtype.kind != "f" or dtype == "float64":
        return np.ascontiguousarray(array).reshape(array.shape)
    return np.asarray(rounding.rounded(array.astype(np.float64), rounding.PRECISIONS[dtype]), dtype).reshape(
        array.shape
    )


def about(made: Subject, right: Run) -> dict[str, Any]:
    """The manifest without its tensors."""
    more = {"steps": steps.settings(made)} if made.task else {}
    return {
        "format": folder.FORMAT, "version": folder.VERSION, "minilm": __version__, "what": made.name, "seed": made.seed,
        "dtype": made.dtype, "sizes": made.sizes, "file": folder.TENSORS, "subject": describing.described(made),
        "settings": describing.settings(made.case.settings), "numbers": right.numbers, **more,
    }  # fmt: skip
