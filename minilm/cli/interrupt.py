"""Ctrl-C that waits for a good moment: the first one is noted, a second one stops at once."""

import contextlib
import signal
import sys
import threading
from contextlib import contextmanager

# SIGTERM is how a system stops a process, SIGHUP how a closed terminal does; Windows has no SIGHUP.
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


FIRST = "stopping after this step; once more stops at once, and loses what came since the last checkpoint"


@contextmanager
def noted(first=FIRST):
    """Inside the block a first Ctrl-C (SIGTERM, SIGHUP) is answered by `first` and makes the yielded function True."""
    seen: list[int] = []

    def note(number, frame):
        if seen and number != getattr(signal, "SIGHUP", None):  # a terminal that closes may send several
            raise KeyboardInterrupt
        if not seen and first:
            with contextlib.suppress(OSError, ValueError, RuntimeError):  # the terminal may be gone, or just printing
                print(f"\n{first}", file=sys.stderr, flush=True)
        seen.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    # Who was started with SIGHUP ignored (nohup) wants to live on.
    mine = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN or number == signal.SIGINT]
    before = {number: signal.signal(number, note) for number in mine}
    try:
        yield lambda: bool(seen)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
