"""How a thread is followed: by sys.monitoring where there is one (Python 3.12), by sys.settrace before.

Both hand four things to a Thread (recorder.py): a function begins, a line begins, a function returns or yields, an
exception leaves it. A tracer that is there already, such as a measurement of coverage or a debugger, goes on working:
beside sys.monitoring by itself; under sys.settrace, which holds one tracer a thread, it is called from ours.
"""

import dis
import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from minilm.errors import InputError

YIELD = dis.opmap["YIELD_VALUE"]
NAME = "minilm.tracing"


class Followed:
    """What both ways share: which files are followed, and the Thread of each thread."""

    def __init__(self, wanted: Callable[[str], bool], thread: Callable[[], Any]) -> None:
        self.wanted, self.make = wanted, thread
        self.known: dict[str, bool] = {}
        self.threads: dict[int, Any] = {}

    def follows(self, code: CodeType) -> bool:
        file = code.co_filename
        found = self.known.get(file)
        if found is None:
            found = self.known[file] = self.wanted(file)
        return found and code.co_name != "<module>"

    def thread(self) -> Any:
        number = threading.get_ident()
        found = self.threads.get(number)
        if found is None:
            found = self.threads[number] = self.make()
        return found


class SetTrace(Followed):
    """By sys.settrace and threading.settrace: this thread, and those that begin from now on."""

    lost = False

    def start(self) -> None:
        self.previous, self.previous_threads = sys.gettrace(), threading.gettrace()
        self.on = True
        self.mine = self.follower(self.previous)  # one object, so that it is known again
        self.theirs = self.follower(self.previous_threads)
        threading.settrace(self.theirs)
        sys.settrace(self.mine)

    def stop(self) -> None:
        """Put back what was there before; `lost` says whether another tracer had taken over in between."""
        self.on = False
        self.lost = sys.gettrace() not in (self.mine, self.previous) or (
            sys.gettrace() is None and self.previous is not None
        )
        sys.settrace(self.previous)
        threading.settrace(self.previous_threads)  # type: ignore[arg-type]

    def follower(self, previous: Any) -> Callable:
        """A tracer that calls `previous` too."""

        def globally(frame: FrameType, event: str, argument: Any) -> Any:
            before = previous(frame, event, argument) if previous is not None else None
            if previous is not None and sys.gettrace() is not globally and self.on:
                sys.settrace(globally)  # coverage's tracer puts itself in the place of whoever calls it
            if event != "call" or not self.on or not self.follows(frame.f_code):
                return before
            thread = self.thread()
            thread.enter(frame)
            return self.local(thread, before)

        return globally

    def local(self, thread: Any, before: Any) -> Callable:
        """The tracer of one frame."""
        failing: list[BaseException] = []

        def locally(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal before
            if before is not None:
                before = before(frame, event, argument)
            if not self.on:
                return before
            if event == "line":
                failing.clear()
                thread.line(frame, frame.f_lineno)
            elif event == "exception":
                failing[:] = [argument[1] if isinstance(argument[1], BaseException) else argument[0]()]
            elif event == "return":
                if yields(frame) and not (failing and argument is None):
                    thread.suspend(frame)
                elif failing and argument is None and not returns(frame):
                    thread.fail(frame, failing[0])
                else:
                    thread.leave(frame, argument)
                failing.clear()
            return locally

        return locally


def yields(frame: FrameType) -> bool:
    """Whether a frame's return event is a generator's yield."""
    return frame.f_lasti >= 0 and frame.f_code.co_code[frame.f_lasti] == YIELD


def returns(frame: FrameType) -> bool:
    """Whether a frame stands at a return, not at what raised."""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN_")


class Monitoring(Followed):
    """By sys.monitoring: all threads, those that are there already too."""

    lost = False

    def start(self) -> None:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined]
        events = monitoring.events
        free = [tool for tool in (4, 3, 5, 0, 2, 1) if monitoring.get_tool(tool) is None]
        if not free:
            raise InputError("six tools watch this Python already (sys.monitoring has room for no more); end one of them")
        self.tool = free[0]
        monitoring.use_tool_id(self.tool, NAME)
        self.codes: set[CodeType] = set()
        handlers = {
            events.PY_START: self.began, events.PY_RESUME: self.began, events.PY_THROW: self.thrown,
            events.LINE: self.line, events.PY_RETURN: self.ended, events.PY_YIELD: self.yielded,
            events.PY_UNWIND: self.failed,
        }  # fmt: skip
        for event, handler in handlers.items():
            monitoring.register_callback(self.tool, event, handler)
        monitoring.restart_events()
        monitoring.set_events(self.tool, events.PY_START | events.PY_RESUME | events.PY_THROW | events.PY_UNWIND)

    def stop(self) -> None:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined]
        events = monitoring.events
        monitoring.set_events(self.tool, 0)
        for code in self.codes:
            monitoring.set_local_events(self.tool, code, 0)
        for name in ("PY_START", "PY_RESUME", "PY_THROW", "LINE", "PY_RETURN", "PY_YIELD", "PY_UNWIND"):
            monitoring.register_callback(self.tool, getattr(events, name), None)
        monitoring.free_tool_id(self.tool)

    def began(self, code: CodeType, offset: int) -> Any:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined]
        if not self.follows(code):
            return monitoring.DISABLE
        if code not in self.codes:
            self.codes.add(code)
            events = monitoring.events
            monitoring.set_local_events(self.tool, code, events.LINE | events.PY_RETURN | events.PY_YIELD)
        self.thread().enter(sys._getframe(1))
        return None

    def thrown(self, code: CodeType, offset: int, error: BaseException) -> None:
        if self.follows(code):
            self.thread().enter(sys._getframe(1))

    def line(self, code: CodeType, number: int) -> None:
        thread = self.thread()
        if thread.stack:
            thread.line(sys._getframe(1), number)

    def ended(self, code: CodeType, offset: int, result: Any) -> None:
        thread = self.thread()
        if thread.stack:
            thread.leave(sys._getframe(1), result)

    def yielded(self, code: CodeType, offset: int, result: Any) -> None:
        thread = self.thread()
        if thread.stack:
            thread.suspend(sys._getframe(1))

    def failed(self, code: CodeType, offset: int, error: BaseException) -> None:
        if self.follows(code):
            thread = self.thread()
            if thread.stack:
                thread.fail(sys._getframe(1), error)


def way() -> type[SetTrace] | type[Monitoring]:
    """The way that this Python has."""
    return Monitoring if hasattr(sys, "monitoring") else SetTrace
