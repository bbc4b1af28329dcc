"""Our digits: every row is at most PyTorch's and JAX's, within the formula's roundings, or what its inputs cost."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from minilm.checking import accuracy, cases
from minilm.checking.accuracy import measuring, reasons
from minilm.cli.main import main
from minilm.ops import cross_entropy, tanh
from minilm.showing import digits

pytest.importorskip("mpmath")

SUBJECTS = {subject.name: subject for subject in accuracy.subjects()}
QUICK = [
    name for name in SUBJECTS
    if re.match(r"(fast\.)?(sigmoid|tanh|gelu_\w+), -1 \.|(fast\.)?gelu_tanh, 4|tanh, -12|(fast\.)?cross_entropy, V = 8.*(large|sure)|"
                r"(softmax|layer_norm|rms_norm).*= 8, (large|constant|mean)|dropout|lstm_gates, large, 10|sigmoid, -40", name)
]  # fmt: skip
PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"


def made(name, dtype, **how):
    return accuracy.rows(SUBJECTS[name], dtype, **how)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", QUICK)
def test_no_row_is_worse_without_a_reason(name, dtype):
    pytest.importorskip("torch")
    pytest.importorskip("jax")
    for row in made(name, dtype):
        assert set(row.peers) == {"PyTorch", "JAX"}
        assert row.verdict in ("best", "roundings", "inputs") or reasons.of(row), digits.place(row)
        assert row.size(row.ours) <= 500 or row.explained
        if row.subject.small:
            assert row.ours.largest <= 4 or row.explained, digits.place(row)


def test_a_slope_without_digits_is_noticed(monkeypatch):
    """1 - tanh² in the tails, where it is zero or nearly so."""
    monkeypatch.setattr(tanh, "backward", lambda cache, dy: dy * (1 - np.tanh(cache["x"]) ** 2))
    rows = {row.direction: row for row in made("tanh, 4 ... 12", np.float64, peers=False)}
    assert rows["dx"].ours.largest > 1e6 and rows["dx"].verdict == "alone" and rows["y"].verdict == "roundings"


def test_a_sure_answer_keeps_its_digits():
    """Where p is 1 but for 1e-9, the loss and the gradient are that 1e-9, and right; log of a sum has none of it."""
    for dtype in (np.float32, np.float64):
        for name in ("cross_entropy, V = 8, sure and right", "fast.cross_entropy, V = 8, sure and right"):
            assert all(row.ours.over < 8 for row in made(name, dtype, peers=False))
    logits, target = np.array([[40.0, 0.0, 0.0]]), np.array([0])
    loss, cache = cross_entropy.forward(logits, target)
    assert loss == pytest.approx(2 * np.exp(-40), rel=1e-14)
    assert cross_entropy.backward(cache)[0, 0] == pytest.approx(-2 * np.exp(-40), rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_errors_are_counted_in_units(dtype):
    truth = np.array([1.0, -3.0, 0.0, 1e-44 if dtype == np.float32 else 1e-320])
    found = truth.astype(dtype)
    found[0] += np.finfo(dtype).eps
    error = measuring.error(found, truth, np.zeros(4), dtype)
    assert (error.largest, error.over) == (1.0, pytest.approx(1 / 3)) and error.mean == pytest.approx(1 / 3)
    assert measuring.error(np.full(4, np.nan, dtype), truth, np.zeros(4), dtype).largest == np.inf
    low = np.full(4, np.finfo(dtype).eps / 4)
    assert measuring.error(truth.astype(dtype), truth, low, dtype).over == pytest.approx(1 / 12)


def test_every_operation_is_measured():
    """All of ops that have a derivative, and their fast twins; positions has none, and is a table in float64."""
    wanted = {name.partition(" ")[0] for name in cases.everything() if name.startswith(("ops.", "fast."))}
    ops = {subject.op for subject in SUBJECTS.values()}
    twins_of_sums = {"fast.embedding"}  # adds the same rows to a table
    assert {name.removeprefix("ops.") for name in wanted} - twins_of_sums <= ops
    assert {"float32", "float64"} == {np.dtype(d).name for s in SUBJECTS.values() for d in s.dtypes}
    assert any("50,257" in s.inputs for s in SUBJECTS.values() if s.op == "fast.sliced_cross_entropy")


def test_the_command(tmp_path, capsys):
    page = tmp_path / "rows.json"
    assert main(["accuracy", "dropout", "--json", str(page)]) == 0
    shown = capsys.readouterr().out
    assert "dropout, ordinary, float32" in shown and "at most the better of the two" in shown or "alone" in shown
    rows = json.loads(page.read_text(encoding="utf-8"))
    assert [row["array"] for row in rows] == ["y", "dx", "y", "dx"] and rows[0]["minilm"]["largest"] <= 1
    assert main(["accuracy", "--list", "gelu"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 24


@pytest.mark.parametrize(
    ("arguments", "said"), [(["softmacks"], "did you mean softmax"), (["softmax", "--page"], "leave the names out")]
)
def test_what_cannot_be_measured(arguments, said, capsys):
    assert main(["accuracy", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_the_page_has_every_operation_and_no_worse_row():
    text = PAGE.read_text(encoding="utf-8")
    ops = {subject.op for subject in SUBJECTS.values()}
    assert set(re.findall(r"^## (\S+)$", text, re.M)) == ops
    lines = [line.split(" | ") for line in text.splitlines() if line.count(" | ") == 7]
    assert len(lines) > 1000 and {line[0].removeprefix("| ") for line in lines[1:]} >= {s.inputs for s in SUBJECTS.values()}
    assert not [line for line in lines if "worse" in line[-1]] or reasons.REASONS
    assert re.search(r"^20\d\d-\d\d-\d\d: minilm .*NumPy .*torch \d.*jax \d.*mpmath \d", text, re.M)
