"""One line of advice for each thing that costs speed, and none where nothing does."""

import pytest

from minilm.machine import advice, frequency, identity, peak

FINE = {
    "emulated": "", "debug": [], "blas": "openblas 0.3.31", "environment": {}, "vectors": "AVX-512", "threads": 4,
    "cores": 4, "can_hold": True, "kernel": "SkylakeX", "share": 0.8, "gflops_one_thread": 100.0,
    "gflops_all_threads": 300.0, "gflops_free_choice": None, "gflops_avx2_kernel": None, "gflops_small": 60.0,
}  # fmt: skip
HASWELL = {"environment": {"OPENBLAS_CORETYPE": "Haswell"}, "kernel": "Haswell"}


def test_where_all_is_well_there_is_none():
    assert advice.lines(FINE) == []


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({"emulated": "Rosetta"}, "Rosetta"),
        ({"debug": ["Python"]}, "debugging"),
        ({"blas": "none"}, "optimised BLAS"),
        (HASWELL | {"gflops_free_choice": [150.0, 60.0]}, "costs 33% of a core's speed ("),
        (HASWELL | {"gflops_free_choice": [90.0, 80.0]}, "costs 25% of a core's speed in small products"),
        ({"gflops_avx2_kernel": [104.0, 84.0]}, "set OPENBLAS_CORETYPE=Haswell"),
        (HASWELL, "AVX-512 unused"),
        ({"threads": 8}, "OPENBLAS_NUM_THREADS=4"),
        ({"gflops_all_threads": 90.0}, "something else runs"),
        ({"can_hold": False}, "threadpoolctl"),
        ({"kernel": None}, "threadpoolctl"),
        ({"share": 0.3}, "30%"),
    ],
)
def test_one_line_for_each_cause(facts, wanted):
    (line,) = advice.lines(FINE | facts)
    assert wanted in line and "\n" not in line


def test_a_kernel_as_good_as_the_processor_is_no_cause():
    assert advice.lines(FINE | HASWELL | {"gflops_free_choice": [99.0, 50.0]}) == []
    assert advice.lines(FINE | HASWELL | {"vectors": "AVX2"}) == []
    skylake = {"environment": {"OPENBLAS_CORETYPE": "SkylakeX"}, "gflops_free_choice": [104.0, 62.0]}
    for other in ([60.0, 90.0], [100.0, 61.0]):  # slower in large ones; no faster
        assert advice.lines(FINE | {"gflops_avx2_kernel": other}) == []
    assert advice.lines(FINE | skylake) == []


def test_what_is_not_known_gives_no_advice():
    assert advice.lines(FINE | {"threads": None, "share": None}) == []


@pytest.mark.parametrize(
    ("of_integers", "of_floats", "gigahertz"),
    [(1e-9, 1e-9, 3.0), (1e-9, 1.33e-9, 3.0), (2e-9, 2e-9, 1.5),
     (2e-9, 1e-9, None), (1e-9, 0.25e-9, None), (1e-10, 1e-10, None)],
)  # fmt: skip
def test_the_clock_from_two_chains(of_integers, of_floats, gigahertz):
    found = frequency.from_links(of_integers, of_floats)
    assert found == (pytest.approx(gigahertz * 1e9) if gigahertz else None)


@pytest.mark.parametrize(
    ("vectors", "family", "wanted"),
    [("AVX-512", ("GenuineIntel", 6), 64), ("AVX-512", ("AuthenticAMD", 26), 64), ("AVX-512", ("AuthenticAMD", 25), 32),
     ("AVX2", ("AuthenticAMD", 23), 32), ("NEON", ("", 0), 16)],
)  # fmt: skip
def test_what_a_core_could_do(monkeypatch, vectors, family, wanted):
    monkeypatch.setattr(identity, "vectors", lambda: vectors)
    monkeypatch.setattr(identity, "family", lambda: family)
    found = peak.estimate(hertz=2e9)
    assert found["operations"] == 2e9 * wanted and "estimated" in found["how"]


def test_what_a_core_could_do_is_unknown_without_clock_or_vectors(monkeypatch):
    monkeypatch.setattr(identity, "vectors", lambda: "")
    assert peak.estimate(hertz=2e9)["operations"] is None
    monkeypatch.setattr(frequency, "measure", lambda: None)
    assert "clock" in peak.estimate()["how"]
