"""From the interpreter's events to a Recording: one Thread for each thread that is followed.

The addresses. A call with `params` has the path at which that very object stands in the tree of the outermost call's
parameters. A call without (softmax, dropout), or with the parameters of its caller (a model's encode), has its caller's
path and the key under which its cache is kept (statements.py); where there is none, its module's name, or of a helper
its own. A backward call belongs to the forward call that made its cache; where that was made anew, to the last forward
call of its module at its path that has none yet, as a backward pass undoes last things first.
"""

import itertools
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import numpy as np

from minilm.errors import InputError, one_line
from minilm.tracing import measures, statements
from minilm.tracing.recording import Call, Recording, Step, Value

MODEL_ROOMS = ("models", "tasks")
CONTRACT = ("forward", "backward", "step", "start", "loss", "loss_backward")
FOLDED = ("<lambda>", "<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>")
UNTRACED = ("params", "config", "settings")  # the parameters stand in recording.parameters
LATER = "a buffer that is filled later"  # a value's note
MOST = 16  # arrays of a dict or list that are values of their own


class NonFiniteError(InputError):
    """A line made NaN or an infinity. `step` and `value` are those of the recording."""

    def __init__(self, message: str, step: Step, value: Value) -> None:
        super().__init__(message)
        self.step, self.value = step, value


@dataclass
class Budget:
    """What a recording may keep, in bytes: `whole` of one array, `total` of all. Shared by the threads of a trace."""

    whole: int
    total: int
    used: int = 0
    told: set[str] = field(default_factory=set)


@dataclass
class Active:
    """A call that is under way."""

    call: Call
    source: statements.Source
    step: Step | None = None
    statement: statements.Statement | None = None
    raised: BaseException | None = None
    named: dict[str, list[Value]] = field(default_factory=dict)
    params: Any = None  # the parameters that it was given
    folded: bool = False  # a comprehension or a lambda: its lines belong to the step that runs it


