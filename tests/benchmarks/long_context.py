"""Attention in blocks beside the plain one on a long text, forward and backward, causal, float32: time and memory.

Each runs in processes of its own, in turn, so that the peak is its own too; what importing costs is taken off.
"""

import argparse
import statistics
import subprocess
import sys

WORK = """
import resource, sys, time
import numpy as np
from minilm.fast import blocked_attention
from minilm.ops import scaled_dot_product
kind, length, width, heads = sys.argv[1], *map(int, sys.argv[2:])
rng = np.random.default_rng(0)
q, k, v, dy = (rng.standard_normal((1, heads, length, width // heads), np.float32) for _ in range(4))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
if kind == "plain":
    y, cache = scaled_dot_product.forward(q, k, v, np.tri(length, dtype=bool))
    scaled_dot_product.backward(cache, dy)
else:
    y, cache = blocked_attention.forward(q, k, v, blocked_attention.CAUSAL)
    blocked_attention.backward(cache, dy)
print(time.perf_counter() - began, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=int, default=8192)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--runs", type=int, default=3, help="runs of each (3)")
    arguments = parser.parse_args()
    sizes = [str(getattr(arguments, name)) for name in ("length", "width", "heads")]
    found: dict[str, list] = {"plain": [], "blocked": []}
    for _ in range(arguments.runs):
        for kind, figures in found.items():
            command = [sys.executable, "-c", WORK, kind, *sizes]
            done = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            figures.append([float(number) for number in done.split()])
    medians = {}
    for kind, figures in found.items():
        medians[kind] = [statistics.median(column) for column in zip(*figures, strict=True)]
        spread = [figure[0] for figure in figures]
        print(f"{kind:8} {medians[kind][0]:7.2f} s ({min(spread):.2f} ... {max(spread):.2f})"
              f"   peak {medians[kind][1] / 2**20:8.1f} MB")  # fmt: skip
    time, memory = (blocked / plain for plain, blocked in zip(medians["plain"], medians["blocked"], strict=True))
    print(f"ratio    {time:7.2f} of the time, {memory:.3f} of the memory")


if __name__ == "__main__":
    main()
