"""Somebody's own forward and backward, from a Python file: `minilm check path/to/file.py:forward,backward`.

The file is imported (so it is run: check what you trust), and forward's signature says what it wants. Where the numbers
come from, in this order:

    example(rng)    a function in the file that returns {"x": array, "heads": 2, ...}, by the names in the signature
    shapes          given for an argument: "3,4" floats, "3,4:ids<7" whole numbers below 7, "3,4:bool"; "params.weight"
                    and "params.bias" are leaves of the tree params
    init(rng)       a function in the file, for params
    (4, 5)          floats, for whatever is left

Numbers that are drawn are drawn again where they fall on a kink, where the left and the right slope are two.
"""

import ast
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from minilm import tree
from minilm.checking import gradcheck, handing
from minilm.checking.cases.case import Case
from minilm.errors import InputError

ANY_SHAPE = (4, 5)
TAILS = 6  # by so much are inputs stretched to reach a function's tails
DRAWS = 20
SHAPE = re.compile(r"\s*([0-9]+(?:\s*,\s*[0-9]+)*)?\s*,?\s*(?::(bool|ids<([0-9]+)))?\s*")


def is_file(name: str) -> bool:
    """Whether a name on the command line means a file of one's own."""
    return re.search(r"\.py(:|$)", name) is not None


def cases(spec: str, shapes: dict[str, str], settings: dict[str, str], **how: Any) -> Iterator[Case]:
    """The cases of "file.py:forward,backward" (these two names where none are given).

    As given; and where all was drawn by shape, with inputs in the tails and, if that fits, one row alone. `settings`
    are the texts of Python literals; `how` goes to gradcheck.check. Raises InputError in one line for a file that is
    missing or does not run, a name that it has not, an argument that nothing is known of.
    """
    path, _, names = spec.rpartition(":") if re.search(r"\.py:[^:/\\]*$", spec) else (spec, "", "")
    wanted = [name.strip() for name in (names or "forward,backward").split(",")]
    if len(wanted) != 2 or not all(wanted):
        raise InputError(f"{spec}: two functions are checked, as in file.py:forward,backward")
    module = loaded(Path(path))
    forward, backward = (_function(module, path, name) for name in wanted)
    label = f"{Path(path).name}:{wanted[0]}"
    signature = _signature(forward, label)
    _require_places(label, forward, backward)
    constants = {key: _literal(key, text) for key, text in settings.items()}
    for key in [*(key.split(".")[0] for key in shapes), *constants]:
        if key not in signature.parameters:
            raise InputError(f"{label}: no argument is called {key!r}; it has {', '.join(signature.parameters)}")
    by_shape = not hasattr(module, "example")
    for what, stretch, rows in (("", 1.0, None), (" (tails)", TAILS, None), (" (one row)", 1.0, 1)):
        if what and not by_shape:
            return
        for draw in range(DRAWS):
            rng = np.random.default_rng(draw)
            given = _arguments(module, label, signature, shapes, constants, rng)
            if rows is not None and not _one_row(given):
                return
            if stretch != 1:
                given = {key: _stretched(value, stretch) if key != "params" else value for key, value in given.items()}
            case = _case(label + what, forward, backward, signature, given, how)
            if _is_clear(case):
                break
        yield case


def loaded(path: Path):
    """The module of a file. Raises InputError, naming the line, where it is missing or does not run."""
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; give it as path/to/file.py:forward,backward")
    spec = importlib.util.spec_from_file_location(f"checked_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path}: this is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))  # for what it imports from beside itself
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise InputError(f"{path}, line {error.lineno}: {error.msg}") from error
    except Exception as error:
        words = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path}: importing it raised {type(error).__name__}: {words} (at {handing.place(error)})"
        ) from error
    finally:
        sys.path.remove(str(path.resolve().parent))
    return module


def _function(module, path, name):
    found = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        names = [
            key
            for key, value in vars(module).items()
            if inspect.isfunction(value) and value.__module__ == module.__name__
        ]
        raise InputError(f"{path}: it has no function {name!r}; its functions are {', '.join(names[:12]) or 'none'}")
    return found


def _signature(function, label):
    try:
        return inspect.signature(function)
    except (TypeError, ValueError) as error:
        raise InputError(f"{label}: Python cannot tell its arguments; wrap it in a function with named ones") from error


def _required(signature) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in signature.parameters.values() if p.kind in kinds and p.default is inspect.Parameter.empty]


def _require_places(label, forward, backward):
    """Raise InputError where backward cannot be called as the contract says."""
    has_params = _required(_signature(forward, label))[:1] == ["params"]
    called = ["params", "cache", "dy"] if has_params else ["cache", "dy"]
    try:
        inspect.signature(backward).bind(*called)
    except TypeError as error:
        hint = (
            "where forward's first argument is `params`, backward's is too"
            if has_params
            else "params, an argument of that name, come first"
        )
        wanted = ", ".join(_required(inspect.signature(backward)))
        raise InputError(
            f"{label}: backward is called as backward({', '.join(called)}), but takes ({wanted}); {hint}"
        ) from error
    except ValueError:
        return


