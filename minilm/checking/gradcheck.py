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
from minilm.checking import analytic, handing, returned
from minilm.errors import InputError

COMPLEX_STEP = 1e-30
CENTRAL_STEP = 1e-5  # (machine epsilon)^⅓, where truncation and cancellation are balanced
ONE_SIDED_STEP = 1e-6
COMPLEX, CENTRAL, FLOAT32, WRITES, AGAIN = (
    "complex step", "central difference", "float32", "writes", "second call",
)  # fmt: skip
CENTRAL_TOLERANCE = 1e-6
FLOAT32_FACTOR = 16  # see _check_float32
MANY = 64  # entries of a tensor that are looked at one by one where it fails


@dataclass(frozen=True)
class Row:
    """One tensor's result: where the largest error is, and the two values that differ there.

    `error` is the quantity that is compared with `tolerance`: |analytic - numeric| / scale, where `scale` is the
    tensor's largest numeric gradient, or `floor` times the whole case's largest where that is more (a gradient can
    be exactly zero, as that of the key bias of an attention is). `note` says what else there is to say: the cause, the
    line, the way out.
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
    note: str = ""

    @property
    def passed(self) -> bool:
        return bool(self.error <= self.tolerance)  # a NaN fails

    def __str__(self) -> str:
        verdict = "pass" if self.passed else "FAIL"
        if self.method == WRITES:
            return f"{'note' if self.passed else verdict}  {self.name}  {self.note}"
        along = self.method == CENTRAL and not self.index and self.entries > 1
        place = self.tensor + (" along a random direction" if along else f"[{', '.join(map(str, self.index))}]")
        other = {FLOAT32: ("in float32", "in float64"), AGAIN: ("first", "second call")}
        mine, theirs = other.get(self.method, ("analytic", self.method))
        return (
            f"{verdict}  {self.name}  {place}: {mine} {self.analytic:.17g}, "
            f"{theirs} {self.numeric:.17g}, |difference| / {self.scale:.3g} = {self.error:.2e} "
            f"(at most {self.tolerance:.0e})"
        ) + (f"; {self.note}" if self.note else "")


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
    issues on it), where forward or backward raises, or where backward returns nothing, or other names, shapes or dtypes.
    """
    inputs, settings = inputs or {}, settings or {}
    rng = rng or np.random.default_rng(0)
    if witness not in (COMPLEX, CENTRAL):
        raise InputError(f"{name}: a witness is {COMPLEX!r} or {CENTRAL!r}, not {witness!r}")
    arguments = returned.require_numbers(name, params, inputs)
    rule = Rule(name, forward, backward, params is not None, inputs, settings, backward_settings or {})
    seen = _observe(rule, arguments, rng)
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
        rows += _check_float32(rule, arguments, seen.cotangent, floor)
    right = all(row.passed for row in rows if row.method in (COMPLEX, CENTRAL))
    return [_excused(row) if row.method == WRITES and row.tensor == "dy" and right and not strict else row for row in rows]


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
            raise InputError(f"{self.name}: forward returned {what}, not (y, cache); a cache may be empty: return y, {{}}")
        return result

    def backward(self, arguments, cache, cotangent):
        """{"x": dx, ..., "params": dparams}, held to the names, shapes and dtypes of `arguments`."""
        given = [arguments["params"]] if self.has_params else []
        gradients = self.run_backward(*given, cache, cotangent, **handing.copied(self.backward_settings))
        return returned.as_named(self.name, gradients, arguments, self.inputs)


@dataclass(frozen=True)
class _Seen:
    gradients: dict[str, Any]
    cotangent: Any
    forward_writes: bool
    rows: list[Row]


@dataclass(frozen=True)
class _Subject:
    rule: Rule
    arguments: dict[str, Any]
    gradients: dict[str, Any]
    project: Callable
    floor: float


