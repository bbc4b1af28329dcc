"""Implementations by other hands: right ones, and broken ones with the mistakes that people make.

Each is a function `theirs(golden) -> {name: array}`: from the arrays of a golden run (inputs, parameters, upstream
gradients, and the settings as numbers) what a port of that operation or model computes, in float32, by PyTorch or by
NumPy, under the names that minilm's addresses have. A broken one says which tensor must be the first that is wrong
though all that it is made from is right, what the mistake is, and which words a diagnosis of it has.

They were written before there was a library of known mistakes, and without it, so that they can judge it. Most are bugs
that were shipped: reading/gradient-bugs.md has their threads.
"""

import importlib
import pkgutil

from broken.sample import SAMPLES, Sample, drawn, lowered

__all__ = ["Sample", "drawn", "everything", "lowered"]


def everything():
    """All samples, right and broken, file by file."""
    for module in sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in ("sample", "ground", "judged")):
        importlib.import_module(f"broken.{module}")
    return list(SAMPLES)
