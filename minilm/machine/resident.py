"""How much memory this process has, and has had at most, in bytes; None where the system does not say."""

import sys


def peak():
    """The most that was resident at once since the program began."""
    if sys.platform == "linux":  # not ru_maxrss, which keeps the peak of the program that started this one
        return _status("VmHWM")
    if sys.platform == "win32":
        return _windows("PeakWorkingSetSize")
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def now():
    """What is resident now."""
    if sys.platform == "linux":
        return _status("VmRSS")
    return _windows("WorkingSetSize") if sys.platform == "win32" else None


def _status(field):
    with open("/proc/self/status", encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    return None


def _windows(field):
    import ctypes
    from ctypes import wintypes

    names = ["PeakWorkingSetSize", "WorkingSetSize", "QuotaPeakPagedPoolUsage", "QuotaPagedPoolUsage",
             "QuotaPeakNonPagedPoolUsage", "QuotaNonPagedPoolUsage", "PagefileUsage", "PeakPagefileUsage"]  # fmt: skip

    class Counters(ctypes.Structure):
        _fields_ = [("cb", wintypes.DWORD), ("faults", wintypes.DWORD), *((name, ctypes.c_size_t) for name in names)]

    windll = ctypes.windll  # type: ignore[attr-defined]
    counters = Counters(cb=ctypes.sizeof(Counters))
    current = windll.kernel32.GetCurrentProcess
    current.restype = wintypes.HANDLE
    ask = windll.psapi.GetProcessMemoryInfo
    ask.argtypes = [wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD]
    return getattr(counters, field) if ask(current(), ctypes.byref(counters), counters.cb) else None
