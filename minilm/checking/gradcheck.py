"""Gradients proved numerically: the complex step first, the central difference as a second witness.

For a real analytic f, f(x + ih) = f(x) + ih f'(x) - h² f''(x) / 2 - ..., so that

    f'(x) = Im f(x + ih) / h        with h = 1e-30

has an error of order h² and no subtraction: it is right to the last digits (Squire and Trapp 1998). The central
difference (f(x + h) - f(x - h)) / 2h subtracts two nearly equal numbers and stops near 1e-10.

`check` does this for anything that keeps minilm's contract, from one operation to a whole model: every entry of every
parameter tensor and of every input of floats, under a random upstream gradient. An upstream gradient of ones would be
blind to a softmax, whose outputs sum to one whatever happens.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from minilm import tree

COMPLEX_STEP = 1e-30
CENTRAL_STEP = 1e-5  # (machine epsilon)^⅓, where truncation and cancellation are balanced


@dataclass(frozen=True)
class Row:
    """One tensor's result: where the largest error is, and the two values that differ there.

    `error` is the quantity that is compared with `tolerance`: |analytic - numeric| / scale, where `scale` is the
    tensor's largest numeric gradient, or `floor` times the whole case's largest where that is more (a gradient can
    be exactly zero, as that of the key bias of an attention is).
    """

    name: str
    tensor: str
    method: str
    index: tuple[int, ...]
    analytic: float
    numeric: float
    scale: float
    error: float
    tolerance: float
    entries: int

    @property
    def passed(self) -> bool:
        return bool(self.error <= self.tolerance)  # a NaN fails

    def __str__(self) -> str:
        place = f"{self.tensor}[{', '.join(map(str, self.index))}]"
        return (
            f"{'pass' if self.passed else 'FAIL'}  {self.name}  {place}: analytic {self.analytic:.17g}, "
            f"{self.method} {self.numeric:.17g}, |difference| / {self.scale:.3g} = {self.error:.2e} "
            f"(at most {self.tolerance:.0e})"
        )


def check(
    name: str,
    forward: Callable,
    backward: Callable,
    params: tree.Tree = None,
    inputs: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    *,
    backward_settings: dict[str, Any] | None = None,
    rng: np.random.Generator | None = None,
    tolerance: float = 1e-12,
    floor: float = 1e-3,
    central: bool = True,
) -> list[Row]:
    """Hold `backward` against numeric derivatives of `forward`; one Row a tensor and method.

    forward([params,] *inputs, **settings) -> (y, cache), where y is an array or a dict of arrays;
    backward([params,] cache, dy, **backward_settings) -> the gradients of the inputs of floats, in their order, and
    the tree dparams last where there are params. Inputs of integers and booleans have no gradient. A Generator among
    the settings is copied before each call, so that each call draws the same.

    Raises ValueError where an input or parameter is not float64 (in float32 the comparison says nothing: see
    PyTorch's issues on it), or where backward returns another number of gradients or another tree.
    """
    inputs, settings = inputs or {}, settings or {}
    rng = rng or np.random.default_rng(0)
    arguments = {"params": params} if params is not None else {}
    arguments |= {key: value for key, value in inputs.items() if is_float(value)}
    for tensor, array in tree.leaves(arguments):
        if array.dtype != np.float64:
            raise ValueError(f"{name}: gradients are checked in float64, but {tensor} is {array.dtype}")

    def call(changed):
        positional = [changed.get(key, value) for key, value in inputs.items()]
        if params is not None:
            positional.insert(0, changed["params"])
        return forward(*positional, **{key: fresh(value) for key, value in settings.items()})

    y, cache = call(arguments)
    cotangent = tree.map(lambda leaf: rng.standard_normal(np.shape(leaf)), y)
    given = [params] if params is not None else []
    gradients = backward(*given, cache, cotangent, **(backward_settings or {}))
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    names = [key for key in arguments if key != "params"] + (["params"] if params is not None else [])
    if len(gradients) != len(names):
        raise ValueError(f"{name}: backward returned {len(gradients)} gradients for {', '.join(names)}")
    analytic = dict(zip(names, gradients, strict=True))
    tree.require_same(analytic, arguments, f"{name}: gradients")

    def project(changed):
        """The inner product of the output with the cotangent: the scalar whose gradient backward returns."""
        return sum(np.sum(a * b) for a, b in zip(_arrays(call(changed)[0]), _arrays(cotangent), strict=True))

    numeric = _differentiate(arguments, np.complex128, COMPLEX_STEP * 1j, lambda f: f.imag / COMPLEX_STEP, project)
    rows = _compare(name, "complex step", analytic, numeric, tolerance, floor)
    if central:
        rows += _check_directions(name, arguments, analytic, project, rng)
    return rows


def is_float(value) -> bool:
    """Whether this input has a gradient: an array, or a tree of arrays, of floats."""
    return all(isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fc" for _, leaf in tree.leaves(value))


def fresh(value):
    """A copy of a random generator, so that each call draws the same; other settings as they are."""
    return copy.deepcopy(value) if isinstance(value, np.random.Generator) else value


def _arrays(y):
    return [leaf for _, leaf in sorted(tree.leaves(y))]


def _differentiate(arguments, dtype, step, read, project):
    """Change one entry after the other, in place in a copy that is ours, and read the derivative off."""
    copies = tree.map(lambda leaf: leaf.astype(dtype), arguments)
    numeric = {}
    for tensor, leaf in tree.leaves(copies):
        derivative = np.empty(leaf.shape)
        for index in np.ndindex(leaf.shape):
            value = leaf[index]
            leaf[index] = value + step
            derivative[index] = read(project(copies))
            leaf[index] = value
        numeric[tensor] = derivative
    return numeric


def _compare(name, method, analytic, numeric, tolerance, floor):
    analytic = tree.flatten(analytic)
    largest = max((float(np.abs(array).max(initial=0)) for array in numeric.values()), default=0.0)
    rows = []
    for tensor, array in numeric.items():
        scale = max(float(np.abs(array).max(initial=0)), floor * largest) or 1.0
        errors = np.abs(analytic[tensor] - array) / scale
        errors = np.where(np.isfinite(errors), errors, np.inf)
        if not errors.size:
            continue
        index = tuple(int(i) for i in np.unravel_index(np.argmax(errors), errors.shape))
        values = (float(analytic[tensor][index]), float(array[index]), scale, float(errors[index]))
        rows.append(Row(name, tensor, method, index, *values, tolerance, errors.size))
    return rows


def _check_directions(name, arguments, analytic, project, rng, tolerance=1e-6):
    """The second witness: one central difference a tensor, along a random direction through all its entries."""
    flat, gradients, rows = tree.flatten(arguments), tree.flatten(analytic), []
    largest = max((float(np.linalg.norm(gradient)) for gradient in gradients.values()), default=0.0)
    for tensor, leaf in flat.items():
        direction = rng.standard_normal(leaf.shape)
        direction /= np.linalg.norm(direction) or 1.0
        ends = [
            project(tree.unflatten(flat | {tensor: leaf + sign * CENTRAL_STEP * direction})) for sign in (1, -1)
        ]
        numeric = float(ends[0] - ends[1]) / (2 * CENTRAL_STEP)
        slope = float(np.sum(gradients[tensor] * direction))
        scale = max(float(np.linalg.norm(gradients[tensor])), 1e-3 * largest) or 1.0
        error = abs(slope - numeric) / scale
        error = error if np.isfinite(error) else float("inf")
        rows.append(Row(name, tensor, "central difference", (), slope, numeric, scale, error, tolerance, leaf.size))
    return rows
