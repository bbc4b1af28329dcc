"""What a source file says about its lines: statements, the names they assign and read, comments, the names of calls.

A line event of the interpreter names a line; here stand the statement that the line belongs to (of a `for` or `with`
its head alone) and the names that it assigns. And what a call is called, where it has no parameters of its own: the key
under which its cache is kept, so that the way there and the way back have one name:

    weights, softmax_cache = softmax.forward(scores, mask)       {..., "softmax": softmax_cache}       -> softmax
    dscores = softmax.backward(cache["softmax"], dweights)                                             -> softmax
"""

import ast
import io
import re
import tokenize
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import CodeType

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Target:
    """What a statement assigns: `scores`, `h[t + 1]`, `losses["masked"]`."""

    name: str  # scores, h, losses.masked
    text: str  # as in the source
    code: CodeType | None  # to evaluate it in the frame; None for a plain name


@dataclass(frozen=True)
class Statement:
    """A simple statement, or the head of one that holds others."""

    first: int
    last: int
    text: str
    comment: str = ""
    targets: tuple[Target, ...] = ()
    reads: tuple[str, ...] = ()  # names and items that it reads: "scores", 'params["weight"]'
    body: tuple[int, int] | None = None  # of a `for`: the lines of its body; its target is assigned when one comes next
    infinite: bool = False  # it makes infinities by intent: a mask as a summand
    unfilled: bool = False  # it makes a buffer whose numbers are still to come
    returned: tuple[str | None, ...] | None = None  # of a `return`: the name of each part, None where it has none


@dataclass
class Source:
    """A file: its lines, docstring, statements by line, and the keys of its calls by position."""

    lines: list[str]
    docstring: str
    statements: dict[int, Statement]
    keys: dict[tuple[int, int, int, int], str | None] = field(default_factory=dict)
    functions: dict[int, int] = field(default_factory=dict)  # first line (of a decorator, if any) -> last line

    def at(self, line: int) -> Statement:
        """The statement of a line."""
        found = self.statements.get(line)
        if found is None:
            text = self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""
            found = self.statements[line] = Statement(line, line, text)
        return found


def source(path: str) -> Source:
    """What a file says; read once, and again when it has changed."""
    return _read(path, Path(path).stat().st_mtime_ns)


@lru_cache(maxsize=512)
def _read(path: str, changed: int) -> Source:
    return parse(Path(path).read_text(encoding="utf-8"))


def parse(text: str) -> Source:
    """`source` of a text."""
    lines = text.split("\n")
    module = ast.parse(text)
    comments = comments_of(text)
    found = Source(lines, ast.get_docstring(module) or "", {})
    for node in ast.walk(module):
        if isinstance(node, ast.stmt):
            statement = described(node, lines, comments)
            for line in range(statement.first, statement.last + 1):
                found.statements[line] = statement
        elif isinstance(node, ast.ExceptHandler | ast.match_case):
            head = node.body[0].lineno - 1
            first = node.lineno if isinstance(node, ast.ExceptHandler) else node.pattern.lineno
            if head >= first:
                whole = dedented(lines[first - 1 : head])
                for line in range(first, head + 1):
                    found.statements[line] = Statement(first, head, whole)
        if isinstance(node, FUNCTIONS):
            found.keys |= keys_of(node)
            first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
            found.functions[first] = node.end_lineno or first
    return found


def comments_of(text: str) -> dict[int, tuple[str, bool]]:
    """{line: (comment without its sign, whether it stands alone in its line)}."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.string.startswith(("# fmt:", "# type:", "# noqa")):
            alone = not token.line[: token.start[1]].strip()
            found[token.start[0]] = token.string.lstrip("# "), alone
    return found


def described(node: ast.stmt, lines: list[str], comments: dict[int, tuple[str, bool]]) -> Statement:
    """The Statement of a node."""
    first, last = node.lineno, node.end_lineno or node.lineno
    body = getattr(node, "body", None)
    inside = None
    if isinstance(body, list) and body:
        inside = (body[0].lineno, last)
        last = max(first, min(body[0].lineno - 1, last)) if body[0].lineno > first else first
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node, clean=False) is not None:
            last = first
    targets = tuple(targets_of(node))
    reads = tuple(dict.fromkeys(reads_of(node)))
    text = dedented(lines[first - 1 : last])
    returned = None
    if isinstance(node, ast.Return) and node.value is not None:
        parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        returned = tuple(part.id if isinstance(part, ast.Name) else None for part in parts)
    return Statement(
        first, last, text, comment_of(first, last, comments), targets, reads,
        inside if isinstance(node, ast.For) else None,
        infinite=bool(re.search(r"\bbarred\b|\binf\b", text)),
        unfilled=bool(re.search(r"\bempty(_like)?\(", text)), returned=returned,
    )  # fmt: skip


def dedented(lines: list[str]) -> str:
    """Lines without the indentation that they share."""
    shared = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[shared:].rstrip() for line in lines).rstrip()


def comment_of(first: int, last: int, comments: dict[int, tuple[str, bool]]) -> str:
    """The comment lines directly above a statement, and the comment at the end of its last line."""
    above: list[str] = []
    line = first - 1
    while line in comments and comments[line][1]:
        above.insert(0, comments[line][0])
        line -= 1
    after = [comments[last][0]] if last in comments and not comments[last][1] else []
    return " ".join(above + after)


def targets_of(node: ast.stmt):
    """Yield a Target for each thing that a statement assigns."""
    if isinstance(node, ast.Assign):
        expressions = node.targets
    elif isinstance(node, ast.AugAssign | ast.For) or (isinstance(node, ast.AnnAssign) and node.value is not None):
        expressions = [node.target]
    elif isinstance(node, ast.With):
        expressions = [item.optional_vars for item in node.items if item.optional_vars is not None]
    else:
        expressions = []
    for head in heads(node):
        expressions += [inner.target for inner in ast.walk(head) if isinstance(inner, ast.NamedExpr)]
    while expressions:
        expression = expressions.pop(0)
        if isinstance(expression, ast.Tuple | ast.List):
            expressions[:0] = expression.elts
        elif isinstance(expression, ast.Starred):
            expressions.insert(0, expression.value)
        elif isinstance(expression, ast.Name):
            if expression.id != "_":
                yield Target(expression.id, expression.id, None)
        elif isinstance(expression, ast.Subscript | ast.Attribute):
            text = ast.unparse(expression)
            yield Target(plain_name(expression), text, compile(text, "<target>", "eval"))


def heads(node: ast.stmt):
    """The expressions that a statement itself evaluates, without the statements in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.withitem):
            yield child.context_expr


