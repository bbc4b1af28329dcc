"""A progress bar on standard error: tqdm's where it is installed and a person looks on, else a plain line at times."""

import sys
import threading
import time
from contextlib import contextmanager

PLAIN_FIRST = 1.0  # seconds until the first plain line
PLAIN_EVERY = 5.0  # seconds between plain lines; of a long run a tenth of the time that it has taken


class Progress:
    """Use as a context: `with Progress(total, "training", unit="step") as progress: progress.advance(loss="2.1")`."""

    def __init__(self, total, title, unit="step", first=0, quiet=False, language="en"):
        self.total, self.title, self.unit, self.done, self.quiet = total, title, unit, first, quiet
        self.first, self.language = first, language
        self.bar = None

    def __enter__(self):
        self.began = time.monotonic()
        self.said = self.began + PLAIN_FIRST - PLAIN_EVERY
        if not self.quiet and sys.stderr.isatty():
            try:
                from tqdm import tqdm
            except ImportError:
                pass
            else:
                self.bar = tqdm(
                    total=self.total, initial=self.first, desc=self.title, unit=self.unit, file=sys.stderr,
                    dynamic_ncols=True, leave=True, mininterval=0.2,
                )  # fmt: skip
        return self

    def advance(self, number=1, **figures):
        """Count `number` more units done; `figures` are shown beside the bar."""
        self.done += number
        if self.bar is not None:
            self.bar.set_postfix(figures, refresh=False)
            self.bar.update(number)
            return
        now = time.monotonic()
        if not self.quiet and now - self.said >= max(PLAIN_EVERY, (now - self.began) / 10) and self.done < self.total:
            self.said = now
            taken = now - self.began
            left = taken * (self.total - self.done) / max(self.done - self.first, 1)
            print(self.line(figures, *(duration(seconds, self.language) for seconds in (taken, left))), file=sys.stderr)

    def line(self, figures, taken, left):
        """Where it stands: `training: step 20 of 100, loss 2.1, 5 s taken, 20 s left`."""
        if self.language == "zh":
            said = "".join(f"，{name} {value}" for name, value in figures.items())
            place = f"第 {self.done} {self.unit}，共 {self.total} {self.unit}"
            return f"{self.title}：{place}{said}，已用 {taken}，还剩 {left}"
        said = "".join(f", {name} {value}" for name, value in figures.items())
        return f"{self.title}: {self.unit} {self.done} of {self.total}{said}, {taken} taken, {left} left"

    def say(self, line):
        """Print a line without breaking the bar."""
        if self.bar is not None:
            self.bar.write(line, file=sys.stderr)
        elif not self.quiet:
            print(line, file=sys.stderr)

    def __exit__(self, *_):
        if self.bar is not None:
            self.bar.close()


@contextmanager
def watched(recording, every=2.0):
    """While a recording grows, say where it is: on a terminal in one line, else in a plain line at times.

    How many lines there will be is known when they have run; so it says the line and its place, and no share.
    """
    terminal, over = sys.stderr.isatty(), threading.Event()

    def tell():
        while not over.wait(every if terminal else PLAIN_EVERY):
            if recording.steps:
                call = recording.calls[recording.steps[-1].call]
                said = f"recording: {len(recording.steps):,} lines, now in {call.title}"
                text, end = (f"\r{said[:79]:79}", "") if terminal else (said, "\n")
                print(text, end=end, file=sys.stderr, flush=True)

    teller = threading.Thread(target=tell, name="progress", daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
        if terminal:
            print(f"\r{'':79}\r", end="", file=sys.stderr, flush=True)


def duration(seconds, language="en"):
    """Seconds as a person says them: 42 s, 3 min 20 s, 1 h 5 min."""
    hour, minute, second = ("小时", "分", "秒") if language == "zh" else ("h", "min", "s")
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} {second}"
    if seconds < 3600:
        return f"{seconds // 60} {minute} {seconds % 60} {second}"
    return f"{seconds // 3600} {hour} {seconds % 3600 // 60} {minute}"
