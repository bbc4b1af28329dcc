"""The shape comments are executed: each is held against the array that its line makes.

A comment `# (B, H, T, S)` behind an assignment says the shape of what is assigned (of each, where several are). A letter
stands for one size throughout a call of the function, `...` for any leading axes, a number for itself; `2 * H` and the like
are computed. All cases are run under a tracer that looks at the locals after each such line.
"""

import ast
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm import cases

PACKAGE = Path(minilm.__file__).parent
ROOMS = ("ops", "layers", "blocks", "models")
COMMENT = re.compile(r"#\s*(\([^()#]*\)(?:,\s*\([^()#]*\))*)\s*(?:#.*)?$")


def commented(path):
    """{last line of the statement: (names assigned, shapes)} of a file."""
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    found = {}
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        comment = COMMENT.search(lines[node.end_lineno - 1])
        if not comment:
            continue
        target = node.targets[0]
        names = [target] if isinstance(target, ast.Name) else getattr(target, "elts", [])
        names = [name.id for name in names if isinstance(name, ast.Name)]
        shapes = [
            tuple(axis.strip() for axis in shape.split(",") if axis.strip())
            for shape in re.findall(r"\(([^()]*)\)", comment.group(1))
        ]
        if names:
            found[(node.lineno, node.end_lineno)] = (names, shapes)
    return found


def mismatch(shape, axes, letters):
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
                wanted = eval(re.sub(r"(\d)([A-Z])", r"\1*\2", axis), {}, dict(letters))  # "4H" is 4 * H
                if wanted != size:
                    return f"{shape} is not ({', '.join(axes)}): {axis} is {wanted}, here {size}"
    return None


def trace(files, call):
    """Run `call`; return (the lines whose comment was compared, the complaints)."""
    comments = {str(path): commented(path) for path in files}
    compared, complaints = set(), []

    def look(frame, file, spans, letters):
        for span in list(spans):
            names, shapes = comments[file][span]
            for index, name in enumerate(names):
                value = frame.f_locals.get(name)
                if name == "_" or not isinstance(value, np.ndarray | np.generic):
                    continue  # a cache among the results
                axes = shapes[min(index, len(shapes) - 1)]
                compared.add((file, span))
                if problem := mismatch(np.shape(value), axes, letters):
                    complaints.append(f"{Path(file).name}:{span[1]}: {name} {problem}")

    def globally(frame, event, argument):
        file = frame.f_code.co_filename
        if event != "call" or not comments.get(file):
            return None
        first = frame.f_code.co_firstlineno
        last = max((line for *_, line in frame.f_code.co_lines() if line), default=first)
        letters, pending = {}, []
        mine = [span for span in comments[file] if first <= span[0] <= last]
        by_line = {line: span for span in mine for line in range(span[0], span[1] + 1)}

        def locally(frame, event, argument):
            nonlocal pending
            here = by_line.get(frame.f_lineno) if event == "line" else None
            if pending and here not in pending:
                look(frame, file, pending, letters)
                pending = []
            if here is not None and here not in pending:
                pending.append(here)
            return locally

        return locally

    sys.settrace(globally)
    try:
        call()
    finally:
        sys.settrace(None)
    return compared, complaints


def run_everything():
    from minilm.gradcheck import fresh

    for case in cases.everything().values():
        given = [case.params] if case.params is not None else []
        settings = {key: fresh(value) for key, value in case.settings.items()}
        y, cache = case.forward(*given, *case.inputs.values(), **settings)
        case.backward(*given, cache, y, **case.backward_settings)


def test_every_shape_comment_that_runs_is_true():
    files = [path for room in ROOMS for path in (PACKAGE / room).glob("*.py")]
    compared, complaints = trace(files, run_everything)
    assert not complaints, "\n".join(sorted(set(complaints)))
    assert len(compared) > 150, "the tracer saw too few comments: does it still work?"


@pytest.mark.parametrize(
    ("comment", "right"),
    [("(B, T)", True), ("(B, 3)", False), ("(T, T)", False), ("(..., T)", True), ("(B, T, D)", False), ("(B, 2T)", False)],
)
def test_a_wrong_comment_is_caught(tmp_path, comment, right):
    path = tmp_path / "planted.py"
    path.write_text(
        f"import numpy as np\n\n\ndef forward():\n    t = np.ones(5)    # (T)\n    x = np.ones((2, 5))    # {comment}\n"
        "    return x * t\n", encoding="utf-8"
    )  # fmt: skip
    namespace = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    compared, complaints = trace([path], namespace["forward"])
    assert len(compared) == 2
    assert (not complaints) == right
