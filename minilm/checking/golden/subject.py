"""What a golden folder is of: a rule (forward and backward) with its arguments, its upstream gradient and its steps.

A Subject is a case (minilm.checking.cases) with a seed. Where the case's file has a function `sized(rng, *, ...)`, its
keywords are the sizes that can be asked for; their defaults differ from one another, so that no two axes can be mixed
up unseen. Everything is drawn in float64; what is asked to be float32 is rounded to it before anything is computed.
"""

import difflib
import importlib
import inspect
import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np

from minilm import catalogue, tree
from minilm.checking import cases, handing, returned
from minilm.checking.cases import Case
from minilm.checking.golden import rounding
from minilm.errors import InputError, said

MOST = 10_000  # the largest size that is asked for by an option


@dataclass(frozen=True)
class Subject:
    """A rule and all that it is given. `upstream` is what backward is given for the outputs: an array or a dict."""

    name: str
    case: Case
    seed: int = 0
    sizes: dict[str, float] = field(default_factory=dict)
    dtype: str = "float64"
    origin: str = "case"  # "model": settings and batch say it all, no case of this name is needed

    @property
    def arguments(self) -> dict[str, Any]:
        """{"params": ..., "x": ...}: what is differentiated, and the other inputs."""
        return ({"params": self.case.params} if self.case.params is not None else {}) | self.case.inputs

    @property
    def task(self) -> Any:
        """The Task whose loss this is, or None: then there are a loss and optimiser steps."""
        owner = getattr(self.case.forward, "__self__", None)
        return (
            owner if owner is not None and hasattr(owner, "loss_backward") and "config" in self.case.settings else None
        )

    def forward(self, arguments: dict[str, Any]) -> tuple[Any, Any]:
        """(y, cache), each random generator in the state of the first call."""
        return self.case.forward(*arguments.values(), **handing.copied(self.case.settings))

    def backward(self, arguments: dict[str, Any], cache: Any, upstream: Any) -> dict[str, Any]:
        """{"x": dx, ..., "params": dparams}."""
        given = [arguments["params"]] if self.case.params is not None else []
        found = self.case.backward(*given, cache, upstream, **handing.copied(self.case.backward_settings))
        wanted = {key: value for key, value in arguments.items() if key == "params" or returned.is_float(value)}
        return returned.in_order(self.name, found, wanted, self.case.inputs)

    def upstream(self, y: Any) -> Any:
        """A random gradient for each output; of the loss of a task it is one."""
        rng = np.random.default_rng([self.seed, zlib.crc32(b"upstream")])
        draw = (
            (lambda leaf: np.asarray(1.0))
            if self.task
            else lambda leaf: np.asarray(rng.standard_normal(np.shape(leaf)))
        )
        return tree.map(lambda leaf: cast(draw(leaf), self.dtype), y)


def cast(array: Any, dtype: str) -> Any:
    """An array of floats as `dtype` can hold it, still in float64; anything else as it is."""
    if isinstance(array, np.ndarray) and array.dtype.kind == "f" and dtype != "float64":
        return rounding.rounded(array.astype(np.float64), rounding.PRECISIONS[dtype])
    return array


def builders() -> dict[str, Callable[..., Case]]:
    """{"ops.softmax": sized, ...}: of every file of cases its function `sized`, or of its first case a maker."""
    found: dict[str, Callable[..., Case]] = {}
    for file in cases.files():
        module = importlib.import_module(file)
        name = file.removeprefix(f"{cases.__name__}.")
        found[name] = getattr(module, "sized", None) or _first(module)
    return found


def _first(module: ModuleType) -> Callable[..., Case]:
    def sized(rng: np.random.Generator) -> Case:
        return redrawn(next(iter(module.cases())), rng)

    return sized


def redrawn(case: Case, rng: np.random.Generator) -> Case:
    """A case with its floats drawn anew, of the same mean and deviation; masks, ids and settings stay."""

    def draw(leaf: Any) -> Any:
        if not isinstance(leaf, np.ndarray) or leaf.dtype.kind != "f":
            return leaf
        return leaf.mean() + (leaf.std() or 1.0) * rng.standard_normal(leaf.shape)

    return replace(case, params=None if case.params is None else tree.map(draw, case.params),
                   inputs={key: tree.map(draw, value) for key, value in case.inputs.items()})  # fmt: skip


