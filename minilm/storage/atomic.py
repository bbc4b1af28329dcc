"""Files written whole or not at all.

The new content goes to a temporary file in the same folder, is forced to the disk, and then takes the old file's
name in one step that the system guarantees to be indivisible. A crash, a full disk or a power cut at any moment
leaves either the old file or the new one.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from minilm.errors import InputError


def write_stream(path: str | Path, write: Callable[[BinaryIO], None]) -> None:
    """Let `write(file)` fill a temporary file, then put it in the place of `path`.

    Raises InputError, naming the file, where the folder is missing, not writable or full; `path` is then as it was.
    """
    path = Path(path)
    temporary = None
    try:
        number, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        with os.fdopen(number, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror or error}); what was there before is whole"
        ) from None
    finally:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` as the whole content of `path`."""

    def write(file: BinaryIO) -> None:
        file.write(data)

    write_stream(path, write)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8, its newlines as they are."""
    write_bytes(path, text.encode("utf-8"))
