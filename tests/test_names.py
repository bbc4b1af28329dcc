"""Every name is a trace: in ops, layers, blocks and models a name is bound once, and its array stays what it was.

Read on the syntax tree: no name is bound by two statements of a function, no augmented assignment, no `out=`. Seen in
runs of every case, forward and backward: each named array equals, when the call is over, the copy that was taken when
its statement was done.

Arrays that are filled in parts are excepted, by function and name, in one list.
"""

import ast
import sys
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm.checking import cases, gradcheck

PACKAGE = Path(minilm.__file__).parent
ROOMS = ("ops", "layers", "blocks", "models")

FILLED_IN_PARTS = {
    "layers/lstm.py forward": {"h", "c"},  # T + 1 rows, a step at a time
    "layers/lstm.py backward": {"dh_later", "dc", "dz"},  # and back
    "ops/conditional_random_field.py forward": {"alpha"},  # the forward algorithm, a position at a time
    "ops/conditional_random_field.py marginals": {"beta"},  # and from the end
    "layers/cached_attention.py append": {"buffer"},  # a decoding state, which is consumed
}


def files(rooms=ROOMS):
    return [path for room in rooms for path in sorted((PACKAGE / room).glob("*.py"))]


def functions(text):
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]


def statements(function):
    """All nodes of a function, but for those of functions, comprehensions and lambdas in it, whose names are theirs."""
    inner = (ast.FunctionDef, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.Lambda)
    waiting = list(function.body)
    while waiting:
        node = waiting.pop(0)
        if not isinstance(node, inner):
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def bound_twice(function):
    """The names that more than one statement of the function binds, its arguments among them."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    names = [argument.arg for argument in every if argument]
    names += [node.id for node in statements(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return {name for name in names if names.count(name) > 1 and name != "_"}


def written_into(function):
    """The names into whose elements the function assigns."""
    targets = [node for node in statements(function) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)]
    return {target.value.id for target in targets if isinstance(target.value, ast.Name)}


def in_place(text):
    """Augmented assignments, and calls that are given `out=`."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.AugAssign):
            yield f"{node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.keyword) and node.arg == "out":
            yield f"{node.value.lineno}: out="


def where(path, function):
    return f"{path.relative_to(PACKAGE).as_posix()} {function.name}"


@pytest.mark.parametrize("path", files(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_name_is_bound_once(path):
    for function in functions(path.read_text(encoding="utf-8")):
        place = where(path, function)
        assert not bound_twice(function), place


@pytest.mark.parametrize("path", files(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nothing_is_done_in_place(path):
    text = path.read_text(encoding="utf-8")
    assert not list(in_place(text))
    for function in functions(text):
        dicts = {"caches", "extended"}  # no arrays: dicts that are filled key by key
        left = written_into(function) - dicts - FILLED_IN_PARTS.get(where(path, function), set())
        assert not left, where(path, function)


def test_the_exceptions_are_needed():
    written = {}
    for path in files():
        for function in functions(path.read_text(encoding="utf-8")):
            written[where(path, function)] = written_into(function)
    for place, names in FILLED_IN_PARTS.items():
        assert names <= written[place], place


@pytest.mark.parametrize(
    ("body", "wrong"),
    [("x = y\n    x = 2", {"x"}), ("y = 2", {"y"}), ("for x in y:\n        x, z = y", {"x"}), ("_, a = y\n    _, b = y", set()),
     ("if y:\n        a = 1\n    else:\n        a = 2", {"a"}), ("a = [y for y in y]", set()), ("a = (b := 1)\n    b = 2", {"b"}),
     ("for t in y:\n        a = t", set())],
)  # fmt: skip
def test_a_second_binding_is_noticed(body, wrong):
    assert bound_twice(functions(f"def f(y):\n    {body}\n")[0]) == wrong


# In runs ----------------------------------------------------------------------------------------------------------------


def assigned(path):
    """{(function, first line, last line): names} of the statements of a file that name something."""
    found = {}
    for function in functions(path.read_text(encoding="utf-8")):
        for node in statements(function):
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.For):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
                last = node.target.end_lineno if isinstance(node, ast.For) else node.end_lineno
                found.setdefault(function.name, []).append((node.lineno, last, names))
    return found


def changes(paths, call):
    """Run `call`; return ({(file, function, name) that were seen}, complaints)."""
    lines = {str(path): (path, assigned(path)) for path in paths}
    seen, kept, complaints = set(), [], []

    def globally(frame, event, argument):
        path, found = lines.get(frame.f_code.co_filename, (None, {}))
        name = frame.f_code.co_name
        if event != "call" or name not in found:
            return None
        place = f"{path.parent.name}/{path.name} {name}"
        by_line = {line: names for first, last, names in found[name] for line in range(first, last + 1)}
        pending = set()

        def locally(frame, event, argument):
            nonlocal pending
            here = by_line.get(frame.f_lineno) if event == "line" else None
            if pending and here is not pending:
                for variable in pending - FILLED_IN_PARTS.get(place, set()):
                    array = frame.f_locals.get(variable)
                    if isinstance(array, np.ndarray):
                        seen.add((place, variable))
                        kept.append((f"{place}: {variable}", array, array.copy()))
            pending = here or set()
            return locally

        return locally

    previous = sys.gettrace()  # a measurement of coverage, perhaps
    sys.settrace(globally)
    try:
        call()
    finally:
        sys.settrace(previous)
    for what, array, copy in kept:
        if not np.array_equal(array, copy, equal_nan=array.dtype.kind in "fc"):
            complaints.append(what)
    return seen, complaints


def forward_and_backward(case):
    given = [case.params] if case.params is not None else []
    settings = {key: gradcheck.fresh(value) for key, value in case.settings.items()}
    y, cache = case.forward(*given, *case.inputs.values(), **settings)
    case.backward(*given, cache, y, **case.backward_settings)


def test_no_named_array_changes():
    seen = set()
    for name, case in cases.everything().items():
        found, complaints = changes(files(), lambda case=case: forward_and_backward(case))
        assert not complaints, f"{name}: {sorted(set(complaints))}"
        seen |= found
    assert len(seen) > 200, f"only {len(seen)} named arrays were seen: does the tracer still fit?"


@pytest.mark.parametrize(
    ("line", "right"),
    [("y += 1", False), ("np.add(y, 1, out=y)", False), ("y[0] = 5", False), ("y.sort()", False), ("z = y + 1", True),
     ("g(y)", False)],
)  # fmt: skip
def test_a_change_is_noticed(tmp_path, line, right):
    path = tmp_path / "planted.py"
    path.write_text(f"def f(x):\n    y = -x\n    {line}\n    return y\n", encoding="utf-8")
    namespace = {"np": np, "g": lambda array: array.fill(7)}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    seen, complaints = changes([path], lambda: namespace["f"](np.arange(3.0)))
    assert seen and (not complaints) == right
