"""The gradients that the trainer gets, from a cache that backward consumes, are those of a cache that stays whole."""

import copy
import weakref

import numpy as np
import pytest

from minilm import tree
from minilm.blocks import stack
from minilm.checking import cases
from minilm.fast import cross_entropy

WITHOUT_STACK = {"lstm_tagger"}  # one layer, one cache: there is no list to empty
LOSSES = [case for case in cases.everything().values() if "batch" in case.inputs]


def test_there_are_losses():
    assert {case.name.split(".")[1].split()[0] for case in LOSSES} >= {"encoder_decoder", "lstm_lm", "gpt", "gpt2", "bert"}


@pytest.mark.parametrize("case", LOSSES, ids=lambda case: case.name)
def test_a_consumed_cache_gives_the_same_gradients(case):
    def gradients(**asked):
        settings = copy.deepcopy(case.settings)  # the same dropout for both
        _, cache = case.forward(case.params, **case.inputs, **settings)
        found = case.backward(case.params, cache, 1.7, **case.backward_settings, **asked)
        lists = [part for part in cache.values() if isinstance(part, list)]
        assert bool(lists) != (case.name.split(".")[1].split()[0] in WITHOUT_STACK)
        assert all(bool(part) != bool(asked) for part in lists), "the lists are empty where it was asked, only there"
        return tree.flatten(found)

    whole, consumed = gradients(), gradients(consume=True)
    assert list(whole) == list(consumed)
    assert any(gradient.any() for gradient in whole.values())
    for name, gradient in whole.items():
        np.testing.assert_array_equal(consumed[name], gradient, name)


@pytest.mark.parametrize("consume", [False, True])
def test_block_by_block_the_activations_go_while_the_gradients_come(consume):
    alive = []

    class Block:
        @staticmethod
        def forward(params, x):
            return x + params, {"x": x + 1}

        @staticmethod
        def backward(params, cache, dy):
            alive.append(sum(array() is not None for array in watched))
            return dy, cache["x"].sum()

    _, caches = stack.forward(Block, [1.0, 2.0, 3.0], np.ones(2))
    watched = [weakref.ref(cache["x"]) for cache in caches]
    dx, dparams = stack.backward(Block, [1.0, 2.0, 3.0], caches, np.ones(2), consume=consume)
    assert alive == ([3, 2, 1] if consume else [3, 3, 3])
    assert dparams == [4.0, 6.0, 10.0] and (dx == 1).all()


def test_the_gradient_of_the_logits_takes_their_memory_where_it_is_asked_and_only_there():
    logits = np.random.default_rng(0).standard_normal((3, 4, 5))
    _, cache = cross_entropy.forward(logits, np.arange(12).reshape(3, 4) % 5)
    assert not np.shares_memory(cross_entropy.backward(cache), logits)
    assert np.shares_memory(cross_entropy.backward(cache, consume=True), logits)
