"""The checker itself: it passes what is right, and catches what is wrong by tensor, index and values."""

import numpy as np
import pytest

from minilm import tree
from minilm.checking import gradcheck
from minilm.ops import dropout, linear, relu, softmax

PARAMS = {"weight": np.arange(6.0).reshape(2, 3) - 2.5, "bias": np.array([0.5, -1.5, 2.0])}
X = {"x": np.array([[0.3, -1.2], [2.0, 0.7], [-0.4, 1.1], [0.9, -0.6]])}


def wrong(change):
    """linear.backward with `change(dx, dweight, dbias)` done to its results."""

    def backward(params, cache, dy):
        dx, dparams = linear.backward(params, cache, dy)
        dx, dweight, dbias = change(dx.copy(), dparams["weight"].copy(), dparams["bias"].copy())
        return dx, {"weight": dweight, "bias": dbias}

    return backward


def check(backward, **settings):
    return gradcheck.check("linear", linear.forward, backward, PARAMS, X, **settings)


def test_a_right_rule_passes_by_both_methods_for_every_tensor():
    rows = check(linear.backward)
    assert {(row.tensor, row.method) for row in rows} == {
        (tensor, method)
        for tensor in ("x", "params.weight", "params.bias")
        for method in ("complex step", "central difference")
    }
    assert all(row.passed for row in rows)
    assert {row.tensor: row.entries for row in rows} == {"x": 8, "params.weight": 6, "params.bias": 3}
    exact = [row for row in rows if row.method == "complex step"]
    assert max(row.error for row in exact) < 1e-15 and {row.tolerance for row in exact} == {1e-12}


def test_one_wrong_entry_is_found_with_its_tensor_index_and_both_values():
    def change(dx, dweight, dbias):
        dweight[1, 2] += 1e-9
        return dx, dweight, dbias

    rows = check(wrong(change))
    failed = [row for row in rows if not row.passed]
    assert [(row.tensor, row.method, row.index) for row in failed] == [("params.weight", "complex step", (1, 2))]
    row = failed[0]
    assert abs(row.analytic - row.numeric - 1e-9) < 1e-15
    assert row.error == abs(row.analytic - row.numeric) / row.scale  # what is reported is what decides
    text = str(row)
    for part in ("FAIL", "linear", "params.weight[1, 2]", f"{row.analytic:.17g}", f"{row.numeric:.17g}", f"{row.error:.2e}"):
        assert part in text


def test_a_larger_error_is_seen_by_the_central_difference_too():
    failed = {(row.tensor, row.method) for row in check(wrong(lambda dx, dw, db: (dx, dw, 1.01 * db))) if not row.passed}
    assert failed == {("params.bias", "complex step"), ("params.bias", "central difference")}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("tensor", ["x", "params.bias"])
def test_what_is_not_finite_fails(value, tensor):
    def change(dx, dweight, dbias):
        (dx if tensor == "x" else dbias)[-1] = value
        return dx, dweight, dbias

    failed = [row for row in check(wrong(change)) if not row.passed]
    assert {row.tensor for row in failed} == {tensor} and {row.method for row in failed} == {
        "complex step", "central difference",
    }  # fmt: skip


def test_a_forward_that_gives_nan_fails():
    rows = gradcheck.check(
        "nan", lambda x: (np.where(x.real > 0, x, np.nan), {}), lambda cache, dy: dy, None, {"x": np.array([1.0, -2.0, 3.0])}
    )
    assert not any(row.passed for row in rows)


@pytest.mark.parametrize("tensor", ["x", "weight"])
def test_float32_is_refused(tensor):
    params, inputs = dict(PARAMS), dict(X)
    place = inputs if tensor == "x" else params
    place[tensor] = place[tensor].astype(np.float32)
    with pytest.raises(ValueError, match=rf"linear: .*float64, but (params\.)?{tensor} is float32"):
        gradcheck.check("linear", linear.forward, linear.backward, params, inputs)


@pytest.mark.parametrize(
    ("backward", "wanted"),
    [
        (lambda params, cache, dy: (linear.backward(params, cache, dy)[0], {"weight": PARAMS["weight"]}), "bias is missing"),
        (lambda params, cache, dy: linear.backward(params, cache, dy)[0], "1 gradients for x, params"),
        (wrong(lambda dx, dw, db: (dx, dw.T, db)), r"params.weight has shape \(3, 2\)"),
        (wrong(lambda dx, dw, db: (dx, dw, db[None])), r"params.bias has shape \(1, 3\)"),
        (wrong(lambda dx, dw, db: (dx.astype(np.float32), dw, db)), "x has dtype float32"),
    ],
    ids=["missing", "too few", "transposed", "not summed", "dtype"],
)
def test_another_tree_of_gradients_is_refused(backward, wanted):
    with pytest.raises(ValueError, match=wanted):
        check(backward)


