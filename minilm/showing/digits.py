"""The page "Digits": every row of `minilm accuracy`, with the date and the versions.

    minilm accuracy --page
"""

from __future__ import annotations

import datetime
from importlib.metadata import PackageNotFoundError, version

from minilm import __version__
from minilm.checking.accuracy import Error, Row, reasons
from minilm.machine import identity

VERDICTS = {
    "best": "at most the better of the two",
    "roundings": "within 4 units: the roundings of the formula, and which framework has fewer of them is chance",
    "inputs": "what the rounding of the inputs alone costs; no formula can give more",
    "worse": "worse, for the reason that is told below",
    "alone": "no framework to stand beside",
}
OPENING = """\
# How right our digits are

Every operation in float32 and float64, forward and backward, on ordinary, extreme and adversarial inputs, against
arithmetic of 50 digits on the very same numbers; and PyTorch's and JAX's functions beside it. Made by
`minilm accuracy --page`; `minilm accuracy softmax` prints a part of it.

How to read a row: `largest / mean (over)`. The first two are errors in units in the last place of each entry; the
third is the largest error over the array's largest entry, in units of eps. Elementwise operations are judged by the
first, all others by the third: where a sum cancels, a small entry has no digits of its own in any order of adding.
`inputs` is what half a unit more or less of every input moves the result by, in the same measure: a larger error can be
avoided, a smaller one is luck. Nothing is counted where a number is below 4,096 times the smallest normal one: there it
may be zero.

"""


def page(rows: list[Row]) -> str:
    """The whole page, Markdown."""
    parts = [OPENING, versions(), "\n", summary(rows), far(rows)]
    for op in dict.fromkeys(row.subject.op for row in rows):
        parts += [f"## {op}\n\n", table([row for row in rows if row.subject.op == op]), "\n"]
    return "".join(parts)


def versions() -> str:
    machine = identity.describe()
    frameworks = ", ".join(f"{name} {found(name)}" for name in ("torch", "jax", "mpmath"))
    kernel = f", products by {machine['blas']} ({machine['kernel']})" if machine.get("kernel") else ""
    return (
        f"{datetime.date.today().isoformat()}: minilm {__version__}, NumPy {machine['numpy']}{kernel}, "
        f"vectors {machine['vectors']}, {frameworks}.\n"
    )


def found(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def summary(rows: list[Row]) -> str:
    """How many rows stand how, and the largest errors."""
    count = {verdict: sum(row.verdict == verdict for row in rows) for verdict in VERDICTS}
    lines = ["| rows | |", "|---:|---|"]
    lines += [f"| {number} | {VERDICTS[verdict]} |" for verdict, number in count.items() if number]
    small = [row for row in rows if row.subject.small]
    for row in [row for row in small if row.ours.largest > 4]:
        lines.append(
            f"| | beyond 4 units for arguments of at most 1 in size: {place(row)}, {number_of(row.ours.largest)}, "
            f"where the inputs cost {number_of(row.due)}: GELU's slope is zero at -0.75, and has no digits beside it |"
        )
    within = sum(row.ours.largest <= 4 for row in small)
    lines.append(f"| {within} | at most 4 units for arguments of at most 1 in size, elementwise |")
    better = sum(1 for row in rows if row.best is not None and row.best > 10 * max(row.size(row.ours), 0.5))
    lines.append(f"| {better} | more than ten times nearer than the better of the two |")
    needed: dict[str, list[str]] = {}
    for row in rows:
        if row.verdict == "worse":
            place_of = needed.setdefault(reasons.of(row) or "no reason is known", [])
            place_of += [name for name in [f"`{row.subject.op}` {row.direction}"] if name not in place_of]
    lines += [f"\nWorse, of {', '.join(places)}: {reason}." for reason, places in needed.items()] + [""]
    return "\n".join(lines)


def far(rows: list[Row]) -> str:
    """The rows whose error is beyond 500 units, but for what the inputs' own rounding costs."""
    beyond = [row for row in rows if row.size(row.ours) > 500 and not row.explained]
    if not beyond:
        return "\nNo error is beyond 500 units, but for what the inputs' own rounding costs.\n\n"
    lines = [f"\nBeyond 500 units, and not by the inputs' own rounding, are {len(beyond)} rows:\n"]
    for row in beyond:
        better = "-" if row.best is None else number_of(row.best)
        size, due = number_of(row.size(row.ours)), number_of(row.due)
        lines.append(f"- {place(row)}: {size}, inputs {due}, the better framework {better}")
    return "\n".join(lines) + "\n\n"


def place(row: Row) -> str:
    return f"{row.subject.name}, {row.dtype} {row.direction}"


def table(rows: list[Row]) -> str:
    lines = ["| inputs | dtype | | minilm | PyTorch | JAX | inputs | |", "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        peers = [text(row.peers[who]) if who in row.peers else "-" for who in ("PyTorch", "JAX")]
        verdict = "" if row.verdict == "best" else row.verdict
        cells = [row.subject.inputs, row.dtype, row.direction, text(row.ours), *peers, number_of(row.due), verdict]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def text(error: Error) -> str:
    return f"{number_of(error.largest)} / {number_of(error.mean)} ({number_of(error.over)})"


def number_of(value: float) -> str:
    return f"{value:.3g}".replace("e+0", "e").replace("e+", "e")
