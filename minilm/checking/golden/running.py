"""One run of a subject under the recorder: every named array, by its address, in the order of computation.

An array that goes by several addresses (a layer's argument is what its caller named) is one Made, under the first of
them, and `also` has the others. What backward returns for a parameter is `dparams.` and the parameter's name.
"""

import re
import types
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minilm import tree
from minilm.checking.golden.subject import Subject
from minilm.errors import InputError
from minilm.tracing import PACKAGE, statements, trace
from minilm.tracing.recording import Call, Recording, Value

WHOLE = 1 << 30  # bytes: nothing is kept by a corner
ITEM = re.compile(r"^(\w+)\[[\"'](\w+)[\"']\]$")


@dataclass
class Made:
    """An array of the run: what it is, what made it, and what it was made from."""

    name: str
    array: np.ndarray
    role: str  # "parameter", "input", "upstream", "forward", "backward", "gradient"; of models "update" too
    also: list[str] = field(default_factory=list)
    formula: str = ""
    file: str = ""
    line: int = 0
    made_from: list[str] = field(default_factory=list)
    of: str = ""  # of a gradient: the parameter or input that it belongs to
    calls: list[str] = field(default_factory=list)  # the modules in whose calls it was made, innermost first


@dataclass
class Run:
    """What came of a run. `numbers` are the plain numbers that statements named (a scale, a count)."""

    made: dict[str, Made]
    numbers: dict[str, str]
    y: Any
    gradients: dict[str, Any]
    functions: list[types.FunctionType]  # all that were called, each once

    def arrays(self) -> dict[str, np.ndarray]:
        """{name: array}."""
        return {name: made.array for name, made in self.made.items()}

    def named(self) -> dict[str, str]:
        """{any address: the name of its array}."""
        return {other: name for name, made in self.made.items() for other in (name, *made.also)}


def run(subject: Subject, convert=None) -> Run:
    """Forward and backward of a subject, traced. `convert`, a function of arrays, is applied to all that goes in."""
    arguments = ready(subject, convert)
    with np.errstate(all="ignore"), trace(whole=WHOLE, budget=WHOLE, files=files_of(subject)) as recording:
        y, cache = subject.forward(arguments)
        upstream = converted(subject.upstream(y), convert)
        gradients = subject.backward(arguments, cache, upstream)
    if recording.note:
        raise InputError(f"{subject.name}: {recording.note}; leave the other tracer out to make golden files")
    return gathered(subject, recording, arguments, upstream, y, gradients)


def files_of(subject: Subject) -> set[str]:
    """The files of a rule's own functions: one that is written beside its case, or elsewhere, is followed too."""
    rule = (subject.case.forward, subject.case.backward)
    plain = [getattr(function, "__func__", function) for function in rule]
    return {function.__code__.co_filename for function in plain if isinstance(function, types.FunctionType)}


def ready(subject: Subject, convert=None) -> dict[str, Any]:
    """All that a subject is given, with `convert` applied to the floats."""
    return {key: converted(value, convert) for key, value in subject.arguments.items()}


def converted(thing: Any, convert=None) -> Any:
    """A tree with `convert` applied to its floats."""
    return tree.map(lambda leaf: convert(leaf) if convert is not None and is_floats(leaf) else leaf, thing)


def is_floats(leaf: Any) -> bool:
    return isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f"


def gathered(subject: Subject, recording: Recording, arguments, upstream, y, gradients) -> Run:
    """The Run of a recording."""
    groups = grouped(recording)
    made: dict[str, Made] = {}
    by_array: dict[int, str] = {}
    reader = Reads(recording)
    addresses: dict[int, str] = {}  # number of a value -> the name of its array
    first_backward = next((call.number for call in recording.calls if is_back(call) and call.parent is None), None)
    for values in groups:
        first = first_of(values)
        also = [value.address for value in values if value.address != first.address]
        found = Made(first.address, np.asarray(first), role_of(recording, first, first_backward), also)
        for value in values:
            addresses[value.number] = found.name
        step = recording.step_of(values[0])
        if step is not None and first.kind != "parameter":
            call = recording.calls[step.call]
            found.formula, found.file, found.line = step.text, call.file, step.line
            found.made_from = reader.names(step, values[0], addresses, found.name)
            found.calls = chain(recording, call)
        made[found.name] = found
        by_array[id(first.array)] = found.name
    settle(made, subject, arguments, upstream, y, gradients)
    numbers = {value.address: value.text for value in recording.values if value.kind == "number"}
    return Run(made, numbers, y, gradients, functions_of(recording))


