"""The page "All intermediates": every named array of every model, with its address and shape, from a traced run.

    python -m minilm.showing.intermediates > docs/intermediates.md

Each model of the catalogue takes one training step (forward, loss, backward) on its recipe's example, with random
weights of the smallest preset, under the recorder.
"""

import sys
from dataclasses import replace
from pathlib import Path

from minilm import catalogue
from minilm.showing import runs
from minilm.tracing import PACKAGE, shapes, trace
from minilm.tracing.recording import Recording, Value

OPENING = """\
# All intermediates

Every array that a line of minilm names, in the order in which a training step makes it: its address, as the recorder,
`minilm step` and `minilm trace` say it, its axes as its line's comment has them, its size in this run, and the function
that names it. `d` marks those whose gradient the way back names too: at the same address with a d before the name, so
that of `blocks.0.attention.attention.scores` is `blocks.0.attention.attention.dscores`. A loop names an array several
times; the later ones have a counter after the address (`@1`, `@2`), and here they are counted.

This page is made by `python -m minilm.showing.intermediates > docs/intermediates.md`, from runs of the smallest presets
with random weights.
"""
LINE = "| `{}` | {} | {} | {} | {} |"


def page() -> str:
    """The whole page, Markdown."""
    return "\n".join([OPENING, *(section(name) for name in catalogue.ROWS)])


def section(name: str) -> str:
    """One model: its arrays on the way there, those that only the way back has, and its parameters."""
    recording = recorded(name)
    there, back = arrays(recording, "forward"), arrays(recording, "backward")
    alone = [value for value in back if recording.partner_value(value) is None]
    parts = [f"## {name}\n", f"{summary(recording)}\n"]
    parts += ["### Forward\n", *table(recording, there), "", "### Named on the way back alone\n"]
    parts += [*table(recording, alone), "", "### Parameters\n", "| address | size |", "|---|---|"]
    parts += [f"| `{value.address}` | {size(value)} |" for value in recording.parameters.values()]
    return "\n".join(parts) + "\n"


def recorded(name: str) -> Recording:
    """One training step of a model of the catalogue, without the update."""
    recipe = catalogue.ROWS[name].part("recipe")
    preset = recipe.PRESETS["tiny"]
    if hasattr(preset, "model"):
        preset = replace(preset, model=name)
    target = getattr(recipe, "EXAMPLE_TARGET", None)
    run = runs.of_model(recipe.untrained(preset, recipe.EXAMPLE, target), recipe.EXAMPLE, target, backward=True)
    with trace(whole=1 << 24, budget=1 << 28) as recording:
        run.call()
    return recording


def summary(recording: Recording) -> str:
    addresses = {value.address.partition("@")[0] for value in recording.values if value.kind == "array"}
    return f"{len(addresses)} addresses in {len(recording.steps):,} steps of {len(recording.calls):,} calls."


def arrays(recording: Recording, direction: str) -> list[Value]:
    """The arrays that lines named in this direction, in order; of several at one address the first."""
    found: dict[str, Value] = {}
    for value in recording.values:
        call = recording.calls[value.call] if value.call >= 0 else None
        named = value.kind in ("array", "buffer") and value.step is not None and "returned" not in value.name
        if named and call is not None and call.direction == direction and inside(recording, value):
            found.setdefault(value.address.partition("@")[0], value)
    return list(found.values())


def inside(recording: Recording, value: Value) -> bool:
    """Whether a value belongs to the loss or to the way back, not to the text's way to ids."""
    call = recording.calls[value.call]
    while call.parent is not None:
        call = recording.calls[call.parent]
    return call.function in ("loss", "loss_backward")


def table(recording: Recording, values: list[Value]) -> list[str]:
    times: dict[tuple[str, str], int] = {}
    for value in recording.values:
        if value.step is not None and value.kind in ("array", "buffer"):
            key = value.address.partition("@")[0], recording.calls[value.call].direction
            times[key] = times.get(key, 0) + 1
    lines = ["| address | axes | size | | made by |", "|---|---|---|---|---|"]
    for value in values:
        call = recording.calls[value.call]
        address = value.address.partition("@")[0]
        often = f", {times[address, call.direction]} times" if times[address, call.direction] > 1 else ""
        gradient = "d" if recording.partner_value(value) is not None else ""
        made_by = f"[{call.module.removeprefix('minilm.')}](../{call.file}).{call.function}"
        lines.append(LINE.format(address, letters(recording, value), size(value) + often, gradient, made_by))
    return lines


def letters(recording: Recording, value: Value) -> str:
    """The axes as the comment of the value's line has them."""
    step = recording.step_of(value)
    if step is None:
        return ""
    path = PACKAGE.parent / recording.calls[value.call].file
    names, each = comments(path).get((step.line, step.end_line), ([], []))
    base = value.text or value.name.partition(".")[0]
    if base not in names:
        return ""
    return f"({', '.join(each[min(names.index(base), len(each) - 1)])})"


def comments(path: Path) -> dict:
    found = _COMMENTS.get(path)
    if found is None:
        found = _COMMENTS[path] = shapes.commented(path)
    return found


_COMMENTS: dict[Path, dict] = {}


def size(value: Value) -> str:
    return " × ".join(map(str, value.shape)) or "a number"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print(page(), end="")
