"""Text in the columns of a terminal, where a Chinese character takes two and an accent put over a letter none.

The widths are those of Unicode Standard Annex 11 (East Asian Width): wide and full-width characters count two.
A sign that cannot be printed, such as the escape that would recolour a terminal, is shown as U+FFFD.
"""

import re
import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """How many columns `text` takes."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def printable(text: str) -> str:
    """`text` with U+FFFD in place of each sign that a terminal would obey rather than show."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def obeyed_by_none(text: str) -> str:
    """`printable` that keeps the ends of lines and tabs: a generated text on a terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def cut(text: str, most: int) -> str:
    """`text`, or as much of it as fits into `most` columns with an ellipsis at the end."""
    if width(text) <= most:
        return text
    kept, used = "", 1
    for character in text:
        used += _width(character)
        if used > most:
            break
        kept += character
    return kept + "…"


def left(text: str, columns: int) -> str:
    """`text` with spaces after it."""
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    """`text` with spaces before it."""
    return " " * (columns - width(text)) + text


def wrap(text: str, columns: int) -> list[str]:
    """`text` in lines of at most `columns`, broken at spaces and beside Chinese characters.

    No line begins with a mark that closes, nor ends with one that opens. A word that is longer stands alone.
    """
    lines: list[str] = []
    for word in text.split():
        gap = " "
        for piece in BREAKS.split(word):
            if lines and width(lines[-1]) + len(gap) + width(piece) <= columns:
                lines[-1] += gap + piece
            else:
                lines.append(piece)
            gap = ""
    return lines


_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60"
_CLOSING, _OPENING = "，。、；：？！）》】」』”’…", "（《【「『“‘"
# Between two characters of which one is Chinese, but not before a mark that closes or after one that opens.
BREAKS = re.compile(f"(?<=.)(?=.)(?:(?<=[{_WIDE}])|(?=[{_WIDE}]))(?<![{_OPENING}])(?![{_CLOSING}])")


def table(
    rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[str]], *, most: int = 100, longest: int = 12
) -> list[str]:
    """The lines of a table: row labels left, numbers right, below their headings.

    Rows beyond `longest` and columns beyond `most` columns of text are left out, with an ellipsis in their place.
    """
    labels = [cut(printable(label), 16) for label in rows[:longest]]
    headings = [cut(printable(heading), 16) for heading in columns]
    shown = [[printable(cell) for cell in line] for line in cells[:longest]]
    first = max(map(width, labels), default=0)
    widths = [max(map(width, (heading, *(line[i] for line in shown)))) for i, heading in enumerate(headings)]
    fits, used = 0, first + 3  # the last three are for the ellipsis
    for column in widths:
        if used + 2 + column > most:
            break
        fits, used = fits + 1, used + 2 + column
    more = "  …" if fits < len(headings) else ""

    def line(label, texts):
        padded = (f"  {right(text, column)}" for text, column in zip(texts[:fits], widths, strict=False))
        return left(label, first) + "".join(padded) + more

    lines = [line("", headings)] if any(headings) else []
    lines += [line(label, texts) for label, texts in zip(labels, shown, strict=True)]
    return lines + (["…"] if len(rows) > longest else [])