def names() -> list[str]:
    """All that a golden folder can be of, by name: the files of cases; a single case goes by its own name too."""
    return list(builders())


def of(name: str, seed: int = 0, sizes: dict[str, float] | None = None, dtype: str = "float64") -> Subject:
    """The Subject of a name: of a module ("ops.softmax", "softmax" where that is one alone), or of a single case.

    Raises InputError, naming the nearest, for a name that matches nothing, and for a size that it has not or cannot be.
    """
    if dtype not in ("float64", "float32"):
        raise InputError(f"the dtype {said(dtype)} is not offered; there are float64 and float32")
    if not isinstance(seed, int) or not 0 <= seed < 2**63:
        raise InputError(f"the seed {said(seed)} is no whole number from 0 up")
    known = builders()
    short = [key for key in known if key.partition(".")[2] == name]
    key = name if name in known else short[0] if len(short) == 1 else None
    single = cases.everything() if key is None else {}
    if key is None and name not in single:
        every = [*known, *(each.partition(".")[2] for each in known), *single]
        near = difflib.get_close_matches(name, every, 3, 0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else "`minilm golden --list` names them"
        raise InputError(f"nothing is called {said(name)}; {hint}")
    rng = np.random.default_rng([seed, zlib.crc32((key or name).encode())])
    if key is None:
        if sizes:
            raise InputError(f"{name} is one case and has its own sizes; leave --size out, or ask for its module")
        made, wanted = (redrawn(single[name], rng) if seed else single[name]), {}
    else:
        wanted = checked(key, known[key], sizes or {})
        try:
            made = known[key](rng, **wanted)
        except ValueError as error:
            raise InputError(f"{key}: {error}") from None
    case = replace(
        made, params=None if made.params is None else tree.map(lambda leaf: cast(leaf, dtype), made.params),
        inputs={k: tree.map(lambda leaf: cast(leaf, dtype), value) for k, value in made.inputs.items()},
    )  # fmt: skip
    return Subject(key or name, case, seed, wanted, dtype)


def of_training(task: Any, config: Any, params: Any, batch: dict[str, Any], dtype: str = "float64") -> Subject:
    """The Subject of a training step of a model that is there: its Task, Config, weights and batch; no dropout."""
    if dtype not in ("float64", "float32"):
        raise InputError(f"the dtype {said(dtype)} is not offered; there are float64 and float32")
    weights = tree.map(lambda leaf: cast(np.asarray(leaf, np.float64), dtype), params)
    name = f"models.{catalogue.of(task.model).name}"
    how = {"config": config}
    case = Case(name, task.loss, task.loss_backward, weights, {"batch": batch}, how, how)
    return Subject(name, case, dtype=dtype, origin="model")


def sizes_of(builder: Callable[..., Case]) -> dict[str, float]:
    """{keyword: default} of the sizes that a builder takes."""
    parameters = list(inspect.signature(builder).parameters.values())[1:]
    return {each.name: each.default for each in parameters}


def checked(name: str, builder: Callable[..., Case], sizes: dict[str, float]) -> dict[str, float]:
    """All sizes: those asked for, and of the others the defaults. Raises InputError for what cannot be."""
    known = sizes_of(builder)
    found = dict(known)
    for key, value in sizes.items():
        if key not in known:
            there = ", ".join(f"{each}={default}" for each, default in known.items()) or "none"
            raise InputError(f"{name} has no size {said(key)}; it has {there}")
        if isinstance(known[key], float):
            if not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value < 1:
                raise InputError(f"{name}: {key} is a rate from 0 up to 1, not {said(value)}")
            found[key] = float(value)
        elif isinstance(value, bool) or value != int(value) or not 1 <= value <= MOST:
            raise InputError(f"{name}: {key} is a whole number from 1 to {MOST}, not {said(value)}")
        else:
            found[key] = int(value)
    return found
