"""Gradients proved numerically: the complex step first, the central difference as a second witness.

For a real analytic f, f(x + ih) = f(x) + ih f'(x) - h² f''(x) / 2 - ..., so that

    f'(x) = Im f(x + ih) / h        with h = 1e-30

has an error of order h² and no subtraction: it is right to the last digits (Squire and Trapp 1998). The central
difference (f(x + h) - f(x - h)) / 2h subtracts two nearly equal numbers and stops near 1e-10.

`check` does this for anything that keeps minilm's contract, from one operation to a whole model: every entry of every
parameter tensor and of every input of floats, under a random upstream gradient. An upstream gradient of ones would be
blind to a softmax, whose outputs sum to one whatever happens.

Nothing is believed: what the code under test is given are copies (minilm.checking.handing), backward is called a second
time on the same cache and must give the same bits, and if asked for the whole is run again in float32, where it must
agree with float64 to what float32 can hold.
"""

import copy
import dataclasses
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from minilm import tree
from minilm.checking import analytic, handing, in_float32, observed, returned
from minilm.checking.row import CENTRAL, COMPLEX, WRITES, Row, errors_of, finite, scale_of
from minilm.errors import InputError

COMPLEX_STEP = 1e-30
CENTRAL_STEP = 1e-5  # (machine epsilon)^⅓, where truncation and cancellation are balanced
ONE_SIDED_STEP = 1e-6
CENTRAL_TOLERANCE = 1e-6
MANY = 64  # entries of a tensor that are looked at one by one where it fails


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
    float32: bool = False,
    witness: str = COMPLEX,
    strict: bool = False,
) -> list[Row]:
    """Hold `backward` against numeric derivatives of `forward`; one Row a tensor and method.

    forward([params,] *inputs, **settings) -> (y, cache), where y is an array or a dict of arrays;
    backward([params,] cache, dy, **backward_settings) -> the gradients of the inputs of floats, in their order, and
    the tree dparams last where there are params. Inputs of integers and booleans have no gradient. A Generator among
    the settings is copied before each call, so that each call draws the same.

    What is written to (params, an input, the upstream gradient dy, the cache) is a row of the method "writes", and
    fails; but for a dy in a backward whose gradients are right, which is said and passes unless `strict`. A second
    call of backward that gives other bits is a row of the method "second call". `float32` has everything run in float32
    too and held against float64. `witness="central difference"` checks each entry of a function that is not analytic,
    to 1e-6. At a kink any slope between the left and the right one passes, and the row says so.

    Raises InputError where an input or parameter is not float64 (in float32 the comparison says nothing: see PyTorch's
    issues on it), where forward or backward raises, or where backward returns nothing, or other names, shapes, dtypes.
    """
    inputs, settings = inputs or {}, settings or {}
    rng = rng or np.random.default_rng(0)
    if witness not in (COMPLEX, CENTRAL):
        raise InputError(f"{name}: a witness is {COMPLEX!r} or {CENTRAL!r}, not {witness!r}")
    arguments = returned.require_numbers(name, params, inputs)
    rule = Rule(name, forward, backward, params is not None, inputs, settings, backward_settings or {})
    seen = observed.observe(rule, arguments, rng)
    rows = list(seen.rows)

    def project(changed):
        """The inner product of the output with the cotangent: the scalar whose gradient backward returns."""
        given = handing.copied(changed) if seen.forward_writes else changed
        y, _ = rule.forward(given)
        return sum(np.sum(a * b) for a, b in zip(_arrays(y), _arrays(seen.cotangent), strict=True))

    subject = _Subject(rule, arguments, seen.gradients, project, floor)
    if witness == CENTRAL:
        numeric = _differentiate(arguments, np.float64, project)
        rows += _compare(subject, CENTRAL, numeric, max(tolerance, CENTRAL_TOLERANCE))
    else:
        numeric, obstacle = _complex_step(subject)
        exact = _compare(subject, COMPLEX, numeric, tolerance) if numeric else _refused(subject, obstacle, tolerance)
        second = _check_directions(subject, rng) if central else []
        rows += _witnesses(subject, exact, second) if second or not numeric else exact + second
    if float32:
        rows += in_float32.check(rule, arguments, seen.cotangent, floor)
    right = all(row.passed for row in rows if row.method in (COMPLEX, CENTRAL))
    return [
        _excused(row) if row.method == WRITES and row.tensor == "dy" and right and not strict else row for row in rows
    ]


def is_float(value) -> bool:
    """Whether this input has a gradient: an array, or a tree of arrays, of floats."""
    return returned.is_float(value)


def fresh(value):
    """A copy of a random generator, so that each call draws the same; other settings as they are."""
    return copy.deepcopy(value) if isinstance(value, np.random.Generator) else value


