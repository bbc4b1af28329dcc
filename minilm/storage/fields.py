"""What a number of a settings file may be: one description for each field, held when the file is read.

    SIZE      a whole number from 1 up: widths, heads, layers, vocabularies
    INDEX     a whole number from 0 up: a token's id, a seed
    COUNT     how often something occurs: larger than a size can be, and still a float's
    RATE      0 <= rate < 1: of dropout, of label smoothing (a rate of 1 divides by zero)
    EPSILON   0 <= eps <= 1: what a norm adds to a variance
    FLAG      true or false

An operation may count on these: no settings file brings it a NaN, a width of 10^400 or a dropout of 1.
"""

from dataclasses import dataclass
from typing import Any

from minilm.errors import InputError, said

LIMIT = 1 << 40  # no size is larger


@dataclass(frozen=True)
class Field:
    """Numbers of `kinds`, `least` <= number, and below `limit` (or up to it: `closed`), said in `words`."""

    words: str
    kinds: tuple[type, ...]
    least: float = 0
    limit: float = LIMIT
    closed: bool = False

    def holds(self, value: Any) -> bool:
        if type(value) not in self.kinds:
            return False
        return self.least <= value < self.limit or (self.closed and value == self.limit)

    def check(self, value: Any, place: str, way_out: str) -> Any:
        """The value, as the first of `kinds`. Raises InputError: `place` is file and field."""
        if not self.holds(value):
            raise InputError(f"{place} is {said(value)}, which it cannot be: {self.words} is wanted; {way_out}")
        return self.kinds[0](value)


SIZE = Field("a whole number from 1 up", (int,), 1)
INDEX = Field("a whole number from 0 up", (int,))
COUNT = Field("a whole number from 1 up", (int,), 1, 1 << 53)  # of a word in a text
RATE = Field("a number from 0 up and below 1", (float, int), 0, 1)
EPSILON = Field("a number from 0 to 1", (float, int), 0, 1, closed=True)
FLAG = Field("true or false", (bool,))


def of(name: str, kind: Any) -> Field | None:
    """The description of a Config's field by its name and type, either as Python has it or by name."""
    kind = getattr(kind, "__name__", kind)
    if kind == "bool":
        return FLAG
    if kind == "int":
        return SIZE
    if kind == "float":
        return EPSILON if name == "eps" else RATE
    return None
