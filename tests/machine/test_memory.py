"""Freed memory stays with the process: page faults of a second round tell."""

import os
import subprocess
import sys

import pytest

ROUNDS = """
import resource
import numpy as np
from minilm.machine import memory
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    arrays = [np.ones(300_000, np.float32) for _ in range(40)]  # 48 MB
    del arrays
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
kept = KEEP and memory.keep()
faults()
print(int(kept), faults())
"""


def rounds(keep, **environment):
    done = subprocess.run(
        [sys.executable, "-c", ROUNDS.replace("KEEP", str(keep))], capture_output=True, text=True, check=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")} | environment,
    )  # fmt: skip
    return [int(number) for number in done.stdout.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux alone has it")
def test_a_second_round_finds_the_pages_of_the_first():
    kept, faults = rounds(True)
    if not kept:
        pytest.skip("not glibc")
    assert faults < 500
    assert rounds(False)[1] > 2000, "without it each round gets new pages, or the test shows nothing"
    assert rounds(True, MALLOC_ARENA_MAX="2")[0] == 0, "what the user set stays"
