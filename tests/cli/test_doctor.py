"""`minilm doctor` as a user meets it. The measurements are real, but short, and no figure decides."""

import json
from importlib import metadata

import pytest

from minilm.cli import doctor
from minilm.cli.main import main
from minilm.machine import bandwidth, clock, identity


@pytest.fixture
def hurried(monkeypatch):
    best = clock.best
    monkeypatch.setattr(clock, "best", lambda work, seconds=0.0, least=1: best(work, 0.0, 1))
    monkeypatch.setattr(bandwidth, "BYTES", 1 << 16)
    monkeypatch.setattr(doctor, "elsewhere", lambda kernel=None: [3000.0, 2000.0])


def test_it_says_all_of_it_and_writes_it(hurried, monkeypatch, tmp_path, capsys):
    for name in identity.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    path = tmp_path / "identity.json"
    assert main(["doctor", "--json", str(path)]) == 0
    out = capsys.readouterr().out
    for word in ("minilm", "NumPy", "BLAS", "OPENBLAS_CORETYPE=Haswell", "GFLOP/s", "GB/s", "extras", "advice"):
        assert word in out
    facts = json.loads(path.read_text(encoding="utf-8"))
    assert facts["gflops_free_choice"] == [3000, 2000] and any("unset it" in line for line in facts["advice"])
    assert facts["gflops_one_thread"] > 0 and facts["bytes_per_second"] > 0


def test_the_report_without_what_cannot_be_known(capsys):
    facts = dict.fromkeys(
        ("minilm", "numpy", "python", "system", "processor", "vectors", "blas", "kernel", "threads", "hertz",
         "gflops_free_choice", "gflops_avx2_kernel", "gflops_possible", "share"), None,
    )  # fmt: skip
    facts |= {"cores": 1, "environment": {}, "extras": {}, "advice": [], "possible_how": "not told",
              "gflops_one_thread": 1.0, "gflops_small": 1.0, "gflops_all_threads": 1.0, "bytes_per_second": 1e9}  # fmt: skip
    text = "\n".join(doctor.report(facts))
    assert "kernel unknown (pip install threadpoolctl" in text and "not told" in text and "1 core for" in text


def test_extras_that_are_missing_are_named(monkeypatch):
    lines = ['numpy>=2.0', 'tqdm>=4.60; extra == "ui"', 'nothing_of_this_name>=1; extra == "ui"',
             "mpich; (sys_platform != 'plan9') and extra == 'mpi'", 'elsewhere; sys_platform == "plan9" and extra == "mpi"']
    monkeypatch.setattr(metadata, "requires", lambda name: lines)
    monkeypatch.setattr(identity, "installed", lambda package: None if "nothing" in package else "1.0")
    assert doctor.extras() == {"ui": ["nothing_of_this_name"], "mpi": []}


def test_extras_of_what_is_not_installed(monkeypatch):
    def unknown(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", unknown)
    assert doctor.extras() == {}
