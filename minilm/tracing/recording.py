"""What a recorder keeps: calls, the steps in them, and the values that each step named.

    recording.calls[i]      Call   one call of a function, with its address (a path such as encoder.1.attention)
    recording.steps[i]      Step   one executed statement, in the order in which they began
    step.values             Value  what the statement named: an array with its statistics, or a number

A statement that calls another function begins before the steps of that function and is finished after them: `done` says
with which step. A value's address is the call's path and the name, `encoder.1.attention.scores`, and where a name of a
path comes several times (a loop, the steps of a decoding) a counter: `encoder.0.gates.i@3` is the fourth. What is named
on the way back has the address of what it belongs to, with a d before the name: `encoder.0.gates.di@3`.
"""

import difflib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minilm.errors import InputError, said
from minilm.tracing import html


@dataclass
class Value:
    """A name with what it stands for after the statement that named it."""

    number: int  # its index in recording.values
    name: str  # as in the source: "scores"; of a dict's arrays "y.h"
    address: str  # unique in the recording: "encoder.1.attention.scores", "encoder.0.gates.i@3"
    kind: str  # "array", "parameter", "buffer" (filled later), "number", "text" (what else a name stands for)
    call: int  # number of the call
    step: int | None  # number of the step that named it; None for an argument, which the call brought
    shape: tuple[int, ...] = ()
    dtype: str = ""
    least: float | None = None  # statistics over the finite entries (of a complex array, of its real part)
    greatest: float | None = None
    mean: float | None = None
    deviation: float | None = None  # the standard deviation
    zeros: float | None = None  # the share of entries that are 0
    non_finite: int = 0  # how many entries are NaN or infinite
    first_non_finite: tuple[int, ...] | None = None  # where the first of them stands
    # A read-only copy: all of it, or its corner at index 0. None where nothing was kept.
    array: np.ndarray | None = field(default=None, repr=False)
    whole: bool = True  # whether `array` is all of it
    note: str = ""  # where it is not: what was kept, and which option keeps more
    text: str = ""  # a number's or another thing's representation, one line

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """np.asarray(value): the array. Raises InputError where it was not kept whole."""
        if self.array is None or not self.whole:
            raise InputError(f"{self.address} was not kept whole: {self.note or 'it is no array'}")
        return np.array(self.array, dtype=dtype) if copy else np.asarray(self.array, dtype=dtype)

    def _repr_html_(self) -> str:
        return html.picture(self)

    @property
    def path(self) -> str:
        """The address without the name."""
        base = self.address.partition("@")[0]
        return base[: len(base) - len(self.name)].rstrip(".")


@dataclass
class Step:
    """One executed statement."""

    number: int
    call: int  # number of the call that it belongs to
    line: int  # first and last line of the statement in the call's file
    end_line: int
    lines: list[int]  # the interpreter's line events in it, in order: a statement over several lines has several
    text: str  # its source, without indentation common to its lines
    comment: str  # the comment at the end of its last line, or the comment lines directly above it; without "#"
    values: list[Value] = field(default_factory=list)
    done: int = 0  # number of the last step that had begun when this one was finished: `number` where it called nothing
    returns: bool = False  # whether it left the call; its values are then what was returned
    raised: str = ""  # the exception that left it, one line


@dataclass
class Call:
    """One call of a function."""

    number: int
    parent: int | None  # number of the call that made it
    at: int | None  # number of the step that made it
    module: str  # "minilm.ops.softmax"
    function: str  # "forward", "backward", "encode" ...
    path: str  # "encoder.1.attention.softmax"; "" is the model
    direction: str  # "forward" or "backward"
    turn: int  # how many-th call of this function at this path, from 0; a backward call has its forward call's
    file: str  # relative to the package's parent, with "/": "minilm/ops/softmax.py"; key of recording.sources
    line: int  # first and last line of the function
    end_line: int
    depth: int  # 0 for the outermost
    arguments: list[Value] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)  # numbers of its own steps
    returned: list[Value] = field(default_factory=list)
    partner: int | None = None  # number of the backward call of a forward call, and the other way round

    @property
    def title(self) -> str:
        """`encoder.1.attention.softmax: ops.softmax.forward`."""
        return f"{self.path or 'model'}: {self.module.removeprefix('minilm.')}.{self.function}"