def _observe(rule, arguments, rng):
    """Forward, and backward twice, on what cannot be written to; once more on copies where the code tries to."""
    everything = {key: arguments.get(key, value) for key, value in rule.inputs.items()} | arguments
    writes: dict[str, str] = {}  # "backward writes to x": the line

    def attempt(frozen):
        given = handing.copied(everything, frozen)
        before = handing.snapshot(everything)
        plain = dataclasses.replace(rule, inputs={key: given[key] for key in rule.inputs})
        differentiated = {key: given[key] for key in arguments}
        run = _caught(plain.forward, "forward", rule.name, frozen, writes, (differentiated,))
        if run is None:
            return None
        y, cache = run
        forward_writes = handing.changed(given, before)
        for path in forward_writes:
            writes.setdefault(f"forward writes to {path}", "")
        returned.require_output(rule.name, y)
        state = rng_state  # both attempts draw the same
        drawn = np.random.default_rng(state)
        cotangent = tree.map(lambda leaf: np.asarray(drawn.standard_normal(np.shape(leaf))), y)
        kept = handing.snapshot(cache)
        if frozen:
            handing.frozen_in_place([y, cache])
        results = []
        for call in ("backward", "the second call of backward"):
            dy = handing.copied(cotangent, frozen)
            run = _caught(plain.backward, call, rule.name, frozen, writes, (differentiated, cache, dy))
            if run is None:
                return None
            results.append(handing.copied(run))
            if call == "backward":
                for what, thing, was in (
                    ("dy", {"dy": dy}, handing.snapshot({"dy": cotangent})), ("", given, before),
                    ("cache", {"cache": cache}, {f"cache.{path}" if path else "cache": array for path, array in kept.items()}),
                ):  # fmt: skip
                    for path in handing.changed(thing, was):
                        if not (what == "" and path in forward_writes):
                            writes.setdefault(f"backward writes to {path}", "")
        return results, cotangent, bool(forward_writes)

    rng_state = int(rng.integers(2**63))
    found = attempt(frozen=True)
    lines = [line for line in writes.values() if line]
    if found is None:
        writes.clear()
        found = attempt(frozen=False)
    results, cotangent, forward_writes = found
    rows = []
    for what in writes:
        where = f" at {lines[0]}" if lines else ""
        tensor = what.rpartition(" ")[2]
        note = f"{what}{where}; nothing that is handed in may change: work on a new array, as in dx = 2 * dy for dy *= 2"
        rows.append(Row(rule.name, tensor, WRITES, (), math.nan, math.nan, math.nan, math.inf, 0.0, 0, note))
    if not writes and lines:  # it tried, and what it wrote was what had stood there
        note = f"writes to what it was given at {lines[0]}, though with the same numbers; work on a new array"
        rows.append(Row(rule.name, "dy", WRITES, (), math.nan, math.nan, math.nan, math.inf, 0.0, 0, note))
    rows += _same_again(rule.name, *results)
    return _Seen(results[0], cotangent, forward_writes, rows)


def _caught(function, what, name, frozen, writes, given):
    """What `function` returns; None where it wrote to a read-only array. Raises InputError with the line otherwise."""
    try:
        return function(*given)
    except InputError:
        raise
    except Exception as error:
        if frozen and handing.is_write(error):
            writes[f"{what} writes"] = handing.place(error)
            return None
        place = handing.place(error)
        words = " ".join(str(error).split())[:200]
        raise InputError(f"{name}: {what} raised {type(error).__name__}: {words}" + (f" (at {place})" if place else "")) from error


def _same_again(name, first, second):
    """A row for each tensor whose gradient is not, bit for bit, that of the first call."""
    rows, later = [], tree.flatten(second)
    for tensor, array in tree.leaves(first):
        if not handing.same_bits(array, later[tensor]):
            errors = _errors(array, later[tensor], 1.0)
            index = tuple(int(i) for i in np.unravel_index(np.argmax(errors), errors.shape))
            scale = float(np.abs(array).max(initial=0)) or 1.0
            note = "backward on the same cache gives other bits the second time: it changes its cache, or draws anew"
            rows.append(Row(name, tensor, AGAIN, index, float(array[index]), float(later[tensor][index]), scale,
                            float(errors[index]) / scale or math.inf, 0.0, array.size, note))  # fmt: skip
    return rows


def _excused(row):
    return dataclasses.replace(row, error=0.0, note=f"{row.note} (the gradients are right here; where dy is used again they will not be)")


def _arrays(y):
    return [leaf for _, leaf in sorted(tree.leaves(y))]


