"""What the page is made of: a recording as one JSON book, beside the numbers of its arrays.

    sources   each function's lines, its file's docstring (the formulas), the comments that say why
    calls     parent, source, address, way, first step and end: calls nest, so the steps of each are a range
    steps     [call, first line, last line, what the line made]; a made thing is
              [name, array or -1, text, axes, step of its partner or -1, place there, its address where that is not
              the call's with the name]. A place below 0 is one of what the call was given: ~place; the step -2 says
              that this is the gradient of a parameter, -3 that it is on the way to it, and the place is its array
    tensors   shapes, statistics, where the numbers stand (arrays.py)
    about     what runs, what was left out, the step to open on
    map       the model's parts (places.py), and for each step the part that it is in
"""

import ast
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from minilm.showing.page import axes, places
from minilm.showing.page.arrays import Numbers
from minilm.tracing import LOST

OPTION = "--megabytes {}"  # of `minilm trace`: how large a page may become
MEGABYTES = 5.0
TEXTS = 300  # characters of what is no array


class Partner(NamedTuple):
    step: int
    place: int


def of(
    recording: Any, *, kind: str, subject: Sequence[str], labels: Mapping[str, Sequence[str]],
    backward: bool = False, megabytes: float = MEGABYTES,
) -> tuple[dict[str, Any], str]:  # fmt: skip
    """(the book, the numbers in base64) of a tracing.Recording; the page of them has at most about `megabytes`."""
    maker = Maker(recording, labels)
    book = maker.book(kind)
    spent = len(repr(book).encode("utf-8")) + 120_000  # the book itself, and what every page has
    tensors, numbers, left = maker.numbers.finished(max(0.0, megabytes * 1e6 - spent - 260 * len(maker.numbers.rows)))
    enough = math.ceil((spent + len(numbers) + left["numbers"] * 16 / 3) * 1.05 / 1e6)
    about = {"kind": kind, "subject": list(subject), "backward": backward, "option": OPTION.format(enough)}
    lost = recording.note if recording.note == LOST else ""
    about |= {"leftOut": left, "note": lost, "opens": opening(book, tensors)}
    return {"about": about, **book, "tensors": tensors}, numbers


def opening(book: Mapping[str, Any], tensors: Sequence[Mapping[str, Any]]) -> int:
    """The step that a page opens on, so that the first sight teaches: a formula, its line, the array that it made.

    The first line of an operation that made an array with the words of the text on an axis; where there is none, the
    first line that made an array at all.
    """
    made, shown = [], []
    for number, (call, _, _, things) in enumerate(book["steps"]):
        room = book["sources"][book["calls"][call]["source"]]["room"]
        for _, tensor, _, axis, *_ in things:
            if tensor >= 0 and math.prod(tensors[tensor]["kept"] or (0,)) > 1:
                made.append(number)
                words = any(name in ("source", "target") for _, name in book["axes"][axis])
                if room in ("ops", "fast") and words and tensors[tensor]["dtype"].startswith("float"):
                    shown.append(number)
    return next(iter(shown or made), 0)