def test_the_upstream_gradient_is_random_so_a_softmax_cannot_hide():
    """Under a gradient of ones a softmax's is zero whatever its rule: a rule of zeros must fail."""
    x = {"x": np.random.default_rng(0).standard_normal((3, 4))}
    rows = gradcheck.check("softmax", softmax.forward, lambda cache, dy: np.zeros_like(dy), None, x)
    assert not any(row.passed for row in rows)


def test_a_gradient_that_is_exactly_zero_is_held_to_the_floor():
    """The first of two inputs has no influence: zero passes, and so does rounding, but not a small error."""

    def forward(a, b):
        return 0 * a + 100 * b, {}

    inputs = {"a": np.ones(3), "b": np.ones(3)}
    for error, passes in ((0.0, True), (1e-15, True), (1e-9, False)):
        rows = gradcheck.check("floor", forward, lambda cache, dy, e=error: (0 * dy + e, 100 * dy), None, inputs)
        row = next(row for row in rows if row.tensor == "a" and row.method == "complex step")
        assert row.passed == passes, str(row)


def test_a_tensor_is_measured_by_its_own_largest_gradient():
    """An error of 1e-13 in a tensor of gradients about 0.01 is 1e-11 of it: another's size does not excuse it."""

    def forward(a, b):
        return 0.01 * a + b, {}

    inputs = {"a": np.ones(4), "b": np.ones(4)}
    rows = gradcheck.check("own", forward, lambda cache, dy: (0.01 * dy + 1e-13, dy), None, inputs)
    assert {row.tensor for row in rows if not row.passed} == {"a"}


def test_randomness_is_the_same_in_every_call_and_is_not_used_up():
    rng = np.random.default_rng(3)
    before = rng.bit_generator.state
    settings = {"rate": 0.5, "rng": rng}
    back = {"backward_settings": {"rate": 0.5}}
    rows = gradcheck.check("dropout", dropout.forward, dropout.backward, None, {"x": np.ones((5, 6))}, settings, **back)
    assert all(row.passed for row in rows) and rng.bit_generator.state == before
    redrawn = gradcheck.check(
        "dropout", lambda x: dropout.forward(x, 0.5, rng), dropout.backward, None, {"x": np.ones((5, 6))}, **back
    )
    assert not all(row.passed for row in redrawn)


def test_nothing_that_is_handed_in_is_written():
    params, inputs = tree.map(np.array, PARAMS), tree.map(np.array, X)
    for leaf in (*params.values(), *inputs.values()):
        leaf.setflags(write=False)
    assert gradcheck.check("linear", linear.forward, linear.backward, params, inputs)


def test_outputs_may_be_a_tree_and_inputs_that_are_no_floats_have_no_gradient():
    def forward(x, ids, mask):
        return {"twice": 2 * x, "chosen": x[ids] * mask}, {"ids": ids, "mask": mask, "shape": x.shape}

    def backward(cache, dy):
        dx = 2 * dy["twice"]
        np.add.at(dx, cache["ids"], dy["chosen"] * cache["mask"])
        return dx

    inputs = {"x": np.arange(4.0), "ids": np.array([1, 1, 3]), "mask": np.array([True, True, False])}
    rows = gradcheck.check("tree", forward, backward, None, inputs)
    assert [row.tensor for row in rows] == ["x", "x"] and all(row.passed for row in rows)


def test_the_complex_step_needs_an_analytic_forward_and_the_second_witness_says_so():
    """abs of a complex number is real: the derivative is lost there, and the central difference still sees it."""
    rows = gradcheck.check(
        "abs", lambda x: (np.abs(x), x), lambda x, dy: dy * np.sign(x), None, {"x": np.array([1.0, -2.0, 3.0])}
    )
    assert {row.method: row.passed for row in rows} == {"complex step": False, "central difference": True}


def test_tolerance_and_central_are_settings():
    small = wrong(lambda dx, dw, db: (dx * (1 + 1e-9), dw, db))
    assert not all(row.passed for row in check(small))
    assert all(row.passed for row in check(small, tolerance=1e-8))
    assert {row.method for row in check(small, central=False)} == {"complex step"}


def test_both_methods_follow_a_curve():
    """Where the third derivative is large a coarse step would be seen: x⁵ at 3, sin 5x."""
    for forward, slope in (
        (lambda x: x * x * x * x * x, lambda x: 5 * x**4),
        (lambda x: np.sin(5 * x), lambda x: 5 * np.cos(5 * x)),
    ):
        rows = gradcheck.check(
            "curve", lambda x, f=forward: (f(x), x), lambda x, dy, s=slope: dy * s(x), None, {"x": np.array([3.0, -1.3, 0.4])}
        )
        assert [row.method for row in rows if row.passed] == ["complex step", "central difference"]


def test_relu_is_checked_off_its_kink():
    x = np.random.default_rng(1).standard_normal((3, 4))
    assert all(row.passed for row in gradcheck.check("relu", relu.forward, relu.backward, None, {"x": x}))
