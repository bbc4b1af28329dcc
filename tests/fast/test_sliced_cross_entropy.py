"""The loss in slices of the rows is head and cross-entropy together, without all logits."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilm.fast import sliced_cross_entropy
from minilm.models import gpt2
from minilm.ops import cross_entropy, tied_head
from minilm.tasks.language_modelling import Task
from minilm.tree import leaves


def whole(params, y, targets, dloss=1.0, **settings):
    logits, head = tied_head.forward(params, y)
    loss, cache = cross_entropy.forward(logits, targets, **settings)
    back = {name: settings[name] for name in ("smoothing", "never") if name in settings}
    return loss, *tied_head.backward(params, head, cross_entropy.backward(cache, dloss, **back))


def sliced(params, y, targets, dloss=1.0, **settings):
    loss, cache = sliced_cross_entropy.forward(params, y, targets, **settings)
    return loss, *sliced_cross_entropy.backward(params, cache, dloss)


def example(seed, vocabulary, rows=6, width=4):
    rng = np.random.default_rng(seed)
    params = {"weight": 4 * rng.standard_normal((vocabulary, width))}
    return params, 2 * rng.standard_normal((2, rows, width)), rng.integers(0, vocabulary, (2, rows)), rng


@given(st.integers(0, 99), st.integers(3, 20), st.integers(1, 14), st.sampled_from([0.0, 0.2]), st.booleans())
def test_it_equals_head_and_cross_entropy(seed, vocabulary, size, smoothing, padded):
    params, y, targets, rng = example(seed, vocabulary)
    settings = {"smoothing": smoothing, "mask": rng.random(targets.shape) < 0.7, "count": 5}
    if padded:
        targets[targets == 0] = 1
        settings["never"] = (0,)
    wanted = whole(params, y, targets, 0.7, **settings)
    found = sliced(params, y, targets, 0.7, size=size, **settings)
    for ours, theirs in zip(found[:2], wanted[:2], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found[2]["weight"], wanted[2]["weight"], rtol=1e-12, atol=1e-12)


def test_far_logits_and_a_wrong_target():
    params, y, targets, _ = example(1, 9)
    loss, dy, dweight = sliced(params, 500 * y, targets, size=2)
    assert all(np.isfinite(array).all() for array in (loss, dy, dweight["weight"]))
    np.testing.assert_allclose(loss, whole(params, 500 * y, targets)[0], rtol=1e-12)
    targets[1, 2] = 9
    with pytest.raises(IndexError, match="9"):
        sliced(params, y, targets)
    with pytest.raises(ValueError, match="at least 1"):
        sliced(params, y, targets % 9, size=0)


def test_memory_is_a_slices():
    params, y, targets, _ = example(2, 20_000, rows=100, width=2)
    peaks = []
    for function, more in ((whole, {}), (sliced, {"size": 5})):
        tracemalloc.start()
        function(params, y, targets, **more)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] / 15


def test_a_gpt2_with_it_is_the_same_gpt2():
    rng = np.random.default_rng(3)
    config = gpt2.Config(vocabulary=11, max_positions=9, width=8, heads=2, inner=12, layers=2, embedding_dropout=0.0, attention_dropout=0.0, dropout=0.0)
    params = gpt2.init(rng, config, np.float64, deviation=0.5)
    batch = {name: rng.integers(0, 11, (3, 9)) for name in ("inputs", "targets")} | {"mask": rng.random((3, 9)) < 0.6}
    found = []
    for choice in (config, replace(config, sliced=True)):
        loss, cache = Task(gpt2).loss(params, batch, config=choice, count=20)
        assert ("logits" in cache) != choice.sliced
        dparams = Task(gpt2).loss_backward(params, cache, 0.3, config=choice)
        found.append([np.asarray(loss), *(leaf for _, leaf in leaves(dparams))])
    for plain, other in zip(*found, strict=True):
        np.testing.assert_allclose(other, plain, rtol=1e-11, atol=1e-13)
