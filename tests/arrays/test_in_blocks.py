"""Chains block by block: the same numbers as in one piece, of any shape."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilm.arrays import in_blocks
from minilm.fast import gelu_exact as fast_gelu_exact
from minilm.fast import gelu_tanh as fast_gelu_tanh
from minilm.ops import gelu_exact, gelu_tanh


def product(x, y):
    assert x.ndim == y.ndim == 1 and len(x) == len(y) <= in_blocks.BLOCK
    return x * y


@given(st.integers(1, 9), st.lists(st.integers(0, 5), max_size=3))
def test_blocks_cover_every_shape_once(block, shape):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, *shape)).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_blocks, "BLOCK", block)
        found = in_blocks.in_blocks(product, x, y)
        turned = in_blocks.in_blocks(product, x.T, y.T)
    assert found.dtype == np.float32 and np.array_equal(found, x * y) and np.array_equal(turned, (x * y).T)


@pytest.mark.parametrize("module", [gelu_tanh, gelu_exact, fast_gelu_tanh, fast_gelu_exact])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_slope_at_zero_and_beside_it(module, dtype):
    tiny = np.finfo(dtype).tiny
    x = np.array([0, -0.0, tiny, -tiny, 1e3 * tiny, -1, 1, np.nan], dtype)
    _, cache = module.forward(x)
    dx = module.backward(cache, np.ones_like(x))
    np.testing.assert_array_equal(dx[:5], 0.5)
    assert dx[5] < 0 < dx[6] and np.isnan(dx[7])


@pytest.mark.parametrize("module", [gelu_tanh, gelu_exact, fast_gelu_tanh, fast_gelu_exact])
def test_several_blocks_are_one(monkeypatch, module):
    rng = np.random.default_rng(1)
    x, dy = 3 * rng.standard_normal((2, 5, 7))
    y, cache = module.forward(x)
    dx = module.backward(cache, dy)
    monkeypatch.setattr(in_blocks, "BLOCK", 4)
    again, cache = module.forward(x)
    np.testing.assert_allclose(again, y, rtol=1e-15)
    np.testing.assert_allclose(module.backward(cache, dy), dx, rtol=1e-14)