def _complex_step(subject):
    """({tensor: derivatives}, None), or (None, the exception) where forward takes no complex numbers."""
    step, h = COMPLEX_STEP * 1j, COMPLEX_STEP
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        try:
            return _entries(subject.arguments, np.complex128, lambda f, value: (f(value + step).imag / h), subject.project), None
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
    """Change one entry after the other, in place in a copy that is ours; what is handed out are read-only views of it."""
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


def _errors(a, b, scale):
    """|a - b| / scale; what is not finite on either side is infinitely far off."""
    with np.errstate(all="ignore"):
        errors = np.abs(np.asarray(a) - b) / scale
    return np.where(np.isfinite(errors), errors, np.inf)


def _view(leaf):
    view = leaf.view()
    view.setflags(write=False)
    return view


def _scale(array, largest, floor):
    return max(float(np.abs(array).max(initial=0)), floor * largest) or 1.0


def _compare(subject, method, numeric, tolerance):
    gradients = tree.flatten(subject.gradients)
    largest = max((float(np.abs(array).max(initial=0)) for array in numeric.values()), default=0.0)
    rows = []
    for tensor, array in numeric.items():
        scale = _scale(array, largest, subject.floor)
        errors = _errors(gradients[tensor], array, scale)
        if not errors.size:
            continue
        note, excused = "", 0
        failing = np.argwhere(~(errors <= tolerance))
        for index in map(tuple, failing if len(failing) <= MANY else ()):
            if _between_slopes(subject, tensor, index, float(gradients[tensor][index]), scale):
                errors[index], excused = 0.0, excused + 1
        if excused:
            note = f"{excused} of {errors.size} entries stand at a kink, where any slope between the left and the right one is right"
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
    return abs(nearer[1] - nearer[0]) > 0.5 * abs(right - left) and min(left, right) - room <= value <= max(left, right) + room


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
        error = _finite(abs(slope - numeric) / scale)
        row = Row(subject.rule.name, tensor, CENTRAL, (), slope, numeric, scale, error, tolerance, leaf.size)
        rows.append(row if row.passed else _worst_entry(subject, row, gradients[tensor]))
    return rows


def _finite(error):
    return error if np.isfinite(error) else math.inf


def _worst_entry(subject, row, gradient):
    """The row of a direction that failed, with the entry in it that is furthest off. At a kink it may be none."""
    every = list(np.ndindex(gradient.shape))[: MANY * 16]
    numeric = {index: _central_at(subject, row.tensor, index) for index in every}
    scale = max((abs(value) for value in numeric.values() if np.isfinite(value)), default=0.0) or 1.0
    errors = {index: _finite(abs(float(gradient[index]) - value) / scale) for index, value in numeric.items()}
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
    """Both witnesses' rows, with what follows where they do not say the same."""
    other = {row.tensor: row for row in second}
    notes: dict[str, str] = {}
    disagree = []
    for row in exact:
        beside = other.get(row.tensor)
        if beside is None or not beside.entries or row.note:
            continue
        index = row.index if not row.passed else beside.index
        if (row.passed and beside.passed) or (row.entries > 1 and not index and np.ndim(tree.flatten(subject.arguments)[row.tensor])):
            continue
        measured = _central_at(subject, row.tensor, index)
        stepped = row.numeric if index == row.index else float(tree.flatten(subject.gradients)[row.tensor][index])
        if row.passed and not beside.passed:
            stepped = beside.analytic  # which the complex step confirmed
        if not abs(measured - stepped) <= 10 * CENTRAL_TOLERANCE * max(row.scale, abs(measured)):
            with_whom = "central difference" if not row.passed and abs(row.analytic - measured) <= 10 * CENTRAL_TOLERANCE * max(
                row.scale, abs(measured)) else "complex step" if row.passed else "neither"  # fmt: skip
            notes[row.tensor] = (
                f"the two witnesses disagree (complex step {stepped:.6g}, central difference {measured:.6g}) "
                f"and backward agrees with {'the ' if with_whom != 'neither' else ''}{with_whom}"
            )
            disagree.append(row.tensor)
    if disagree:
        lost = analytic.lost_at(lambda: subject.project(tree.map(lambda leaf: leaf + COMPLEX_STEP * 1j, subject.arguments)))
        notes = {tensor: f"{note}: {lost}" for tensor, note in notes.items()}
    rows = exact + second
    return [
        dataclasses.replace(row, note=notes[row.tensor]) if row.tensor in notes and not row.passed else row for row in rows
    ]


