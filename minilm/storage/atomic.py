"""Files written whole or not at all.

The new content goes to a temporary file in the same folder, is forced to the disk, and then takes the old file's
name in one step that the system guarantees to be indivisible. A crash, a full disk or a power cut at any moment
leaves either the old file or the new one.
"""

import contextlib
import errno
import os
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from minilm.errors import InputError

PREFIX, SUFFIX = ".minilm-", ".part"  # of temporary files; short, because the target's name may be as long as can be
ABANDONED = 3600.0  # seconds without a write after which a temporary file belongs to nobody: its process was killed
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


def write_stream(path: str | Path, write: Callable[[BinaryIO], None]) -> None:
    """Let `write(file)` fill a temporary file, then put it in the place of `path`.

    Raises InputError, naming the file, where the folder is missing, not writable or full; `path` is then as it was.
    """
    path = Path(path)
    temporary = path.parent / f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}"
    try:
        with os.fdopen(os.open(temporary, NEW, 0o666), "wb") as file:  # the umask decides, as for any new file
            write(file)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(OSError):  # none there yet, or a file system without permissions
            shutil.copymode(path, temporary)
        _replace(temporary, path)
    except OSError as error:
        advice = "; free some space and try again" if error.errno in FULL else ""
        reason = error.strerror or error
        raise InputError(f"{path}: cannot be written ({reason}); what was there before is whole{advice}") from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    _settle(path.parent)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` as the whole content of `path`."""

    def write(file: BinaryIO) -> None:
        file.write(data)

    write_stream(path, write)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8, its newlines as they are. Raises InputError for half a character (a lone surrogate)."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        place = f"character {error.start + 1}, {text[error.start]!a}"
        raise InputError(f"{path}: {place}, is no Unicode text; remove it from the input") from None
    write_bytes(path, data)


def _replace(temporary: Path, path: Path) -> None:
    """os.replace; on Windows tried for a moment, where a virus scanner or a reader may hold the old file."""
    for wait in (0.02, 0.1, 0.5) if os.name == "nt" else ():
        try:
            os.replace(temporary, path)
            return
        except PermissionError:
            time.sleep(wait)
    os.replace(temporary, path)


def _settle(folder: Path) -> None:
    """Force the new name to the disk too, and remove what writers that were killed have left in the folder."""
    with contextlib.suppress(OSError):
        if os.name == "posix":
            number = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(number)
            finally:
                os.close(number)
        for entry in list(os.scandir(folder)):
            ours = entry.name.startswith(PREFIX) and entry.name.endswith(SUFFIX)
            if ours and time.time() - entry.stat().st_mtime > ABANDONED:
                os.unlink(entry)