@dataclass(frozen=True)
class Rule:
    """Forward and backward with everything but the arguments that are differentiated."""

    name: str
    run_forward: Callable
    run_backward: Callable
    has_params: bool
    inputs: dict[str, Any]
    settings: dict[str, Any]
    backward_settings: dict[str, Any]

    def forward(self, arguments):
        """(y, cache) at other params and inputs. What is not among `arguments` is handed out as a copy."""
        given = [arguments["params"]] if self.has_params else []
        given += [arguments[key] if key in arguments else handing.copied(value) for key, value in self.inputs.items()]
        result = self.run_forward(*given, **handing.copied(self.settings))
        if not isinstance(result, tuple) or len(result) != 2:
            what = f"{len(result)} things" if isinstance(result, tuple) else f"one {type(result).__name__}"
            raise InputError(
                f"{self.name}: forward returned {what}, not (y, cache); a cache may be empty: return y, {{}}"
            )
        return result

    def backward(self, arguments, cache, cotangent):
        """{"x": dx, ..., "params": dparams}, held to the names, shapes and dtypes of `arguments`."""
        given = [arguments["params"]] if self.has_params else []
        gradients = self.run_backward(*given, cache, cotangent, **handing.copied(self.backward_settings))
        return returned.as_named(self.name, gradients, arguments, self.inputs)


@dataclass(frozen=True)
class _Subject:
    rule: Rule
    arguments: dict[str, Any]
    gradients: dict[str, Any]
    project: Callable
    floor: float


def _excused(row):
    return dataclasses.replace(
        row, error=0.0, note=f"{row.note} (the gradients are right here; where dy is used again they will not be)"
    )


def _arrays(y):
    return [leaf for _, leaf in sorted(tree.leaves(y))]


def _complex_step(subject):
    """({tensor: derivatives}, None), or (None, the exception) where forward takes no complex numbers."""
    step, h = COMPLEX_STEP * 1j, COMPLEX_STEP
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        try:
            return _entries(
                subject.arguments, np.complex128, lambda f, value: f(value + step).imag / h, subject.project
            ), None
        except Exception as error:  # forward ran on real numbers: it is the complex ones that it cannot take
            return None, error


def _refused(subject, error, tolerance):
    note = analytic.sentence(handing.place(error), "none")
    note += f" ({type(error).__name__}: {' '.join(str(error).split())[:120]})"
    return [
        Row(subject.rule.name, tensor, COMPLEX, (), math.nan, math.nan, math.nan, math.inf, tolerance, leaf.size, note)
        for tensor, leaf in tree.leaves(subject.arguments)
        if leaf.size
    ]


def _differentiate(arguments, dtype, project):
    """Central differences of every entry."""
    h = CENTRAL_STEP
    return _entries(arguments, dtype, lambda f, value: (f(value + h) - f(value - h)) / (2 * h), project)


def _entries(arguments, dtype, slope, project):
    """Change one entry after the other, in a copy that is ours; what is handed out are read-only views of it."""
    copies = tree.map(lambda leaf: leaf.astype(dtype), arguments)
    views = tree.map(_view, copies)
    numeric = {}
    for tensor, leaf in tree.leaves(copies):
        derivative = np.empty(leaf.shape)
        for index in np.ndindex(leaf.shape):
            value = leaf[index]

            def at(changed, leaf=leaf, index=index):
                leaf[index] = changed
                return project(views)

            derivative[index] = slope(at, value)
            leaf[index] = value
        numeric[tensor] = derivative
    return numeric


def _view(leaf):
    view = leaf.view()
    view.setflags(write=False)
    return view


def _compare(subject, method, numeric, tolerance):
    gradients = tree.flatten(subject.gradients)
    largest = max((float(np.abs(array).max(initial=0)) for array in numeric.values()), default=0.0)
    rows = []
    for tensor, array in numeric.items():
        scale = scale_of(array, largest, subject.floor)
        errors = errors_of(gradients[tensor], array, scale)
        if not errors.size:
            continue
        note, excused = "", 0
        failing = np.argwhere(~(errors <= tolerance))
        for index in map(tuple, failing if len(failing) <= MANY else ()):
            if _between_slopes(subject, tensor, index, float(gradients[tensor][index]), scale):
                errors[index], excused = 0.0, excused + 1
        if excused:
            note = f"{excused} of {errors.size} entries stand at a kink: any slope between its two will do"
        index = tuple(int(i) for i in np.unravel_index(np.argmax(errors), errors.shape))
        if excused and not errors[index] > tolerance:
            index = tuple(int(i) for i in np.unravel_index(np.argmax(np.where(errors > 0, errors, -1)), errors.shape))
        values = (float(gradients[tensor][index]), float(array[index]), scale, float(errors[index]))
        rows.append(Row(subject.rule.name, tensor, method, index, *values, tolerance, errors.size, note))
    return rows


def _moved(subject, tensor, index, by):
    """The projection with one entry, or along a direction where `index` is None, moved."""
    flat = tree.flatten(subject.arguments)
    leaf = flat[tensor].copy()
    leaf[index] += by
    leaf.setflags(write=False)
    return float(np.real(subject.project(tree.unflatten(flat | {tensor: leaf}))))


