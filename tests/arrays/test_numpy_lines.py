"""Each function of arrays/ equals the NumPy line that its docstring begins with."""

import importlib
import inspect
import math
import pkgutil
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilm import arrays
from minilm.arrays import in_blocks, leading, masks, normal, products, quotients, random_bits, rows, scatter
from minilm.arrays.erf import erf
from minilm.arrays.sigmoid import sigmoid

LONG = [(700, 3), (3, 600), (2, 300, 2), (2, 2, 515)]  # longer than the parts in which rows.sum and leading.sum add
SHAPES = [(5,), (1, 1), (4, 7), (3, 1), (2, 3, 5), (0, 4), (3, 0, 2), (2, 2, 3, 9), *LONG]
DTYPES = [np.float32, np.float64, np.complex64, np.complex128]


def some(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    real = rng.standard_normal(shape)
    return (real + 1j * rng.standard_normal(shape)).astype(dtype) if np.dtype(dtype).kind == "c" else real.astype(dtype)


def contiguous(a):
    return a


def transposed(a):
    """The same numbers, but stored the other way round."""
    return np.asfortranarray(a)


def every_other(a):
    """The same numbers, but with gaps between them."""
    wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
    wide[..., ::2] = a
    return wide[..., ::2]


def the_line(function):
    """The code between the first pair of double backquotes of a docstring."""
    return re.search(r"``(.+?)``", inspect.getdoc(function), re.DOTALL).group(1)


def by_its_line(function, /, **given):
    """What the docstring's NumPy line makes of these arguments; of several statements, their first target."""
    space = {"np": np, "math": math, **given}
    *statements, last = (part.strip() for part in the_line(function).split(";"))
    for statement in statements:
        exec(statement, space)
    if not statements:
        return eval(last, space)
    exec(last, space)
    return space[statements[0].split("=")[0].strip()]


def close(found, wanted):
    assert found.shape == wanted.shape and found.dtype == wanted.dtype
    eps = np.finfo(found.dtype).eps
    scale = np.abs(wanted).max(initial=0) + 1
    assert np.abs(found - wanted).max(initial=0) <= 64 * eps * scale


@pytest.mark.parametrize("layout", [contiguous, transposed, every_other])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("function", [rows.sum, rows.mean, rows.centred, leading.sum, sigmoid])
def test_one_array(function, shape, dtype, layout):
    a = layout(some(shape, dtype))
    before = a.copy()
    close(function(a), by_its_line(function, a=a, x=a))
    np.testing.assert_array_equal(a, before)


@pytest.mark.parametrize("layout", [contiguous, transposed, every_other])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("function", [rows.dot, rows.mean_product])
def test_two_arrays(function, shape, dtype, layout):
    a, b = layout(some(shape, dtype)), layout(some(shape, dtype, 1))
    close(function(a, b), by_its_line(function, a=a, b=b))


@pytest.mark.parametrize("layout", [contiguous, transposed, every_other])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("function", [erf, normal.cdf, normal.density])
def test_functions_of_reals(function, shape, dtype, layout):
    x = layout(3 * some(shape, dtype))
    before = x.copy()
    close(function(x), by_its_line(function, x=x))
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("layout", [contiguous, transposed, every_other])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_quotients(shape, dtype, layout):
    y, x = layout(some(shape, dtype)), layout(some(shape, dtype, 1))
    for divisor in (x, np.where(x.real < 0, 0, x)):
        line = by_its_line(quotients.over, y=y, x=divisor, at_zero=0.5).astype(dtype)
        close(quotients.over(np.where(divisor == 0, 0, y), divisor, 0.5), line)


@pytest.mark.parametrize("layout", [contiguous, transposed, every_other])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_products_with_rows(shape, dtype, layout):
    a, b = layout(some(shape, dtype)), some((6, shape[-1]), dtype, 1)
    close(products.with_rows(a, b), by_its_line(products.with_rows, a=a, b=b))


@pytest.mark.parametrize("layout", [contiguous, transposed, every_other])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_functions_block_by_block(monkeypatch, shape, dtype, layout):
    arrays_given = layout(some(shape, dtype)), layout(some(shape, dtype, 1))
    monkeypatch.setattr(in_blocks, "BLOCK", 7)
    line = by_its_line(in_blocks.in_blocks, function=np.multiply, arrays=arrays_given)
    close(in_blocks.in_blocks(np.multiply, *arrays_given), line)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3, 1), (2, 3, 5), (3, 256), (2, 768), (2, 1000)])