def first_of(values: list[Value]) -> Value:
    """The value by whose address an array goes first: a parameter, or the first that has a name of its own."""
    parameters = [value for value in values if value.kind == "parameter"]
    named = [value for value in values if value.name != "returned" and ".returned" not in value.address]
    return (parameters or named or values)[0]


def grouped(recording: Recording) -> list[list[Value]]:
    """The values that are one array, together, in the order in which the arrays were made; parameters first."""
    groups: dict[int, list[Value]] = {}
    every = [*recording.parameters.values(), *(v for v in recording.values if v.kind == "array")]
    for value in every:
        if value.array is not None and value.whole:
            groups.setdefault(id(value.array), []).append(value)
    return list(groups.values())


def role_of(recording: Recording, value: Value, first_backward: int | None) -> str:
    if value.kind == "parameter":
        return "parameter"
    call = recording.calls[value.call]
    back = first_backward is not None and call.number >= first_backward
    if value.step is None and call.parent is None:
        return "upstream" if back else "input"
    return "backward" if back else "forward"


def is_back(call: Call) -> bool:
    return call.function.endswith("backward")


def chain(recording: Recording, call: Call) -> list[str]:
    """The modules of a call and of those that it was made in, innermost first."""
    found = [call.module]
    while call.parent is not None:
        call = recording.calls[call.parent]
        if call.module not in found:
            found.append(call.module)
    return found


def settle(made: dict[str, Made], subject: Subject, arguments, upstream, y, gradients) -> None:
    """What went in and what came out are there under names of their own, whether a line of the package named them.

    Inputs as `x`, in a dict as `batch.inputs`; outputs as the line has them or `y`; gradients as `dx`, `dparams.NAME`.
    """

    def known(array: np.ndarray, roles: tuple[str, ...]) -> Made | None:
        same = [each for each in made.values() if each.role in roles and same_numbers(each.array, array)]
        return same[-1] if same else None

    def keep(name: str, array: Any, role: str, after: bool = True) -> Made:
        found = Made(name, np.array(array), role)
        if after:
            made[name] = found
        else:
            rest = dict(made)
            made.clear()
            made.update({name: found} | rest)
        return found

    for key in reversed(list(subject.case.inputs)):
        for path, leaf in reversed(list(tree.leaves(arguments[key]))):
            name = f"{key}.{path}" if path else key
            if isinstance(leaf, np.ndarray) and not (name in made and same_numbers(made[name].array, leaf)):
                there = known(leaf, ("input",))
                if there is not None and name not in made and leaf.size > 1:
                    renamed(made, there.name, name)
                elif name not in made:
                    keep(name, leaf, "input", after=False)
    for path, leaf in tree.leaves(upstream):
        there = known(np.asarray(leaf), ("upstream",))
        if there is None:
            keep("upstream" + (f".{path}" if path else ""), leaf, "upstream")
    for path, leaf in tree.leaves(y):
        if known(np.asarray(leaf), ("forward", "input")) is None:
            keep("returned" + (f".{path}" if path else ""), leaf, "forward")
    for key, gradient in gradients.items():
        for path, leaf in tree.leaves(gradient):
            belongs = f"{key}.{path}" if path else key
            name = f"d{belongs}"
            there = known(np.asarray(leaf), ("backward", "upstream"))
            if there is not None and there.role == "backward" and not there.of and is_its(there, belongs):
                there.of, there.role = belongs.removeprefix("params."), "gradient"
                renamed(made, there.name, name)
            elif name in made:
                made[name].of, made[name].role = belongs.removeprefix("params."), "gradient"
            else:
                keep(name, leaf, "gradient").of = belongs.removeprefix("params.")


