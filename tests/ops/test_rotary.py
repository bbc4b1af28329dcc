"""Rotary positions: lengths stay, products know distances alone, one layout is the other reordered; Transformers agrees."""

import numpy as np
import pytest

from minilm.blocks import pre_rms
from minilm.ops import rotary

LAYOUTS = ("halves", "adjacent")


def turned(x, positions, layout, base=10000.0):
    return rotary.forward(x, np.asarray(positions), base, layout)[0]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_turn_changes_no_length_and_position_zero_nothing(layout):
    x = np.random.default_rng(0).standard_normal((3, 5, 8))
    y = turned(x, np.arange(5), layout)
    np.testing.assert_allclose((y**2).sum(-1), (x**2).sum(-1), rtol=1e-13)
    np.testing.assert_array_equal(y[:, 0], x[:, 0])
    assert np.abs(y[:, 1:] - x[:, 1:]).max(-1).min() > 1e-3


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_product_of_two_knows_their_distance_alone(layout):
    rng = np.random.default_rng(1)
    q, k = rng.standard_normal((2, 1, 6))
    products = [
        (turned(q, [t], layout) * turned(k, [t - 3], layout)).sum() for t in (3, 4, 50, 1000)
    ]
    np.testing.assert_allclose(products, products[0], rtol=1e-10)
    assert abs((turned(q, [4], layout) * turned(k, [0], layout)).sum() - products[0]) > 1e-3


def test_one_layout_is_the_other_with_its_columns_reordered():
    x = np.random.default_rng(2).standard_normal((5, 8))
    order = np.arange(8).reshape(2, 4).T.reshape(-1)  # 0 4 1 5 2 6 3 7
    y = turned(x, np.arange(5), "halves")
    np.testing.assert_array_equal(turned(x[:, order], np.arange(5), "adjacent"), y[:, order])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_as_complex_numbers(layout):
    """a + ib turned is (a + ib) e^(i t ω)."""
    x = np.random.default_rng(3).standard_normal((5, 6))
    a, b = rotary.pairs(x, layout)
    omega = 100.0 ** (-np.arange(3) / 3)
    wanted = (a + 1j * b) * np.exp(1j * np.arange(5)[:, None] * omega)
    found = rotary.pairs(turned(x, np.arange(5), layout, 100.0), layout)
    np.testing.assert_allclose(found, (wanted.real, wanted.imag), rtol=1e-12, atol=1e-14)


def test_what_cannot_be_turned_is_refused():
    with pytest.raises(ValueError, match="a width of 5 is odd"):
        turned(np.ones((2, 5)), [0, 1], "halves")
    with pytest.raises(ValueError, match="'halves' or 'adjacent', not 'thirds'"):
        turned(np.ones((2, 6)), [0, 1], "thirds")


def test_transformers_llama_agrees():
    torch = pytest.importorskip("torch")
    llama = pytest.importorskip("transformers.models.llama.modeling_llama")
    rng = np.random.default_rng(4)
    x, dy = rng.standard_normal((2, 3, 5, 8)), rng.standard_normal((2, 3, 5, 8))
    angle = np.arange(5)[:, None] * 10000.0 ** (-np.arange(0, 8, 2) / 8)
    cos, sin = (torch.tensor(np.concatenate([f(angle)] * 2, -1))[None] for f in (np.cos, np.sin))
    their_x = torch.tensor(x, requires_grad=True)
    theirs, _ = llama.apply_rotary_pos_emb(their_x, their_x, cos, sin)
    theirs.backward(torch.tensor(dy))
    y, cache = rotary.forward(x, np.arange(5))
    np.testing.assert_allclose(y, theirs.detach().numpy(), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(rotary.backward(cache, dy), their_x.grad.numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_block_sees_the_order_of_its_tokens_by_them_alone(layout):
    """Without a causal mask a block of plain attention turns reordered rows into reordered rows; this one does not."""
    rng = np.random.default_rng(5)
    params = pre_rms.init(rng, 8, 12, np.float64)
    x = rng.standard_normal((1, 5, 8))
    y, _ = pre_rms.forward(params, x, heads=2, layout=layout)
    other, _ = pre_rms.forward(params, x[:, ::-1], heads=2, layout=layout)
    assert np.abs(other[:, ::-1] - y).max() > 1e-3
