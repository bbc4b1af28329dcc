"""`minilm check`: names, exit status, the rows in the file, rules that fail in every way."""

import json
import re

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
    failed = {row["name"] for row in rows_of(path) if not row["passed"]}
    assert "ops.relu" in failed and all(name.startswith("ops.relu") for name in failed)


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


# Somebody's own code ----------------------------------------------------------------------------------------------------

MINE = """
import numpy as np

def forward(params, x, scale=1.0, cube=False):
    y = np.tanh(x @ params["weight"] + params["bias"])
    return scale * y, {"x": x, "y": y}

def backward(params, cache, dy, scale=1.0):
    dz = scale * dy * (1 - cache["y"] * cache["y"])
    return dz @ params["weight"].T, {"weight": cache["x"].T @ dz, "bias": dz.sum(0)}

def wrong(params, cache, dy, scale=1.0):
    dx, dparams = backward(params, cache, dy, scale)
    return dx, dparams | {"bias": 1.01 * dparams["bias"]}

def inplace(params, cache, dy, scale=1.0):
    dy *= 1
    dy[cache["y"] < 0] = 0
    return backward(params, cache, dy, scale)

def norm(x):
    n = np.linalg.norm(x, axis=-1, keepdims=True)
    return x * n, (x, n)

def norm_backward(cache, dy):
    x, n = cache
    return dy * n + x * (dy * x).sum(-1, keepdims=True) / n

def rows(x, ids):
    return x[ids], (x.shape, ids)

def rows_backward(cache, dy):
    dx = np.zeros(cache[0], dy.dtype)
    np.add.at(dx, cache[1], dy)
    return dx

def nothing(cache, dy):
    pass
"""
SHAPES = ["--shape", "x=4,3", "--shape", "params.weight=3,5", "--shape", "params.bias=5"]


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(MINE, encoding="utf-8")
    return str(path)


def test_own_code_is_checked_like_the_houses(capsys, mine, tmp_path):
    path = tmp_path / "report.json"
    assert main(["check", mine, *SHAPES, "--set", "scale=3.0", "--json", str(path)]) == 0
    shown = capsys.readouterr().out
    for case in ("mine.py:forward ", "mine.py:forward (tails)", "mine.py:forward (one row)"):
        assert f"pass  {case}" in shown
    assert {row["tensor"] for row in rows_of(path) if row["method"] == "complex step"} == {"x", "params.weight", "params.bias"}


def test_a_wrong_one_is_a_failure(capsys, mine):
    assert main(["check", f"{mine}:forward,wrong", *SHAPES]) == 1
    shown = capsys.readouterr().out
    assert "FAIL  mine.py:forward  params.bias[" in shown and "(tails)" not in shown


def test_a_setting_reaches_both_directions(capsys, mine):
    text = MINE.replace("dz = scale * dy", "dz = dy")
    with open(mine, "w", encoding="utf-8") as file:
        file.write(text)
    assert main(["check", mine, *SHAPES]) == 0
    assert main(["check", mine, *SHAPES, "--set", "scale=2.0"]) == 1
    capsys.readouterr()


def test_one_that_writes_is_told_where(capsys, mine):
    assert main(["check", f"{mine}:forward,inplace", *SHAPES]) == 1
    assert "backward writes to dy at mine.py:17, `dy *= 1`" in capsys.readouterr().out


def test_one_that_is_not_analytic_is_told_the_line_and_passes_by_central_differences(capsys, mine):
    assert main(["check", f"{mine}:norm,norm_backward"]) == 1
    shown = capsys.readouterr().out
    assert "not analytic at mine.py:22, `n = np.linalg.norm" in shown and "--central" in shown
    assert main(["check", f"{mine}:norm,norm_backward", "--central"]) == 0
    assert "pass  mine.py:norm" in capsys.readouterr().out


def test_whole_numbers_are_drawn_by_their_shape(capsys, mine):
    assert main(["check", f"{mine}:rows,rows_backward", "--shape", "ids=7:ids<4"]) == 0
    capsys.readouterr()