def is_its(there: Made, belongs: str) -> bool:
    """Whether an array of the way back is named as the gradient of this parameter or input."""
    path, _, name = belongs.removeprefix("params.").rpartition(".")
    wanted = f"{path}.d{name}" if path else f"d{name}"
    return wanted in [each.partition("@")[0] for each in (there.name, *there.also)]


def renamed(made: dict[str, Made], old: str, new: str) -> None:
    """Let an array go by another name first; its place stays."""
    if old == new:
        return
    if new in made:
        return
    entries = list(made.items())
    made.clear()
    for name, each in entries:
        if name == old:
            each.also = [old, *(other for other in each.also if other != new)]
            each.name = new
            made[new] = each
        else:
            each.made_from = [new if other == old else other for other in each.made_from]
            made[name] = each


def same_numbers(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def functions_of(recording: Recording) -> list[types.FunctionType]:
    """The functions of the package that were called, each once, where they are functions of their module."""
    import sys

    found: dict[int, types.FunctionType] = {}
    for call in recording.calls:
        module = sys.modules.get(call.module)
        function = getattr(module, call.function, None)
        if function is None:
            function = next((getattr(each, call.function) for each in vars(module).values()
                             if isinstance(each, type) and each.__module__ == call.module
                             and hasattr(each, call.function)), None)  # fmt: skip
        if isinstance(function, types.FunctionType) and function.__module__ == call.module:
            found.setdefault(id(function), function)
    return list(found.values())


class Reads:
    """Which values a step was made from: the names that its statement reads, as they stood in its call."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording

    def names(self, step, value: Value, addresses: dict[int, str], own: str) -> list[str]:
        """The names of the arrays that a value was made from."""
        return sorted({addresses[number] for number in self.of(step, value.number) if number in addresses} - {own})

    def of(self, step, limit: int) -> set[int]:
        recording = self.recording
        call = recording.calls[step.call]
        path = PACKAGE.parent / call.file
        if not path.is_file():
            return set()
        statement = statements.source(str(path)).at(step.line)
        found: set[int] = set()
        texts = set(statement.reads)
        items = {ITEM.match(text).group(1) for text in texts if ITEM.match(text)}  # type: ignore[union-attr]
        for text in texts:
            match = ITEM.match(text)
            if match and match.group(1) == "params":
                place = f"{call.path}.{match.group(2)}" if call.path else match.group(2)
                if place in recording.parameters:
                    found.add(recording.parameters[place].number)
            elif match and "cache" in match.group(1):
                found |= self.cached(call, match.group(2))
            elif "cache" in text and text not in items:
                found |= self.cached(call, None) if call.function.endswith("backward") else set()
            else:
                found |= self.local(call, match.group(1) if match else text, limit, match.group(2) if match else None)
        return found

    def local(self, call: Call, name: str, limit: int, item: str | None) -> set[int]:
        values = [v for v in (*call.arguments, *(v for n in call.steps for v in self.recording.steps[n].values))
                  if v.kind in ("array", "parameter") and v.number < limit]  # fmt: skip
        if item is not None:
            exact = [v for v in values if v.name == f"{name}.{item}"]
            return {exact[-1].number} if exact else set()
        exact = [v for v in values if v.name == name]
        parts = [v for v in values if v.name.startswith(f"{name}.")]
        return {v.number for v in [*exact[-1:], *parts]}

    def cached(self, call: Call, key: str | None) -> set[int]:
        """The values that a backward call's forward call put into its cache under a key; None: all that it named."""
        if call.partner is None:
            return set()
        values = self.recording.arrays_of(self.recording.calls[call.partner])
        if key is None:
            return {value.number for value in values}
        return {value.number for value in values if value.name == key}
