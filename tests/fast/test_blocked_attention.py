"""Attention in blocks is the plain attention, in memory that grows with the length and not with its square."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilm.fast import blocked_attention
from minilm.models import gpt2
from minilm.ops import scaled_dot_product
from minilm.tasks.language_modelling import Task
from minilm.tree import leaves


def arrays(seed, queries, keys, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return [3 * rng.standard_normal((2, 3, length, 4)).astype(dtype) for length in (queries, keys, keys, queries)]


LENGTHS = st.integers(1, 12)
KINDS = st.sampled_from(["none", "random", "padding", "causal"])


@given(st.integers(0, 99), LENGTHS, LENGTHS, st.integers(1, 14), st.integers(1, 14), st.sampled_from([1, 30, 1000]), KINDS)
def test_it_equals_the_plain_one(seed, queries, keys, block, width, at_once, kind):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocked_attention, "SCORES", at_once)  # one head after the other, some, or all together
        equals_the_plain_one(seed, queries, keys, {"block": block, "keys": width}, kind)


def equals_the_plain_one(seed, queries, keys, sizes, kind):
    q, k, v, dy = arrays(seed, queries, keys)
    rng = np.random.default_rng(seed)
    shape = {"random": (2, 1, queries, keys), "padding": (2, 1, 1, keys)}.get(kind)
    mask = None if shape is None else rng.random(shape) < 0.5  # some rows may attend to nothing
    plain = np.tri(queries, keys, dtype=bool) if kind == "causal" else mask
    given_mask = blocked_attention.CAUSAL if kind == "causal" else mask
    y, cache = scaled_dot_product.forward(q, k, v, plain)
    found, found_cache = blocked_attention.forward(q, k, v, given_mask, **sizes)
    np.testing.assert_allclose(found, y, rtol=1e-12, atol=1e-12)
    gradients = scaled_dot_product.backward(cache, dy)
    for ours, wanted in zip(blocked_attention.backward(found_cache, dy, **sizes), gradients, strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=1e-12, atol=1e-12)


@given(st.integers(0, 99), st.integers(0, 8), st.integers(1, 5), st.integers(1, 9))
def test_later_queries_stand_where_first_says(seed, first, block, width):
    """A prompt's second part, whose queries follow `first` others."""
    q, k, v, dy = arrays(seed, 4, first + 4)
    mask = np.tri(4, first + 4, first, dtype=bool)
    y, cache = scaled_dot_product.forward(q, k, v, mask)
    sizes = {"block": block, "keys": width, "first": first}
    found, found_cache = blocked_attention.forward(q, k, v, blocked_attention.CAUSAL, **sizes)
    np.testing.assert_allclose(found, y, rtol=1e-12, atol=1e-12)
    gradients = scaled_dot_product.backward(cache, dy)
    for ours, wanted in zip(blocked_attention.backward(found_cache, dy, **sizes), gradients, strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=1e-12, atol=1e-12)


def test_float32_stays_and_is_as_exact_as_the_plain_one():
    exact = arrays(1, 40, 40)
    single = [array.astype(np.float32) for array in exact]
    errors = []
    for attention, more in ((scaled_dot_product, {}), (blocked_attention, {"block": 7})):
        results = []
        for q, k, v, dy in (exact, single):
            y, cache = attention.forward(q, k, v, **more)
            results.append([y, *attention.backward(cache, dy, **more)])
        assert all(array.dtype == np.float32 for array in results[1])
        errors.append([np.max(np.abs(a - b)) for a, b in zip(*results, strict=True)])
    assert all(blocked <= 2 * plain for plain, blocked in zip(*errors, strict=True))


