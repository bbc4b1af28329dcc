"""Precision, recall and F1 of whole entities, as seqeval and CoNLL's own script count them.

    precision = right / found        recall = right / there        F1 = 2 right / (found + there)

An entity is right where its beginning, its end and its type are those of one that is there. A row's entities are tuples
whose last part is the type. What nothing can be divided by is 0.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

Row = Sequence[tuple[Hashable, ...]]


@dataclass(frozen=True)
class Counts:
    """How many entities are right, were found, and are there."""

    right: int
    found: int
    there: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.there if self.there else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.found + self.there) if self.right else 0.0


def counted(found: Sequence[Row], there: Sequence[Row]) -> Counts:
    """The counts of all rows and types together (the micro average). Raises ValueError for unequal numbers of rows."""
    every = by_type(found, there).values()
    return Counts(*(sum(getattr(each, name) for each in every) for name in ("right", "found", "there")))


def confused(found: Sequence[Row], there: Sequence[Row]) -> Counter:
    """{(type there, type found): how many entities}; None for a type where nothing is there, or nothing was found.

    An entity of another place is one that was not found and one that is not there.
    """
    numbers: Counter = Counter()
    for row, answer in zip(found, there, strict=True):
        ours, theirs = ({tuple(entity[:-1]): entity[-1] for entity in side} for side in (row, answer))
        numbers.update((theirs.get(place), ours.get(place)) for place in {**theirs, **ours})
    return numbers


def by_type(found: Sequence[Row], there: Sequence[Row]) -> dict[Hashable, Counts]:
    """The counts of each type that was found or is there, in the order of the alphabet."""
    numbers: dict[str, Counter] = {name: Counter() for name in ("right", "found", "there")}
    for row, answer in zip(found, there, strict=True):
        ours, theirs = set(row), set(answer)
        for name, some in (("right", ours & theirs), ("found", ours), ("there", theirs)):
            numbers[name].update(entity[-1] for entity in some)
    types = sorted({*numbers["found"], *numbers["there"]}, key=str)
    return {kind: Counts(*(numbers[name][kind] for name in ("right", "found", "there"))) for kind in types}
