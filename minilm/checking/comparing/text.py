"""A comparing.Comparison as text for a terminal, as a dict for a file, and as one HTML page."""

import html as escaping
from typing import Any

from minilm.checking.comparing.row import Finding, Row
from minilm.errors import bare

COLOURS = {"right": "32", "wrong": "31", "no tolerance": "33"}
LISTED = 8


def verdict(row: Row) -> str:
    return "no tolerance" if row.passed is None else "right" if row.passed else "wrong"


def coloured(text: str, kind: str, colour: bool) -> str:
    return f"\x1b[{COLOURS[kind]}m{text}\x1b[0m" if colour and kind in COLOURS else text


def number(value: float) -> str:
    return f"{value:.2e}" if value else "0"


def report(comparison: Any, colour: bool = False, every: bool = True) -> str:
    """The whole report. Without `every` the rows that are right are counted and not shown."""
    rows = comparison.rows
    lines = [f"held against {comparison.golden.about.get('what')}, in {comparison.precision}: {len(rows)} tensors"]
    shown = [row for row in rows if every or row.passed is not True]
    if shown:
        width = max(len(bare(row.name, 60)) for row in shown)
        titles = ("largest", "mean", "99 %", "relative", "ulp", "granted")
        head = f"{'tensor':{width}}  {'verdict':12}  " + "  ".join(f"{title:>9}" for title in titles)
        lines += ["", head]
        for row in shown:
            e, granted = row.errors, "-" if row.tolerance is None else number(row.tolerance)
            cells = [
                number(e.absolute[0]),
                number(e.absolute[1]),
                number(e.absolute[2]),
                number(e.relative[0]),
                number(e.ulp[0]),
                granted,
            ]
            line = f"{bare(row.name, 60):{width}}  {verdict(row):12}  " + "  ".join(f"{cell:>9}" for cell in cells)
            lines.append(coloured(line, verdict(row), colour) + remark(row))
    lines += ["", *listed(comparison)]
    for place, finding in enumerate(comparison.findings):
        lines += ["", *told(comparison, finding, place)]
    if comparison.passed:
        lines.append(
            coloured(f"nothing diverges: {len(rows)} tensors are right to {comparison.precision}.", "right", colour)
        )
    return "\n".join(lines)


def remark(row: Row) -> str:
    """What was done to theirs, or guessed."""
    parts = []
    if row.match.guessed:
        parts.append(f"guessed by {row.match.how}: theirs is called {bare(row.match.theirs, 40)}")
    elif row.match.theirs != row.name:
        parts.append(f"theirs is called {bare(row.match.theirs, 40)}")
    if row.match.change:
        parts.append(f"theirs is {row.match.change}")
    if row.errors.finite_mask:
        parts.append("a finite number stands for -inf in theirs")
    return f"  ({'; '.join(parts)})" if parts else ""


def listed(comparison: Any) -> list[str]:
    """What has no pair."""
    found, lines = comparison.matching, []
    for what, names in (("not given", found.missing), ("left over, of theirs", found.left_over)):
        if names:
            more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
            lines.append(f"{what}: {', '.join(bare(name, 60) for name in names[:LISTED])}{more}")
    for name, their, ours, shape in found.shapes:
        lines.append(f"another shape: {bare(name, 60)} is {list(ours)}, theirs ({bare(their, 60)}) {list(shape)}")
    for name, their, dtype, other in found.dtypes:
        lines.append(f"another dtype: {bare(name, 60)} is {dtype}, theirs ({bare(their, 60)}) {other}")
    return lines


def told(comparison: Any, finding: Finding, place: int) -> list[str]:
    """A finding in a few lines."""
    row, tensor = finding.row, finding.row.tensor
    title = "the first that diverges" if place == 0 else "wrong on its own account too"
    at = f" at {tensor.place}" if tensor.place else ""
    lines = [f"{title}: {bare(row.name, 80)}{at}"]
    if tensor.formula:
        lines += [f"    {line}" for line in tensor.formula.split("\n")]
    e = row.errors
    lines.append(f"    worst at {list(e.index)}: ours {e.ours:.9g}, theirs {e.theirs:.9g}")
    if tensor.made_from:
        verdicts = {each.name: verdict(each) for each in comparison.rows}
        sources = [f"{bare(name, 60)} ({verdicts.get(name, 'not given')})" for name in tensor.made_from[:LISTED]]
        lines.append(f"    made from {', '.join(sources)}")
    if finding.unseen:
        lines.append(
            f"    between it and what is right, not given: {', '.join(bare(n, 60) for n in finding.unseen[:LISTED])}"
        )
    lines += [f"    {sentence}" for sentence in finding.relations]
    if finding.cause is not None:
        cause = finding.cause
        lines.append(f"    likely cause: {cause.mistake.name}, in {cause.mistake.plants[0].where.replace(':', '.')}")
        lines.append(f"        {cause.mistake.why}")
        for plant in cause.mistake.plants[:2]:
            lines.append(f"        {' '.join(plant.old.split())}  ->  {' '.join(plant.new.split()) or '(nothing)'}")
        lines.append(f"        with it the formula gives {cause.explained} of their {cause.compared} tensors")
        others = [other.mistake.name for other in finding.causes[1:4] if other.explained == cause.explained]
        if others:
            lines.append(f"        these give the same numbers: {'; '.join(others)}")
    elif finding.note:
        lines.append(f"    {finding.note}")
    elif place == 0 and tensor.role not in ("parameter", "input", "upstream"):
        lines.append("    none of the known mistakes gives these numbers")
    return lines


