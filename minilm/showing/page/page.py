"""The file: the folder's HTML, style and scripts with a recording's book and numbers in their places."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import resources
from pathlib import Path
from typing import Any

from minilm.showing.page import book as book_of
from minilm.storage import atomic

SMALL, BUFFER = 1 << 18, 1 << 28  # bytes of one array and of all that a recording keeps for a page of the usual size
SCRIPTS = (  # in this order, as one script
    "words.js", "numbers.js", "heat.js", "code.js", "places.js", "steps.js", "tensor.js", "controls.js", "search.js",
    "page.js",
)  # fmt: skip


def render(book: dict, numbers: str) -> str:
    """The page as text. Nothing of the recording can end its script element: `<` is written as \\u003c."""
    folder = resources.files(__package__)

    def read(name: str) -> str:
        return folder.joinpath(name).read_text(encoding="utf-8")

    text = json.dumps(book, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    parts = {
        "{{TITLE}}": escaped(" ".join(["minilm", *book["about"]["subject"]])),
        "{{STYLE}}": read("page.css"),
        "{{BOOK}}": text.replace("<", "\\u003c"),
        "{{NUMBERS}}": numbers,
        "{{SCRIPT}}": "\n".join(read(name) for name in SCRIPTS),
    }
    page = read("page.html")
    pieces = []
    for mark, content in parts.items():
        before, found, page = page.partition(mark)
        if not found:
            raise ValueError(f"page.html has no {mark}")
        pieces += [before, content]
    return "".join([*pieces, page])


def of_run(
    run: Any, path: str | Path, megabytes: float = book_of.MEGABYTES,
    watched: Callable[[Any], AbstractContextManager] = nullcontext,
) -> tuple[int, dict[str, Any], int]:  # fmt: skip
    """Record a showing.runs.Run and write its page: (bytes, what was left out and the option that keeps it, steps).

    `watched(recording)` is entered while it grows: to show progress.
    """
    from minilm.tracing import trace

    # The page's budget decides once all sizes are known. Until then the recorder keeps what may become part of it: all
    # small arrays, and large ones only where a page was asked for that has room for them.
    whole = SMALL if megabytes <= book_of.MEGABYTES else int(megabytes * 1e6)
    with trace(whole=whole, budget=max(BUFFER, 4 * whole), rooms=run.rooms) as recording, watched(recording):
        result = run.call()
    subject = [*run.subject, result] if isinstance(result, str) else run.subject
    book, numbers = book_of.of(
        recording, kind=run.kind, subject=subject, labels=run.labels, backward=run.backward, megabytes=megabytes
    )
    about = book["about"]
    return write(path, book, numbers), about["leftOut"] | {"option": about["option"]}, len(book["steps"])


def write(path: str | Path, book: dict, numbers: str) -> int:
    """Write the page, whole or not at all; its size in bytes. Raises InputError where it cannot be written."""
    data = render(book, numbers).encode("utf-8", errors="replace")
    atomic.write_bytes(path, data)
    return len(data)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
