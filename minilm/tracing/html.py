"""A recording in a notebook: the table of its steps, an array as a heat map. HTML that needs nothing from anywhere."""

import math
from html import escape
from typing import Any

import numpy as np

ROWS = 200  # steps in a table
CELLS = 32  # rows and columns of a heat map
PANES = 4  # slices of the leading axes that are drawn
LARGE, SMALL = 28, 14  # pixels of a cell, of at most 12 columns and of more
ZERO, ABOVE, BELOW = (250, 250, 251), ((107, 170, 217), (8, 69, 138)), ((243, 178, 104), (153, 61, 4))
STYLE = "border-collapse:collapse;font:12px/1.5 monospace"


def table(recording: Any) -> str:
    """The steps with what they named."""
    lines = []
    for step in recording.steps[:ROWS]:
        call = recording.calls[step.call]
        named = "<br>".join(escape(named_as(value)) for value in step.values)
        text = "&nbsp;" * 2 * call.depth + escape(step.text.split("\n")[0])
        lines.append(
            f"<tr><td>{step.number + 1}</td><td>{escape(call.path or 'model')}</td>"
            f"<td>{escape(call.file)}:{step.line}</td><td style='text-align:left'>{text}</td>"
            f"<td style='text-align:left'>{named}</td></tr>"
        )
    left = len(recording.steps) - len(lines)
    more = f"<p>... and {left:,} more steps; recording.steps has them.</p>" if left else ""
    head = "".join(f"<th>{name}</th>" for name in ("step", "address", "line", "source", "what it named"))
    about = f"{len(recording.calls):,} calls, {len(recording.steps):,} steps, {len(recording.values):,} values"
    note = f" {escape(recording.note)}" if recording.note else ""
    return f"<p>{about}.{note}</p><table style='{STYLE}'><tr>{head}</tr>{''.join(lines)}</table>{more}"


def named_as(value: Any) -> str:
    """`scores (1, 4, 5, 5) float32`, or a number itself."""
    return f"{value.name} {value.shape} {value.dtype}" if value.shape or value.dtype else f"{value.name} = {value.text}"


def picture(value: Any) -> str:
    """An array as heat maps of its last two axes, with its statistics."""
    head = f"<b>{escape(value.address)}</b> {value.shape} {escape(value.dtype)}"
    if value.array is None or value.array.dtype.kind not in "fiubc" or not value.array.size:
        return f"<p>{head} {escape(value.text or value.note)}</p>"
    array = np.asarray(value.array.real, np.float64)
    if array.ndim < 2:
        array = array.reshape(1, -1)
    panes = array.reshape(-1, *array.shape[-2:])
    finite = np.abs(panes[np.isfinite(panes)])
    largest = float(finite.max(initial=0)) or 1.0
    drawn = "".join(pane(each[:CELLS, :CELLS], largest, index_of(number, array.shape)) for number, each in
                    enumerate(panes[:PANES]))  # fmt: skip
    numbers = ""
    if value.least is not None and value.greatest is not None and value.mean is not None:
        numbers = f"{value.least:.4g} ... {value.greatest:.4g}, mean {value.mean:.3g} ± {value.deviation:.3g}"
    if value.non_finite:
        numbers += f", <b>{value.non_finite} not finite</b>"
    left = [value.note] if value.note else []
    if max(panes.shape[1:]) > CELLS or len(panes) > PANES:
        left.append(f"drawn: {min(PANES, len(panes))} of {len(panes)} slices, at most {CELLS} rows and columns")
    return (
        f"<div><p>{head}<br>{numbers}; colours from {-largest:.4g} (orange) over 0 (white) to {largest:.4g} (blue)"
        f"{'<br>' + escape('; '.join(left)) if left else ''}</p>{drawn}</div>"
    )


def pane(array: np.ndarray, largest: float, title: str) -> str:
    """One heat map; each cell says its index and number where the pointer rests."""
    rows, size = [], LARGE if array.shape[1] <= 12 else SMALL
    for i, row in enumerate(array):
        cells = "".join(
            f"<td title='[{i}, {j}] {number:.6g}' style='width:{size}px;height:{size}px;padding:0;background:"
            f"{colour(float(number), largest)}'></td>"
            for j, number in enumerate(row)
        )
        rows.append(f"<tr>{cells}</tr>")
    label = f" aria-label='{escape(title)}'"
    return (
        f"<div style='display:inline-block;margin:4px'><div style='font:11px monospace'>{escape(title)}</div>"
        f"<table role='img'{label} style='border-collapse:collapse'>{''.join(rows)}</table></div>"
    )


def index_of(number: int, shape: tuple[int, ...]) -> str:
    """`[0, 3]`: which slice of the leading axes."""
    if len(shape) <= 2:
        return ""
    return f"[{', '.join(str(int(i)) for i in np.unravel_index(number, shape[:-2]))}]"


def colour(number: float, largest: float) -> str:
    """The page's diverging scale: orange below zero, blue above; black for what is not finite."""
    if not math.isfinite(number):
        return "#000"
    share = max(-1.0, min(1.0, number / largest))
    middle, end = BELOW if share < 0 else ABOVE
    start, stop, part = (ZERO, middle, 2 * abs(share)) if abs(share) < 0.5 else (middle, end, 2 * abs(share) - 1)
    return f"rgb({','.join(str(round(one + (other - one) * part)) for one, other in zip(start, stop, strict=True))})"


class Shown:
    """What `recording.show(address)` returns: an array beside its gradient in a notebook, its statistics elsewhere."""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def __repr__(self) -> str:
        return "\n".join(
            f"{value.address} {value.shape} {value.dtype}: {value.least} ... {value.greatest}, mean {value.mean}"
            if value.mean is not None else f"{value.address} = {value.text or value.note}"
            for value in self.values
        )  # fmt: skip

    def _repr_html_(self) -> str:
        return "".join(picture(value) for value in self.values)