class Maker:
    """One recording on its way into a book."""

    def __init__(self, recording: Any, labels: Mapping[str, Sequence[str]]) -> None:
        self.recording, self.labels = recording, labels
        self.numbers = Numbers()
        self.axes: list[list[tuple[str, str]]] = []
        self.known_axes: dict[tuple, int] = {}
        self.sources: list[dict[str, Any]] = []
        self.known_sources: dict[tuple, int] = {}
        self.files: dict[str, tuple[axes.Comments, ast.Module]] = {}
        self.shapes: list[dict[str, tuple[str, ...]]] = []  # of each source, from its function's docstring
        self.where = self.partners_places()

    def book(self, kind: str) -> dict[str, Any]:
        recording = self.recording
        ends = self.ends()
        calls = [
            {
                "parent": -1 if call.parent is None else call.parent, "source": self.source(call), "address": call.path,
                "way": "update" if call.module.startswith(places.TRAINING) else call.direction,
                "depth": call.depth, "begin": begin, "end": end,
                "given": [self.made(value, call, 0) for value in given(call)],
            }
            for call, (begin, end) in zip(recording.calls, ends, strict=True)
        ]  # fmt: skip
        steps = []
        for step in recording.steps:
            made = [self.made(value, recording.calls[step.call], step.line) for value in step.values]
            steps.append([step.call, step.line, step.end_line, made])
        drawn = places.of(recording, self.labels)
        return {
            "labels": {name: list(words) for name, words in self.labels.items()}, "sources": self.sources,
            "calls": calls, "steps": steps, "axes": self.axes, "map": drawn.nodes,
            "places": [drawn.of_step(recording, step) for step in recording.steps],
        }  # fmt: skip

    def ends(self):
        """(first step, one past the last) of each call, those of the calls inside it included."""
        calls, found = self.recording.calls, [[math.inf, 0] for _ in self.recording.calls]
        for step in self.recording.steps:
            number: int | None = step.call
            while number is not None and (step.number < found[number][0] or step.number + 1 > found[number][1]):
                found[number] = [min(found[number][0], step.number), max(found[number][1], step.number + 1)]
                number = calls[number].parent
        return [(0 if begin == math.inf else begin, end) for begin, end in found]

    # ---- sources

    def source(self, call: Any) -> int:
        key = (call.file, call.line)
        if key not in self.known_sources:
            self.known_sources[key] = len(self.sources)
            lines = self.recording.sources.get(call.file, [])
            comments, tree = self.file(call.file, lines)
            self.shapes.append(axes.in_docstring(docstring_of(tree, call)))
            parts = call.file.split("/")
            self.sources.append({
                "file": call.file, "name": call.function, "first": call.line,
                "room": parts[1] if len(parts) > 2 else "",
                "lines": [line.rstrip("\n") for line in lines[call.line - 1 : call.end_line]],
                "doc": ast.get_docstring(tree, clean=False) or "",
                "notes": {line: note for line, note in comments.notes.items() if call.line <= line <= call.end_line},
            })  # fmt: skip
        return self.known_sources[key]

    def file(self, name: str, lines: Sequence[str]) -> tuple[axes.Comments, ast.Module]:
        if name not in self.files:
            text = "\n".join(line.rstrip("\n") for line in lines) + "\n"
            self.files[name] = axes.comments(text), ast.parse(text)
        return self.files[name]

    # ---- what lines made

    def made(self, value: Any, call: Any, line: int) -> list[Any]:
        partner = self.partner(value)
        if value.kind not in ("array", "parameter") or value.dtype == "":
            text = (value.text or value.note)[:TEXTS]
            return [value.name, -1, text, self.axes_number(()), *partner, *address(value, call)]
        array = self.numbers.add(described(value), value.array)
        labelled = self.axes_number(self.labelled(value, call, line))
        return [value.name, array, "", labelled, *partner, *address(value, call)]

    def labelled(self, value, call, line):
        letters = self.letters(value, call, line)
        other = self.other(value)
        if letters is None and other is not None and tuple(other.shape) == tuple(value.shape):
            there = self.recording.calls[other.call]
            first = self.recording.steps[other.step].line if other.step is not None else 0
            letters = self.letters(other, there, first)
        letters = letters or ("",) * len(value.shape)
        return tuple(axes.labelled(letters, value.shape, call.path, self.labels))

    def letters(self, value, call, line):
        comments, _ = self.files[call.file]
        given = comments.shapes.get(line, {}).get(value.name) or self.shapes[self.source(call)].get(value.name)
        return axes.fitted(given, value.shape) if given else None

    def axes_number(self, found: tuple) -> int:
        if found not in self.known_axes:
            self.known_axes[found] = len(self.axes)
            self.axes.append(list(found))
        return self.known_axes[found]

    # ---- gradients and what they belong to

    def partners_places(self):
        """{number of a value: Partner} of everything that a step made or a call was given."""
        found: dict[int, Partner] = {}
        for step in self.recording.steps:
            for place, value in enumerate(step.values):
                if value.step == step.number or value.number not in found:  # the line that made it, if it is there
                    found[value.number] = Partner(step.number, place)
        for call, (begin, _) in zip(self.recording.calls, self.ends(), strict=True):
            for place, value in enumerate(given(call)):
                found.setdefault(value.number, Partner(begin, ~place))
        return found

    def other(self, value):
        """The value that a gradient belongs to, or the gradient of a value, or None."""
        return self.recording.partner_value(value)

    def partner(self, value):
        other = self.other(value)
        if other is None:
            return Partner(-1, 0)
        if other.kind == "parameter":
            if not other.dtype:
                return Partner(-1, 0)
            of_it = -2 if self.recording.is_whole(value, other) else -3
            return Partner(of_it, self.numbers.add(described(other), other.array))
        return self.where.get(other.number, Partner(-1, 0))


def given(call: Any) -> list[Any]:
    """The arrays that a call was given."""
    return [value for value in call.arguments if value.kind in ("array", "parameter")]


def docstring_of(tree: ast.Module, call: Any) -> str:
    """The docstring of the function that was called."""
    for node in ast.walk(tree):
        named = isinstance(node, ast.FunctionDef) and node.name == call.function
        if isinstance(node, ast.FunctionDef) and named and node.lineno <= call.end_line <= (node.end_lineno or 0):
            return ast.get_docstring(node) or ""
    return ""


def address(value: Any, call: Any) -> list[str]:
    """The address, where it is not just the call's path and the name."""
    plain = f"{call.path}.{value.name}" if call.path else value.name
    return [] if value.address == plain else [value.address]


def described(value: Any) -> dict[str, Any]:
    """An array's shape and statistics as the page keeps them; JSON knows no NaN, so those are None."""
    numbers = {name: finite(getattr(value, name)) for name in ("least", "greatest", "mean", "deviation")}
    first = None if value.first_non_finite is None else list(value.first_non_finite)
    return {
        "shape": list(value.shape), "dtype": value.dtype, **numbers, "zeros": finite(value.zeros) or 0.0,
        "bad": value.non_finite, "firstBad": first, "note": value.note if value.array is None else "",
    }  # fmt: skip


def finite(number: float | None) -> float | None:
    return float(number) if number is not None and math.isfinite(number) else None
