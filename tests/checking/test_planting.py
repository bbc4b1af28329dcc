"""The planter: a wrong line in the package's own function, everywhere it is known, and only for as long as is asked."""

import numpy as np
import pytest

from minilm.checking import planting
from minilm.layers import feed_forward
from minilm.ops import layer_norm, linear

X = np.array([[1.0, 2.0, 4.0]])


def test_a_plant_is_in_place_within_its_block_and_gone_after_it():
    params = {"gain": np.ones(3), "bias": np.zeros(3)}
    right = layer_norm.forward
    before = right(params, X)[0]
    with planting.planted(layer_norm, "forward", "1 / np.sqrt", "2 / np.sqrt") as wrong:
        assert layer_norm.forward is wrong and wrong.__module__ == "minilm.ops.layer_norm"
        np.testing.assert_array_equal(layer_norm.forward(params, X)[0], 2 * before)
    assert layer_norm.forward is right
    with pytest.raises(RuntimeError), planting.planted(layer_norm, "forward", "1 / np.sqrt", "2 / np.sqrt"):
        raise RuntimeError
    assert layer_norm.forward is right


def test_defaults_are_planted_too():
    wrong = planting.rewritten(layer_norm, "forward", "eps=1e-5", "eps=1.0")
    assert wrong.__defaults__ == (1.0,) and layer_norm.forward.__defaults__ == (1e-5,)


def test_it_stands_wherever_the_function_was_imported_by_name():
    feed_forward.linear_forward = linear.forward
    try:
        with planting.planted(linear, "forward", "+", "-") as wrong:
            assert feed_forward.linear_forward is wrong
        assert feed_forward.linear_forward is linear.forward is not wrong
    finally:
        del feed_forward.linear_forward


def test_plants_see_one_another():
    """A planted function looks its module's names up when it is called, not when it was planted."""
    params = linear.init(np.random.default_rng(0), 3, 2, np.float64)
    right = linear.forward(params, X)[0]
    with (
        planting.planted(linear, "backward", "dy_flat @ weight.T", "3 * dy_flat @ weight.T"),
        planting.planted(linear, "forward", "flat @ weight", "2 * flat @ weight"),
    ):
        assert not np.allclose(linear.forward(params, X)[0], right)
        assert linear.backward.__globals__ is vars(linear) is linear.forward.__globals__


def test_what_does_not_stand_there_is_refused():
    with pytest.raises(ValueError, match=r"'no such words' no longer stands in minilm.ops.linear.forward"):
        planting.rewritten(linear, "forward", "no such words", "")