def _check_float32(rule, arguments, cotangent, floor):
    """Output and gradients in float32, held against float64's at the same numbers.

    What float32 can hold is measured: in float64 every number that goes in, and every number in the cache between
    forward and backward, is moved by up to half a unit of float32, as rounding would; the most that a result moves is
    its due, and at least a unit of the tensor's largest entry. FLOAT32_FACTOR dues pass, for all that is rounded and
    stands in no cache. (Over the cases of this package the largest error measured is 7 dues.)
    """
    unit = 0.5 * float(np.finfo(np.float32).eps)
    narrow = _cast({**rule.inputs, **arguments}, np.float32)
    rounded = _cast(narrow, np.float64)
    dy = tree.map(lambda leaf: np.asarray(leaf, np.float32), cotangent)

    def run(everything, dtype, rng=None):
        given = handing.copied(everything)
        plain = dataclasses.replace(rule, inputs={key: given[key] for key in rule.inputs})
        differentiated = {key: given[key] for key in arguments}
        y, cache = plain.forward(differentiated)
        outputs = {"y": handing.copied(y)}
        for _, array in handing.arrays(cache) if rng is not None else ():
            if array.dtype == np.float64 and array.flags.writeable:
                array *= 1 + unit * rng.uniform(-1, 1, array.shape)
        gradients = plain.run_backward(
            *([given["params"]] if rule.has_params else []), cache, tree.map(lambda leaf: leaf.astype(dtype), dy),
            **handing.copied(rule.backward_settings),
        )  # fmt: skip
        named = returned.in_order(rule.name, gradients, arguments, rule.inputs)
        named = outputs | {f"d{key}": value for key, value in named.items()}
        return {name: np.array(leaf) for name, leaf in tree.leaves(named)}

    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found, wanted = run(narrow, np.float32), run(rounded, np.float64)
            rng, dues = np.random.default_rng(7), dict.fromkeys(wanted, 0.0)
            for _ in range(3):
                moved = {
                    key: tree.map(lambda leaf: leaf * (1 + unit * rng.uniform(-1, 1, leaf.shape)), value) if key in arguments else value
                    for key, value in rounded.items()
                }
                for name, array in run(moved, np.float64, rng).items():
                    dues[name] = max(dues[name], float(np.abs(array - wanted[name]).max(initial=0)))
    except Exception as error:
        note = f"in float32 it raises {type(error).__name__}: {' '.join(str(error).split())[:150]}"
        note += f" (at {handing.place(error)})" if handing.place(error) else ""
        return [Row(rule.name, "y", FLOAT32, (), math.nan, math.nan, math.nan, math.inf, 0.0, 0, note)]
    rows = []
    largest = max((float(np.abs(array).max(initial=0)) for name, array in wanted.items() if name.startswith("d")), default=0.0)
    for name, array in wanted.items():
        if not array.size:
            continue
        scale = _scale(array, largest if name.startswith("d") else 0.0, floor)
        tolerance = FLOAT32_FACTOR * max(2 * unit, dues[name] / scale)
        other, note = found[name], ""
        if other.dtype != np.float32:
            note = f"in float32 it is {other.dtype}: something promotes it (a NumPy scalar, an array made without dtype=x.dtype)"
        errors = _errors(other.astype(np.float64), array, scale)
        index = tuple(int(i) for i in np.unravel_index(np.argmax(errors), errors.shape))
        values = (float(other[index]), float(array[index]), scale, math.inf if note else float(errors[index]))
        rows.append(Row(rule.name, name, FLOAT32, index, *values, tolerance, array.size, note))
    return rows


def _cast(thing, dtype):
    """The same with all arrays of floats in `dtype`."""

    def cast(leaf):
        return leaf.astype(dtype) if isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f" else leaf

    return {key: tree.map(cast, value) for key, value in thing.items()}