def _literal(key, text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise InputError(f"--set {key}={text[:60]}: a setting is a Python literal, as in --set heads=2") from error


def _arguments(module, label, signature, shapes, constants, rng) -> dict[str, Any]:
    """{name: value} of all that is known of; what is required and not known of is drawn."""
    given: dict[str, Any] = {}
    if hasattr(module, "example"):
        try:
            given = module.example(rng)
        except Exception as error:
            raise InputError(
                f"{label}: example(rng) raised {type(error).__name__}: {str(error)[:150]} (at {handing.place(error)})"
            ) from error
        if not isinstance(given, dict):
            raise InputError(f"{label}: example(rng) returns a dict of arguments by name, not a {type(given).__name__}")
        if extra := [key for key in given if key not in signature.parameters]:
            raise InputError(f"{label}: example gives {extra[0]!r}, but no argument is called so")
        given = dict(given)
    flat: dict[str, Any] = {}
    for key, text in shapes.items():
        flat[key] = _drawn(key, text, rng)
    if flat:
        try:
            given |= tree.unflatten(flat)
        except ValueError as error:
            raise InputError(f"{label}: the shapes do not make a tree: {error}") from error
    given |= constants
    for name in _required(signature):
        if name in given:
            continue
        if name == "params":
            if not hasattr(module, "init"):
                raise InputError(
                    f"{label}: nothing is known of params: give --shape params.weight=5,3 for each leaf, or write a "
                    "function init(rng) or example(rng) in the file"
                )
            try:
                given[name] = tree.map(lambda leaf: _random_like(leaf, rng), module.init(rng))
            except TypeError as error:
                raise InputError(
                    f"{label}: init wants more than rng ({error}): write example(rng) in the file, "
                    "or give --shape params.NAME=5,3"
                ) from error
        elif name == "rng":
            given[name] = np.random.default_rng(0)
        else:
            given[name] = rng.standard_normal(ANY_SHAPE)
    return given


def _random_like(leaf, rng):
    return 0.8 * rng.standard_normal(np.shape(leaf)) + 0.1


def _drawn(key, text, rng):
    found = SHAPE.fullmatch(text)
    if not found:
        raise InputError(f"--shape {key}={text[:60]}: a shape is written 3,4 or 3,4:ids<7 or 3,4:bool")
    shape = tuple(int(size) for size in (found.group(1) or "").split(",") if size.strip())
    if np.prod(shape, dtype=object) > 1_000_000:
        raise InputError(
            f"--shape {key}={text[:60]}: every entry is checked one by one; below a hundred are a good size"
        )
    if found.group(2) == "bool":
        return rng.random(shape) < 0.6
    return (
        rng.integers(0, max(1, int(found.group(3))), shape)
        if found.group(2)
        else np.asarray(rng.standard_normal(shape))
    )


def _stretched(value, stretch):
    return tree.map(lambda leaf: stretch * leaf, value) if gradcheck.is_float(value) else value


def _one_row(given) -> bool:
    """Cut all inputs to one row, where each has an axis of the same size first and another one. Whether they have."""
    inputs = {key: value for key, value in given.items() if key != "params" and isinstance(value, np.ndarray)}
    sizes = {value.shape[:1] for value in inputs.values()}
    if len(sizes) != 1 or () in sizes or any(value.ndim < 2 for value in inputs.values() if value.dtype.kind == "f"):
        return False
    given.update({key: value[:1] for key, value in inputs.items()})
    return True


def _case(name, forward, backward, signature, given, how):
    required = _required(signature)
    params = given.get("params") if required[:1] == ["params"] else None
    inputs = {key: given[key] for key in required if key != "params" or params is None}
    settings = {key: value for key, value in given.items() if key not in inputs and key != "params"}
    takes = inspect.signature(backward).parameters
    anything = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in takes.values())
    numbers = {key: value for key, value in inputs.items() if isinstance(value, bool | int | float | str)}
    settings |= numbers  # a number that stands among the arrays is a setting: it is given by its name
    inputs = {key: value for key, value in inputs.items() if key not in numbers}
    back = {key: value for key, value in settings.items() if anything or key in takes}
    back = {
        key: value for key, value in back.items() if key not in ("rng", *_required(inspect.signature(backward))[:2])
    }
    return Case(name, forward, backward, params, inputs, settings, back, ones=True, how=how)


def _is_clear(case) -> bool:
    """Whether no kink lies here, along one random direction. What cannot be run is left to the check to tell."""
    rng = np.random.default_rng(0)
    try:
        arguments = {"params": case.params} if case.params is not None else {}
        arguments |= {key: value for key, value in case.inputs.items() if gradcheck.is_float(value)}
        towards = tree.map(lambda leaf: rng.standard_normal(leaf.shape), arguments)

        def value(h):
            moved = tree.map(lambda leaf, way: leaf + h * way, arguments, towards)
            given = [moved["params"]] if case.params is not None else []
            given += [moved.get(key, handing.copied(value)) for key, value in case.inputs.items()]
            y, _ = case.forward(*given, **handing.copied(case.settings))
            weights = np.random.default_rng(1)
            return sum(float(np.sum(leaf * weights.standard_normal(np.shape(leaf)))) for _, leaf in tree.leaves(y))

        def gap(h):
            return abs(value(h) - 2 * value(0.0) + value(-h)) / h, abs(value(h) - value(-h)) / (2 * h)

        (wide, slope), (narrow, _) = gap(1e-5), gap(1.25e-6)
    except Exception:
        return True
    return not (wide > 1e-3 * max(slope, 1e-3) and narrow > 0.5 * wide)