def plain_name(expression: ast.expr) -> str:
    """`h` of h[t + 1], `losses.masked` of losses["masked"], `state.params` of an attribute."""
    if isinstance(expression, ast.Subscript):
        key = expression.slice
        base = plain_name(expression.value)
        return f"{base}.{key.value}" if isinstance(key, ast.Constant) and isinstance(key.value, str) else base
    if isinstance(expression, ast.Attribute):
        return f"{plain_name(expression.value)}.{expression.attr}"
    return expression.id if isinstance(expression, ast.Name) else "value"


def reads_of(node: ast.stmt):
    """Yield what a statement reads: names, and items with a fixed key as they are written."""
    if isinstance(node, ast.AugAssign):
        yield ast.unparse(node.target)
    for head in heads(node):
        for inner in ast.walk(head):
            if isinstance(inner, ast.Subscript) and isinstance(inner.ctx, ast.Load):
                text = ast.unparse(inner)
                if "(" not in text:
                    yield text
            elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
                yield inner.id


def keys_of(function: ast.AST) -> dict[tuple[int, int, int, int], str | None]:
    """{position of a call in the function: the key of its cache, or None}."""
    stored: dict[str, str] = {}  # variable -> key of the dict that holds it
    appended: dict[str, str] = {}  # variable -> list that it is put into
    assigned: dict[str, ast.expr] = {}
    for node in inside(function):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and isinstance(value, ast.Name):
                    stored.setdefault(value.id, key.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
            if isinstance(node.func.value, ast.Name) and node.args and isinstance(node.args[0], ast.Name):
                appended[node.args[0].id] = node.func.value.id
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            pairs = [(target, value)]
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
                pairs = list(zip(target.elts, value.elts, strict=True))
            for name, expression in pairs:
                if isinstance(name, ast.Name):
                    assigned[name.id] = expression
    found: dict[tuple[int, int, int, int], str | None] = {}
    for node in inside(function):
        if isinstance(node, ast.Call):
            found[position(node)] = returning_key(node, assigned)
    for node in inside(function):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Tuple):
            last = node.targets[0].elts[-1]
            kept_as = None
            if isinstance(last, ast.Name):
                kept_as = stored.get(last.id) or stored.get(appended.get(last.id, ""))
            elif isinstance(last, ast.Subscript) and isinstance(last.slice, ast.Constant):
                kept_as = str(last.slice.value)
            called = node.value.func
            if not (isinstance(called, ast.Attribute) and called.attr.endswith("backward")):
                found[position(node.value)] = kept_as
    return found


def inside(function: ast.AST):
    """The nodes of a function without those of the functions in it."""
    pending = list(ast.iter_child_nodes(function))
    while pending:
        node = pending.pop(0)
        yield node
        if not isinstance(node, FUNCTIONS):
            pending += ast.iter_child_nodes(node)


def position(node: ast.expr) -> tuple[int, int, int, int]:
    return node.lineno, node.end_lineno or 0, node.col_offset, node.end_col_offset or 0


def returning_key(call: ast.Call, assigned: dict[str, ast.expr]) -> str | None:
    """Of `module.backward(cache["softmax"], ...)`: softmax."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr.endswith("backward")):
        return None
    for argument in call.args[:3]:
        expression: ast.expr | None = argument
        for _ in range(4):  # cache[layer]["dropout"]; gates_caches[t], where gates_caches = cache["gates"]
            if isinstance(expression, ast.Name):
                expression = assigned.get(expression.id)
            elif isinstance(expression, ast.Subscript):
                key = expression.slice
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    if "cache" in ast.unparse(expression.value):
                        return key.value
                    break
                expression = expression.value
    return None