class Thread:
    """What one thread does, as it happens."""

    def __init__(self, files, budget: Budget, stop_at_non_finite: bool) -> None:
        self.files, self.budget, self.stop = files, budget, stop_at_non_finite
        self.recording = Recording()
        self.stack: list[Active] = []
        self.suspended: dict[int, Active] = {}  # generators between two turns, by the id of their frame
        self.paths: dict[int, str] = {}  # id of a node of a parameter tree -> its path
        self.roots: list[Any] = []  # kept alive, so that the ids stay theirs
        self.unseen: dict[int, tuple[Any, str]] = {}  # trees that only the training has had so far
        self.turns: dict[tuple, int] = {}
        self.open: dict[tuple, list[int]] = {}  # forward calls without a backward call so far
        self.caches: dict[int, tuple[list[int], tuple]] = {}  # id of a cache -> the calls that returned it, its keys
        self.taken: dict[str, int] = {}  # address without counter -> the next counter
        self.addresses: set[str] = set()
        self.known: dict[int, tuple[weakref.ref, list[Value]]] = {}  # id of an array -> it, and the values that it is
        self.prints: dict[int, int] = {}  # number of a value that is not kept whole -> the fingerprint of its array
        self.fresh: list[tuple[Value, np.ndarray]] = []  # values that the last statement made
        self.given: list[np.ndarray] = []  # arrays with non-finite entries that came in from outside

    # The interpreter's events.

    def enter(self, frame: FrameType) -> None:
        """A function begins, or a generator goes on."""
        code = frame.f_code
        if code.co_name in FOLDED and self.stack:
            self.stack.append(Active(self.stack[-1].call, self.stack[-1].source, folded=True))
            return
        if id(frame) in self.suspended:
            self.stack.append(self.suspended.pop(id(frame)))
            return
        file = self.files(code.co_filename)
        source = statements.source(code.co_filename)
        self.recording.sources.setdefault(file, source.lines)
        self.recording.docstrings.setdefault(file, source.docstring)
        call = self.call(frame, file, source)
        self.recording.calls.append(call)
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        present = frame.f_locals
        active = Active(call, source, params=present.get("params") if "params" in names else None)
        self.stack.append(active)
        for name in names:
            if name in present:
                for value in self.values(active, name, present[name], None):
                    call.arguments.append(value)
                    if call.parent is None and value.non_finite:
                        self.given += arrays_in(present[name])

    def line(self, frame: FrameType, number: int) -> None:
        """A line begins."""
        active = self.stack[-1]
        if active.folded:
            outer = self.unfolded()
            if outer is not None and outer.step is not None:
                outer.step.lines.append(number)
            return
        active.raised = None
        statement = active.source.at(number)
        if active.step is not None and statement is active.statement:
            active.step.lines.append(number)
            return
        self.finish(active, frame, number)
        self.fresh.clear()
        step = Step(
            len(self.recording.steps), active.call.number, statement.first, statement.last, [number], statement.text,
            statement.comment,
        )  # fmt: skip
        self.recording.steps.append(step)
        active.call.steps.append(step.number)
        active.step, active.statement = step, statement

    def leave(self, frame: FrameType, result: Any) -> None:
        """A function returns `result`."""
        active = self.stack.pop()
        if active.folded:
            return
        try:
            if active.step is not None and active.statement is not None:
                if active.statement.text.startswith("return"):
                    self.returned(active, frame, result)
                else:
                    self.finish(active, frame, None)
        finally:
            active.step = None

    def suspend(self, frame: FrameType) -> None:
        """A generator yields: it goes on later."""
        active = self.stack.pop()
        if not active.folded:
            self.suspended[id(frame)] = active

    def fail(self, frame: FrameType, error: BaseException | None) -> None:
        """An exception leaves a function."""
        active = self.stack.pop()
        if not active.folded and active.step is not None:
            active.step.raised = one_line(f"{type(error).__name__}: {error}" if error else "", 200)
            active.step.done = len(self.recording.steps) - 1

    def close(self) -> None:
        """The trace is over: let go of everything but the recording."""
        for active in (*self.stack, *self.suspended.values()):
            if active.step is not None:
                active.step.done = max(active.step.done, len(self.recording.steps) - 1)
        self.stack, self.suspended, self.paths, self.roots = [], {}, {}, []
        self.known, self.prints, self.caches, self.fresh, self.given = {}, {}, {}, [], []

    # Calls and their addresses.

    def unfolded(self) -> Active | None:
        """The innermost call that is a function of its own."""
        return next((active for active in reversed(self.stack) if not active.folded), None)

    def call(self, frame: FrameType, file: str, source: statements.Source) -> Call:
        code = frame.f_code
        parent = self.unfolded()
        module = str(frame.f_globals.get("__name__", file))
        function = code.co_name
        back = function == "backward" or function.endswith("_backward")
        tail = module.rpartition(".")[2]
        made = self.maker(frame, tail) if back else None
        path = self.path(frame, parent, module, function, made)
        pair = (path, tail, function.removesuffix("backward").removesuffix("_") or "forward")
        call = Call(
            len(self.recording.calls), parent.call.number if parent else None,
            parent.step.number if parent and parent.step else None, module, function, path,
            "backward" if back or (parent and parent.call.direction == "backward") else "forward",
            0, file, code.co_firstlineno, source.functions.get(code.co_firstlineno, code.co_firstlineno),
            parent.call.depth + 1 if parent else 0,
        )  # fmt: skip
        if back:
            waiting = self.open.get(pair, [])
            if made is not None:
                waiting = [made.number]
            if waiting:
                call.partner = waiting.pop()
                if made is not None and made.number in self.open.get(pair, []):
                    self.open[pair].remove(made.number)
                if self.recording.calls[call.partner].partner is None:
                    self.recording.calls[call.partner].partner = call.number
                call.turn = self.recording.calls[call.partner].turn
        else:
            call.turn = self.turns.get(pair, 0)
            self.turns[pair] = call.turn + 1
            self.open.setdefault(pair, []).append(call.number)
        return call

    def maker(self, frame: FrameType, tail: str) -> Call | None:
        """The forward call that made the cache of a backward call, if it waits for one."""
        cache = frame.f_locals.get("cache")
        numbers, keys = self.caches.get(id(cache), ([], ()))
        if keys != keys_of(cache):
            return None
        found = [self.recording.calls[number] for number in numbers]
        above = self.unfolded()
        for call in found:
            # A twin that hands its cache on to its operation undoes the same forward call.
            waits = call.partner is None or (above is not None and above.call.partner == call.number)
            if waits and call.module.rpartition(".")[2] == tail:
                return call
        return None

    def path(self, frame: FrameType, parent: Active | None, module: str, function: str, made: Call | None) -> str:
        above = parent.call.path if parent else ""
        code = frame.f_code
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        params = frame.f_locals.get("params") if "params" in names else None
        tail = module.rpartition(".")[2]
        contract = function in CONTRACT
        if isinstance(params, dict | list):
            found = self.paths.get(id(params))
            if id(params) in self.unseen and ".training." not in module:
                self.keep_parameters(*self.unseen.pop(id(params)))
            if found is None and not any(active.params is not None for active in self.stack):
                found = ""
                self.plant(params, "", module)
            if found is not None and (parent is None or parent.params is not params):
                return found
            if found is not None and contract and module.split(".")[1:2] in [[room] for room in MODEL_ROOMS]:
                return found
        if made is not None:
            return made.path
        own = tail if contract else function.removesuffix("_backward").lstrip("_")
        key = None
        if parent is not None and parent.call.module != module:
            key = self.key(frame, parent)
        path = ".".join(part for part in (above, key or own) if part) if parent else ""
        if isinstance(params, dict | list) and id(params) not in self.paths:
            self.plant(params, path, module)
        return path

    def key(self, frame: FrameType, parent: Active) -> str | None:
        """The key of the cache of this call, from the expression that made it."""
        back = frame.f_back
        while back is not None and self.files(back.f_code.co_filename) != parent.call.file:
            back = back.f_back
        if back is None or back.f_lasti < 0:
            return None
        where = next(itertools.islice(back.f_code.co_positions(), back.f_lasti // 2, None), None)
        return parent.source.keys.get(where) if where else None  # type: ignore[arg-type]

    def plant(self, params: Any, path: str, module: str) -> None:
        """Learn the paths of a tree of parameters."""
        self.roots.append(params)

        def visit(node: Any, place: str) -> None:
            if isinstance(node, dict | list):
                self.paths.setdefault(id(node), place)
                for key, child in node.items() if isinstance(node, dict) else enumerate(node):
                    visit(child, f"{place}.{key}" if place else str(key))

        visit(params, path)
        if ".training." in module:  # it may be a tree of its own, in one piece; a model's comes by again
            self.unseen[id(params)] = params, path
        else:
            self.keep_parameters(params, path)

    def keep_parameters(self, node: Any, place: str) -> None:
        """Record the arrays of a tree of parameters."""
        if isinstance(node, dict | list):
            for key, child in node.items() if isinstance(node, dict) else enumerate(node):
                self.keep_parameters(child, f"{place}.{key}" if place else str(key))
        elif isinstance(node, np.ndarray):
            if place not in self.recording.parameters and place not in self.addresses:
                value = self.described(place.rpartition(".")[2], node, None, None, "parameter")
                value.address = place
                self.addresses.add(place)
                self.recording.parameters[place] = value
                self.remember(node, value)
            if node.dtype.kind in "fc" and not np.isfinite(node).all():
                self.given.append(node)

    # Steps and their values.

    def finish(self, active: Active, frame: FrameType, following: int | None) -> None:
        """The current step is over: what it named can be read."""
        step, statement = active.step, active.statement
        if step is None or statement is None:
            return
        active.step = None
        step.done = len(self.recording.steps) - 1
        if statement.body and (following is None or not statement.body[0] <= following <= statement.body[1]):
            return  # the loop is over: nothing was assigned
        if not statement.targets:
            return
        present = frame.f_locals
        for target in statement.targets:
            if target.code is None:
                if target.name not in present:
                    continue
                thing = present[target.name]
            else:
                try:
                    thing = eval(target.code, frame.f_globals, present)
                except (NameError, LookupError, TypeError, AttributeError):
                    continue
            text = target.text if target.code is not None else ""
            for value in self.values(active, target.name, thing, step, text, statement.unfilled):
                step.values.append(value)
        if self.stop:
            self.require_finite(active, step, statement, frame)

    def returned(self, active: Active, frame: FrameType, result: Any) -> None:
        """The last step of a call: what it hands back."""
        step, statement, call = active.step, active.statement, active.call
        assert step is not None and statement is not None
        step.done, step.returns = len(self.recording.steps) - 1, True
        parts = result if isinstance(result, tuple) else (result,)
        if len(parts) > 1 and isinstance(parts[-1], dict | list):
            numbers, keys = self.caches.get(id(parts[-1]), ([], ()))
            handed_on = keys == keys_of(parts[-1]) and numbers and numbers[-1] > call.number  # by a call in this one
            self.caches[id(parts[-1])] = [*numbers, call.number] if handed_on else [call.number], keys_of(parts[-1])
        names = statement.returned or ()
        if len(names) != len(parts):
            names = (None,) * len(parts)
        back = call.function == "backward" or call.function.endswith("_backward")
        partner = self.recording.calls[call.partner] if call.partner is not None else None
        asked = [value for value in partner.arguments if value.kind == "array"] if partner else []
        for place, (name, part) in enumerate(zip(names, parts, strict=True)):
            last = place == len(parts) - 1
            if back and last and isinstance(part, dict) and all(isinstance(leaf, np.ndarray) for leaf in part.values()):
                for key, leaf in part.items():  # the gradients of the parameters
                    self.hand_back(active, step, f"d{key}", leaf)
            elif name is not None:
                self.hand_back(active, step, name, part)
            elif isinstance(part, np.ndarray | np.generic):
                if back and place < len(asked) and asked[place].shape == np.shape(part):
                    self.hand_back(active, step, f"d{asked[place].name}", part)
                elif not back:
                    known = self.recall(part, call.path)
                    alone = "y" if place == 0 and call.function in CONTRACT else "returned"
                    self.hand_back(active, step, known.name if known else alone, part)
                else:
                    self.hand_back(active, step, "returned", part)
            elif isinstance(part, dict) and place == 0 and not back:
                self.hand_back(active, step, "y", part)
        if back and isinstance(parts[-1], dict):
            self.learn_gradients(call, parts[-1])
        if self.stop:
            self.require_finite(active, step, statement, frame)

    def learn_gradients(self, call: Call, dparams: dict) -> None:
        """Of each parameter the gradient that a way back returns; its caller may add to that, and has the last word."""
        outermost = (self.stack[0].call if self.stack else call).number
        for name, leaf in named_arrays(dparams, call.path):
            parameter, entry = self.recording.parameters.get(name), self.known.get(id(leaf))
            if parameter is not None and parameter.shape == leaf.shape and entry is not None and entry[0]() is leaf:
                self.recording.gradients.setdefault(name, {})[outermost] = entry[1][0].number

    def hand_back(self, active: Active, step: Step, name: str, thing: Any) -> None:
        for value in self.values(active, name, thing, step):
            step.values.append(value)
            active.call.returned.append(value)

    def values(
        self, active: Active, name: str, thing: Any, step: Step | None, text: str = "", unfilled: bool = False
    ) -> list[Value]:  # fmt: skip
        """The Values of what a name stands for: of an array one, of a dict of arrays one each."""
        if name.split(".")[0] in UNTRACED or name == "self":
            return []
        if isinstance(thing, np.ndarray | np.generic):
            return [self.value(active, name, np.asanyarray(thing), step, text, unfilled, thing)]
        if "cache" not in name and isinstance(thing, dict | list | tuple) and 0 < len(thing) <= MOST:
            pairs = thing.items() if isinstance(thing, dict) else enumerate(thing)
            flat = [(key, leaf) for key, leaf in pairs if isinstance(leaf, np.ndarray)]
            if len(flat) == len(thing):
                return [self.value(active, f"{name}.{key}", leaf, step, text, unfilled, leaf) for key, leaf in flat]
        if thing is None:
            return []
        kind = "number" if isinstance(thing, int | float | complex) else "text"
        value = self.described(name, None, active.call, step, kind)
        value.text = repr(thing) if kind == "number" else summary(thing)
        value.address = self.address(active, name, value)
        return [value]

    def value(
        self, active: Active, name: str, array: np.ndarray, step: Step | None, text: str, unfilled: bool, original: Any
    ) -> Value:  # fmt: skip
        """An array's Value: the one that it has already where the same array was named so at the same path before."""
        known = [] if unfilled else self.same(original, array)
        for value in known:
            if value.kind in ("array", "parameter") and value.name == name and value.path == active.call.path:
                active.named.setdefault(name, []).append(value)
                return value
        kind = "buffer" if unfilled else "array"
        value = self.described(name, array, active.call, step, kind, known[0] if known else None, unfilled)
        value.text = text
        value.address = self.address(active, name, value)
        active.named.setdefault(name, []).append(value)
        if not unfilled:
            self.remember(original, value)
            self.fresh.append((value, array))
        return value

    def described(
        self, name: str, array: np.ndarray | None, call: Call | None, step: Step | None, kind: str,
        known: Value | None = None, unfilled: bool = False,
    ) -> Value:  # fmt: skip
        """A Value with its statistics and its copy, not yet with an address."""
        value = Value(
            len(self.recording.values), name, "", kind, call.number if call else -1, step.number if step else None
        )
        self.recording.values.append(value)
        if array is None:
            return value
        value.shape, value.dtype = array.shape, str(array.dtype)
        if unfilled:
            value.note, value.whole = LATER, False
            return value
        if known is not None:
            for each in ("least", "greatest", "mean", "deviation", "zeros", "non_finite", "first_non_finite"):
                setattr(value, each, getattr(known, each))
            value.array, value.whole, value.note = known.array, known.whole, known.note
            if known.number in self.prints:
                self.prints[value.number] = self.prints[known.number]
            return value
        for key, found in measures.statistics(array).items():
            setattr(value, key, found)
        self.keep(value, array)
        return value

    def keep(self, value: Value, array: np.ndarray) -> None:
        """Copy as much of an array as the budget allows."""
        budget = self.budget
        part, option = array, ""
        if array.nbytes > budget.whole:
            part, option = measures.corner(array), "whole"
        if budget.used + part.nbytes > budget.total:
            part, option = measures.corner(array, 64), "budget"
            if budget.used + part.nbytes > budget.total + (budget.total >> 3):
                part = array[:0] if array.ndim else array
        if part is not array:
            value.whole = False
            value.note = f"the corner {part.shape} of {array.shape}; trace({option}=...) keeps more"
            self.recording.left_out += 1
            budget.told.add(option)
            limits = {"whole": f"{budget.whole} bytes of an array", "budget": f"{budget.total} bytes in all"}
            self.recording.note = f"{self.recording.left_out} arrays are kept in part; " + " and ".join(
                f"trace({each}=...) keeps more than {limits[each]}" for each in sorted(budget.told)
            )
            self.prints[value.number] = measures.fingerprint(array)
        value.array = measures.kept(part)
        budget.used += value.array.nbytes

    def address(self, active: Active, name: str, value: Value) -> str:
        """path.name, with a counter where that is taken; of a gradient the counter of what it belongs to."""
        path = active.call.path
        base = f"{path}.{name}" if path else name
        if value.kind == "array" and name.startswith("d") and active.call.direction == "backward":
            partner = self.partner_of(active, name, value.shape)
            if partner is not None:
                _, _, counter = partner.address.partition("@")
                wanted = f"{base}@{counter}" if counter else base
                if wanted not in self.addresses:
                    self.addresses.add(wanted)
                    return wanted
        number = self.taken.get(base, 0)
        while (found := f"{base}@{number}" if number else base) in self.addresses:
            number += 1
        self.taken[base] = number + 1
        self.addresses.add(found)
        return found

    def partner_of(self, active: Active, name: str, shape: tuple) -> Value | None:
        """The forward value of a gradient that is named now: of several the last first, as backward goes."""
        if active.call.partner is None:
            return None
        before = len([v for v in active.named.get(name, []) if v.shape == shape])
        found = forward_values(self.recording, self.recording.calls[active.call.partner], name[1:], shape)
        return found[-1 - before] if before < len(found) else None

    # Arrays that were seen before.

    def remember(self, array: Any, value: Value) -> None:
        entry = self.known.get(id(array))
        if entry is not None and entry[0]() is array:
            entry[1].append(value)
            return
        if isinstance(array, np.ndarray):  # a NumPy scalar has no weak references
            self.known[id(array)] = (weakref.ref(array), [value])

    def same(self, original: Any, array: np.ndarray) -> list[Value]:
        """The values that this very array has, where its entries are still what they were."""
        entry = self.known.get(id(original))
        if entry is None or entry[0]() is not original:
            return []
        first = entry[1][-1]
        if first.array is None or first.shape != array.shape:
            return []
        if first.whole:
            unchanged = np.array_equal(first.array, array, equal_nan=array.dtype.kind in "fc")
        else:
            unchanged = self.prints.get(first.number) == measures.fingerprint(array)
        return [value for value in reversed(entry[1]) if value.array is first.array] if unchanged else []

    def recall(self, array: Any, path: str) -> Value | None:
        """The Value that an array has at a path already."""
        entry = self.known.get(id(array))
        if entry is None or entry[0]() is not array:
            return None
        return next((value for value in reversed(entry[1]) if value.path == path and value.kind == "array"), None)

    # Where the first number that is none was made.

    def require_finite(self, active: Active, step: Step, statement: statements.Statement, frame: FrameType) -> None:
        """Raise NonFiniteError where this statement made what is not finite from what was."""
        for value, array in self.fresh:
            if not value.non_finite or value.step != step.number:
                continue
            if any(np.may_share_memory(array, given) for given in self.given):
                continue  # it came in so, and was only named here
            kinds = bad_kinds(array)
            made_from = self.inputs(statement, frame)
            on_purpose = statement.infinite or not made_from or any(found - {"NaN"} for _, found in made_from)
            if "NaN" not in kinds and on_purpose:
                continue  # the -inf of a mask
            where = ", ".join(map(str, value.first_non_finite or ()))
            reads = "; ".join(description for description, _ in made_from) or "constants alone"
            raise NonFiniteError(
                f"{active.call.file}:{statement.first}: {value.address}[{where}] is {' and '.join(sorted(kinds))}, "
                f"made from {reads}", step, value,
            )  # fmt: skip

    def inputs(self, statement: statements.Statement, frame: FrameType) -> list[tuple[str, set[str]]]:
        """(description, kinds of non-finite entries) of each array that a statement reads."""
        found = []
        present = frame.f_locals
        for text in statement.reads:
            try:
                thing = eval(text, frame.f_globals, present)
            except (NameError, LookupError, TypeError, AttributeError):
                continue  # a name of a comprehension
            if not isinstance(thing, np.ndarray) or thing.dtype.kind not in "fc":
                continue
            kinds = bad_kinds(thing)
            state = "finite"
            if kinds:
                index = np.unravel_index(int(np.argmin(np.isfinite(thing))), thing.shape)
                state = f"{' and '.join(sorted(kinds))} at [{', '.join(map(str, index))}]"
            known = self.known.get(id(thing))
            parameter = known is not None and known[0]() is thing and known[1][0].kind == "parameter"
            found.append((f"{known[1][0].address if known and parameter else text} ({state})", kinds))
        return found


def keys_of(cache: Any) -> tuple:
    """By which a cache is known again, should another have come to stand where it stood."""
    return tuple(cache) if isinstance(cache, dict) else (len(cache),) if isinstance(cache, list) else ()


def forward_values(recording: Recording, call: Call, name: str, shape: tuple) -> list[Value]:
    """The arrays of a call that have this name and shape, in the order in which they were named."""
    found = {value.number: value for value in call.arguments}
    for number in call.steps:
        found |= {value.number: value for value in recording.steps[number].values}
    return [value for value in found.values() if value.kind == "array" and (value.name, value.shape) == (name, shape)]


def named_arrays(node: Any, path: str) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the arrays of a tree with their dotted names under `path`."""
    if isinstance(node, np.ndarray):
        yield path, node
    elif isinstance(node, dict | list):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from named_arrays(child, f"{path}.{key}" if path else str(key))


def arrays_in(thing: Any) -> list[np.ndarray]:
    if isinstance(thing, np.ndarray):
        return [thing]
    children = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list | tuple) else ()
    return [array for child in children for array in arrays_in(child)]


def bad_kinds(array: np.ndarray | None) -> set[str]:
    """Which of NaN, inf and -inf an array holds."""
    if array is None:
        return set()
    real = array.real
    kinds = {"NaN": np.isnan(real).any(), "inf": (real == np.inf).any(), "-inf": (real == -np.inf).any()}
    return {kind for kind, there in kinds.items() if there}


def summary(thing: Any) -> str:
    """One line about what is neither array nor number."""
    if isinstance(thing, dict):
        return one_line(f"dict: {', '.join(map(str, thing))}", 100)
    if isinstance(thing, list | tuple):
        items = ", ".join(map(repr, thing)) if all(isinstance(one, str | int | float) for one in thing) else ""
        return one_line(f"{type(thing).__name__} of {len(thing)}" + (f": {items}" if items else ""), 100)
    if isinstance(thing, str):
        return one_line(repr(thing), 100)
    name = getattr(thing, "__name__", None)
    return one_line(name if isinstance(name, str) else type(thing).__name__, 100)
