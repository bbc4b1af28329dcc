"""Work that is cut into slices: two whole ones and a remainder give what one piece gives.

Most slices are larger than any test's arrays, so that a second slice with the first one's numbers would go unseen. Here
each size is made small.
"""

import importlib

import numpy as np
import pytest

from minilm import tree
from minilm.arrays import in_blocks
from minilm.checking import cases, gradcheck
from minilm.fast import blocked_attention, cross_entropy, gelu_exact, gelu_tanh, sliced_cross_entropy
from minilm.ops import cross_entropy as plain_cross_entropy
from minilm.ops import gelu_exact as plain_gelu_exact
from minilm.ops import gelu_tanh as plain_gelu_tanh
from minilm.ops import scaled_dot_product
from minilm.training import adam, adamw, clipping

slices = importlib.import_module("minilm.training.slices")
FOUND = cases.everything()


def agree(found, wanted, tolerance=1e-12):
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        np.testing.assert_allclose(found[name], array, rtol=0, atol=tolerance * (1 + np.abs(array).max()), err_msg=name)


def run(module, inputs, settings=None, back=None, dloss=1.3):
    y, cache = module.forward(*inputs, **(settings or {}))
    dy = dloss if np.ndim(y) == 0 else np.random.default_rng(2).standard_normal(np.shape(y))
    return tree.flatten({"y": y, "gradients": module.backward(cache, dy, **(back or {}))})


@pytest.mark.parametrize("rows_at_once", [1, 5])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("masked", [False, True])
def test_cross_entropy_in_slices_of_rows(monkeypatch, rows_at_once, smoothing, masked):
    rng = np.random.default_rng(0)
    logits, targets = 3 * rng.standard_normal((3, 4, 7)), rng.integers(1, 7, (3, 4))
    mask = rng.random((3, 4)) < 0.7 if masked else None
    settings = {"smoothing": smoothing, "never": (0,)}
    monkeypatch.setattr(cross_entropy, "CHUNK", 7 * rows_at_once)
    assert [part.stop - part.start for part in cross_entropy.slices(12, 7)] == [rows_at_once] * -(-12 // rows_at_once)
    inputs = (logits, targets, mask)
    agree(run(cross_entropy, inputs, settings, settings), run(plain_cross_entropy, inputs, settings, settings))
    written = run(cross_entropy, (logits.copy(), targets, mask), settings, settings | {"consume": True})
    agree(written, run(plain_cross_entropy, inputs, settings, settings))


@pytest.mark.parametrize("size", [1, 5, 12, 100])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_head_and_loss_in_slices_of_rows(size, smoothing):
    rng = np.random.default_rng(0)
    weight, y = {"weight": rng.standard_normal((7, 5))}, rng.standard_normal((3, 4, 5))
    targets, mask = rng.integers(1, 7, (3, 4)), rng.random((3, 4)) < 0.7
    settings = {"smoothing": smoothing, "never": (0,)}
    loss, cache = sliced_cross_entropy.forward(weight, y, targets, mask, **settings, size=size)
    dy, dweight = sliced_cross_entropy.backward(weight, cache, 1.3)
    logits = y @ weight["weight"].T
    found = run(plain_cross_entropy, (logits, targets, mask), settings, settings)
    np.testing.assert_allclose(loss, found["y"], rtol=1e-12)
    dlogits = found["gradients"]
    agree({"dy": dy, "dweight": dweight["weight"]},
          {"dy": dlogits @ weight["weight"], "dweight": dlogits.reshape(12, 7).T @ y.reshape(12, 5)})  # fmt: skip


@pytest.mark.parametrize("scores", [1, 24, 1 << 18])
@pytest.mark.parametrize(("queries", "keys"), [(7, 5), (5, 7), (7, 7)])
@pytest.mark.parametrize("kind", ["none", "mask", "padding", "causal"])
def test_attention_in_blocks_of_heads_queries_and_keys(monkeypatch, scores, queries, keys, kind):
    rng = np.random.default_rng(0)
    monkeypatch.setattr(blocked_attention, "SCORES", scores)
    q, k, v = (rng.standard_normal((2, 3, size, 4)) for size in (queries, keys, keys))
    if kind == "causal" and queries > keys:
        return
    first = keys - queries
    mask = {"none": None, "mask": rng.random((2, 1, queries, keys)) < 0.6, "padding": rng.random((2, 1, 1, keys)) < 0.6,
            "causal": blocked_attention.CAUSAL}[kind]  # fmt: skip
    plain = np.arange(keys) <= np.arange(queries)[:, None] + first if kind == "causal" else mask
    place = {"first": first} if kind == "causal" else {}
    found = run(blocked_attention, (q, k, v, mask), {"block": 3, "keys": 2} | place, {"block": 3, "keys": 2} | place)
    agree(found, run(scaled_dot_product, (q, k, v, plain)))


@pytest.mark.parametrize(
    ("twin", "plain"), [(gelu_exact, plain_gelu_exact), (gelu_tanh, plain_gelu_tanh)], ids=["exact", "tanh"]
)
def test_chains_of_elementwise_steps(monkeypatch, twin, plain):
    x = np.random.default_rng(0).standard_normal((3, 4)) * 3
    monkeypatch.setattr(in_blocks, "BLOCK", 5)
    agree(run(twin, (x,)), run(plain, (x,)))


@pytest.mark.parametrize("optimiser", [adam, adamw])
def test_an_optimisers_step(monkeypatch, optimiser):
    rng = np.random.default_rng(0)
    params = {"a": rng.standard_normal((3, 4)), "b": rng.standard_normal(7)}
    dparams = tree.map(lambda leaf: rng.standard_normal(leaf.shape), params)
    whole = optimiser.update(params, dparams, optimiser.init(params), 0.1)
    monkeypatch.setattr(slices, "SLICE", 5)
    assert [len(cut[0]) for _, cut in slices.slices(params)] == [5, 5, 2, 5, 2]
    parts = optimiser.update(params, dparams, optimiser.init(params), 0.1)
    for name, leaf in tree.leaves(list(whole)):
        np.testing.assert_array_equal(tree.flatten(list(parts))[name], leaf)


def test_a_norm_over_slices(monkeypatch):
    dparams = {"a": np.arange(12.0).reshape(3, 4), "b": np.ones(7)}
    whole = clipping.global_norm(dparams)
    monkeypatch.setattr(slices, "SLICE", 5)
    np.testing.assert_allclose(clipping.global_norm(dparams), whole, rtol=1e-14)


def test_what_is_not_contiguous_is_refused():
    """Its slices would be copies, and what is written to them lost."""
    params = {"a": np.ones((4, 3)).T}
    with pytest.raises(ValueError, match="a is not contiguous; copy it first"):
        list(slices.slices(params))
    with pytest.raises(ValueError, match="not contiguous"):
        list(slices.slices({"a": np.ones((3, 4))}, params))


@pytest.mark.parametrize("name", [name for name in FOUND if name.startswith(("fast.cross", "fast.gelu", "models.gpt2 (blocked"))])
def test_every_gradient_in_small_slices(monkeypatch, name):
    monkeypatch.setattr(cross_entropy, "CHUNK", 17)
    monkeypatch.setattr(in_blocks, "BLOCK", 7)
    monkeypatch.setattr(blocked_attention, "SCORES", 20)
    case = FOUND[name]
    found = gradcheck.check(
        name, case.forward, case.backward, case.params, case.inputs, case.settings,
        backward_settings=case.backward_settings, central=False,
    )  # fmt: skip
    assert all(row.passed for row in found)
