import numpy as np
import pytest

from minilm.checking import gradcheck
from minilm.ops import gelu_exact

mpmath = pytest.importorskip("mpmath")


def exact(points):
    with mpmath.workdps(60):
        points = [mpmath.mpf(float(x)) for x in points]
        y = [x * mpmath.ncdf(x) for x in points]
        slope = [mpmath.ncdf(x) + x * mpmath.npdf(x) for x in points]
        return np.array([float(v) for v in y]), np.array([float(v) for v in slope])


def test_gradient():
    x = np.random.default_rng(2).standard_normal((3, 2, 5)) * 3
    x[0, 0] = [0.0, -0.0, 8.0, -8.0, 40.0]
    for row in gradcheck.check("gelu_exact", gelu_exact.forward, gelu_exact.backward, inputs={"x": x}):
        assert row.passed, str(row)


@pytest.mark.parametrize(("dtype", "bulk", "tail"), [(np.float64, 1.5e-15, 1e-12), (np.float32, 8e-7, 1e-5)])
def test_relative_accuracy_in_the_bulk_and_in_the_tails(dtype, bulk, tail):
    """The exponential of a rounded x² costs x² / 2 units of the last place, and nothing else is lost."""
    end = 37 if dtype == np.float64 else 12.5
    for points, bound in ((np.linspace(-2, 6, 2001), bulk), (np.linspace(-end, -2, 1001), tail)):
        x = points.astype(dtype)
        y, cache = gelu_exact.forward(x)
        assert y.dtype == dtype
        truth, slope = exact(x)
        assert (np.abs(y - truth) <= bound * np.abs(truth)).all()
        dx = gelu_exact.backward(cache, np.ones_like(x))
        assert dx.dtype == dtype
        assert np.abs(dx - slope).max() < 8 * np.finfo(dtype).eps


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_lies_at_the_ends(dtype):
    x = np.array([0, -1e30, 1e30, np.inf, np.nan], dtype)
    with np.errstate(all="raise", under="ignore"):
        y, cache = gelu_exact.forward(x)
        gelu_exact.backward(gelu_exact.forward(x[:3])[1], x[:3])
    with np.errstate(invalid="ignore"):  # infinity times the density, which is zero
        dx = gelu_exact.backward(cache, np.ones_like(x))
    assert y[:4].tolist() == [0, 0, x[2], np.inf] and np.isnan(y[4])
    assert dx[:3].tolist() == [0.5, 0, 1] and np.isnan(dx[4])


def test_equals_the_framework():
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(3).standard_normal((4, 7)) * 2
    dy = np.random.default_rng(4).standard_normal(x.shape)
    witness = torch.tensor(x, requires_grad=True)
    torch.nn.functional.gelu(witness).backward(torch.tensor(dy))
    y, cache = gelu_exact.forward(x)
    assert np.abs(y - torch.nn.functional.gelu(witness).detach().numpy()).max() < 1e-14
    assert np.abs(gelu_exact.backward(cache, dy) - witness.grad.numpy()).max() < 1e-14