@dataclass(repr=False)
class Recording:
    """All that one thread did while it was traced, in order. `threads` are the recordings of the others, by name."""

    calls: list[Call] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    parameters: dict[str, Value] = field(default_factory=dict)  # of the root trees: dotted name -> value
    sources: dict[str, list[str]] = field(default_factory=dict)  # file -> its lines
    docstrings: dict[str, str] = field(default_factory=dict)  # file -> the docstring of its module
    threads: dict[str, "Recording"] = field(default_factory=dict)
    # Of each parameter the value that is its whole gradient, by the number of the outermost call that was asked for it.
    gradients: dict[str, dict[int, int]] = field(default_factory=dict, repr=False)
    left_out: int = 0  # values of which the budget kept a corner or nothing
    note: str = ""  # what was left out, and the option that keeps it
    _addresses: dict[str, Value] = field(default_factory=dict, repr=False)
    _pairs: dict[int, int] = field(default_factory=dict, repr=False)
    _paired: int = -1

    def __repr__(self) -> str:
        more = f", {len(self.threads)} more threads" if self.threads else ""
        return f"Recording({len(self.calls)} calls, {len(self.steps)} steps, {len(self.values)} values{more})"

    def __getitem__(self, address: str) -> Value:
        """The Value of an address. Raises InputError, naming the nearest ones, where there is none."""
        found = self.addresses().get(address)
        if found is None:
            near = ", ".join(self.near(address))
            nothing = "nothing is like it" if self.values else "did anything run in the trace?"
            hint = f"near it: {near}" if near else nothing
            raise InputError(f"nothing was recorded at {said(address)}; {hint}")
        return found

    def _repr_html_(self) -> str:
        return html.table(self)

    def show(self, address: str) -> html.Shown:
        """An array, with its gradient or what it is the gradient of where that is recorded: heat maps in a notebook."""
        value = self[address]
        other = self.partner_value(value)
        return html.Shown(value, *([other] if other is not None else []))

    def __contains__(self, address: object) -> bool:
        return address in self.addresses()

    def addresses(self) -> dict[str, Value]:
        """{address: Value}, parameters included."""
        if len(self._addresses) != len(self.values):
            self._addresses = {value.address: value for value in self.values if value.address}
        return self._addresses

    def near(self, address: str, most: int = 3) -> list[str]:
        """The addresses that are most like one: of the same name first."""
        every = list(self.addresses())
        name = address.rpartition(".")[2].partition("@")[0]
        alike = [each for each in every if each.partition("@")[0].rpartition(".")[2] == name and "@" not in each]
        found = difflib.get_close_matches(address, alike, most, 0.3)
        found += difflib.get_close_matches(address, [each for each in every if "@" not in each], most, 0.6)
        return list(dict.fromkeys(found))[:most]

    def call_of(self, step: Step) -> Call:
        """The call that a step belongs to."""
        return self.calls[step.call]

    def step_of(self, value: Value) -> Step | None:
        """The step that named a value; of an argument the step that made the call, None for the outermost's."""
        if value.kind == "parameter":
            return None
        number = value.step if value.step is not None else self.calls[value.call].at
        return None if number is None else self.steps[number]

    def partner_value(self, value: Value) -> Value | None:
        """Of a forward value its gradient, of a gradient what it belongs to: the same address with a d, or without."""
        if value.kind == "parameter":
            whole = next(iter(self.gradients.get(value.address, {}).values()), None)
            return self.values[whole] if whole is not None else self.addresses().get(gradient_address(value.address))
        if value.kind != "array":
            return None
        found = self.pairs().get(value.number)
        return None if found is None else self.values[found]

    def is_whole(self, gradient: Value, parameter: Value) -> bool:
        """Whether a gradient of a parameter is all of it: of one that is used twice, each use gives a part of a sum."""
        wholes = self.gradients.get(parameter.address, {}).values()
        return not wholes or any(gradient.array is self.values[number].array for number in wholes)

    def partner(self, step: Step) -> Step | None:
        """The step that named the gradient of what this one named, or the other way round; None where there is none."""
        for value in step.values:
            other = self.partner_value(value)
            found = self.step_of(other) if other is not None else None
            if found is not None:
                return found
        return None

    def pairs(self) -> dict[int, int]:
        """{number of a value: that of its partner}. Of several of one name and shape the last goes with the first."""
        if self._paired != len(self.values):
            self._paired, self._pairs = len(self.values), {}
            for call in self.calls:
                if call.function.endswith("backward") and call.partner is not None:
                    self._pair(self.calls[call.partner], call)
            for address, found in self.gradients.items():
                for number in found.values():
                    self._pairs.setdefault(number, self.parameters[address].number)
        return self._pairs

    def _pair(self, there: Call, back: Call) -> None:
        forward: dict[tuple, list[Value]] = {}
        for value in self.arrays_of(there):
            forward.setdefault((value.name, value.shape), []).append(value)
        first = next((value for value in back.arguments if value.kind == "array"), None)
        named: dict[tuple, list[Value]] = {}
        for value in self.arrays_of(back):
            if value.name.startswith("d") and not value.name.rpartition(".")[2].isdecimal():
                named.setdefault((value.name[1:], value.shape), []).append(value)
        for key, values in named.items():
            there_named = forward.get(key, [])
            # Of more gradients than arrays the first are parts of a sum, and the last are the whole.
            whole = values[max(0, len(values) - len(there_named)) :] if there_named else values
            for value, other in zip(whole, [*reversed(there_named), *([None] * len(whole))], strict=False):
                self._link(value, other or self._other(there, back, value, value is first))

    def _other(self, there: Call, back: Call, value: Value, first: bool) -> Value | None:
        """What a gradient without a namesake in its forward call belongs to: what that returned, or a parameter."""
        if first and there.returned and there.returned[0].shape == value.shape:
            return there.returned[0]  # what came in on the way back belongs to what went out on the way there
        name = value.name.removeprefix("dparams.").removeprefix("d")
        found = self.parameters.get(f"{back.path}.{name}" if back.path else name)
        return found if found is not None and found.shape == value.shape else None

    def _link(self, value: Value, other: Value | None) -> None:
        if other is not None:
            self._pairs.setdefault(value.number, other.number)
            self._pairs.setdefault(other.number, value.number)

    def arrays_of(self, call: Call) -> list[Value]:
        """The arrays that a call was given and named, each once, in order."""
        found = {value.number: value for value in call.arguments}
        for number in call.steps:
            found |= {value.number: value for value in self.steps[number].values}
        return [value for value in found.values() if value.kind == "array"]

    def compare(self, other: "Recording", tolerance: float = 0.0) -> "Difference | None":
        """The first step at which two recordings differ, or None.

        The lines must be the same, and so must what they named: shapes, dtypes, and each entry to `tolerance` times
        the largest of its array (0: bit for bit). Of arrays that are not kept whole their corner and statistics are.
        """
        pairs = list(zip(self.steps, other.steps, strict=False))
        parted = next((mine.number for mine, theirs in pairs if elsewhere(self, mine, other, theirs)), len(pairs))
        # In the order in which the statements were finished: what was called before what called it.
        for mine, theirs in sorted(pairs[:parted], key=lambda pair: (pair[0].done, -pair[0].number)):
            why = difference(self, mine, other, theirs, tolerance)
            if why is not None:
                return Difference(mine, theirs, *why)
        if parted < len(pairs):
            return Difference(*pairs[parted], str(elsewhere(self, pairs[parted][0], other, pairs[parted][1])))
        if len(self.steps) != len(other.steps):
            longer = self if len(self.steps) > len(other.steps) else other
            step = longer.steps[min(len(self.steps), len(other.steps))]
            whose = "the other ends" if longer is self else "this one ends"
            why_ended = f"{whose} before {place(longer, step)}"
            return Difference(step if longer is self else None, None if longer is self else step, why_ended)
        return None


