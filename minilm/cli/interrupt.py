"""Ctrl-C that waits for a good moment: the first one is noted, a second one stops at once."""

import signal
import threading
from contextlib import contextmanager


@contextmanager
def noted():
    """Inside the block a first Ctrl-C (or SIGTERM) only makes the yielded function return True."""
    seen: list[int] = []

    def note(number, frame):
        if seen:
            raise KeyboardInterrupt
        seen.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(seen)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
