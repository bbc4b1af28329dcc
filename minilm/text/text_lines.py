"""The lines of a file of tokens, vocab.txt or merges.txt, in no more memory than a bound."""

from pathlib import Path

from minilm.errors import InputError
from minilm.storage import json_file

LINE = 300  # bytes of memory, at most, that a line takes beside its text: the token, its id, its place in a table
TIMES = 80  # a Chinese character with the end of its line stands in 4 bytes


def read(path: str | Path) -> list[str]:
    """The lines, split at "\\n" alone. Raises InputError, naming the file and the place."""
    data = json_file.read_bytes(path, json_file.LARGE)
    if (needed := LINE * data.count(b"\n")) > json_file.room(len(data), times=TIMES):
        raise InputError(f"{path}: so many lines that they would take {needed >> 20} MB of memory; it is damaged")
    try:
        return data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; download the folder again") from None
