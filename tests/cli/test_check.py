"""`minilm check`: names, exit status, the rows in the file, rules that fail in every way."""

import json

import numpy as np
import pytest

from minilm.checking import cases
from minilm.cli.main import main
from minilm.ops import linear, relu, softmax

FIELDS = {"name", "tensor", "method", "error", "tolerance", "passed"}


def rows_of(path):
    def no_constant(word):
        raise AssertionError(f"{word} is no JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=no_constant)


def test_list_names_every_case(capsys):
    assert main(["check", "--list"]) == 0
    assert capsys.readouterr().out.split("\n")[:-1] == list(cases.everything())


def test_chosen_cases_pass_and_the_file_has_a_row_for_each_tensor_and_method(capsys, tmp_path):
    path = tmp_path / "report.json"
    assert main(["check", "ops.linear", "lstm_cell", "--json", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "pass  ops.linear" in shown and "FAIL" not in shown and "softmax" not in shown
    rows = rows_of(path)
    assert all(set(row) == FIELDS and row["passed"] is True and row["error"] <= row["tolerance"] for row in rows)
    found = {(row["name"], row["tensor"], row["method"]) for row in rows}
    assert len(found) == len(rows)
    for name, tensors in (("ops.linear", ["x", "params.weight", "params.bias"]),
                          ("ops.lstm_cell", ["x", "h", "c", "params.input", "params.recurrent", "params.bias"])):  # fmt: skip
        for tensor in tensors:
            assert {(name, tensor, "complex step"), (name, tensor, "central difference")} <= found
    assert {row["tolerance"] for row in rows if row["method"] == "complex step"} == {1e-12}
    assert list(tmp_path.iterdir()) == [path]


def test_a_wrong_rule_fails_is_named_and_the_others_still_run(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(relu, "backward", lambda cache, dy: 1.001 * dy * (cache["y"] > 0))
    path = tmp_path / "report.json"
    assert main(["check", "ops.linear", "ops.relu", "ops.softmax", "--json", str(path)]) == 1
    shown = capsys.readouterr().out
    assert "FAIL  ops.relu" in shown and "pass  ops.softmax (4-D)" in shown and "analytic" in shown
    assert {row["name"] for row in rows_of(path) if not row["passed"]} == {"ops.relu"}


@pytest.mark.parametrize(
    ("module", "case", "wrong", "complaint"),
    [
        (linear, "ops.linear", lambda params, cache, dy: (dy @ params["weight"].T, {}), "missing"),
        (linear, "ops.linear", lambda params, cache, dy: cache["nothing of this name"], "KeyError"),
        (relu, "ops.relu", lambda cache, dy: dy.astype(np.float32), "dtype"),
        (softmax, "ops.softmax", lambda cache, dy: dy * np.nan, "x["),
    ],
    ids=["missing", "raises", "dtype", "NaN"],
)
def test_a_rule_that_raises_or_gives_nan_is_a_failed_row(capsys, tmp_path, monkeypatch, module, case, wrong, complaint):
    monkeypatch.setattr(module, "backward", wrong)
    path = tmp_path / "report.json"
    assert main(["check", case, "ops.gelu_tanh", "--json", str(path)]) == 1
    shown = capsys.readouterr().out
    assert f"FAIL  {case}" in shown and complaint in shown and "pass  ops.gelu_tanh" in shown
    failed = [row for row in rows_of(path) if not row["passed"]]
    assert failed and all(set(row) == FIELDS and row["name"].startswith(case) for row in failed)
    assert any(row["error"] is None for row in failed)


def test_an_unknown_name_is_answered_with_near_ones(capsys):
    assert main(["check", "ops.layernorm"]) == 2
    error = capsys.readouterr().err.strip()
    assert "\n" not in error and "ops.layernorm" in error and "layer_norm" in error
    assert main(["check", "zzzz"]) == 2
    assert "--list" in capsys.readouterr().err


def test_a_report_that_cannot_be_written(capsys, tmp_path):
    assert main(["check", "ops.relu", "--json", str(tmp_path / "no" / "such" / "report.json")]) == 2
    assert "report.json" in capsys.readouterr().err.split("minilm: ")[-1]