@dataclass(frozen=True)
class Difference:
    """The first step at which two recordings differ: theirs and ours, why, and which value at which index."""

    step: Step | None
    other_step: Step | None
    why: str
    value: Value | None = None
    other: Value | None = None
    index: tuple[int, ...] | None = None

    def __str__(self) -> str:
        return self.why


def place(recording: Recording, step: Step) -> str:
    """`minilm/ops/softmax.py:26 (encoder.0.attention.softmax)`."""
    call = recording.calls[step.call]
    return f"{call.file}:{step.line} ({call.path or 'model'})"


def gradient_address(address: str) -> str:
    """`encoder.0.dscores` of `encoder.0.scores`."""
    path, dot, name = address.rpartition(".")
    return f"{path}{dot}d{name}"


def elsewhere(mine: Recording, step: Step, theirs: Recording, other: Step) -> str | None:
    """Where two steps stand, if not at the same line of the same address."""
    if (mine.calls[step.call].path, step.text) == (theirs.calls[other.call].path, other.text):
        return None
    return f"{place(mine, step)} here, {place(theirs, other)} there"


def difference(mine: Recording, step: Step, theirs: Recording, other: Step, tolerance: float):
    """(why, value, other value, index) where what two steps named differs, or None."""
    names = [[value.name for value in each.values] for each in (step, other)]
    if names[0] != names[1]:
        return f"{place(mine, step)} names {', '.join(names[0])} here, {', '.join(names[1])} there", None, None, None
    for a, b in zip(step.values, other.values, strict=True):
        if (a.kind, a.shape, a.dtype) != (b.kind, b.shape, b.dtype):
            why = f"{a.address} is {a.dtype or a.text} {a.shape} here, {b.dtype or b.text} {b.shape} there"
            return f"{place(mine, step)}: {why}", a, b, None
        if a.kind == "number" and a.text != b.text:
            return f"{place(mine, step)}: {a.address} is {a.text} here, {b.text} there", a, b, None
        if a.array is None or b.array is None or a.array.shape != b.array.shape:
            continue
        unequal = unlike(a.array, b.array, tolerance)
        if unequal.any():
            index = tuple(int(i) for i in np.unravel_index(int(np.argmax(unequal)), unequal.shape))
            at = f"{a.address}[{', '.join(map(str, index))}]"
            return f"{place(mine, step)}: {at} is {a.array[index]} here, {b.array[index]} there", a, b, index
        if not tolerance and (a.least, a.greatest, a.mean) != (b.least, b.greatest, b.mean):
            return f"{place(mine, step)}: {a.address} differs beyond the corner that was kept", a, b, None
    return None


def unlike(a: np.ndarray, b: np.ndarray, tolerance: float) -> np.ndarray:
    """Where two arrays differ by more than `tolerance` times the largest entry; NaN equals NaN."""
    if a.dtype.kind not in "fc" or not tolerance:
        same = a == b
        return ~(same | ((a != a) & (b != b)))
    largest = float(np.abs(a[np.isfinite(a)]).max(initial=0))
    return ~(np.isclose(a, b, rtol=0, atol=tolerance * largest, equal_nan=True))