def test_a_constant_row_is_its_mean(shape, dtype):
    for value in (0.1, -1e4 / 3, 7e-9):
        assert not rows.centred(np.full(shape, value, dtype)).any()


def test_the_sigmoid_keeps_its_digits_far_below_zero_and_saturates_without_a_warning():
    for dtype, end in ((np.float32, 80), (np.float64, 700)):
        x = np.linspace(-end, -12, 300).astype(dtype)
        wanted = np.exp(x.astype(np.longdouble))
        wanted /= 1 + wanted
        assert np.abs(sigmoid(x) / wanted - 1).max() < 3 * np.finfo(dtype).eps
        with np.errstate(all="raise", under="ignore"):
            found = sigmoid(np.array([-np.inf, -1e30, 0, 1e30, np.inf], dtype))
        assert found.tolist() == [0, 0, 0.5, 1, 1]


@pytest.mark.parametrize("z", [-800.0, -30.0, -1.0, 0.0, 2.0, 30.0, 800.0])
def test_the_sigmoid_is_analytic_to_the_ends(z):
    slope = sigmoid(np.array([z + 1e-30j])).imag[0] / 1e-30
    wanted = sigmoid(np.array([z]))[0] * sigmoid(np.array([-z]))[0]
    assert abs(slope - wanted) <= 4e-16 * wanted


@pytest.mark.parametrize(("function", "z"), [(normal.cdf, -30.0), (normal.cdf, -3.0), (normal.cdf, 2.0), (normal.cdf, 50.0)])
def test_the_slope_of_the_probability_is_the_density(function, z):
    slope = function(np.array([z + 1e-30j])).imag[0] / 1e-30
    wanted = normal.density(np.array([z]))[0]
    assert abs(slope - wanted) <= 2e-13 * wanted + 1e-300


@pytest.mark.parametrize("layout", [contiguous, transposed, every_other])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_maxima(shape, dtype, layout):
    a = layout(some(shape, dtype))
    np.testing.assert_array_equal(rows.max(a), by_its_line(rows.max, a=a), strict=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_masks_as_summands(shape, dtype):
    mask = np.random.default_rng(0).random(shape) < 0.5
    wanted = by_its_line(masks.barred, mask=mask, dtype=np.dtype(dtype))
    np.testing.assert_array_equal(masks.barred(mask, np.dtype(dtype)), wanted, strict=True)


@pytest.mark.parametrize("dtype", DTYPES)
@given(st.lists(st.integers(0, 4), max_size=9), st.integers(1, 3))
def test_rows_added_by_their_ids(dtype, ids, width):
    ids = np.array(ids, np.int64)
    added = some((len(ids), width), dtype)
    close(scatter.add(ids, added, 5), by_its_line(scatter.add, ids=ids, rows=added, size=5, D=width))
    table = some((5, width), dtype, 1)
    close(scatter.added(table, ids, added), by_its_line(scatter.added, table=table, ids=ids, rows=added))
    if len(ids):
        present, sums = scatter.summed(ids, added)
        np.testing.assert_array_equal(present, by_its_line(scatter.summed, ids=ids, rows=added))
        close(sums, scatter.add(ids, added, 5)[present])


def test_rows_added_by_ids_of_two_axes():
    ids, added = np.array([[0, 3, 3], [1, 0, 3]]), some((2, 3, 4), np.float64)
    close(scatter.add(ids, added, 5), by_its_line(scatter.add, ids=ids, rows=added, size=5, D=4))


@pytest.mark.parametrize("shape", SHAPES)
def test_random_bits_are_16_an_element_and_even(shape):
    found = random_bits.draw(np.random.default_rng(0), shape)
    assert found.shape == shape and found.dtype == np.uint16
    many = random_bits.draw(np.random.default_rng(1), (50, 2000))
    assert np.array_equal(many, random_bits.draw(np.random.default_rng(1), (50, 2000)))
    for bit in range(16):
        assert abs((many >> bit & 1).mean() - 0.5) < 0.01  # six standard deviations


PIECES = {  # what the functions of a module are made of
    "erf": {"scaled_complement", "magnitude", "horner", "piece"}, "normal": {"tail", "bell", "below", "height"},
}  # fmt: skip


def test_every_function_says_its_line():
    for info in pkgutil.iter_modules(arrays.__path__):
        module = importlib.import_module(f"minilm.arrays.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and name not in PIECES.get(info.name, ()):
                assert the_line(function), name
