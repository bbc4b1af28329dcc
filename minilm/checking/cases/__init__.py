"""Cases: for everything that keeps the contract, small random inputs on which it is proved.

What hides bugs is avoided throughout: sizes are all different and above one, parameters are random and not the
defaults, there is a padded row, a row that may attend to nothing, a repeated and an unused id, and dropout is on.
Beside them stands what such sizes never reach: more queries than keys, one row, a batch of one, the tails.

They are found, not listed: every file under this folder that has a function `cases` is asked for its own. The cases of
`minilm.ops.softmax` stand in `cases/ops/softmax.py`. `minilm check` runs them, and so do the tests of the contract, of
the shape comments and of the planted bugs.
"""

import importlib
import pkgutil

from minilm.checking.cases.case import Case

__all__ = ["Case", "everything", "files"]

ROOMS = ("ops", "fast", "layers", "blocks", "models", "tasks")


def files():
    """The dotted names of the files that have cases, in the order of the rooms, then of the alphabet."""
    found = [module.name for module in pkgutil.walk_packages(__path__, f"{__name__}.") if not module.ispkg]
    found = [name for name in found if name not in (Case.__module__, f"{__name__}.sizes")]
    room = {name: name.removeprefix(f"{__name__}.").split(".")[0] for name in found}
    return sorted(found, key=lambda name: (ROOMS.index(room[name]) if room[name] in ROOMS else len(ROOMS), name))


def everything():
    """{name: Case} of all that is found, room by room.

    Raises ValueError where a file has no function `cases`, or where two cases have one name.
    """
    found: dict[str, Case] = {}
    for file in files():
        module = importlib.import_module(file)
        if not hasattr(module, "cases"):
            raise ValueError(f"{file} has no function `cases`")
        for case in module.cases():
            if case.name in found:
                raise ValueError(f"{file}: a case is called {case.name} already")
            found[case.name] = case
    return dict(sorted(found.items(), key=lambda item: ROOMS.index(item[0].split(".")[0])))
