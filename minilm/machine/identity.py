"""What this machine is: system, processor, cores, and the library and kernel that the matrix products run on."""

import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from minilm.machine import blas_threads

VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
AVX512 = ("X86_V4", "AVX512_SKX", "AVX512F")  # NumPy's names, new and old
AVX2 = ("X86_V3", "AVX2")


def describe():
    """{"python", "numpy", "system", "processor", "cores", "vectors", "blas", "kernel", "threads"}, fit for JSON.

    What cannot be known is None: the kernel without threadpoolctl, the number of threads where nobody tells it.
    """
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": processor(),
        "cores": cores(),
        "vectors": vectors(),
    } | blas()


def cores():
    """How many cores this process may use: a container's share of them, rounded up, where it is smaller."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="utf-8").split()
        share = -(-int(quota) // int(period))
    except (OSError, ValueError):  # not Linux, an older kernel, or "max": no limit
        return blas_threads.available()
    return max(1, min(share, blas_threads.available()))


def processor():
    """Its name, as the system tells it."""
    if name := re.search(r"^model name\s*:\s*(.+)$", _cpuinfo(), re.MULTILINE):
        return name[1].strip()
    return _sysctl("machdep.cpu.brand_string") or platform.processor() or platform.machine()


def family():
    """(vendor, family) of an x86 processor, ("", 0) of others or where the system does not tell."""
    text = _cpuinfo()
    vendor = re.search(r"^vendor_id\s*:\s*(\S+)", text, re.MULTILINE)
    number = re.search(r"^cpu family\s*:\s*(\d+)", text, re.MULTILINE) or re.search(
        r"Family (\d+)", platform.processor()
    )
    known = vendor[1] if vendor else platform.processor().rpartition(", ")[2]  # Windows: "... Family 25, AuthenticAMD"
    return (known, int(number[1])) if number else ("", 0)


def vectors():
    """The widest vector instructions that NumPy found: "AVX-512", "AVX2", "SVE", "NEON" or "" (none of these)."""
    simd = _config().get("SIMD Extensions", {})
    found = {*simd.get("baseline", []), *simd.get("found", [])}
    named = {"AVX-512": AVX512, "AVX2": AVX2, "SVE": ("SVE",), "NEON": ("NEON", "ASIMD")}
    return next((name for name, flags in named.items() if found & set(flags)), "")


def blas():
    """{"blas", "kernel", "threads"}: from threadpoolctl where it is installed, else what NumPy and OpenBLAS tell."""
    built = _config().get("Build Dependencies", {}).get("blas", {})
    name = " ".join(str(built[key]) for key in ("name", "version") if built.get(key)) or "none"
    for library in _threadpools():
        name = f"{library['internal_api']} {library['version'] or ''}".strip()
        return {"blas": name, "kernel": library.get("architecture"), "threads": library["num_threads"]}
    return {"blas": name, "kernel": None, "threads": blas_threads.number()}


def emulated():
    """What translates this process's instructions ("Rosetta", "QEMU"), or "" if nothing is known to."""
    if _sysctl("sysctl.proc_translated") == "1":
        return "Rosetta"
    return "QEMU" if re.search(r"QEMU (Virtual|TCG)|\bTCG\b", processor()) else ""


def compiled_with():
    """The options that NumPy's C was compiled with, as far as it tells."""
    return _config().get("Compilers", {}).get("c", {}).get("args", "").replace(",", " ").split()


def installed(package):
    """The version of a package, or None; nothing is imported."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _threadpools():
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return []
    return [library for library in threadpool_info() if library["user_api"] == "blas"]


def _config():
    try:
        return np.show_config(mode="dicts")
    except TypeError:  # an older NumPy only prints
        return {}


def _cpuinfo():
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _sysctl(name):
    """One value of macOS's sysctl, "" elsewhere."""
    if platform.system() != "Darwin":
        return ""
    try:
        done = subprocess.run(["sysctl", "-n", name], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def environment():
    """The variables that decide about kernels and threads, those that are set."""
    return {name: os.environ[name] for name in VARIABLES if name in os.environ}
