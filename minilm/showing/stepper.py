"""A recorded run at a prompt: pdb's habits, and the way back.

The run is over when the prompt comes, so the steps can be walked in either direction, from an array to its gradient and
back, and each gradient can be held against the complex step where it stands. What is shown of a step is its line and
what the line made.
"""

import ast
import cmd
import difflib
import math
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from minilm.checking import one_entry
from minilm.errors import InputError, said
from minilm.showing.page import axes
from minilm.text import columns
from minilm.tracing.recording import Call, Recording, Step, Value

WIDTH = 80
AROUND = 5  # lines of source before and after the current one
NUMBERS = 60  # of an array that are printed; of more the edges are


class Colours:
    """What the terminal is told; nothing at all where it is none, or where NO_COLOR is set."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text


class Stepper(cmd.Cmd):
    """The prompt. `loss`: the scalar as a function of `params`, where there are gradients to check."""

    prompt = "(step) "
    doc_header = "Commands (help COMMAND explains; an empty line repeats the last one):"

    def __init__(
        self, recording: Recording, *, params: Any = None, loss: Callable[[Any], Any] | None = None,
        labels: Mapping[str, list[str]] | None = None, colour: bool = False, width: int = WIDTH, **streams: Any,
    ) -> None:  # fmt: skip
        super().__init__(**streams)
        self.t, self.params, self.loss, self.labels = recording, params, loss, labels or {}
        self.colours, self.width = Colours(colour), width
        self.at = 0
        self.breaks: list[str] = []
        self.status = 0

    # The prompt itself.

    def get_names(self) -> list[str]:
        """What help looks through."""
        return dir(type(self))

    def preloop(self) -> None:
        self.show()

    def precmd(self, line: str) -> str:
        if not self.use_rawinput:
            self.say(line.rstrip("\n"))  # of a script: so that its output can be read
        line = line.split("#")[0].strip() if line.lstrip().startswith("#") else line.strip()
        return "quit" if line == "EOF" else line

    def onecmd(self, line: str) -> bool:
        """A command; what is wrong with it is one line, and the prompt comes again."""
        try:
            return bool(super().onecmd(line))
        except KeyboardInterrupt:  # of a long `check all`: the prompt comes again
            self.say("\n*** stopped")
            return False
        except InputError as error:
            self.status = 2
            self.say(self.wrapped(f"*** {error}"))
            return False

    def emptyline(self) -> bool:
        """Repeat the last command, as pdb does; in a script an empty line is none."""
        return bool(self.use_rawinput and self.lastcmd and self.onecmd(self.lastcmd))

    def default(self, line: str) -> bool:  # type: ignore[override]
        word = line.split()[0]
        if word in ALIASES:
            return self.onecmd(ALIASES[word] + line[len(word) :])
        known = [name[3:] for name in self.get_names() if name.startswith("do_")]
        near = difflib.get_close_matches(word, known, 2, 0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "help lists the commands"
        raise InputError(f"no command {said(word)}; {hint}")

    def completedefault(self, *given: Any) -> list[str]:
        """With the tab key: the names of this function, and the addresses."""
        text = given[0]
        names = {value.name for value in self.call.arguments}
        for number in self.call.steps:
            names |= {value.name for value in self.t.steps[number].values}
        return sorted(name for name in names | set(self.t.addresses()) if name.startswith(text))[:100]

    def wrapped(self, text: str) -> str:
        """A long line in lines that fit, the later ones indented."""
        return "\n   ".join(columns.wrap(text, self.width - 3))

    def say(self, text: str = "") -> None:
        print(text, file=self.stdout)

    # Where we are.

    @property
    def step(self) -> Step:
        return self.t.steps[self.at]

    @property
    def call(self) -> Call:
        return self.t.calls[self.step.call]

    def go(self, number: int) -> None:
        self.at = number
        self.show()

    def show(self) -> None:
        """The current step: its place, its line, and what the line made."""
        step, call = self.step, self.call
        place = f"[{step.number + 1:,}/{len(self.t.steps):,}] {call.path or 'model'}"
        where = f"{call.file.removeprefix('minilm/')}:{step.line} {call.function}"
        self.say(self.colours(columns.cut(f"{place}  {where}", self.width), "2"))
        for number, line in enumerate(step.text.split("\n"), start=step.line):
            mark = "->" if number == step.line else "  "
            self.say(self.colours(columns.cut(f"{mark} {number:4} {closed(line)}", self.width), "1"))
        for value in step.values:
            self.say(self.described(value))
        if step.raised:
            self.say(columns.cut(f"   raised {step.raised}", self.width))

    def described(self, value: Value) -> str:
        """One line about a value."""
        name = f"returns {value.name}" if self.step.returns and value in self.step.values else value.name
        if value.kind in ("number", "text"):
            return columns.cut(f"   {name} = {value.text}", self.width)
        if value.kind == "buffer":
            return columns.cut(f"   {name} {value.shape} {value.dtype}, filled later", self.width)
        parts = [f"   {name} {shape(value.shape)} {value.dtype}"]
        if value.least is not None and value.greatest is not None and value.mean is not None:
            parts.append(f"{value.least:.3g} ... {value.greatest:.3g}")
            parts.append(f"mean {value.mean:.2g} ± {value.deviation:.2g}")
            if value.zeros:
                parts.append(f"{value.zeros:.0%} zeros")
        if value.non_finite:
            parts.insert(1, self.colours(f"{value.non_finite} NOT FINITE", "1"))
        return columns.cut("  ".join(parts), self.width) if not self.colours.on else "  ".join(parts)

    # Forward.

    def do_step(self, text: str) -> None:
        """step [N]: to the next line that ran, into calls too; N of them (s)"""
        self.forward(lambda step: True, count(text))

    def do_next(self, text: str) -> None:
        """next [N]: to the next line of this function, over calls; at its end to the caller's (n)"""
        for turn in range(count(text)):
            if not self.forward(self.at_most(self.call.depth), quiet=True):
                return
            if turn + 1 == count(text):
                self.show()

    def at_most(self, depth: int) -> Callable[[Step], bool]:
        """Whether a step is in this function or in one that called it."""
        return lambda step: self.t.calls[step.call].depth <= depth

    def do_return(self, text: str) -> None:
        """return: to the line with which this function returns (r)"""
        last = self.call.steps[-1]
        if self.at == last:
            raise InputError("this is the line with which it returns; step goes on")
        self.forward(lambda step: step.number == last)

    def do_until(self, text: str) -> None:
        """until [LINE]: to a later line of this function: out of a loop; to LINE or after it (unt)"""
        line = whole(text) if text else self.step.line + 1
        number, depth = self.call.number, self.call.depth
        self.forward(lambda step: (step.call == number and step.line >= line) or self.t.calls[step.call].depth < depth)

    def do_continue(self, text: str) -> None:
        """continue: on to the next break, or to the end (c)"""
        self.forward(lambda step: False)

    def forward(self, stop: Callable[[Step], bool], times: int = 1, quiet: bool = False) -> bool:
        """Go on until `stop` or a break, `times` times; whether the end was not met."""
        for _ in range(times):
            while True:
                if self.at + 1 >= len(self.t.steps):
                    self.say("--end--")
                    self.show()
                    return False
                self.at += 1
                hit = next((text for text in self.breaks if self.matches(self.step, text)), None)
                if hit is not None:
                    self.say(f"break: {hit}")
                    self.show()
                    return False
                if stop(self.step):
                    break
        if not quiet:
            self.show()
        return True

    # Back.

    def do_back(self, text: str) -> None:
        """back [N]: to the line that ran before this one; N of them (bk)"""
        if self.at == 0:
            raise InputError("this is the first line")
        self.go(max(0, self.at - count(text)))

    def do_up(self, text: str) -> None:
        """up: to the line that called this function (u)"""
        if self.call.at is None:
            raise InputError("this function was called from outside of the recording")
        self.go(self.call.at)

    def do_down(self, text: str) -> None:
        """down: into the first function that this line calls (d)"""
        inner = next((call for call in self.t.calls if call.at == self.at and call.steps), None)
        if inner is None:
            raise InputError("this line calls nothing that was recorded")
        self.go(inner.steps[0])

    def do_grad(self, text: str) -> None:
        """grad [NAME]: to the line that made this name's gradient; from a gradient to what it is the gradient of (g)"""
        values = [self.named(text)] if text else self.step.values
        for value in values:
            other = self.t.partner_value(value)
            step = self.t.step_of(other) if other is not None else None
            if other is not None and step is None and other.kind == "parameter":
                self.say(f"{value.name} is the gradient of a parameter, which no line made:")
                self.say(self.described(other))
                return
            if other is not None and step is not None:
                self.say(self.wrapped(f"{value.address} -> {other.address}"))
                self.go(step.number)
                return
        what = text or ", ".join(value.name for value in values) or "this line, which names nothing"
        raise InputError(f"no gradient belongs to {what} by name; `p NAME` shows what there is")

    def do_go(self, text: str) -> None:
        """go N | ADDRESS: to a step by its number, or to the line that named an address (j)"""
        if text.strip().replace(",", "").isdecimal():
            number = int(text.strip().replace(",", ""))
            if not 1 <= number <= len(self.t.steps):
                raise InputError(f"steps are numbered 1 to {len(self.t.steps)}")
            self.go(number - 1)
            return
        step = self.t.step_of(self.t[text.strip()])
        if step is None:
            raise InputError(f"{text.strip()} was made by no line of the recording")
        self.go(step.number)

    # To look at.

    def do_where(self, text: str) -> None:
        """where: the functions from the outermost to this one, with the line at which each stands (w, bt)"""
        chain: list[tuple[Call, int | None]] = []
        call: Call | None = self.call
        line: int | None = self.step.line
        while call is not None:
            chain.insert(0, (call, line))
            line = self.t.steps[call.at].line if call.at is not None else None
            call = self.t.calls[call.parent] if call.parent is not None else None
        for depth, (each, at) in enumerate(chain):
            mark = ">" if each is self.call else " "
            place = f"{mark} {'  ' * min(depth, 12)}{each.path or 'model'}"
            file = each.file.removeprefix("minilm/")
            self.say(columns.cut(f"{place}  {file}:{at or '?'} {each.function}", self.width))

    def do_list(self, text: str) -> None:
        """list [all]: the source around the current line, or the whole function (l, ll)"""
        call, step = self.call, self.step
        lines = self.t.sources[call.file]
        first, last = max(1, step.line - AROUND), min(len(lines), step.end_line + AROUND)
        if text.strip() == "all":
            first, last = call.line, min(call.end_line, len(lines))
        steps = [self.t.steps[number] for number in call.steps]
        ran = {number for each in steps for number in range(each.line, each.end_line + 1)}
        for number in range(first, last + 1):
            current = step.line <= number <= step.end_line
            mark = "->" if current else " ." if number in ran else "  "
            shown = columns.cut(f"{mark} {number:4} {closed(lines[number - 1])}".rstrip(), self.width)
            self.say(self.colours(shown, "1") if current else shown)

    def do_args(self, text: str) -> None:
        """args: what this function was given (a)"""
        for value in self.call.arguments:
            self.say(self.described(value))
        if not self.call.arguments:
            self.say("   (nothing but parameters and settings)")

    def do_p(self, text: str) -> None:
        """p NAME[slice]: an array, or a part of it: p scores, p scores[0, 1], p encoder.0.attention.query.y[..., :3]"""
        if not text.strip():
            raise InputError("p NAME[slice]: give a name of this function, or an address")
        value, place = self.asked(text)
        self.say(self.described(value))
        if value.array is None:
            return
        array, note = value.array, "" if value.whole else value.note
        try:
            part = np.asarray(array[place] if place else array)
        except (IndexError, TypeError) as error:
            raise InputError(f"{value.name} has the shape {shape(array.shape)}: {error}") from None
        self.say(self.printed(value, part, place))
        if note:
            self.say(columns.cut(f"   {note}", self.width))

    def do_find(self, text: str) -> None:
        """find TEXT: the addresses that hold TEXT, with the number of the step that made each (f)"""
        found = [value for value in self.t.values if text.strip() in value.address and value.shape]
        for value in found[:20]:
            step = self.t.step_of(value)
            number = f"{step.number + 1:,}" if step is not None else "-"
            self.say(columns.cut(f"{number:>8}  {value.address}  {shape(value.shape)}", self.width))
        if len(found) > 20:
            self.say(f"... and {len(found) - 20} more; give more of the address")
        if not found:
            near = ", ".join(self.t.near(text.strip())) or "none"
            raise InputError(f"no address holds {said(text.strip())}; near it: {near}")

    # Breaks.

    def do_break(self, text: str) -> None:
        """break NAME | ADDRESS | OPERATION | nonfinite: stop where it is named, run, or made; alone: list them (b)

        NAME an array's (scores), ADDRESS a place or what is in it (encoder.1.attention), OPERATION a module or a
        function of it (softmax, softmax.backward), FILE:LINE a line (softmax.py:26)."""
        text = text.strip()
        if not text:
            for number, each in enumerate(self.breaks, start=1):
                self.say(f"{number}  {each}")
            if not self.breaks:
                self.say("no breaks; break NAME sets one")
            return
        hits = sum(self.matches(step, text) for step in self.t.steps)
        if not hits and text != "nonfinite":
            near = difflib.get_close_matches(text, sorted(self.places()), 3, 0.5)
            hint = f"near it: {', '.join(near)}" if near else "find TEXT looks for addresses"
            raise InputError(f"nothing here is called {said(text)}; {hint}")
        self.breaks.append(text)
        self.say(f"break {len(self.breaks)}: {text} ({hits:,} steps)")

    def do_clear(self, text: str) -> None:
        """clear [N]: take a break away, or all (cl)"""
        if not text.strip():
            self.breaks.clear()
            return
        number = whole(text)
        if not 1 <= number <= len(self.breaks):
            raise InputError(f"there are {len(self.breaks)} breaks; break lists them")
        del self.breaks[number - 1]

    def matches(self, step: Step, text: str) -> bool:
        """Whether a break stops at a step."""
        if text == "nonfinite":
            return step.number in self.spoilt_steps
        call = self.t.calls[step.call]
        made = [value for value in step.values if value.step == step.number]
        if any(text in (value.name, value.address, value.address.partition("@")[0]) for value in made):
            return True
        begins = call.steps[0] == step.number
        tail = call.module.rpartition(".")[2]
        names = (call.path, tail, call.module.removeprefix("minilm."), f"{tail}.{call.function}")
        if begins and (text in names or call.path.endswith(f".{text}")):
            return True
        file, colon, line = text.rpartition(":")
        return bool(colon) and line == str(step.line) and call.file.endswith(file)

    @cached_property
    def spoilt_steps(self) -> set[int]:
        """The steps that made NaN or inf; a line that only had it from what it called is none."""
        every = [
            step.number for step in self.t.steps
            if any(spoilt(value) and value.step == step.number for value in step.values)
        ]  # fmt: skip
        following = [*every[1:], len(self.t.steps)]
        return {number for number, after in zip(every, following, strict=False) if after > self.t.steps[number].done}

    def places(self) -> set[str]:
        """What a break may be called."""
        found = {value.name for value in self.t.values if value.step is not None}
        for call in self.t.calls:
            found |= {call.path, call.path.rpartition(".")[2], call.module.rpartition(".")[2]}
        return found

    # The proof.

    def do_check(self, text: str) -> None:
        """check [NAME[index]] | check all: hold a gradient's entry against the complex step, on the spot

        Without an index: the largest entry. Alone: the gradients that this line made; where it made none, and with
        `all`, each gradient from here on, until one is wrong. (ck)"""
        if self.loss is None:
            raise InputError("there is no gradient here: this run has no way back")
        text = text.strip()
        if text and text != "all":
            value, place = self.asked(text)
            if value.kind == "parameter" or not value.name.startswith("d"):
                other = self.t.partner_value(value)
                if other is None:
                    raise InputError(f"no gradient belongs to {value.name} by name")
                value = other
            index = tuple(part for part in place if isinstance(part, int)) if place else None
            if place and len(index or ()) != len(place):
                raise InputError("check one entry: give a number for each axis")
            self.judge(value, index)
            return
        here = [value for value in self.step.values if self.checkable(value)] if text != "all" else []
        if here:
            for value in here:
                self.judge(value, None)
            return
        self.check_on()

    def check_on(self) -> None:
        """Check each gradient from here on, in the order in which they were made, until one is wrong."""
        wanted = sorted(
            (step.done, -step.number, value.number)
            for step in self.t.steps[self.at :] for value in step.values
            if value.step == step.number and self.checkable(value)
        )  # fmt: skip
        held = 0
        with self.progress(len(wanted)) as progress:
            for _, number, value in wanted:
                progress.advance()
                try:
                    verdict = self.verdict(self.t.values[value], None)
                except InputError:
                    continue
                held += 1
                if not verdict.passed:
                    self.status = 1
                    progress.say(f"{held:,} gradients checked; the first wrong one:")
                    self.say(self.colours(self.wrapped(str(verdict)), "1"))
                    self.go(-number)
                    return
        self.say(f"{held:,} gradients checked from here on, the largest entry of each: all are right")

    def progress(self, steps: int) -> Any:
        """A bar on a terminal; nothing in a script."""
        return _Progress(steps, self.stdout if self.use_rawinput else None, self.say)

    def checkable(self, value: Value) -> bool:
        """Whether a value is the whole gradient of something with a name."""
        if value.kind != "array" or not value.name.startswith("d") or self.loss is None:
            return False
        other = self.t.partner_value(value)
        return other is not None and other.shape == value.shape and self.t.calls[value.call].direction == "backward"

    def judge(self, value: Value, index: tuple[int, ...] | None) -> None:
        verdict = self.verdict(value, index)
        self.status = self.status if verdict.passed else 1
        self.say(self.colours(self.wrapped(str(verdict)), "" if verdict.passed else "1"))

    def verdict(self, value: Value, index: tuple[int, ...] | None) -> one_entry.Verdict:
        loss = self.loss
        if loss is None:
            raise InputError("there is no gradient here: this run has no way back")
        first = next(call.number for call in self.t.calls if call.parent is None and call.function == "loss")
        return one_entry.check(loss, self.params, self.t, value, index, first=first, floor=self.floor())

    def floor(self) -> float:
        """A thousandth of the largest gradient of a parameter: what is far below it is rounding."""
        found = [self.t.partner_value(value) for value in self.t.parameters.values()]
        sizes = [max(abs(v.least or 0), abs(v.greatest or 0)) for v in found if v is not None]
        largest = max((size for size in sizes if math.isfinite(size)), default=0.0)
        return 1e-3 * largest

    def do_quit(self, text: str) -> bool:
        """quit: leave (q)"""
        return True

    # Names and slices.

    def asked(self, text: str) -> tuple[Value, tuple[Any, ...]]:
        """The value and the index of NAME[slice]."""
        name, bracket, inside = text.strip().partition("[")
        if not bracket:
            return self.named(name), ()
        if not inside.rstrip().endswith("]"):
            raise InputError(f"{said(text.strip())} lacks its ]")
        return self.named(name.strip()), index_of(inside.rstrip()[:-1])

    def named(self, name: str) -> Value:
        """A name of this function, the last so far, or an address. Raises InputError, naming the nearest ones."""
        name = name.strip()
        found: Value | None = None
        for value in self.call.arguments:
            found = value if value.name == name else found
        for number in self.call.steps:
            if number <= self.at:
                for value in self.t.steps[number].values:
                    found = value if value.name == name else found
        if found is not None:
            return found
        beneath = f"{self.call.path}.{name}" if self.call.path else name
        return self.t[beneath] if beneath in self.t and name not in self.t else self.t[name]

    def printed(self, value: Value, part: np.ndarray, place: tuple[Any, ...]) -> str:
        """Numbers in 80 columns; with the words of the text on the axes of a table where they are known."""
        rows = self.words(value, part, place)
        if part.ndim == 2 and part.size and rows is not None and max(part.shape) <= 40:
            cells = [[f"{number:.3g}" for number in row] for row in part]
            lines = columns.table(rows[0], rows[1], cells, most=self.width - 4, longest=24)
            return "\n".join(f"   {line}" for line in lines)
        plain_size = 1e-3 < float(np.abs(np.nan_to_num(part)).max(initial=0)) < 1e5 if part.dtype.kind == "f" else True
        with np.printoptions(
            linewidth=self.width - 3, threshold=NUMBERS, precision=4, suppress=plain_size, edgeitems=3
        ):
            return "\n".join(f"   {line}" for line in str(part).split("\n"))

    def words(self, value: Value, part: np.ndarray, place: tuple[Any, ...]) -> tuple[list[str], list[str]] | None:
        """The words of the last two axes, where a slice left them as they were."""
        step = self.t.step_of(value)
        comment = re.search(r"\(([^()]*)\)", step.comment) if step is not None else None
        letters = axes.fitted(axes.split(comment.group(1)), value.shape) if comment else None
        if letters is None or len(value.shape) < 2 or part.shape != value.shape[-2:]:
            return None
        labelled = axes.labelled(letters, value.shape, value.address, self.labels)[-2:]
        if not any(name for _, name in labelled):
            return None
        return tuple(  # type: ignore[return-value]
            list(self.labels[name]) if name else [str(number) for number in range(size)]
            for (_, name), size in zip(labelled, part.shape, strict=True)
        )


