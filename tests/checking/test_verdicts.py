"""What is wrong with a backward, a forward or their numbers is told apart, each in one sentence with the way out."""

import re
import warnings

import numpy as np
import pytest

from minilm.checking import analytic, gradcheck
from minilm.errors import InputError

X = np.random.default_rng(3).standard_normal((3, 5))


def check(forward, backward, x=X, **how):
    return gradcheck.check("mine", forward, backward, inputs={"x": x}, **how)


# Functions that are not analytic ----------------------------------------------------------------------------------------


def magnitude(x):
    return np.abs(x) * x, x


def length(x):
    n = np.linalg.norm(x, axis=-1, keepdims=True)
    return x * n, (x, n)


def length_backward(cache, dy):
    x, n = cache
    return dy * n + x * (dy * x).sum(-1, keepdims=True) / n


def spread(x):
    return x.var(-1), x


def spread_backward(x, dy):
    return 2 * dy[..., None] * (x - x.mean(-1, keepdims=True)) / x.shape[-1]


def buffered(x):
    y = np.zeros(x.shape)
    y[:] = x * x
    return y, x


def conjugated(x):
    return x.conj() * 3, x


def stripped(x):
    return np.sin(x.real), x


def floored(x):
    return np.floor(x) + x * x, x


@pytest.mark.parametrize(
    ("forward", "backward", "line", "way"),
    [(magnitude, lambda x, dy: 2 * np.abs(x) * dy, "np.abs(x) * x", "np.where(x.real < 0, -x, x)"),
     (length, length_backward, "np.linalg.norm", "np.sqrt(np.sum(x * x))"),
     (spread, spread_backward, "x.var(-1)", "(c * c).mean()"),
     (buffered, lambda x, dy: 2 * x * dy, "y[:] = x * x", "np.empty(shape, x.dtype)"),
     (conjugated, lambda x, dy: 3 * dy, "x.conj() * 3", "leave it out"),
     (stripped, lambda x, dy: np.cos(x) * dy, "np.sin(x.real)", "comparisons alone"),
     (floored, lambda x, dy: 2 * x * dy, "np.floor(x)", "take complex numbers")],
    ids=["abs", "norm", "var", "a real buffer", "conj", "real", "floor"],
)  # fmt: skip
def test_a_forward_that_is_not_analytic_is_named_with_its_line_and_the_way_out(forward, backward, line, way):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = check(forward, backward)
    failed = [row for row in rows if not row.passed]
    assert [row.method for row in failed] == ["complex step"], "the central difference agrees"
    text = str(failed[0])
    assert "not analytic at test_verdicts.py:" in text and line in text and way in text and "\n" not in text
    rows = check(forward, backward, witness="central difference")
    assert all(row.passed for row in rows) and {row.method for row in rows} == {"central difference"}
    wrong = check(forward, lambda cache, dy: 1.001 * backward(cache, dy), witness="central difference")
    assert not all(row.passed for row in wrong)


def test_a_backward_that_agrees_with_the_broken_derivative_is_no_better():
    """x |x|: the complex step sees |x| as a constant, and so does this backward. The report says that they disagree."""
    rows = check(magnitude, lambda x, dy: np.abs(x) * dy)
    assert {row.method: row.passed for row in rows} == {"complex step": True, "central difference": False}
    (failed,) = [row for row in rows if not row.passed]
    text = str(failed)
    assert "the two witnesses disagree" in text and "agrees with the complex step" in text and "np.abs(x) * x" in text
    assert failed.index, "the entry is named"


def test_one_that_agrees_with_neither_is_said_to():
    text = str(next(row for row in check(magnitude, lambda x, dy: 5 * dy) if not row.passed))
    assert "the two witnesses disagree" in text and "agrees with neither" in text


def test_a_plainly_wrong_backward_is_not_said_to_be_anything_else():
    rows = check(lambda x: (np.sin(x), x), lambda x, dy: 1.1 * np.cos(x) * dy)
    assert all(not row.passed and not row.note for row in rows)
    assert [row.index for row in rows if row.method == "central difference"] != [()]


def test_a_central_difference_names_the_entry_that_is_off():
    def off(x, dy):
        dx = np.cos(x) * dy
        dx[1, 3] += 0.25
        return dx

    rows = check(lambda x: (np.sin(x), x), off)
    assert {row.method: row.index for row in rows} == {"complex step": (1, 3), "central difference": (1, 3)}
    assert all("x[1, 3]" in str(row) for row in rows)


