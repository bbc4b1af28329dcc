"""Choices that are the same on every machine and with every version of everything: integer arithmetic, written here."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """A 64-bit linear congruential generator with the constants of Knuth's MMIX (The Art of Computer Programming,
    volume 2, section 3.3.4); its upper bits choose, because its lower ones repeat soon."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, number: int) -> int:
        """An integer from 0 to number - 1."""
        self.state = state = (self.state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        return (state >> 33) % number

    def one(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def common(self, items: Sequence[T]) -> T:
        """One of a table that stands in the order of use: its first half three times as often as its second."""
        return self.one(items[: (len(items) + 1) // 2] if self.chance(50) else items)

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent
