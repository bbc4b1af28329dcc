"""An operation on some inputs: ours, the same in 50 digits, and in a framework's functions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Subject:
    """`ours(**arrays)` returns (y, {"x": dx, ...}), `exact(mp, **arrays)` the same on object arrays of mpmath numbers.

    `torch(torch, **tensors)` and `jax(jax, **arrays)` return y alone: their gradients, of what `wrt` names, are made by
    their own differentiation from `upstream`, the gradient of y, which `ours` and `exact` are given as `dy`.
    """

    op: str  # "softmax"
    inputs: str  # what is special in them: "large"
    arrays: dict[str, np.ndarray]
    upstream: np.ndarray | float
    wrt: tuple[str, ...]
    ours: Callable[..., Any]
    exact: Callable[..., Any]
    torch: Callable[..., Any] | None = None
    jax: Callable[..., Any] | None = None
    each: bool = False  # elementwise: every entry is to be right to its own digits
    small: bool = False  # and its argument is at most 1 in size
    dtypes: tuple[type, ...] = field(default=(np.float32, np.float64))

    @property
    def name(self) -> str:
        return f"{self.op}, {self.inputs}"


def each(function: Callable) -> Callable:
    """A function of one mpmath number (or of several) as one of object arrays."""
    lifted = np.frompyfunc(function, function.__code__.co_argcount if hasattr(function, "__code__") else 1, 1)
    return lambda *arrays: np.asarray(lifted(*arrays), object)
