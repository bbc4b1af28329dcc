"""How many digits an operation keeps, held against 50 digits, and beside PyTorch and JAX where they are installed.

    from minilm.checking import accuracy

    for subject in accuracy.subjects():
        for row in accuracy.rows(subject, np.float32):
            row.ours, row.peers["PyTorch"]

mpmath gives the true values at the very numbers that the operation was given. Inputs are ordinary ones and those at
which digits are lost: tails, large logits, constant rows, a mean far from zero, long sums. A file of this folder for
each kind of operation has a function `subjects(rng)`; the files are found, not listed.
"""

import importlib
import pkgutil
from collections.abc import Iterator

import numpy as np

from minilm.checking.accuracy import reasons
from minilm.checking.accuracy.measuring import Error, Row, rows
from minilm.checking.accuracy.subject import Subject

__all__ = ["Error", "Row", "Subject", "reasons", "rows", "subjects"]

SEED = 0


def subjects() -> Iterator[Subject]:
    """All subjects, file by file, each file with random numbers of its own."""
    for module in sorted(found.name for found in pkgutil.iter_modules(__path__)):
        made = getattr(importlib.import_module(f"{__name__}.{module}"), "subjects", None)
        if made is not None:
            yield from made(np.random.default_rng([SEED, *module.encode()]))