ALIASES = {
    "s": "step", "n": "next", "r": "return", "unt": "until", "c": "continue", "cont": "continue", "bk": "back",
    "u": "up", "d": "down", "g": "grad", "j": "go", "w": "where", "bt": "where", "l": "list", "ll": "list all",
    "a": "args", "f": "find", "b": "break", "cl": "clear", "ck": "check", "q": "quit", "exit": "quit", "h": "help",
}  # fmt: skip


def count(text: str) -> int:
    """How often: 1 where nothing is said."""
    return whole(text) if text.strip() else 1


def whole(text: str) -> int:
    """A whole number from 1. Raises InputError for anything else."""
    cleaned = text.strip().replace(",", "")
    if not cleaned.isdecimal() or int(cleaned) < 1:
        raise InputError(f"{said(text.strip())}: give a whole number from 1")
    return int(cleaned)


def spoilt(value: Value) -> bool:
    """Whether there are NaN or inf in a value: the -inf of a mask is there on purpose."""
    if not value.non_finite or value.array is None:
        return False
    return not value.whole or bool((np.isnan(value.array.real) | (value.array.real == np.inf)).any())


def closed(line: str) -> str:
    """A line of source with its comment moved up to it: 80 columns are few."""
    return re.sub(r"\s{3,}#", "  #", line)


