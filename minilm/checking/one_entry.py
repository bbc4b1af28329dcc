"""The derivative by one entry of one named intermediate: the complex step, taken in the middle of a run.

A recording says that in the third call of softmax the eighth statement named `exponentials`. The run is repeated with
complex numbers, and right after that statement h i is added to one entry of `exponentials`; the imaginary part of what
the run ends with, divided by h, is the derivative by that entry, through everything that comes after it (Squire and
Trapp 1998, as in gradcheck.py). So every gradient that backward names can be proved where it stands, and the first
wrong one of a chain be found: each is compared with the truth, not with what it was made from.
"""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from minilm import tree
from minilm.checking.gradcheck import COMPLEX_STEP
from minilm.errors import InputError
from minilm.tracing import followed
from minilm.tracing.recorder import FOLDED
from minilm.tracing.recording import Call, Recording, Value
from minilm.tracing.statements import Statement, source

CLOSE = {"float32": 1e-3, "float64": 1e-9}  # how near a right gradient of that precision is, of the array's largest


@dataclass(frozen=True)
class Verdict:
    """One entry of a gradient beside the complex step; `error` is their difference over `scale`."""

    gradient: Value
    value: Value
    index: tuple[int, ...]
    analytic: float
    numeric: float
    scale: float
    tolerance: float

    @property
    def error(self) -> float:
        return abs(self.analytic - self.numeric) / self.scale

    @property
    def passed(self) -> bool:
        return bool(self.error <= self.tolerance)

    def __str__(self) -> str:
        place = f"{self.gradient.address}[{', '.join(map(str, self.index))}]"
        return (
            f"{'pass' if self.passed else 'WRONG'}  {place} = {self.analytic:.9g}, complex step {self.numeric:.9g}: "
            f"off by {self.error:.1e} of {self.scale:.3g} (at most {self.tolerance:.0e})"
        )


@dataclass(frozen=True)
class Place:
    """Where an entry is changed: after the statement `step` of the call number `call`, counted from the run's first;
    `step` -1: when the call begins. `target`: the name, or what the source says where that is no plain name."""

    call: int
    step: int
    name: str
    target: str
    index: tuple[int, ...]


def check(
    run: Callable[[tree.Tree], Any], params: tree.Tree, recording: Recording, gradient: Value,
    index: tuple[int, ...] | None = None, *, first: int = 0, floor: float = 0.0,
) -> Verdict:  # fmt: skip
    """Hold one entry of a recorded gradient (its largest by default) against the complex step.

    run(params) repeats what was recorded from the call number `first` on, and returns the scalar whose gradient it is.
    The difference is measured against the gradient's largest entry, or `floor` where that is more.
    Raises InputError where nothing of the recording is what this is the gradient of, or its numbers were not kept.
    """
    value = recording.partner_value(gradient)
    if value is None or not gradient.name.startswith("d") or gradient.shape != value.shape:
        raise InputError(f"{gradient.address} is the gradient of nothing that has a name: it is a part of a sum")
    if gradient.array is None or not gradient.array.size:
        raise InputError(f"{gradient.address} was not kept: {gradient.note or 'it is empty'}")
    if value.kind == "parameter" and not whole(recording, gradient, value):
        raise InputError(f"{gradient.address} is a part of a sum: {value.address} is used more than once")
    array = gradient.array
    if index is None:
        index = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(np.nan_to_num(array)))), array.shape))
    if len(index) != array.ndim or any(not -n <= i < n for i, n in zip(index, array.shape, strict=True)):
        raise InputError(f"{gradient.address} has the shape {gradient.shape}; give an index in it")
    index = tuple(i % n for i, n in zip(index, array.shape, strict=True))
    numeric = derivative(run, params, recording, value, index, first=first)
    largest = max(abs(gradient.least or 0.0), abs(gradient.greatest or 0.0), abs(numeric))
    scale = max(largest, floor) or 1.0
    return Verdict(
        gradient, value, index, float(array[index]), numeric, scale, CLOSE.get(gradient.dtype, CLOSE["float32"])
    )


def whole(recording: Recording, gradient: Value, parameter: Value) -> bool:
    """Whether a recorded gradient of a parameter is not just a part of it."""
    if parameter.address in recording.gradients:
        return recording.is_whole(gradient, parameter)
    return len(uses(recording, gradient, parameter)) < 2