def test_one_that_passes_says_that_it_went_through_all_entries():
    assert "x along a random direction" in str(check(lambda x: (np.sin(x), x), lambda x, dy: np.cos(x) * dy)[1])


def test_lines_of_libraries_are_nobodys_fault():
    assert "a line that could not be found" in analytic.lost_at(lambda: None)


# Kinks ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
def test_at_a_kink_any_slope_between_the_two_passes_and_is_said_to(slope):
    x = X.copy()
    x[0, 0] = x[2, 1] = 0.0
    rows = check(lambda x: (np.maximum(x, 0), x), lambda x, dy: np.where(x > 0, dy, np.where(x < 0, 0, slope * dy)), x)
    assert all(row.passed for row in rows), "\n".join(map(str, rows))
    assert slope == 1 or any("kink" in row.note for row in rows)


def test_at_a_kink_another_slope_fails():
    x = X.copy()
    x[0, 0] = 0.0
    rows = check(lambda x: (np.maximum(x, 0), x), lambda x, dy: np.where(x > 0, dy, np.where(x < 0, 0, 1.5 * dy)), x)
    assert {row.index for row in rows if not row.passed} == {(0, 0)}


def test_a_curve_is_no_kink():
    """An entry that is off, where the function only bends: it is not excused."""

    def off(x, dy):
        dx = 50 * np.cos(50 * x) * dy
        dx[1, 1] += 1e-4
        return dx

    assert not all(row.passed for row in check(lambda x: (np.sin(50 * x), x), off))


# What goes in, and what comes back ------------------------------------------------------------------------------------------


def sine(x):
    return np.sin(x), x


def cosine(x, dy):
    return np.cos(x) * dy


def linear(params, x):
    return x @ params["weight"] + params["bias"], x


PARAMS = {"weight": np.ones((5, 2)) + 0.1 * np.arange(10).reshape(5, 2), "bias": np.array([0.3, -0.7])}


def rule(change):
    def backward(params, x, dy):
        return change(dy @ params["weight"].T, x.T @ dy, dy.sum(0), dy)

    return backward


@pytest.mark.parametrize(
    ("x", "words"),
    [(np.arange(4), r"x is int64; hand floats over as x.astype\(np.float64\)"), ([1.0, 2.0], "x is a list of numbers.*np.array"),
     (2.5, r"x is a number, not an array: hand over np.array\(2.5\)"), (X.astype(np.float32), "float64, but x is float32"),
     (X + 0j, "float64, but x is complex128"), ((1, 2), "x is a tuple of numbers")],
)  # fmt: skip
def test_inputs_that_cannot_be_checked(x, words):
    with pytest.raises(InputError, match=words) as caught:
        check(sine, cosine, x)
    assert "\n" not in str(caught.value) and str(caught.value).startswith("mine: ")


@pytest.mark.parametrize(
    ("weight", "words"),
    [(np.ones((5, 2), int), "params.weight is int64, and a whole number has no gradient"),
     ([[1.0, 2.0]] * 5, "params.weight.0.0 is a float, not an array"), (np.ones((5, 2), np.float32), "params.weight is float32")],
)  # fmt: skip
def test_params_that_cannot_be_checked(weight, words):
    with pytest.raises(InputError, match=words):
        gradcheck.check("mine", linear, rule(lambda *_: None), PARAMS | {"weight": weight}, {"x": X})


@pytest.mark.parametrize(
    ("change", "words"),
    [(lambda dx, dw, db, dy: None, r"returned nothing \(None\) for x, params: return the gradients in this order"),
     (lambda dx, dw, db, dy: dx, "returned 1 gradients for x, params"),
     (lambda dx, dw, db, dy: (None, {"weight": dw, "bias": db}), "returned None as the gradient of x"),
     (lambda dx, dw, db, dy: (dx, {"weight": dw, "bias": None}), "params.bias is None, not an array"),
     (lambda dx, dw, db, dy: (dx, {"weight": dw, "biases": db}), "params.bias is missing.*a params.biases"),
     (lambda dx, dw, db, dy: (dx, {"weight": dw}), "params.bias is missing"),
     (lambda dx, dw, db, dy: (dx, {"weight": dw, "bias": db, "more": db}), "params.more is left over"),
     (lambda dx, dw, db, dy: (dx, {"weight": dw.T, "bias": db}), r"params.weight has shape \(2, 5\), not \(5, 2\): it is transposed"),
     (lambda dx, dw, db, dy: (dx, {"weight": dw, "bias": dy}), "params.bias has shape .*not summed over the leading axes"),
     (lambda dx, dw, db, dy: (dx, {"weight": db, "bias": dw}), "in each other's place"),
     (lambda dx, dw, db, dy: (dx.astype(np.float32), {"weight": dw, "bias": db}), "x has dtype float32, not float64"),
     (lambda dx, dw, db, dy: (dx, {"weight": dw, "bias": list(db)}), "params.bias"),
     (lambda dx, dw, db, dy: ({"x": dx}, {"weight": dw, "bias": db}), "gradients: x is missing")],
    ids=["none", "too few", "no dx", "no dbias", "misspelt", "missing", "left over", "transposed", "not summed", "swapped",
         "dtype", "a list", "a dict"],
)  # fmt: skip
def test_gradients_that_are_none_or_of_another_name_shape_or_dtype(change, words):
    with pytest.raises(InputError, match=words) as caught:
        gradcheck.check("mine", linear, rule(change), PARAMS, {"x": X})
    assert "\n" not in str(caught.value) and str(caught.value).startswith("mine: ")