def shape(sizes: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, sizes))})"


def index_of(text: str) -> tuple[Any, ...]:
    """What stands between brackets: whole numbers, slices and `...`. Raises InputError for anything else."""
    try:
        node = ast.parse(f"x[{text}]", mode="eval").body
    except (SyntaxError, ValueError):
        raise InputError(f"[{text}] is no slice") from None
    parts = node.slice.elts if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) else None
    if parts is None:
        parts = [node.slice] if isinstance(node, ast.Subscript) else []
    return tuple(plain(part, text) for part in parts)


def plain(node: ast.expr | None, text: str) -> Any:
    """A number, a slice of numbers, or `...`: nothing is evaluated."""
    if node is None:
        return None
    if isinstance(node, ast.Slice):
        return slice(plain(node.lower, text), plain(node.upper, text), plain(node.step, text))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -plain(node.operand, text)
    if isinstance(node, ast.Constant) and (node.value is ... or type(node.value) is int):
        return node.value
    raise InputError(f"[{text}]: a slice is made of whole numbers, : and ...")


class _Progress:
    """How many gradients are checked, on one line of a terminal."""

    def __init__(self, steps: int, stream: Any, say: Callable[[str], None]) -> None:
        self.steps, self.stream, self.done, self.tell = steps, stream, 0, say

    def __enter__(self) -> "_Progress":
        return self

    def advance(self) -> None:
        self.done += 1
        if self.stream is not None and self.done % 10 == 0:
            print(f"\r   checking {self.done:,} of {self.steps:,}", end="", file=self.stream, flush=True)

    def wipe(self) -> None:
        if self.stream is not None and self.done >= 10:
            print("\r" + " " * 40 + "\r", end="", file=self.stream, flush=True)

    def say(self, text: str) -> None:
        self.wipe()
        self.done = 0
        self.tell(text)

    def __exit__(self, *_: Any) -> None:
        self.wipe()
