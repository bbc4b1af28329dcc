"""A text file, as the recipes read it, and its held-back end."""

from pathlib import Path

from minilm.errors import InputError


def read(path):
    """A UTF-8 file, its newlines as they are. Raises InputError, naming the file and the line."""
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; give a text file") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from None


def parts(text, path, least):
    """The first nine tenths for training and the last tenth for validation, in characters.

    Raises InputError, naming the file, where one of them has fewer than `least`.
    """
    edge = len(text) * 9 // 10
    if min(edge, len(text) - edge) < least:
        found = f"{path}: {len(text)} characters are too few"
        raise InputError(f"{found}; give at least {10 * least}, or a smaller --context")
    return text[:edge], text[edge:]
