"""Another code in a function's place, with the lines and columns of the right one: a recorder follows it all the same.

    with swapping.swapped({softmax.backward: swapping.reworded(softmax.backward, "dy - ", "")}):
        softmax.backward(cache, dy)

Whoever holds the function calls the other code then, by whatever name: as an argument's default, in a table, by an
import. What is compiled is the function as it stands in its file, with a piece of its text or of its tree replaced.
"""

import ast
import contextlib
import types
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=256)
def _text(path: str, changed: int) -> str:
    return Path(path).read_text(encoding="utf-8")


def text_of(function: types.FunctionType) -> str:
    """The whole text of the file that a function stands in."""
    path = function.__code__.co_filename
    return _text(path, Path(path).stat().st_mtime_ns)


def node_of(function: types.FunctionType, text: str) -> ast.FunctionDef:
    """The function in the tree of its file's text, lines and columns as there."""
    line = function.__code__.co_firstlineno
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if first == line:
                return node
    raise ValueError(f"{function.__qualname__} no longer stands at line {line} of its file")


def compiled(function: types.FunctionType, node: ast.FunctionDef) -> types.FunctionType:
    """What `node` defines, at home where `function` is."""
    space = dict(function.__globals__)
    node.decorator_list = []
    exec(compile(ast.Module([node], []), function.__code__.co_filename, "exec"), space)
    found: types.FunctionType = space[function.__name__]
    return found


def reworded(function: types.FunctionType, *replacements: tuple[str, str]) -> types.FunctionType:
    """The function with the first `old` of its text replaced by `new`, for each pair.

    Raises ValueError where `old` does not stand there (any more), or where `new` has other lines.
    """
    whole = text_of(function)
    right = node_of(function, whole)
    lines = whole.split("\n")
    first, last = function.__code__.co_firstlineno - 1, right.end_lineno or right.lineno
    text = "\n".join(lines[first:last])
    for old, new in replacements:
        if old not in text:
            raise ValueError(f"{old!r} no longer stands in {function.__module__}.{function.__qualname__}")
        if old.count("\n") != new.count("\n"):
            raise ValueError(f"{new!r} has other lines than {old!r}")
        text = text.replace(old, new, 1)
    wrong = node_of(function, "\n".join([*lines[:first], text, *lines[last:]]))
    pairs = [[node for node in ast.walk(tree) if isinstance(node, ast.Call)] for tree in (right, wrong)]
    if len(pairs[0]) == len(pairs[1]):  # the recorder knows a call by its place in the line
        for old_call, new_call in zip(*pairs, strict=True):
            ast.copy_location(new_call, old_call)
    return compiled(function, wrong)


def transformed(function: types.FunctionType, transformer: Callable[[ast.FunctionDef], ast.FunctionDef]):
    """The function with `transformer` applied to its tree."""
    node = transformer(node_of(function, text_of(function)))
    return compiled(function, ast.fix_missing_locations(node))


@contextlib.contextmanager
def swapped(others: Mapping[types.FunctionType, types.FunctionType]) -> Iterator[None]:
    """Within the block each function runs the code of the other, with its defaults."""
    kept = {function: (function.__code__, function.__defaults__, function.__kwdefaults__) for function in others}
    try:
        for function, other in others.items():
            function.__code__ = other.__code__
            function.__defaults__, function.__kwdefaults__ = other.__defaults__, other.__kwdefaults__
        yield
    finally:
        for function, (code, defaults, kwdefaults) in kept.items():
            function.__code__, function.__defaults__, function.__kwdefaults__ = code, defaults, kwdefaults
