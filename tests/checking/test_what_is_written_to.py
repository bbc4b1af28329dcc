"""The checker trusts nothing that it checks: what is written to is said, and does not change the verdict on the numbers."""

import numpy as np
import pytest

from minilm.checking import assert_gradients, gradcheck, handing
from minilm.checking.row import WRITES

X = np.array([[1.0, -2.0, 0.5, -0.3], [0.7, -1.1, 2.2, 0.9], [-0.4, 1.3, -0.8, 0.2]])


def rectified(x):
    return x + np.where(x.real > 0, x, 0), {"mask": x.real > 0}


def in_a_branch(cache, dy):
    branch = dy
    branch[~cache["mask"]] = 0
    return branch + dy  # the skip path has lost what the branch was to lose


def check(forward, backward, **how):
    return gradcheck.check("mine", forward, backward, inputs={"x": X}, **how)


def said(rows):
    return [str(row) for row in rows if row.method == WRITES]


def test_a_wrong_backward_that_writes_to_its_upstream_gradient_fails():
    rows = check(rectified, in_a_branch)
    failed = {row.method for row in rows if not row.passed}
    assert {"complex step", "central difference", "writes"} <= failed
    (note,) = said(rows)
    assert "backward writes to dy at test_what_is_written_to.py:" in note and 'branch[~cache["mask"]] = 0' in note


def test_a_right_one_passes_and_is_told():
    def twice(cache, dy):
        dy *= 2
        return dy

    rows = check(lambda x: (2 * x, {}), twice)
    assert all(row.passed for row in rows)
    (note,) = said(rows)
    assert note.startswith("note") and "backward writes to dy" in note and "`dy *= 2`" in note
    strict = check(lambda x: (2 * x, {}), twice, strict=True)
    assert [row.method for row in strict if not row.passed] == ["writes"]


def test_what_ignores_the_flag_is_noticed_all_the_same():
    """A library's C code writes where it likes: here the flag is turned back."""

    def through_the_flag(cache, dy):
        dy.setflags(write=True)
        dy *= 2
        return dy

    (note,) = said(check(lambda x: (2 * x, {}), through_the_flag))
    assert "backward writes to dy" in note


def test_each_thing_that_is_written_to_is_named():
    def into_x(x):
        x *= 2
        return x * 1, {}

    def into_params(params, cache, dy):
        params["scale"] += 0.0 * params["scale"] + 1
        return {"scale": np.sum(cache["x"] * dy)[None]}

    rows = check(into_x, lambda cache, dy: 2 * dy)
    assert "forward writes to x" in said(rows)[0] and not all(row.passed for row in rows)
    assert all(row.passed for row in rows if row.method != "writes"), "each call was given numbers of its own"
    rows = gradcheck.check(
        "mine",
        lambda params, ids: (params["scale"] * X, {"x": X}),
        into_params,
        {"scale": np.ones(1)},
        {"ids": np.arange(3)},
    )
    assert "backward writes to params.scale" in said(rows)[0] and not all(row.passed for row in rows)


def test_a_cache_that_is_the_callers_input_is_blamed_under_both_names():
    def into_cache(cache, dy):
        cache["kept"] *= 3
        return 2 * dy * cache["kept"] / 3

    rows = check(lambda x: (x * x, {"kept": x}), into_cache)
    notes = " ".join(said(rows))
    assert "backward writes to x" in notes and "backward writes to cache.kept" in notes
    assert not all(row.passed for row in rows)


@pytest.mark.parametrize("keep", [lambda y: {"y": y}, lambda y: [y], lambda y: (1, {"deep": [y]}), lambda y: {3: y}])
def test_a_cache_may_be_anything(keep):
    def find(cache):
        return next(array for _, array in handing.arrays(cache))

    def right(cache, dy):
        return dy * (1 - find(cache) ** 2)

    def spoils(cache, dy):
        y = find(cache)
        y *= y
        return dy * (1 - y)

    def forward(x):
        y = np.tanh(x)
        return y * 1, keep(y)

    assert all(row.passed for row in check(forward, right))
    rows = check(forward, spoils)
    assert "backward writes to cache" in said(rows)[0] and "second call" in {
        row.method for row in rows if not row.passed
    }


def test_a_backward_that_is_right_on_its_first_call_alone_fails():
    calls = []

    def first_only(cache, dy):
        calls.append(1)
        return 2 * dy if len(calls) % 2 else 2.001 * dy

    rows = check(lambda x: (2 * x, {}), first_only)
    (row,) = [row for row in rows if not row.passed]
    assert row.method == "second call" and row.tensor == "x" and "other bits" in str(row)


def test_an_array_in_the_settings_is_out_of_reach():
    weights = np.array([1.0, 2.0, 3.0, 4.0])

    def forward(x, weights):
        weights /= weights.sum()
        return x * weights, weights

    check(forward, lambda weights, dy: dy * weights, settings={"weights": weights})
    np.testing.assert_array_equal(weights, [1, 2, 3, 4])


def test_a_table_of_the_codes_own_that_stands_in_its_cache_is_not_frozen_for_good():
    table = np.array([1.0, 2.0, 3.0, 4.0])
    check(lambda x: (x * table, {"table": table}), lambda cache, dy: dy * cache["table"])
    assert table.flags.writeable


def test_views_in_a_cache_stand_before_what_they_are_views_of():
    table = np.arange(20.0).reshape(5, 4)
    view = table[1:]
    with handing.frozen_in_place({"view": view, "table": table}):
        assert not view.flags.writeable and not table.flags.writeable
    assert view.flags.writeable and table.flags.writeable


def test_nothing_of_the_callers_is_frozen():
    x = X.copy()
    gradcheck.check("mine", lambda x: (x * x, {"x": x}), lambda cache, dy: 2 * dy * cache["x"], inputs={"x": x})
    assert x.flags.writeable


def test_assert_gradients_is_for_anybodys_tests():
    def spread(x):
        y = np.exp(x - x.real.max(-1, keepdims=True))
        y = y / y.sum(-1, keepdims=True)
        return y, {"y": y}

    def right(cache, dy):
        y = cache["y"]
        return y * (dy - (dy * y).sum(-1, keepdims=True))

    assert_gradients(spread, right, inputs={"x": X})
    with pytest.raises(AssertionError, match=r"(?s)FAIL.*x\[\d, \d\]: analytic"):
        assert_gradients(spread, lambda cache, dy: dy * cache["y"] * (1 - cache["y"]), inputs={"x": X})
    with pytest.raises(AssertionError, match="in float32"):
        assert_gradients(
            spread, lambda cache, dy: right(cache, dy) * (1.001 if dy.dtype == np.float32 else 1), inputs={"x": X}
        )


def test_a_cache_that_holds_a_tree_which_was_handed_in_is_not_said_to_change():
    def forward(params, x):
        return x * params["scale"], {"params": params, "x": x}

    def backward(params, cache, dy):
        return dy * cache["params"]["scale"], {"scale": np.sum(cache["x"] * dy)[None]}

    rows = gradcheck.check("mine", forward, backward, {"scale": np.array([3.0])}, {"x": X}, strict=True)
    assert all(row.passed for row in rows), "\n".join(map(str, rows))
