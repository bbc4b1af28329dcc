"""A twin in fast/ is its operation: every case of the operation, run on both, agrees to 1e-12, and so do both contracts."""

import inspect
import pkgutil

import numpy as np
import pytest

from minilm import fast, tree
from minilm.checking import cases, gradcheck
from minilm.fast import (
    blocked_attention,
    cross_entropy,
    embedding,
    gelu_exact,
    gelu_tanh,
    long_prompts,
    sliced_cross_entropy,
)
from minilm.ops import cross_entropy as plain_cross_entropy
from minilm.ops import embedding as plain_embedding
from minilm.ops import gelu_exact as plain_gelu_exact
from minilm.ops import gelu_tanh as plain_gelu_tanh
from minilm.ops import scaled_dot_product

TWINS = {
    embedding: plain_embedding,
    cross_entropy: plain_cross_entropy, gelu_exact: plain_gelu_exact, gelu_tanh: plain_gelu_tanh,
    blocked_attention: scaled_dot_product,
}  # fmt: skip
COMPOSED = {  # of several operations, and held to them in tests of their own
    sliced_cross_entropy: "head and loss in one",
    long_prompts: "a stack of blocks",
}
OWN = {blocked_attention: {"rng"}}  # dropout's bits are drawn block by block: tests/fast/test_blocked_attention.py


def both():
    for twin, plain in TWINS.items():
        found = [case for case in cases.everything().values() if case.forward is plain.forward]
        assert found, plain.__name__
        for case in found:
            yield pytest.param(twin, plain, case, id=f"{twin.__name__}-{case.name}")


def run(module, case, leave=()):
    """Output and gradients, under the same upstream gradient for both."""
    settings = {name: gradcheck.fresh(value) for name, value in case.settings.items() if name not in leave}
    given = [case.params] if case.params is not None else []
    y, cache = module.forward(*given, *case.inputs.values(), **settings)
    dy = np.random.default_rng(1).standard_normal(np.shape(y))
    return tree.flatten({"y": y, "gradients": module.backward(*given, cache, dy, **case.backward_settings)})


def agree(found, wanted):
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        scale = np.abs(array).max(initial=0) + 1e-3
        assert np.abs(found[name] - array).max(initial=0) <= 1e-12 * scale, name


@pytest.mark.parametrize(("twin", "plain", "case"), list(both()))
def test_every_case_of_the_operation(twin, plain, case):
    leave = OWN.get(twin, ())
    agree(run(twin, case, leave), run(plain, case, leave))


@pytest.mark.parametrize(("twin", "plain", "case"), list(both()))
def test_the_twin_has_the_operations_contract(twin, plain, case):
    """The same arguments in the same order with the same defaults; a twin may have settings of its own after them."""
    for name in ("forward", "backward"):
        wanted = list(inspect.signature(getattr(plain, name)).parameters.values())
        found = list(inspect.signature(getattr(twin, name)).parameters.values())
        assert [str(p) for p in found[: len(wanted)]] == [str(p) for p in wanted]
        assert all(p.default is not inspect.Parameter.empty for p in found[len(wanted) :])


def test_every_twin_is_held_to_its_operation():
    names = {info.name for info in pkgutil.iter_modules(fast.__path__)}
    assert names == {module.__name__.rpartition(".")[2] for module in [*TWINS, *COMPOSED]}


def test_a_wrong_twin_is_noticed(monkeypatch):
    case = next(case for case in cases.everything().values() if case.forward is plain_gelu_exact.forward)
    right = gelu_exact.backward
    monkeypatch.setattr(gelu_exact, "backward", lambda cache, dy: right(cache, dy) * (1 + 1e-11))
    with pytest.raises(AssertionError):
        agree(run(gelu_exact, case), run(plain_gelu_exact, case))


@pytest.mark.parametrize("module", [plain_cross_entropy, cross_entropy])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_row_that_does_not_count_costs_nothing_whatever_its_numbers_are(module, smoothing):
    logits, targets = np.random.default_rng(0).standard_normal((4, 5)), np.array([1, 2, 3, 4])
    counts = np.array([True, False, True, False])
    wanted, cache = module.forward(logits[counts], targets[counts], smoothing=smoothing)
    dwanted = module.backward(cache, 1.5, smoothing=smoothing)
    logits[1], logits[3] = np.nan, np.inf
    with np.errstate(invalid="ignore"):
        loss, cache = module.forward(logits, targets, counts, smoothing)
        dlogits = module.backward(cache, 1.5, smoothing=smoothing)
    assert loss == wanted and not dlogits[~counts].any()
    np.testing.assert_array_equal(dlogits[counts], dwanted)


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
def test_slices_of_rows_and_a_remainder(monkeypatch, rows):
    rng = np.random.default_rng(rows)
    logits, targets, share = 3 * rng.standard_normal((5, 7)), rng.integers(1, 7, 5), rng.random(5)
    given = {"smoothing": 0.2, "never": (0,)}
    monkeypatch.setattr(cross_entropy, "CHUNK", 7 * rows)
    loss, cache = cross_entropy.forward(logits, targets, share, **given)
    wanted, plain_cache = plain_cross_entropy.forward(logits, targets, share, **given)
    np.testing.assert_allclose(loss, wanted, rtol=1e-13)
    dwanted = plain_cross_entropy.backward(plain_cache, 0.7, **given)
    np.testing.assert_allclose(cross_entropy.backward(cache, 0.7, **given), dwanted, rtol=1e-12, atol=1e-15)
    consumed = cross_entropy.backward(cache, 0.7, **given, consume=True)
    assert np.shares_memory(consumed, logits)
    np.testing.assert_allclose(consumed, dwanted, rtol=1e-12, atol=1e-15)


def test_the_heads_gradient_is_added_in_a_new_array():
    rng = np.random.default_rng(2)
    params, ids = {"weight": rng.standard_normal((6, 3))}, np.array([[1, 4, 1], [0, 1, 4]])
    dhead, dy = rng.standard_normal((6, 3)), rng.standard_normal((2, 3, 3))
    before = dhead.copy()
    _, cache = embedding.forward(params, ids)
    found = embedding.backward(params, cache, dy, dhead)["weight"]
    np.testing.assert_allclose(found, dhead + plain_embedding.backward(params, cache, dy)["weight"], rtol=1e-14)
    np.testing.assert_array_equal(dhead, before)
