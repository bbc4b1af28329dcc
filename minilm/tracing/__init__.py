"""The recorder: every named array, forward and backward, with its address, file and line.

    from minilm.tracing import trace

    with trace() as t:
        model.translate("我喜欢编程")
    t["encoder.1.attention.scores"]         a Value: shape, statistics, and the array itself (np.asarray of it)
    t.steps[17].text, t.steps[17].values    a line that was executed, and what it named
    t.show("encoder.1.attention.scores")    the same with its gradient, as heat maps in a notebook
    t.partner(t.steps[17])                  of a forward line the backward line of the same name and address, and back

It follows the interpreter through the functions of ops, fast, layers, blocks, models and tasks. The mathematics has no
hook for it, and costs nothing when nobody traces.
"""

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from minilm.tracing import following
from minilm.tracing.recorder import Budget, NonFiniteError, Thread
from minilm.tracing.recording import Call, Difference, Recording, Step, Value

__all__ = ["LOST", "Call", "Difference", "NonFiniteError", "Recording", "Step", "Value", "trace"]

PACKAGE = Path(__file__).absolute().parents[1]  # as the interpreter names its files: a symbolic link is not followed
ROOMS = ("ops", "fast", "layers", "blocks", "models", "tasks")
WHOLE = 1 << 20  # bytes up to which an array is kept whole
TOTAL = 44 << 20  # bytes of all arrays together: a traced step of the demo takes less than three times its memory
LOST = "another tracer (a debugger?) took over: what came after is not recorded"  # a recording's note


@lru_cache(maxsize=4096)
def followed(file: str) -> bool:
    """Whether a file is in one of the rooms that are followed by default."""
    folder, _, room = str(Path(file).parent).rpartition(os.sep)
    return room in ROOMS and folder == str(PACKAGE)


def shown(file: str | Path) -> str:
    """A file as a recording names it: "minilm/ops/softmax.py"; one of yours by its name."""
    path = Path(file)
    return path.relative_to(PACKAGE.parent).as_posix() if path.is_relative_to(PACKAGE) else path.name


@contextmanager
def trace(
    *, stop_at_non_finite: bool = False, whole: int = WHOLE, budget: int = TOTAL, rooms: Iterable[str] = (),
    files: Iterable[str | Path] = (), way: type | None = None,
) -> Iterator[Recording]:  # fmt: skip
    """Record what is executed inside the `with`; the recording of this thread, and of the others in `threads`.

    stop_at_non_finite   raise NonFiniteError after the first line that made NaN or an infinity out of finite numbers
    whole, budget        bytes up to which one array, and all of them together, are kept whole; of more a corner is
    rooms                rooms of the package to follow beside ops, fast, layers, blocks, models and tasks:
                         ("training", "decoding") for the update and the search
    files                files of your own to follow too
    way                  following.SetTrace or following.Monitoring; by default the latter where Python has it
    """
    folders = {str(PACKAGE / room) for room in (*ROOMS, *rooms)}
    more = {str(Path(file).resolve()) for file in files}

    def wanted(file: str) -> bool:
        return file in more or str(Path(file).parent) in folders or str(Path(file).resolve()) in more

    shared = Budget(whole, budget)
    first = Thread(shown, shared, stop_at_non_finite)
    recording = first.recording

    def thread() -> Thread:
        """The record of a thread that comes by for the first time."""
        if threading.get_ident() == main:
            return first
        made = Thread(shown, shared, stop_at_non_finite)
        name = threading.current_thread().name
        number = 2
        while name in recording.threads:
            name, number = f"{threading.current_thread().name} ({number})", number + 1
        recording.threads[name] = made.recording
        return made

    main = threading.get_ident()
    follower = (way or following.way())(wanted, thread)
    follower.start()
    try:
        yield recording
    finally:
        follower.stop()
        if follower.lost:
            recording.note = LOST
        for each in (first, *follower.threads.values()):
            each.close()
