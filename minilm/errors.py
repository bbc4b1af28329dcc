"""The one exception for what comes from outside and is wrong.

Whoever raises it writes one line that names the place (file, line, field, id) and the way out.
The command line prints that line and leaves with a non-zero status; it never shows a traceback for it.
"""


class InputError(ValueError):
    """A file, an argument or a text that cannot be used, said in one line: the place and the way out."""


class MissingExtra(InputError):
    """Something optional is not installed; the line says what for, and the command that installs it."""

    def __init__(self, what, extra):
        super().__init__(f'{what}; pip install "minilm[{extra}]" installs what is needed')
