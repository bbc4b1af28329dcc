"""The one exception for what comes from outside and is wrong, and the one way to quote what a file says.

Whoever raises it writes one line that names the place (file, line, field, id) and the way out. Whatever a file holds
goes into that line by `said` or `bare`, never as it stands: a terminal obeys what it is told to print.
The command line prints that line and leaves with a non-zero status; it never shows a traceback for it.
"""

import reprlib

LONGEST = 300  # characters of a message; of a longer one the middle goes, since its ends name the place and the way out


class InputError(ValueError):
    """A file, an argument or a text that cannot be used, said in one line: the place and the way out."""

    def __init__(self, message: object) -> None:
        super().__init__(one_line(str(message), LONGEST))


class MissingExtra(InputError):
    """Something optional is not installed: what it is needed for, and `command`, which installs the extra."""

    def __init__(self, what: str, extra: str) -> None:
        self.extra = extra
        self.command = f'pip install "minilm[{extra}]"'
        super().__init__(f"{what}; {self.command} installs what is needed")


def said(value: object, most: int = 60) -> str:
    """What a file says, as a message quotes it: printable, one line, at most `most` characters, text in quotes."""
    short = reprlib.Repr()
    short.maxlevel, short.maxlist, short.maxdict = 2, 4, 4
    short.maxstring = short.maxlong = short.maxother = most
    return one_line(short.repr(value), most)


def bare(value: object, most: int = 200) -> str:
    """`said` without quotes, for the name of a tensor, a file or a field."""
    return one_line(str(value)[: 2 * most], most)


def one_line(text: str, most: int) -> str:
    """`text` with what is not printable escaped (\\x1b), in at most `most` characters: of more the middle goes."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    if len(text) <= most:
        return text
    tail = most // 2 - 1
    return f"{text[: most - tail - 1]}…{text[len(text) - tail :]}"