def test_no_gradient_is_one_sentence(capsys, mine):
    assert main(["check", f"{mine}:norm,nothing"]) == 1
    shown = capsys.readouterr().out
    assert shown.count("backward returned nothing (None) for x") == 1


def test_examples_in_the_file_are_taken(capsys, mine):
    with open(mine, "a", encoding="utf-8") as file:
        file.write(
            "\ndef example(rng):\n    return {'params': {'weight': rng.standard_normal((3, 2)), 'bias': rng.standard_normal(2)},"
            " 'x': rng.standard_normal((6, 3)), 'scale': 0.5}\n"
        )
    assert main(["check", mine]) == 0
    assert "26 derivatives of 3 tensors" in capsys.readouterr().out
    assert main(["check", f"{mine}:forward,wrong"]) == 1
    capsys.readouterr()


def test_init_in_the_file_gives_params(capsys, mine):
    with open(mine, "a", encoding="utf-8") as file:
        file.write("\ndef init(rng):\n    return {'weight': np.zeros((5, 2)), 'bias': np.zeros(2)}\n")
    assert main(["check", mine]) == 0, "zeros would do, but they are made random first"
    assert main(["check", f"{mine}:forward,wrong"]) == 1
    capsys.readouterr()


def test_numbers_are_drawn_clear_of_kinks(capsys, tmp_path):
    """A kink at the very numbers that are drawn first: they are drawn again."""
    first = np.random.default_rng(0).standard_normal((4, 5))
    path = tmp_path / "kinked.py"
    path.write_text(
        f"import numpy as np\nKINK = {float(first[2, 3])!r}\n"
        "def forward(x):\n    return np.maximum(x, KINK), x\n\ndef backward(x, dy):\n    return dy * (x > KINK)\n",
        encoding="utf-8",
    )  # fmt: skip
    assert main(["check", str(path)]) == 0
    assert "stand at a kink" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("names", "options", "words"),
    [(":forward,backward", [], "nothing is known of params.*--shape params.weight=5,3.*example"),
     (":forward", [], "two functions are checked, as in file.py:forward,backward"),
     (":forwards,backward", [], "it has no function 'forwards'; its functions are forward, backward"),
     (":forward,norm_backward", SHAPES, r"called as backward\(params, cache, dy\), but takes \(cache, dy\)"),
     ("", [*SHAPES, "--shape", "z=3"], "no argument is called 'z'; it has params, x, scale"),
     ("", [*SHAPES, "--shape", "x=a,b"], "a shape is written 3,4"),
     ("", [*SHAPES, "--shape", "x=9999,9999"], "every entry is checked one by one"),
     ("", [*SHAPES, "--shape", "x"], "say which argument"),
     ("", [*SHAPES, "--set", "scale=open('x')"], "a setting is a Python literal")],
)  # fmt: skip
def test_own_code_that_cannot_be_checked(capsys, mine, names, options, words):
    assert main(["check", mine + names, *options]) == 2
    error = capsys.readouterr().err.strip()
    assert "\n" not in error and re.search(words, error), error


@pytest.mark.parametrize(
    ("text", "words"),
    [("def forward(:", "line 1: "), ("import no_such_module_at_all", "importing it raised ModuleNotFoundError"),
     ("def forward(x, y):\n    return x / 0 / y\nbackward = 3", "it has no function 'backward'")],
)  # fmt: skip
def test_a_file_that_does_not_run(capsys, tmp_path, text, words):
    path = tmp_path / "broken.py"
    path.write_text(text, encoding="utf-8")
    assert main(["check", str(path)]) == 2
    error = capsys.readouterr().err.strip()
    assert "\n" not in error and words in error


def test_a_file_that_is_not_there_and_options_about_none(capsys, tmp_path):
    assert main(["check", str(tmp_path / "gone.py")]) == 2
    assert "there is no such file" in capsys.readouterr().err
    assert main(["check", "ops.relu", "--central"]) == 2
    assert "for your own code" in capsys.readouterr().err