def test_a_none_for_an_input_without_gradient_is_welcome():
    def forward(x, ids):
        return x[ids], (x.shape, ids)

    def backward(cache, dy):
        dx = np.zeros(cache[0])
        np.add.at(dx, cache[1], dy)
        return dx, None

    inputs = {"x": X, "ids": np.array([1, 1, 2, 0])}
    assert all(row.passed for row in gradcheck.check("mine", forward, backward, inputs=inputs))
    with pytest.raises(InputError, match="3 gradients for x .ids is int64 and has none"):
        gradcheck.check("mine", forward, lambda cache, dy: (dy, dy, dy), inputs=inputs)


@pytest.mark.parametrize(
    ("forward", "words"),
    [(lambda x: np.sin(x), r"forward returned one ndarray, not \(y, cache\)"), (lambda x: (1, 2, 3), "forward returned 3 things"),
     (lambda x: (x.astype(np.float32), x), "forward's output is float32 though all that goes in is float64"),
     (lambda x: (None, x), "forward's output is a NoneType"), (lambda x: x / [1, 2], "forward raised ValueError: .*test_verdicts.py:")],
)  # fmt: skip
def test_a_forward_that_keeps_no_contract(forward, words):
    with pytest.raises(InputError, match=words):
        check(forward, cosine)


def test_a_backward_that_raises_is_named_with_its_line():
    with pytest.raises(InputError, match=re.escape("backward raised KeyError: 'y' (at test_verdicts.py:")):
        check(lambda x: (x * 2, {}), lambda cache, dy: cache["y"])


# Float32 ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [1e-3, 1e-4, 1e-5])
def test_what_is_wrong_in_float32_alone_fails(off):
    wrong = lambda x, dy: cosine(x, dy) * (1 + off if dy.dtype == np.float32 else 1)
    rows = check(sine, wrong, float32=True)
    assert {(row.method, row.tensor) for row in rows if not row.passed} == {("float32", "dx")}
    assert all(row.passed for row in check(sine, cosine, float32=True))


def test_a_forward_that_is_wrong_in_float32_alone_fails_at_its_output():
    rows = check(lambda x: (np.sin(x) * (1.0001 if x.dtype == np.float32 else 1), x), cosine, float32=True)
    assert {(row.method, row.tensor) for row in rows if not row.passed} == {("float32", "y")}


def test_a_promoted_dtype_is_said_to_be():
    rows = check(sine, lambda x, dy: cosine(x, dy) * np.float64(1), float32=True)
    (row,) = [row for row in rows if not row.passed]
    assert row.tensor == "dx" and "in float32 it is float64" in str(row) and "--no-float32" in str(row)


def test_what_float32_cannot_hold_is_no_fault():
    """Deviations from the mean of numbers about a thousand: float32 has lost a ten-thousandth of them before it begins."""

    def forward(x):
        centred = x - x.mean(-1, keepdims=True)
        return centred * centred, {"centred": centred}

    def backward(cache, dy):
        dcentred = 2 * cache["centred"] * dy
        return dcentred - dcentred.mean(-1, keepdims=True)

    far = 1000 + X
    rows = check(forward, backward, far, float32=True, central=False)
    assert all(row.passed for row in rows), "\n".join(map(str, rows))
    due = {row.tensor: row.tolerance for row in rows if row.method == "float32"}
    near = {row.tensor: row.tolerance for row in check(forward, backward, float32=True) if row.method == "float32"}
    assert due["y"] > 20 * near["y"]