def test_dropout_falls_on_the_weights_and_is_the_same_in_backward():
    q, k, v, _ = arrays(2, 40, 60)
    q *= 0.1  # many weights of a like size
    v[:] = 1
    y, _ = blocked_attention.forward(q, k, v, None, 0.25, np.random.default_rng(1), block=16)
    assert abs(y.mean() - 1) < 0.05 and y.std() > 0.05, "the weights of a row summed to one, and still do on average"
    again, _ = blocked_attention.forward(q, k, v, None, 0.25, np.random.default_rng(1), block=16)
    np.testing.assert_array_equal(y, again)


@pytest.mark.parametrize("mask", [None, blocked_attention.CAUSAL])
def test_with_dropout_it_is_the_plain_formula_under_the_same_bits(mask):
    """The bits are read off v = 1 at one key, and the formula is written out with them."""
    q, k, v, dy = arrays(4, 7, 9)
    settings = {"mask": mask, "rate": 0.4, "block": 3}
    weights = scaled_dot_product.forward(q, k, v, None if mask is None else np.tri(7, 9, dtype=bool))[1]["weights"]
    dropped = np.empty_like(weights)
    for key in range(9):
        one = np.zeros_like(v)
        one[:, :, key] = 1
        dropped[..., key] = blocked_attention.forward(q, k, one, rng=np.random.default_rng(5), **settings)[0][..., 0]
    factor = np.divide(dropped, weights, out=np.zeros_like(weights), where=weights > 0)
    assert {0.0, 1.667} <= {round(float(f), 3) for f in np.unique(factor)} and len(np.unique(factor.round(9))) == 2
    heads = {head.tobytes() for head in (factor > 0).reshape(6, 7, 9)}
    assert len(heads) == 6, "each head draws bits of its own"
    y, cache = blocked_attention.forward(q, k, v, rng=np.random.default_rng(5), **settings)
    dweights = (dy @ v.swapaxes(-1, -2)) * factor
    dscores = weights * (dweights - (weights * dweights).sum(-1, keepdims=True)) / 2  # √K is 2
    wanted = (dropped @ v, dscores @ k, dscores.swapaxes(-1, -2) @ q, dropped.swapaxes(-1, -2) @ dy)
    for ours, theirs in zip((y, *blocked_attention.backward(cache, dy, 0.4, block=3)), wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("size", ["block", "keys"])
def test_a_block_has_a_position(size):
    with pytest.raises(ValueError, match="at least 1"):
        blocked_attention.forward(*arrays(0, 3, 3)[:3], **{size: 0})


def peak(length, attention, mask, **more):
    rng = np.random.default_rng(0)
    q, k, v, dy = (rng.standard_normal((1, 2, length, 8)).astype(np.float32) for _ in range(4))
    tracemalloc.start()
    _, cache = attention.forward(q, k, v, mask, **more)
    attention.backward(cache, dy, **more)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory_grows_with_the_length():
    short, long = (peak(length, blocked_attention, blocked_attention.CAUSAL, block=64) for length in (512, 1024))
    assert long < 2.2 * short
    assert long < peak(1024, scaled_dot_product, np.tri(1024, dtype=bool)) / 10


def test_a_gpt2_in_blocks_is_the_same_gpt2():
    rng = np.random.default_rng(3)
    config = gpt2.Config(vocabulary=11, max_positions=9, width=8, heads=2, inner=12, layers=2, embedding_dropout=0.0, attention_dropout=0.0, dropout=0.0)
    params = gpt2.init(rng, config, np.float64, deviation=0.5)
    batch = {name: rng.integers(0, 11, (3, 9)) for name in ("inputs", "targets")}
    found = []
    for blocked in (False, True):
        choice = replace(config, blocked=blocked)
        loss, cache = Task(gpt2).loss(params, batch, config=choice)
        assert ("weights" in cache["blocks"][0]["attention"]) != blocked
        dparams = Task(gpt2).loss_backward(params, cache, config=choice)
        found.append([np.asarray(loss), *(leaf for _, leaf in leaves(dparams))])
    for plain, blocked in zip(*found, strict=True):
        np.testing.assert_allclose(blocked, plain, rtol=1e-10, atol=1e-12)