def as_dict(comparison: Any) -> dict[str, Any]:
    """For a JSON file."""
    found = comparison.matching
    return {
        "what": comparison.golden.about.get("what"), "precision": comparison.precision, "passed": comparison.passed,
        "first": comparison.first.name if comparison.first else None,
        "cause": cause_of(comparison.findings[0]) if comparison.findings else None,
        "tensors": [
            {"name": row.name, "theirs": row.match.theirs, "matched_by": row.match.how, "change": row.match.change,
             "verdict": verdict(row), "tolerance": row.tolerance, "place": row.tensor.place, **row.errors.as_dict()}
            for row in comparison.rows
        ],
        "findings": [
            {"name": finding.row.name, "relations": finding.relations, "cause": cause_of(finding),
             "not_given": list(finding.unseen)} for finding in comparison.findings
        ],
        "missing": found.missing, "left_over": found.left_over,
        "other_shape": [
            {"name": a, "theirs": b, "shape": list(c), "their_shape": list(d)} for a, b, c, d in found.shapes
        ],
        "other_dtype": [{"name": a, "theirs": b, "dtype": c, "their_dtype": d} for a, b, c, d in found.dtypes],
    }  # fmt: skip


def cause_of(finding: Finding) -> dict[str, Any] | None:
    cause = finding.cause
    if cause is None:
        return None
    return {
        "name": cause.mistake.name, "why": cause.mistake.why, "where": cause.mistake.plants[0].where,
        "explained": cause.explained, "compared": cause.compared,
        "same_numbers": [other.mistake.name for other in finding.causes[1:] if other.explained == cause.explained],
    }  # fmt: skip


PAGE = "\n".join(
    (
        "<!doctype html>",
        '<html lang="en"><meta charset="utf-8"><title>{title}</title>',
        "<style>",
        "body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; "
        "max-width: 75em; padding: 0 1em; color: #222 }}",
        "table {{ border-collapse: collapse; width: 100% }}",
        "th, td {{ text-align: right; padding: .2em .6em; border-bottom: 1px "
        "solid #ddd; font-variant-numeric: tabular-nums }}",
        "th:first-child, td:first-child, th:nth-child(2), td:nth-child(2), "
        "th:last-child, td:last-child {{ text-align: left }}",
        ".wrong {{ background: #fde8e6 }}",
        ".right td:nth-child(2) {{ color: #17692f }}",
        ".wrong td:nth-child(2) {{ color: #a3170b; font-weight: 600 }}",
        "pre {{ background: #f5f5f2; padding: 1em; white-space: pre-wrap }} code {{ font-size: 92% }}",
        "</style>",
        "<h1>{title}</h1>",
        "<p>{summary}</p>",
        "{findings}",
        "<table><tr><th>tensor<th>verdict<th>largest<th>mean<th>99 %<th>relative<th>ulp<th>granted<th>remark</tr>",
        "{rows}",
        "</table>",
        "<pre>{listed}</pre>",
        "</html>",
    )
)


def page(comparison: Any) -> str:
    """One HTML page, with nothing in it that comes from elsewhere."""
    rows = []
    for row in comparison.rows:
        e = row.errors
        cells = [number(v) for v in (*e.absolute, e.relative[0], e.ulp[0])] + [
            "-" if row.tolerance is None else number(row.tolerance)
        ]
        name = f"<code>{escaping.escape(bare(row.name, 80))}</code>"
        numbers = "".join(f"<td>{cell}" for cell in cells)
        more = escaping.escape(remark(row).strip(" ()"))
        rows.append(f"<tr class={verdict(row).split()[0]}><td>{name}<td>{verdict(row)}{numbers}<td>{more}</tr>")
    what = bare(comparison.golden.about.get("what"), 60)
    count = f"{len(comparison.wrong)} of {len(comparison.rows)} tensors diverge, in {comparison.precision}."
    told_all = ["\n".join(told(comparison, finding, place)) for place, finding in enumerate(comparison.findings)]
    return PAGE.format(
        title=escaping.escape(f"Held against {what}"), summary=escaping.escape(count),
        findings="".join(f"<pre>{escaping.escape(each)}</pre>" for each in told_all), rows="\n".join(rows),
        listed=escaping.escape("\n".join(listed(comparison))),
    )  # fmt: skip
