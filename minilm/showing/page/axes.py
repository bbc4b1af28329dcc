"""What stands on the axes of an array: the letters of its shape comment, and the words of a text.

The comment after the line that made an array names its axes, `# (B, H, T, S)`; where there is none, the docstring of
the function may: "x (B, T, D), mask (B, S) -> y (B, T, D)". T and S are positions; of which text, the address says.
"""

import ast
import re
import tokenize
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import NamedTuple

SHAPE = re.compile(r"#\s*(\([^()#]*\)(?:,\s*\([^()#]*\))*)\s*(?:#\s*(.*))?$")
IN_DOCSTRING = re.compile(r"\b([A-Za-z_]\w*(?:(?:, | and )[A-Za-z_]\w*)*) \(([^()]*)\)")
AXIS = re.compile(r"[A-Z]|\.\.\.|…|\d+")


class Comments(NamedTuple):
    """Of one file: {first line of a statement: {name: axes}} and {line: the comment that says why}."""

    shapes: dict[int, dict[str, tuple[str, ...]]]
    notes: dict[int, str]


def comments(text: str) -> Comments:
    """Read the comments of a Python file."""
    lines = text.split("\n")
    shapes: dict[int, dict[str, tuple[str, ...]]] = {}
    spans: list[tuple[int, int]] = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.stmt) or isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        body = getattr(node, "body", None)
        spans.append((node.lineno, body[0].lineno - 1 if body else node.end_lineno or node.lineno))
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target: ast.expr = node.targets[0]
        elif isinstance(node, ast.AnnAssign):
            target = node.target
        else:
            continue
        found = SHAPE.search(lines[(node.end_lineno or node.lineno) - 1])
        if found:
            names = [ast.unparse(name) for name in getattr(target, "elts", [target])]
            each = [split(shape) for shape in re.findall(r"\(([^()]*)\)", found.group(1))]
            shapes[node.lineno] = {name: each[min(place, len(each) - 1)] for place, name in enumerate(names)}
    return Comments(shapes, notes(text, lines, spans))


def notes(text: str, lines: Sequence[str], spans: Iterable[tuple[int, int]]) -> dict[int, str]:
    """The comments that are no shapes: those after a statement's lines, and whole lines of them just above it."""
    after: dict[int, str] = {}
    above: dict[int, str] = {}
    for token in tokenize.generate_tokens(StringIO(text).readline):
        if token.type != tokenize.COMMENT or "fmt:" in token.string or "type:" in token.string:
            continue
        shape = SHAPE.match(token.string)
        said = (shape.group(2) or "" if shape else token.string.lstrip("# ")).strip()
        if said and (at := token.start[0]):
            (above if lines[at - 1].lstrip().startswith("#") else after)[at] = said
    found: dict[int, list[str]] = {}
    for first, last in sorted(set(spans)):
        at = first - 1
        while at in above:
            found.setdefault(first, []).insert(0, above[at])
            at -= 1
        found.setdefault(first, []).extend(after[line] for line in range(first, last + 1) if line in after)
    return {line: " ".join(said) for line, said in found.items() if said}


def split(shape: str) -> tuple[str, ...]:
    return tuple(axis.strip() for axis in shape.split(",") if axis.strip())


def in_docstring(text: str) -> dict[str, tuple[str, ...]]:
    """{name: axes} of a function's docstring."""
    found: dict[str, tuple[str, ...]] = {}
    for names, shape in IN_DOCSTRING.findall(text):
        axes = split(shape)
        if axes and all(AXIS.match(axis) for axis in axes):
            for name in re.split(r", | and ", names):
                found.setdefault(name, axes)
    return found


def fitted(axes: Sequence[str], shape: Sequence[int]) -> tuple[str, ...] | None:
    """The letters of an array's axes, "" where unknown (`...`: any leading axes); None where they do not fit."""
    if axes and axes[0] in ("...", "…"):
        rest = tuple(axes[1:])
        if len(rest) > len(shape):
            return None
        axes = ("",) * (len(shape) - len(rest)) + rest
    if len(axes) != len(shape):
        return None
    return tuple(axis if re.fullmatch(r"[A-Z]", axis) else "" for axis in axes)


def labelled(
    letters: Sequence[str], shape: Sequence[int], address: str, labels: Mapping[str, Sequence[str]]
) -> list[tuple[str, str]]:
    """(letter, name of its words in `labels` or "") of each axis."""
    return [(letter, words(letter, size, address, labels)) for letter, size in zip(letters, shape, strict=True)]


def words(letter: str, size: int, address: str, labels: Mapping[str, Sequence[str]]) -> str:
    decoder = address.startswith(("decoder", "target"))
    if letter == "S":
        order = ["source"] if not decoder or "cross_attention" in address else ["target", "source"]
    elif letter in ("T", "N"):
        order = ["target", "source"] if decoder or not address else ["source", "target"]
    elif letter == "V":
        order = ["source_vocabulary"] if address.startswith("source") else ["target_vocabulary", "source_vocabulary"]
    elif letter == "":  # the comment says `...`: a size that only one text has is that text's
        order = ["target"] if decoder else ["source"]
        return next((name for name in order if size > 1 and len(labels.get(name, ())) == size), "")
    else:
        return ""
    return next((name for name in order if len(labels.get(name, ())) == size), "")
