"""One training at a time in a run folder: two would mix their checkpoints and histories.

The lock is the operating system's, on the file `training.lock`, and goes with the process however that ends: a file
that a killed training left behind holds nobody up. The file says which process it is.
"""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from minilm.errors import InputError

NAME = "training.lock"


@contextlib.contextmanager
def held(folder) -> Iterator[None]:
    """Inside the block the folder is this training's. Raises InputError, naming the process that has it now."""
    path, made = Path(folder) / NAME, not Path(folder).exists()
    if path.parent.exists() and not path.parent.is_dir():
        raise InputError(f"{folder}: is a file; give another --out")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path, "a+", encoding="utf-8")  # noqa: SIM115
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); give another --out") from None
    try:
        if not taken(file):
            file.seek(0)
            holder = " ".join(file.read(200).split()) or "another process"
            raise InputError(f"{folder}: {holder} is training here; wait for it to end, or give another --out")
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()  # the file stays: were it removed, two could each hold a file of the same name
    finally:
        file.close()
        if made and [found.name for found in path.parent.iterdir()] == [NAME]:  # a refusal leaves nothing behind
            path.unlink()
            path.parent.rmdir()


def taken(file) -> bool:
    """Take the lock of an open file, without waiting; False where another process has it."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0x7FFFFFF0)  # far after the text, which stays readable: Windows locks bytes against readers too
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a file system without locks: better to train than to refuse
    return True