def _slopes(subject, tensor, index, h):
    """(left, right): the two one-sided differences."""
    here = _moved(subject, tensor, index, 0.0)
    return (here - _moved(subject, tensor, index, -h)) / h, (_moved(subject, tensor, index, h) - here) / h


def _between_slopes(subject, tensor, index, value, scale):
    """Whether there is a kink at this entry, and `value` lies between its two slopes.

    A curve's slopes differ too, but eight times less over an eighth of the step.
    """
    left, right = _slopes(subject, tensor, index, ONE_SIDED_STEP)
    if not abs(right - left) > 1e-3 * scale:
        return False
    nearer = _slopes(subject, tensor, index, ONE_SIDED_STEP / 8)
    room = CENTRAL_TOLERANCE * 10 * scale
    return (
        abs(nearer[1] - nearer[0]) > 0.5 * abs(right - left)
        and min(left, right) - room <= value <= max(left, right) + room
    )


def _central_at(subject, tensor, index):
    h = CENTRAL_STEP
    return (_moved(subject, tensor, index, h) - _moved(subject, tensor, index, -h)) / (2 * h)


def _check_directions(subject, rng, tolerance=CENTRAL_TOLERANCE):
    """The second witness: one central difference a tensor, along a random direction through all its entries.

    Where that fails its entries are gone through one by one, and the worst is named.
    """
    flat, gradients, rows = tree.flatten(subject.arguments), tree.flatten(subject.gradients), []
    largest = max((float(np.linalg.norm(gradient)) for gradient in gradients.values()), default=0.0)
    for tensor, leaf in flat.items():
        if not leaf.size:
            continue
        direction = np.asarray(rng.standard_normal(leaf.shape))
        direction /= np.linalg.norm(direction) or 1.0
        ends = [_moved(subject, tensor, ..., sign * CENTRAL_STEP * direction) for sign in (1, -1)]
        numeric = (ends[0] - ends[1]) / (2 * CENTRAL_STEP)
        slope = float(np.sum(gradients[tensor] * direction))
        scale = max(float(np.linalg.norm(gradients[tensor])), 1e-3 * largest) or 1.0
        error = finite(abs(slope - numeric) / scale)
        row = Row(subject.rule.name, tensor, CENTRAL, (), slope, numeric, scale, error, tolerance, leaf.size)
        rows.append(row if row.passed else _worst_entry(subject, row, gradients[tensor]))
    return rows


def _worst_entry(subject, row, gradient):
    """The row of a direction that failed, with the entry in it that is furthest off. At a kink it may be none."""
    every = list(np.ndindex(gradient.shape))[: MANY * 16]
    numeric = {index: _central_at(subject, row.tensor, index) for index in every}
    scale = max((abs(value) for value in numeric.values() if np.isfinite(value)), default=0.0) or 1.0
    errors = {index: finite(abs(float(gradient[index]) - value) / scale) for index, value in numeric.items()}
    excused = 0
    failing = [index for index in every if not errors[index] <= row.tolerance]
    for index in failing if len(failing) <= MANY else ():
        if _between_slopes(subject, row.tensor, index, float(gradient[index]), scale):
            errors[index], excused = 0.0, excused + 1
    worst = max(errors, key=lambda index: errors[index])
    if not excused and errors[worst] <= row.tolerance:
        return row  # no single entry fails, all together do
    note = f"{excused} of {row.entries} entries stand at a kink" if excused else ""
    values = {"analytic": float(gradient[worst]), "numeric": numeric[worst], "scale": scale, "error": errors[worst]}
    return dataclasses.replace(row, index=worst, note=note, **values)


def _witnesses(subject, exact, second):
    """Both witnesses' rows. Where they do not say the same, what fails says so, and where forward loses the step."""
    beside, gradients = {row.tensor: row for row in second}, tree.flatten(subject.gradients)
    notes = {}
    for row in exact:
        other = beside.get(row.tensor)
        if other is None or row.note or (row.passed and other.passed):
            continue
        index = other.index if row.passed else row.index
        if gradients[row.tensor].ndim and not index:
            continue  # no single entry fails: all together do
        found, measured = float(gradients[row.tensor][index]), _central_at(subject, row.tensor, index)
        stepped = found if row.passed else row.numeric
        room = 10 * CENTRAL_TOLERANCE * max(row.scale, abs(measured))
        if abs(measured - stepped) <= room:
            continue
        agrees = "the complex step" if row.passed else "neither"
        if abs(found - measured) <= room:
            agrees = "the central difference"
        notes[row.tensor] = (
            f"the two witnesses disagree (complex step {stepped:.6g}, central difference {measured:.6g}) and backward "
            f"agrees with {agrees}"
        )
    if notes:
        stepped = tree.map(lambda leaf: leaf + COMPLEX_STEP * 1j, subject.arguments)
        lost = analytic.lost_at(lambda: subject.project(stepped))
        notes = {tensor: f"{note}: {lost}" for tensor, note in notes.items()}
    return [
        dataclasses.replace(row, note=notes[row.tensor]) if row.tensor in notes and not row.passed else row
        for row in exact + second
    ]
