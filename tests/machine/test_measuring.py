"""Measuring: what is said about the machine, and that a measurement counts what it does. No figure decides."""

import json
import sys

import numpy as np
import pytest

from minilm.machine import bandwidth, blas_threads, clock, identity, matmul


def test_the_description_is_complete_and_fit_for_json():
    described = identity.describe()
    assert set(described) == {
        "python", "numpy", "system", "processor", "cores", "vectors", "blas", "kernel", "threads"
    }  # fmt: skip
    assert json.loads(json.dumps(described)) == described
    assert described["numpy"] == np.__version__ and described["cores"] >= 1 and described["processor"]


def test_without_threadpoolctl_numpy_tells(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    blas = identity.blas()
    assert blas["kernel"] is None and blas["blas"] != ""


@pytest.mark.parametrize(
    ("simd", "wanted"),
    [({"baseline": ["X86_V2"], "found": ["X86_V3", "X86_V4"]}, "AVX-512"),
     ({"baseline": ["SSE", "SSE2"], "found": ["FMA3", "AVX2"], "not found": ["AVX512F"]}, "AVX2"),
     ({"baseline": ["NEON", "ASIMD"], "found": ["ASIMDHP"]}, "NEON"), ({"baseline": ["X86_V2"]}, ""), ({}, "")],
)  # fmt: skip
def test_vectors_by_either_of_numpys_names(monkeypatch, simd, wanted):
    monkeypatch.setattr(identity, "_config", lambda: {"SIMD Extensions": simd})
    assert identity.vectors() == wanted


def test_the_clock_takes_the_shortest_and_not_the_first(monkeypatch):
    now, durations = [0.0], [0.5, 3.0, 1.0, 2.0, 0.1]

    def work():
        now[0] += durations.pop(0)

    monkeypatch.setattr(clock.time, "perf_counter", lambda: now[0])
    assert clock.best(work, seconds=6, least=1) == 1.0 and durations == [0.1]
    durations[:] = [1.0, 3.0, 4.0, 2.0, 1.0]
    assert clock.best(work, seconds=0, least=3) == 2.0 and durations == [1.0]


def test_side_by_side_runs_all_of_them():
    done = []
    run, close = clock.side_by_side([lambda i=i: done.append(i) for i in range(3)])
    run()
    close()
    assert sorted(done) == [0, 1, 2]


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_product_counts_the_operations_of_all(monkeypatch, replicas):
    def once(work, seconds):
        work()
        return 0.5

    monkeypatch.setattr(clock, "best", once)
    assert matmul.measure(3, 5, 7, replicas=replicas) == 2 * 3 * 5 * 7 * replicas / 0.5
    assert bandwidth.measure(threads=2, size=4096) == 4096 / 0.5


def test_measuring_leaves_the_number_of_threads_as_it_was():
    before = blas_threads.number()
    matmul.measure(8, 8, 8, threads=1, seconds=0)
    bandwidth.measure(threads=2, size=4096, seconds=0)
    assert blas_threads.number() == before
