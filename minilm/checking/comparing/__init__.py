"""Hold the tensors of another implementation against a golden folder: where they part first, how far, and likely why.

    from minilm import checking

    found = checking.compare("softmax.golden", {"y": y, "dx": dx})
    assert found.passed, found

The order is that of the computation, forward and then backward. The first that diverges is the first that is wrong
though all that it is made from is right, as far as it was given.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from minilm.checking import golden as making
from minilm.checking.comparing import causes, matching, measuring, relations, text, theirs
from minilm.checking.comparing.causes import Cause
from minilm.checking.comparing.matching import Match, Matching
from minilm.checking.comparing.row import Finding, Row
from minilm.checking.golden.folder import Golden, Tensor
from minilm.errors import InputError, said

MOST_ROOTS = 5  # tensors that are wrong on their own account, which are looked into


@dataclass(frozen=True, repr=False)
class Comparison:
    """What came out. Its text is the report; `passed` says that nothing diverges."""

    golden: Golden
    precision: str
    rows: list[Row]
    matching: Matching
    findings: list[Finding] = field(default_factory=list)

    @property
    def wrong(self) -> list[Row]:
        return [row for row in self.rows if row.passed is False]

    @property
    def passed(self) -> bool:
        return not self.wrong

    @property
    def first(self) -> Row | None:
        """The first tensor that diverges, in the order of computation."""
        return self.findings[0].row if self.findings else None

    @property
    def cause(self) -> Cause | None:
        """Its likely cause."""
        return self.findings[0].cause if self.findings else None

    def __repr__(self) -> str:
        return text.report(self)


def compare(
    golden: str | Path | Golden, their: Any, names: dict[str, str] | None = None, precision: str | None = None,
    look_for_causes: bool = True, progress: Callable[[int, int], None] | None = None,
) -> Comparison:  # fmt: skip
    """Hold THEIRS, a path or a dict of arrays, against a golden folder, or one that is in memory.

    `names` maps names of theirs to ours or ours to theirs. `precision`: what they were computed in, "float64",
    "float32", "float16" or "bfloat16"; None: the lowest that holds all their numbers. Raises InputError for a folder or
    file that cannot be trusted, and where nothing matches.
    """
    held = golden if isinstance(golden, Golden) else making.read(golden)
    if precision is not None and precision not in making.folder.PRECISIONS:
        raise InputError(
            f"the precision {said(precision)} is not known; there are {', '.join(making.folder.PRECISIONS)}"
        )
    found = matching.match(held, theirs.of(their), names)
    pairs = [(held.tensors[name], found.pairs[name]) for name in held.tensors if name in found.pairs]
    made = [
        match.array
        for tensor, match in pairs
        if tensor.role not in matching.INNER
        and not measuring.is_noise(tensor.array, tensor.tolerance.get("float32"))
    ]
    used = precision or measuring.precision_of(made or [match.array for _, match in pairs])
    rows = [row_of(tensor, match, used) for tensor, match in pairs]
    comparison = Comparison(held, used, rows, found)
    findings: list[Finding] = []
    for row, unseen in own_account(comparison)[:MOST_ROOTS]:
        what = relations.of(held, row.tensor, row.match.array, used)
        likely: tuple[list[Cause], str] = ([], "")
        if look_for_causes and row.tensor.role not in matching.INNER and not findings:
            arrays = {each.name: each.match.array for each in rows}
            likely = causes.find(held, arrays, [each.name for each in comparison.wrong], row.name, used, progress)
        findings.append(Finding(row, what, *likely, unseen))
    return Comparison(held, used, rows, found, findings)


def row_of(tensor: Tensor, match: Match, precision: str) -> Row:
    """A pair, measured and judged."""
    errors = measuring.measure(tensor.array, match.array, precision)
    if tensor.array.dtype.kind != "f":
        return Row(tensor, match, errors, 0.0, errors.absolute[0] == 0)
    bound = tensor.tolerance.get(precision)
    return Row(tensor, match, errors, bound, None if bound is None else bool(errors.absolute[0] <= bound))


def own_account(comparison: Comparison) -> list[tuple[Row, tuple[str, ...]]]:
    """The wrong rows whose sources are right, in order, each with the sources that were not given.

    Where a source was not given, its own sources stand for it.
    """
    verdicts = {row.name: row.passed for row in comparison.rows}
    tensors = comparison.golden.tensors
    found = []
    for row in comparison.wrong:
        unseen: set[str] = set()
        waiting, seen, clean = list(row.tensor.made_from), set(), True
        while waiting:
            name = waiting.pop()
            if name in seen or name not in tensors:
                continue
            seen.add(name)
            if name not in verdicts:
                unseen.add(name)
                waiting += tensors[name].made_from
            elif verdicts[name] is False:
                clean = False
        if clean:
            found.append((row, tuple(sorted(unseen, key=lambda name: tensors[name].order))))
    wrong = comparison.wrong
    if not found and wrong:  # they hang on one another: the first in order
        found = [(wrong[0], ())]
    return found