def uses(recording: Recording, gradient: Value, parameter: Value) -> set[int]:
    """The different gradients of one parameter that the same outermost call made, by the ids of their arrays."""

    def outermost(value: Value) -> int:
        call = recording.calls[value.call]
        while call.parent is not None:
            call = recording.calls[call.parent]
        return call.number

    found = (recording.values[number] for number, other in recording.pairs().items() if other == parameter.number)
    return {id(each.array) for each in found if outermost(each) == outermost(gradient)}


def derivative(
    run: Callable[[tree.Tree], Any], params: tree.Tree, recording: Recording, value: Value, index: tuple[int, ...],
    *, first: int = 0,
) -> float:  # fmt: skip
    """The derivative of run(params) by one entry of a recorded value, to the last digits of double precision."""
    copies = tree.map(lambda leaf: leaf.astype(np.complex128) if leaf.dtype.kind in "fc" else leaf, params)
    if value.kind == "parameter":
        flat = tree.flatten(copies)
        if value.address not in flat:
            raise InputError(f"{value.address} is no parameter of this run")
        flat[value.address][index] += COMPLEX_STEP * 1j
        return float(np.imag(run(copies)) / COMPLEX_STEP)
    place = place_of(recording, value, index, first)
    changer = Changer(place)
    before = sys.gettrace()
    sys.settrace(changer)
    try:
        result = run(copies)
    finally:
        sys.settrace(before)
    if not changer.done:
        raise InputError(f"{value.address} is not made by what is repeated here, so there is no derivative by it")
    return float(np.imag(result) / COMPLEX_STEP)


def place_of(recording: Recording, value: Value, index: tuple[int, ...], first: int) -> Place:
    """Where a value is named: what a call returns without a name, its caller names."""
    call = recording.calls[value.call]
    if value.step is None:
        return Place(call.number - first, -1, value.name, "", index)
    step = recording.steps[value.step]
    if step.returns:
        other = named_by_caller(recording, call, value)
        if other is None or other is value:
            raise InputError(f"{value.address} is returned without a name, and its caller gives it none either")
        return place_of(recording, other, index, first)
    return Place(call.number - first, call.steps.index(step.number), value.name, value.text, index)


def named_by_caller(recording: Recording, call: Call, value: Value) -> Value | None:
    """The value that the calling statement made of what a call returned."""
    if call.at is None:
        return None
    step = recording.steps[call.at]
    return next((other for other in step.values if other.array is value.array and other.shape == value.shape), None)


class Changer:
    """A tracer that adds h i to one entry at one place, and is no trace otherwise."""

    def __init__(self, place: Place) -> None:
        self.place, self.done = place, False
        self.calls, self.steps = -1, -1
        self.statement: Statement | None = None
        self.generators: dict[int, FrameType] = {}

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if event != "call" or code.co_name in FOLDED or not followed(code.co_filename):
            return None
        if code.co_flags & inspect.CO_GENERATOR:
            if id(frame) in self.generators:
                return None
            self.generators[id(frame)] = frame
        self.calls += 1
        if self.calls != self.place.call or self.done:
            return None
        if self.place.step < 0:
            self.change(frame)
            return None
        self.source = source(code.co_filename)
        return self.inside

    def inside(self, frame: FrameType, event: str, argument: Any) -> Any:
        """In the call: count its statements as the recorder does."""
        if event != "line" or self.done:
            return self.inside
        statement = self.source.at(frame.f_lineno)
        if statement is not self.statement:
            self.steps, self.statement = self.steps + 1, statement
            if self.steps == self.place.step + 1:
                self.change(frame)
        return self.inside

    def change(self, frame: FrameType) -> None:
        place, present = self.place, frame.f_locals
        if place.target:
            array = eval(place.target, frame.f_globals, present)
            if isinstance(array, np.ndarray) and array.dtype.kind == "c":
                array[place.index] += COMPLEX_STEP * 1j
                self.done = True
            return
        base, _, key = place.name.partition(".")
        thing = present[base]
        if key:
            pairs = dict(thing) if isinstance(thing, dict) else dict(enumerate(thing))
            item = key if isinstance(thing, dict) else int(key)
            pairs[item] = stepped(pairs[item], place.index)
            present[base] = pairs if isinstance(thing, dict) else type(thing)(pairs.values())
        else:
            present[base] = stepped(thing, place.index)
        self.done = True


def stepped(array: Any, index: tuple[int, ...]) -> np.ndarray:
    """A complex copy with h i added to one entry."""
    copy = np.array(array, np.complex128)
    copy[index] += COMPLEX_STEP * 1j
    return copy
