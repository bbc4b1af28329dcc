"""Holds the matrix products to one thread each, while several replicas run side by side.

Two replicas whose products each take two threads on two cores wait for each other. The number is set through
threadpoolctl where it is installed, else by asking the loaded OpenBLAS itself (its library is found in Linux's
list of mapped files); where neither works, the environment variable in `ADVICE` does it from outside.
"""

import ctypes
import os
import threading
from collections.abc import Callable
from functools import cache

ADVICE = "set OPENBLAS_NUM_THREADS=1 (or MKL_NUM_THREADS, VECLIB_MAXIMUM_THREADS), or install threadpoolctl"


def available() -> int:
    """The number of cores that this process may use: the default number of replicas."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def can_hold() -> bool:
    """Whether `one` has any effect; where not, `ADVICE` says the way out."""
    return _controller() is not None or bool(_openblas())


def number() -> int | None:
    """How many threads a matrix product takes now; None where nobody tells."""
    controller = _controller()
    if controller is not None:
        return max(library["num_threads"] for library in controller.select(user_api="blas").info())
    return max((get_threads() for get_threads, _ in _openblas()), default=None)


_lock = threading.Lock()
_inside = 0  # blocks of `one` that are open now, of all threads of Python
_outside: list[tuple[Callable[[int], None], int]] = []  # what gives back the number before the first of them


class one:
    """Inside the block each matrix product takes one thread; afterwards as many as before. About 4 us.

    The number is the process's. So blocks may lie within each other and overlap, in one thread of Python or several:
    the last one that ends gives back what the first one found. (A class, where a generator took three times as long:
    a small model opens one for each token.)
    """

    def __enter__(self) -> None:
        global _inside
        with _lock:
            if not _inside:
                _outside[:] = [(set_threads, get_threads()) for get_threads, set_threads in _libraries()]
                for set_threads, _ in _outside:
                    set_threads(1)
            _inside += 1

    def __exit__(self, *_: object) -> None:
        global _inside
        with _lock:
            _inside -= 1
            if not _inside:
                for set_threads, before in _outside:
                    set_threads(before)


def _libraries() -> tuple[tuple[Callable[[], int], Callable[[int], None]], ...]:
    """The (get, set) functions of what threadpoolctl knows, where it is installed, else of each OpenBLAS."""
    controller = _controller()
    return _openblas() if controller is None else _functions(controller)


@cache
def _functions(controller):
    libraries = controller.select(user_api="blas").lib_controllers
    return tuple((library.get_num_threads, library.set_num_threads) for library in libraries)


@cache
def _controller():
    """threadpoolctl's controller of the libraries loaded now, or None."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    controller = ThreadpoolController()
    return controller if controller.select(user_api="blas").lib_controllers else None


@cache
def _openblas() -> tuple[tuple[Callable[[], int], Callable[[int], None]], ...]:
    """The (get, set) functions for the number of threads of each OpenBLAS in this process; Linux only."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
            paths = {line.split(maxsplit=5)[5].rstrip("\n") for line in file if "openblas" in line}
    except (OSError, IndexError):
        return ()
    found = []
    for path in sorted(paths):
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        for prefix in ("scipy_openblas", "openblas"):
            for suffix in ("64_", ""):
                get_threads = getattr(library, f"{prefix}_get_num_threads{suffix}", None)
                set_threads = getattr(library, f"{prefix}_set_num_threads{suffix}", None)
                if get_threads is not None and set_threads is not None:
                    get_threads.restype = ctypes.c_int
                    set_threads.argtypes, set_threads.restype = [ctypes.c_int], None
                    found.append((get_threads, set_threads))
    return tuple(found)
