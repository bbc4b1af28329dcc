"""Where the figures were measured, and how fast its memory is."""

import os
import platform
import threading
import time

import numpy as np


def describe():
    """The processor, Python, NumPy and its BLAS with the kernel that it uses."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        blas = "unknown; pip install threadpoolctl tells"
    else:
        found = [info for info in threadpool_info() if info["user_api"] == "blas"]
        blas = ", ".join(
            f"{one['internal_api']} {one['version']}, kernel {one.get('architecture')}, {one['num_threads']} threads"
            for one in found
        )
    return {
        "python": platform.python_version(), "numpy": np.__version__, "blas": blas, "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
    }  # fmt: skip


def bandwidth(size=1 << 28):
    """Bytes a second that all cores together read from memory: the best of three passes over `size` bytes."""
    parts = np.array_split(np.ones(size // 4, np.float32), os.cpu_count() or 1)
    best = float("inf")
    for _ in range(3):
        threads = [threading.Thread(target=part.max) for part in parts]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        best = min(best, time.perf_counter() - began)
    return size / best
