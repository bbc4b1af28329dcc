"""What is handed to code under test: copies, if possible read-only ones, compared afterwards with what they were.

A function that writes to what it is given spoils the very numbers that it is checked with: the check would hold the
spoiled ones against the spoiled ones. So nothing that the checker needs again is ever within reach of that code.
"""

import contextlib
import copy
import dataclasses
import linecache
import os
import traceback
from collections.abc import Iterator
from typing import Any

import numpy as np

OURS = os.path.dirname(os.path.abspath(__file__))


def arrays(thing: Any, path: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, np.ndarray]]:
    """(path, array) of every array in dicts, lists, tuples and the attributes of objects, each object once."""
    seen = set() if seen is None else seen
    if isinstance(thing, np.ndarray):
        yield path, thing
        return
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, dict):
        children = list(thing.items())
    elif isinstance(thing, list | tuple):
        children = list(enumerate(thing))
    elif dataclasses.is_dataclass(thing) or type(thing).__module__ not in (
        "builtins",
        "numpy",
        "numpy.random._generator",
    ):
        children = list(getattr(thing, "__dict__", {}).items()) if not isinstance(thing, type) else []
        children = [] if callable(thing) or type(thing).__name__ == "module" else children
    else:
        return
    for key, child in children:
        yield from arrays(child, f"{path}.{key}" if path else str(key), seen)


def copied(thing: Any, frozen: bool = False) -> Any:
    """The same with a copy of every array, read-only where `frozen`, and of every random generator."""
    if isinstance(thing, np.ndarray):
        array = thing.copy()
        array.setflags(write=not frozen)
        return array
    if isinstance(thing, dict):
        return {key: copied(child, frozen) for key, child in thing.items()}
    if isinstance(thing, list | tuple) and not hasattr(thing, "_fields"):
        return type(thing)(copied(child, frozen) for child in thing)
    return copy.deepcopy(thing) if isinstance(thing, np.random.Generator) else thing


def snapshot(thing: Any) -> dict[str, np.ndarray]:
    """{path: copy} of every array in it."""
    return {path: array.copy() for path, array in arrays(thing)}


def changed(thing: Any, before: dict[str, np.ndarray]) -> list[str]:
    """The paths of what is no longer bit for bit as in `before`, or is no longer there."""
    now = dict(arrays(thing))
    return [path for path, array in before.items() if path not in now or not same_bits(now[path], array)]


def same_bits(a: Any, b: Any) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


@contextlib.contextmanager
def frozen_in_place(thing: Any):
    """Within the block every array in it is read-only: a cache, whose arrays may share memory, cannot be copied."""
    frozen = [array for _, array in arrays(thing) if array.flags.writeable]
    try:
        for array in frozen:
            array.setflags(write=False)
        yield
    finally:
        for _ in range(2):  # a view cannot be written to before what it is a view of
            for array in frozen:
                with contextlib.suppress(ValueError):
                    array.setflags(write=True)


def is_write(error: BaseException) -> bool:
    """Whether this is NumPy's complaint that a read-only array was written to."""
    return isinstance(error, ValueError) and ("read-only" in str(error) or "not writeable" in str(error))


def place(error: BaseException) -> str:
    """ "file.py:12, `dy *= 2`": the innermost line of the traceback that is neither NumPy's nor the checker's."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not is_foreign(frame.filename):
            return at(frame.filename, frame.lineno or 0)
    return ""


def at(file: str, line: int) -> str:
    text = linecache.getline(file, line).strip()
    return f"{os.path.basename(file)}:{line}" + (f", `{text[:100]}`" if text else "")


def is_foreign(file: str) -> bool:
    """Whether a file is the checker's own, a library's or the interpreter's: no place to send a reader to."""
    parts = os.path.abspath(file).replace(os.sep, "/").split("/")
    library = os.path.dirname(os.path.abspath(os.__file__))
    own = os.path.dirname(os.path.abspath(file)) == OURS
    return (
        own
        or "site-packages" in parts
        or os.path.abspath(file).startswith(library + os.sep)
        or file.startswith("<frozen")
    )
