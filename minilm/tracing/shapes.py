"""The shape comments, executed: each is held against the arrays that a recording has of its line.

A comment `# (B, H, T, S)` after an assignment says the shape of what is assigned (of each, where there are several). A
letter stands for one size throughout a call of the function, `...` for any leading axes, a number for itself; `2 * H`
and the like are computed.
"""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from minilm.tracing import shown
from minilm.tracing.recording import Recording, Value

COMMENT = re.compile(r"#\s*(\([^()#]*\)(?:,\s*\([^()#]*\))*)\s*(?:#.*)?$")
Span = tuple[int, int]  # first and last line of a statement


def commented(path: Path) -> dict[Span, tuple[list[str], list[tuple[str, ...]]]]:
    """{lines of the statement: (names assigned, shapes)} of a file."""
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    found = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            target = node.target
        else:
            continue
        last = node.end_lineno or node.lineno
        comment = COMMENT.search(lines[last - 1])
        if not comment:
            continue
        names = [ast.unparse(name) for name in getattr(target, "elts", [target])]
        shapes = [
            tuple(axis.strip() for axis in shape.split(",") if axis.strip())
            for shape in re.findall(r"\(([^()]*)\)", comment.group(1))
        ]
        if names:
            found[(node.lineno, last)] = (names, shapes)
    return found


def mismatch(shape: tuple[int, ...], axes: tuple[str, ...], letters: dict[str, int]) -> str | None:
    """What is wrong with `shape` against the comment's axes, or None; binds new letters."""
    if axes and axes[0] == "...":
        axes = axes[1:]
        if len(shape) < len(axes):
            return f"{shape} has too few axes for (..., {', '.join(axes)})"
        shape = shape[len(shape) - len(axes) :]
    if len(shape) != len(axes):
        return f"{shape} is not ({', '.join(axes)})"
    for size, axis in zip(shape, axes, strict=True):
        if axis.isidentifier():
            if letters.setdefault(axis, size) != size:
                return f"{shape} is not ({', '.join(axes)}): {axis} was {letters[axis]} before, here {size}"
        else:
            names = re.findall(r"[A-Za-z_]\w*", axis)
            if all(name in letters for name in names):
                wanted = computed(axis, letters)
                if wanted != size:
                    return f"{shape} is not ({', '.join(axes)}): {axis} is {wanted}, here {size}"
    return None


def computed(axis: str, letters: dict[str, int]) -> int:
    """`4H` or `T + 1` with the letters' sizes."""
    return eval(re.sub(r"(\d)([A-Z])", r"\1*\2", axis), {"__builtins__": {}}, dict(letters))


def held(files: Iterable[Path], *recordings: Recording) -> tuple[set[tuple[str, Span]], list[str]]:
    """(the (file, lines) whose comment was compared, the complaints) of what recordings have of these files."""
    comments = {shown(path): commented(path) for path in files}
    paths = {shown(path): str(path) for path in files}
    compared, complaints = set(), []
    for recording in recordings:
        for call in recording.calls:
            letters: dict[str, int] = {}
            for number in call.steps:
                step = recording.steps[number]
                span = (step.line, step.end_line)
                names, shapes = comments.get(call.file, {}).get(span, ((), ()))
                for index, name in enumerate(names):
                    axes = shapes[min(index, len(shapes) - 1)]
                    for value in of_name(step.values, name):
                        compared.add((paths[call.file], span))
                        if problem := mismatch(value.shape, axes, letters):
                            complaints.append(f"{Path(call.file).name}:{span[1]}: {name} {problem}")
    return compared, complaints


def of_name(values: list[Value], name: str) -> list[Value]:
    """The arrays that stand under a name: one, or those of a tuple."""
    found = []
    for value in values:
        if value.kind in ("array", "parameter", "buffer"):
            base, _, item = value.name.rpartition(".")
            if name in (value.name, value.text) or (base == name and item.isdecimal()):
                found.append(value)
    return found
