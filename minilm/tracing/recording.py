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


@dataclass
class Value:
    """A name with what it stands for after the statement that named it."""

    number: int  # its index in recording.values
    name: str  # as in the source: "scores"; of a dict's arrays "y.h"
    address: str  # unique in the recording: "encoder.1.attention.scores", "encoder.0.gates.i@3"
    kind: str  # "array", "number", "text" (what else a name stands for, described), "parameter"
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
    array: np.ndarray | None = None  # a read-only copy: all of it, or its corner at index 0; None where nothing was kept
    whole: bool = True  # whether `array` is all of it
    note: str = ""  # where it is not: what was kept, and which option keeps more
    text: str = ""  # a number's or another thing's representation, one line

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
    comment: str  # the comment behind its last line, or the comment lines directly above it; without "#"
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


@dataclass
class Recording:
    """All that one thread did while it was traced, in order. `threads` are the recordings of the others, by name."""

    calls: list[Call] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    parameters: dict[str, Value] = field(default_factory=dict)  # of the root trees: dotted name -> value
    sources: dict[str, list[str]] = field(default_factory=dict)  # file -> its lines
    docstrings: dict[str, str] = field(default_factory=dict)  # file -> the docstring of its module
    threads: dict[str, "Recording"] = field(default_factory=dict)
    tokens: dict[str, list[str]] = field(default_factory=dict)  # axis ("source", "target", "inputs") -> token texts
    left_out: int = 0  # values of which the budget kept a corner or nothing
    note: str = ""  # what was left out, and the option that keeps it
