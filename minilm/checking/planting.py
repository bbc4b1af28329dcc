"""A wrong line planted in a function: how a check shows that it can fail.

    with planting.planted(softmax, "backward", "dy - total", "dy"):
        assert not all(row.passed for row in cases.everything()["ops.softmax (3-D)"].check())

The source of the function is read, one piece of it is replaced, and what comes out is put in the function's place:
wherever in the package the right one is known by a name, and until the block ends.
"""

import contextlib
import inspect
import sys
import textwrap
import types


def rewritten(owner, name, old, new):
    """The function `name` of a module, or of a class, with the first `old` in its source replaced by `new`.

    Raises ValueError where `old` does not stand there (any more), or where the name is no plain function's.
    """
    function = getattr(owner, name)
    if not isinstance(function, types.FunctionType):
        raise ValueError(f"{owner.__name__}.{name} is no plain function")
    source = textwrap.dedent(inspect.getsource(function))
    if old not in source:
        raise ValueError(f"{old!r} no longer stands in {owner.__name__}.{name}")
    return recompiled(function, source.replace(old, new, 1))


def recompiled(function, source):
    """The function that `source` defines, at home where `function` is: it sees its module's names, later plants too."""
    namespace = dict(function.__globals__)
    exec(compile(source, f"<planted in {function.__module__}.{function.__qualname__}>", "exec"), namespace)
    wrong = namespace[function.__name__]
    fitted = types.FunctionType(
        wrong.__code__, function.__globals__, function.__name__, wrong.__defaults__, wrong.__closure__
    )
    fitted.__kwdefaults__ = wrong.__kwdefaults__
    fitted.__module__, fitted.__qualname__, fitted.__doc__ = function.__module__, function.__qualname__, wrong.__doc__
    return fitted


@contextlib.contextmanager
def planted(owner, name, old, new):
    """Within the block, `name` of `owner` is the rewritten function."""
    with in_place(owner, name, rewritten(owner, name, old, new)) as wrong:
        yield wrong


@contextlib.contextmanager
def in_place(owner, name, wrong):
    """Within the block, `wrong` stands for `name` of `owner`, and for every name that was given to it by an import."""
    right = getattr(owner, name)
    room = right.__module__.split(".")[0]
    places = [(owner, name)] + [
        (module, alias)
        for key, module in list(sys.modules.items())
        if key.split(".")[0] == room and module is not None and module is not owner
        for alias, value in list(vars(module).items())
        if value is right
    ]
    try:
        for place, alias in places:
            setattr(place, alias, wrong)
        yield wrong
    finally:
        for place, alias in places:
            setattr(place, alias, right)
