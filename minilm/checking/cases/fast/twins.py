"""Cases of the twins: each file of minilm.fast that has its operation's name, on all cases of the operation.

A twin whose contract is wider than its operation's, or that has no operation of its name, has a file of its own here.
"""

import dataclasses
import importlib
import pkgutil

from minilm import fast, ops


def cases():
    plain = {module.name for module in pkgutil.iter_modules(ops.__path__)}
    for name in sorted(module.name for module in pkgutil.iter_modules(fast.__path__)):
        if name in plain:
            twin = importlib.import_module(f"minilm.fast.{name}")
            for case in importlib.import_module(f"minilm.checking.cases.ops.{name}").cases():
                renamed = case.name.replace("ops.", "fast.", 1)
                yield dataclasses.replace(case, name=renamed, forward=twin.forward, backward=twin.backward)
