"""The one exception for what comes from outside and is wrong.

Whoever raises it writes one line that names the place (file, line, field, id) and the way out.
The command line prints that line and leaves with a non-zero status; it never shows a traceback for it.
"""


class InputError(ValueError):
    """A file, an argument or a text that cannot be used, said in one line: the place and the way out."""


class MissingExtra(InputError):
    """Something optional is not installed: what it is needed for, and `command`, which installs the extra."""

    def __init__(self, what: str, extra: str) -> None:
        self.extra = extra
        self.command = f'pip install "minilm[{extra}]"'
        super().__init__(f"{what}; {self.command} installs what is needed")
