"""One known mistake: where it is made, what it makes of the formula, and how it comes about."""

import importlib
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from minilm.checking import swapping


@dataclass(frozen=True)
class Plant:
    """In a function's source the first `old` becomes `new`. `where`: "ops.softmax:backward"."""

    where: str
    old: str
    new: str

    @property
    def module(self) -> str:
        """minilm.ops.softmax."""
        return f"minilm.{self.where.partition(':')[0]}"

    @property
    def function(self) -> types.FunctionType:
        """The function that it is in; of a class with a dot, "tasks.translation:Task.loss"."""
        found: Any = importlib.import_module(self.module)
        for part in self.where.partition(":")[2].split("."):
            found = getattr(found, part)
        if not isinstance(found, types.FunctionType):
            raise ValueError(f"{self.where} is no function")
        return found


@dataclass(frozen=True)
class Mistake:
    """`name` says what is wrong, `why` in one sentence how it comes about; `plants` make it, all of them together."""

    name: str
    why: str
    plants: tuple[Plant, ...]

    @property
    def modules(self) -> set[str]:
        """Where it is made."""
        return {plant.module for plant in self.plants}

    @property
    def backward(self) -> bool:
        """Whether it is made on the way back alone."""
        return all(plant.where.endswith("backward") for plant in self.plants)

    @contextmanager
    def made(self) -> Iterator[None]:
        """Within the block the formula has the mistake. Raises ValueError where its line no longer stands there."""
        with swapping.swapped(_wrong(self.plants)):
            yield


@lru_cache(maxsize=1024)
def _wrong(plants: tuple[Plant, ...]) -> dict[types.FunctionType, types.FunctionType]:
    """{function: the same with the plants}; compiled once."""
    rewordings: dict[types.FunctionType, list[tuple[str, str]]] = {}
    for plant in plants:
        rewordings.setdefault(cast(types.FunctionType, plant.function), []).append((plant.old, plant.new))
    return {function: swapping.reworded(function, *pairs) for function, pairs in rewordings.items()}


def one(where: str, name: str, why: str, old: str, new: str, *more: tuple[str, str]) -> Mistake:
    """A Mistake in one function; `more` are further replacements in it."""
    return Mistake(name, why, tuple(Plant(where, *pair) for pair in ((old, new), *more)))
