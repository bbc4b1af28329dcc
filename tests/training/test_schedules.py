"""The schedules, value by value."""

import math

import numpy as np
import pytest

from minilm import tree
from minilm.errors import InputError
from minilm.training import clipping, schedules


def test_inverse_square_root_is_the_papers():
    rate = lambda step: schedules.inverse_square_root(step, width=512, warmup=4000)
    for step in (1, 100, 3999, 4000, 4001, 100_000):
        assert rate(step) == pytest.approx(512**-0.5 * min(step**-0.5, step * 4000**-1.5), rel=1e-14)
    assert max(range(1, 9000), key=rate) == 4000
    assert schedules.inverse_square_root(9, width=4, warmup=0, factor=3.0) == pytest.approx(0.5)


def test_cosine():
    rate = lambda step: schedules.cosine(step, peak=1.0, warmup=10, steps=110, floor=0.1)
    assert rate(1) == pytest.approx(0.1) and rate(5) == pytest.approx(0.5) and rate(10) == pytest.approx(1.0)
    assert rate(60) == pytest.approx(0.55)
    assert rate(35) == pytest.approx(0.1 + 0.9 * (1 + math.sqrt(0.5)) / 2)
    assert rate(110) == rate(111) == rate(10**6) == 0.1
    assert schedules.cosine(1, peak=1.0, warmup=0, steps=2) == pytest.approx(0.5)


@pytest.mark.parametrize("step", [0, -1])
def test_steps_count_from_one(step):
    for schedule in (
        lambda: schedules.constant(step, rate=1.0),
        lambda: schedules.inverse_square_root(step, width=1, warmup=1),
        lambda: schedules.cosine(step, peak=1.0, warmup=1, steps=2),
    ):
        with pytest.raises(ValueError, match="from 1"):
            schedule()
    assert schedules.constant(3, rate=0.25) == 0.25


def gradients():
    rng = np.random.default_rng(0)
    return {"a": rng.standard_normal((3, 4)), "b": [rng.standard_normal(5), rng.standard_normal((2, 2)).T]}


def test_clipping_by_hand():
    clipped, norm = clipping.clip({"a": np.array([3.0]), "b": np.array([[4.0]])}, 1.0)
    assert norm == 5.0
    assert clipped["a"][0] == pytest.approx(3 / 5.000001, abs=1e-15)
    untouched, norm = clipping.clip({"a": np.array([3.0]), "b": np.array([[4.0]])}, 5.1)
    assert untouched["a"][0] == 3.0 and clipping.factor(7.0, None) == 1.0


@pytest.mark.parametrize("limit", [0.5, 100.0])
def test_clipping_equals_pytorch(limit):
    torch = pytest.importorskip("torch")
    dparams = gradients()
    clipped, norm = clipping.clip(dparams, limit)
    theirs = []
    for _, leaf in tree.leaves(dparams):
        theirs.append(torch.nn.Parameter(torch.zeros(leaf.shape, dtype=torch.float64)))
        theirs[-1].grad = torch.tensor(leaf.copy())
    assert norm == pytest.approx(torch.nn.utils.clip_grad_norm_(theirs, limit).item(), rel=1e-14)
    for (_, leaf), their in zip(tree.leaves(clipped), theirs, strict=True):
        np.testing.assert_allclose(leaf, their.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_is_refused(bad):
    dparams = gradients()
    dparams["b"][0][2] = bad
    with pytest.raises(InputError, match="norm is"):
        clipping.clip(dparams, 1.0)
