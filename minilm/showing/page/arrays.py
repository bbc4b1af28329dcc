"""The numbers of a page: which arrays are kept whole, and how they stand in it.

An array is kept once, however many names it has. The page has a budget in bytes: the smallest arrays are kept whole,
of those that no longer fit a corner, and the page says so.
"""

import base64
import hashlib
import math
from typing import Any

import numpy as np

CORNER = (24, 48)  # rows and columns of a corner; of each leading axis the first few
LEADING = 4
FORMS = {"f4": "<f4", "f8": "<f8", "i4": "<i4", "u1": "u1"}


def form(array: np.ndarray) -> str | None:
    """How the page keeps numbers of this kind; None where it cannot (texts, objects)."""
    if array.dtype == np.bool_ or array.dtype == np.uint8:
        return "u1"
    if array.dtype in (np.float32, np.float16):
        return "f4"
    if array.dtype.kind == "f":
        return "f8"
    if array.dtype.kind in "iu":
        fits = array.size == 0 or (int(array.min()) >= -(2**31) and int(array.max()) < 2**31)
        return "i4" if fits else "f8"
    if array.dtype.kind == "c":
        return "f8"  # the real part
    return None


def corner(array: np.ndarray, part: int = 1) -> np.ndarray:
    """The first rows and columns, of the first few of each leading axis; `part`: by how much fewer."""
    rows, columns = (size // part for size in CORNER)
    most = (*[LEADING] * max(0, array.ndim - 2), rows, columns)[-array.ndim :] if array.ndim > 1 else (rows * columns,)
    return array[tuple(slice(size) for size in most)]


class Numbers:
    """Arrays as they come; `finished` decides which are whole, and writes them all."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.known: dict[tuple, int] = {}
        self.same: dict[int, tuple[np.ndarray, int]] = {}  # id of an array that was added -> it, and its number
        self.held: list[np.ndarray | None] = []

    def add(self, described: dict[str, Any], array: np.ndarray | None) -> int:
        """The number of an array. `described`: its shape, dtype and statistics; `array`: its numbers, as kept."""
        given = array
        if given is not None and id(given) in self.same:
            return self.same[id(given)][1]
        array = None if array is None or form(array) is None else np.ascontiguousarray(array)
        # Of an array of which a corner was recorded the statistics belong to what it is known by.
        content: Any = b"" if array is None else array.reshape(-1).view(np.uint8)
        key = (hashlib.blake2b(content, digest_size=16).digest(), repr(described))
        if key not in self.known:
            self.known[key] = len(self.rows)
            self.rows.append(described)
            self.held.append(array)
        if given is not None:
            self.same[id(given)] = given, self.known[key]
        return self.known[key]

    def finished(self, budget: float = math.inf) -> tuple[list[dict[str, Any]], str, dict[str, int]]:
        """(the descriptions with `form`, `kept` and `at`; all numbers, base64; what was left out)."""
        held = {number: array for number, array in enumerate(self.held) if array is not None}
        order = sorted(held, key=lambda number: held[number].nbytes)
        for part in (1, 2, 4, 8):  # of a great many arrays even the corners are smaller
            pieces = {number: corner(held[number], part) for number in order}
            used = sum(coded(piece) for piece in pieces.values())
            if used <= budget:
                break
        for number in order:
            more = coded(held[number]) - coded(pieces[number])
            if used + more > budget:
                break
            used += more
            pieces[number] = held[number]
        parts, at = [], 0
        left = {"arrays": 0, "numbers": 0}
        for number, row in enumerate(self.rows):
            piece = pieces.get(number)
            row["kept"] = None
            if piece is not None:
                row["form"] = form(held[number])
                row["kept"], row["at"] = list(piece.shape), at
                real = piece.real if piece.dtype.kind == "c" else piece
                data = np.ascontiguousarray(real, FORMS[row["form"]]).tobytes()
                data += bytes(-len(data) % 3)
                parts.append(data)
                at += len(data)
            missing = math.prod(row["shape"]) - (piece.size if piece is not None else 0)
            if missing and not row.get("note"):  # a note: there are no numbers yet, in a buffer that is filled later
                left["arrays"] += 1
                left["numbers"] += missing
        return self.rows, base64.b64encode(b"".join(parts)).decode("ascii"), left


def coded(array: np.ndarray) -> float:
    """Bytes of an array in the page."""
    size = np.dtype(FORMS[form(array) or "f8"]).itemsize
    return (array.size * size + 2) * 4 / 3
