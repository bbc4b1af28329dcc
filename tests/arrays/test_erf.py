import numpy as np
import pytest

from minilm.arrays import erf as module
from minilm.arrays.erf import erf, scaled_complement
from minilm.arrays.in_blocks import BLOCK

mpmath = pytest.importorskip("mpmath")

POINTS = np.concatenate([np.linspace(-6, 6, 4001), np.geomspace(1e-300, 7, 1500), -np.geomspace(1e-30, 7, 300)])


def exact(function, points):
    with mpmath.workdps(60):
        return [function(mpmath.mpf(float(x))) for x in points]


def ulps(values, truth):
    """Errors in units of the last place of the true value, in the dtype of `values`."""
    rounded = np.array([float(t) for t in truth]).astype(values.dtype)
    spacing = np.spacing(np.abs(rounded)).astype(np.float64)
    with mpmath.workdps(60):
        errors = [float(abs(mpmath.mpf(float(v)) - t)) for v, t in zip(values, truth, strict=True)]
    return np.array(errors) / spacing


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_two_units_in_the_last_place(dtype):
    points = POINTS.astype(dtype)
    points = points[np.abs(points) > np.finfo(dtype).tiny]
    values = erf(points)
    assert values.dtype == dtype
    assert ulps(values, exact(mpmath.erf, points)).max() <= 2


@pytest.mark.parametrize(("dtype", "bound"), [(np.float64, 8), (np.float32, 6)])
def test_the_scaled_complement_over_its_whole_range(dtype, bound):
    points = np.concatenate([np.linspace(0, 11, 500), np.geomspace(1e-20, 28 if dtype == np.float64 else 11, 500)])
    points = points.astype(dtype)
    truth = exact(lambda a: mpmath.exp(a * a) * mpmath.erfc(a), points)
    assert ulps(scaled_complement(points), truth).max() <= bound


@pytest.mark.parametrize(("digits", "limit", "bound"), [(8, 28, 4e-17), (4, 11, 1e-8)])
def test_the_coefficients_are_good_without_any_rounding(digits, limit, bound):
    with mpmath.workdps(60):
        for a in np.linspace(0, limit, 400):
            a = mpmath.mpf(float(a))
            p, q = (mpmath.polyval(c[digits][::-1], a) for c in (module.NUMERATOR, module.DENOMINATOR))
            assert abs(p / q / (mpmath.exp(a * a) * mpmath.erfc(a)) - 1) < bound


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_lies_at_the_ends(dtype):
    values = erf(np.array([0, -0.0, np.inf, -np.inf, np.nan, 1e30, -1e30, 1e-40], dtype))
    assert values[0] == 0 and values[1] == 0 and np.signbit(values[1])
    assert values[2:4].tolist() == [1, -1] and np.isnan(values[4]) and values[5:7].tolist() == [1, -1]
    assert 0 < values[7] < 2e-40


def test_blocks_and_shapes():
    x = np.random.default_rng(1).standard_normal((3, BLOCK // 2 + 1)) * 2
    before = x.copy()
    assert np.array_equal(erf(x), np.stack([erf(row) for row in x]))
    assert np.array_equal(erf(x.T), erf(x).T)
    assert np.array_equal(x, before)
    assert erf(np.zeros((2, 0))).shape == (2, 0)


def test_the_complex_step_gives_the_known_derivative():
    x = np.concatenate([np.linspace(-6, 6, 2001), [0.0, 1.0, -1.0, 0.999999, 1.000001]])
    for sign in (1, -1):
        step = erf(x + sign * 1e-30j)
        assert np.abs(step.imag * sign / 1e-30 - 2 / np.sqrt(np.pi) * np.exp(-x * x)).max() < 2e-15
        assert np.abs(step.real - erf(x)).max() < 4e-16
