"""The longest of many keys with which a text goes on, in time that does not depend on their number or length.

The keys stand in Unicode's order. Every key that begins `part` is, in that order, at or before `part`, and all keys
between the longest of them and `part` begin with it: so it is the last key at or before `part`, or a key with which
that one begins. `shorter` leads from a key to the longest other one with which it begins.
"""

from bisect import bisect_right
from collections.abc import Iterable


class LongestPrefix:
    """`find(text, start, end)`: the longest key at `start` that does not reach beyond `end`, or None."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = sorted(key for key in set(keys) if key)
        self.most = max(map(len, self.keys), default=0)
        self.shorter: list[int] = []
        open_keys: list[int] = []  # each begins the next
        for index, key in enumerate(self.keys):
            while open_keys and not key.startswith(self.keys[open_keys[-1]]):
                open_keys.pop()
            self.shorter.append(open_keys[-1] if open_keys else -1)
            open_keys.append(index)

    def find(self, text: str, start: int, end: int) -> str | None:
        part = text[start : min(end, start + self.most)]
        index = bisect_right(self.keys, part) - 1
        while index >= 0:
            key = self.keys[index]
            if part.startswith(key):
                return key
            index = self.shorter[index]
        return None
