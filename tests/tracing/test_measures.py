"""Statistics of an array slice by slice are those of the whole; a fingerprint tells any two contents apart."""

import numpy as np
import pytest

from minilm.tracing import measures

SHAPE = (3, measures.SLICE // 2 + 7)  # two slices, the second not full


def random(dtype, shape=SHAPE):
    numbers = np.random.default_rng(0).standard_normal(shape) * 3 + 40
    numbers[0, :50] = 0
    return numbers.astype(dtype)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float32", "float64", "complex128"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_statistics_are_those_of_the_whole(dtype, order):
    array = np.asarray(random(dtype), order=order)
    found, real = measures.statistics(array), array.real.astype(np.float64)
    assert (found["least"], found["greatest"], found["non_finite"]) == (real.min(), real.max(), 0)
    assert found["first_non_finite"] is None and found["zeros"] == (real == 0).mean()
    assert found["mean"] == pytest.approx(real.mean(), rel=1e-12)
    assert found["deviation"] == pytest.approx(real.std(), rel=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_counted_and_left_out(bad):
    array = random("float32")
    array[1, -3] = array[2, 5] = array[2, 6] = bad
    found, finite = measures.statistics(array), array[np.isfinite(array)].astype(np.float64)
    assert found["non_finite"] == 3 and found["first_non_finite"] == (1, SHAPE[1] - 3)
    assert (found["least"], found["greatest"]) == (finite.min(), finite.max())
    assert found["mean"] == pytest.approx(finite.mean(), rel=1e-12)
    assert found["deviation"] == pytest.approx(finite.std(), rel=1e-12)
    alone = measures.statistics(np.full((2, 3), bad))
    assert alone == {"non_finite": 6, "first_non_finite": (0, 0), "zeros": 0.0}


def test_numbers_beyond_all_bounds_raise_nothing():
    array = np.full(SHAPE, 1e200)
    array[0] = -1e300
    found = measures.statistics(array)
    assert found["least"] == -1e300 and found["deviation"] == np.inf
    assert measures.statistics(np.full(4, np.finfo(float).min))["mean"] == -np.inf


@pytest.mark.parametrize("size", [1, 7, 8, measures.ROW, 5 * measures.ROW + 3])
def test_a_fingerprint_changes_with_any_entry_and_with_their_order(size):
    array = np.random.default_rng(1).standard_normal(size).astype(np.float32)
    before = measures.fingerprint(array)
    assert measures.fingerprint(array.copy()) == before
    for place in {0, size // 2, size - 1}:
        changed = array.copy()
        changed[place] = np.nextafter(changed[place], np.float32(np.inf))
        assert measures.fingerprint(changed) != before
    if size > 1:
        changed = array.copy()
        changed[[0, -1]] = changed[[-1, 0]]
        assert measures.fingerprint(changed) != before
        assert measures.fingerprint(array[::-1]) != before


@pytest.mark.parametrize("array", [np.array(["a", "b"]), np.array(["a", None]), np.zeros((0, 3)), np.array(2.0)])
def test_every_kind_of_array_has_a_fingerprint(array):
    assert measures.fingerprint(array) == measures.fingerprint(np.array(array))
