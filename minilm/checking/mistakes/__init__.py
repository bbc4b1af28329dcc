"""The library of known mistakes: each a change of a formula's source, which is made and run, and how it comes about.

They are found, not listed: every file under this folder that has a function `mistakes` is asked for its own. Those of
`minilm.ops.softmax` stand in `mistakes/ops/softmax.py`. `checking.compare` names the one whose numbers are theirs.
"""

import importlib
import pkgutil

from minilm.checking.mistakes.mistake import Mistake, Plant, one

__all__ = ["Mistake", "Plant", "everything", "one"]


def everything() -> list[Mistake]:
    """All mistakes, file by file. Raises ValueError where two have one name in one place."""
    found: list[Mistake] = []
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        if not module.ispkg and module.name != Mistake.__module__:
            found += importlib.import_module(module.name).mistakes()
    keys = [(mistake.name, mistake.plants) for mistake in found]
    if len(set(keys)) < len(keys):
        raise ValueError("two mistakes are one")
    return found
