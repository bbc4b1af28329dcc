"""Decoding beside a busy neighbour: a small GPT reads 48 tokens and says 16, while as many other programs compute as
there are cores.

The peer is the same work with as many BLAS threads as there are cores, which it would have without
machine/small_products.py: every small product then waits until the system lets all its threads run.
"""

import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np

from minilm.benchmarks import gpt_small
from minilm.decoding import sampling
from minilm.machine import blas_threads, small_products
from minilm.models import gpt2

UNIT = "text"
PROMPT, TOKENS = 48, 16
WARM = 0.1  # seconds until the neighbours compute
BUSY = "import os\nhome = os.getppid()\nwhile os.getppid() == home:\n    sum(range(100000))"


def ours():
    config = gpt_small.CONFIG
    params = gpt2.init(np.random.default_rng(0), config)
    prompt = np.random.default_rng(1).integers(0, config.vocabulary, PROMPT).tolist()

    def run():
        with neighbours(blas_threads.available()):
            began = time.perf_counter()
            for _ in sampling.stream(gpt2, params, config, [prompt], tokens=TOKENS, temperature=0):
                pass
            return time.perf_counter() - began

    return run


def every_thread():
    """The same, with no product taken for small."""
    small_products.OPERATIONS = 0  # of this process, which does nothing else
    return ours()


def peers():
    return {"every thread": every_thread}


@contextmanager
def neighbours(number):
    """Inside, so many other processes compute. They end with this one too, whatever becomes of it."""
    processes = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(number)]
    try:
        time.sleep(WARM)
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
