"""The page "All derivatives": every operation's formula and its derivative, as the docstrings give them.

    python -m minilm.showing.derivatives > docs/derivatives.md

The order is that of reading: the rooms from the bottom up, and in a room each file after those that it imports.
"""

import ast
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
ROOMS = {
    "ops": "Operations",
    "fast": "Twins: the same formulas in another order of time or memory",
    "layers": "Layers: operations composed",
    "blocks": "Blocks: layers wired",
}
OPENING = """\
# All derivatives

Every formula of minilm with its derivative, from the docstrings of the files that compute them. `d` before a name is
the gradient of the loss with respect to it: `dx`, `dscores`. Each file is proved by the complex step (`minilm check`).
This page is made by `python -m minilm.showing.derivatives > docs/derivatives.md`.
"""


def page():
    """The whole page, Markdown."""
    parts = [OPENING]
    for room, title in ROOMS.items():
        parts.append(f"## {title}\n")
        parts += [section(room, name) for name in reading_order(room)]
    return "\n".join(parts)


def section(room, name):
    """One file's docstring: its first sentence as the heading, its indented lines as formulas."""
    docstring = ast.get_docstring(parsed(room, name)) or ""
    head, _, rest = docstring.partition("\n\n")
    title = " ".join(head.split())
    return f"### [{name}](../minilm/{room}/{name}.py)\n\n{title}\n\n{fenced(rest)}\n"


def fenced(text):
    """Indented paragraphs between fences, so that every reader of Markdown keeps their columns."""
    lines: list[str] = []
    inside = False
    for line in text.split("\n"):
        if line.startswith("    ") and not inside:
            lines.append("```")
            inside = True
        elif line.strip() and not line.startswith("    ") and inside:
            while lines[-1] == "":
                lines.pop()
            lines += ["```", ""]
            inside = False
        lines.append(line[4:] if inside else line)
    return "\n".join(lines + ["```"] if inside else lines).rstrip()


def reading_order(room):
    """The names of a room's files that have a derivative, each after those of the room that it imports."""
    files = [path.stem for path in sorted((PACKAGE / room).glob("*.py"))]
    found = [name for name in files if any(defined == "backward" for defined in functions(room, name))]
    ordered: list[str] = []

    def visit(name):
        for other in sorted(imported(room, name) & set(found) - set(ordered)):
            visit(other)
        if name not in ordered:
            ordered.append(name)

    for name in found:
        visit(name)
    return ordered


def parsed(room, name):
    return ast.parse((PACKAGE / room / f"{name}.py").read_text(encoding="utf-8"))


def functions(room, name):
    """What a file defines at its top: functions, and names such as `backward = lstm.backward`."""
    for node in parsed(room, name).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def imported(room, name):
    """The files of the same room that a file imports."""
    found = set()
    for node in ast.walk(parsed(room, name)):
        if isinstance(node, ast.ImportFrom) and node.module == f"minilm.{room}":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"minilm.{room}."):
            found.add((node.module or "").rpartition(".")[2])
    return found


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print(page(), end="")
