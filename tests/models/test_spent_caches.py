"""The gradients that the trainer gets, from a cache that backward consumes, are those of a cache that stays whole."""

import copy

import numpy as np
import pytest

from minilm import tree
from minilm.checking.cases import language_models, models
from minilm.fast import cross_entropy

LOSSES = [case for part in (models, language_models) for case in part.cases() if "batch" in case.inputs]


def test_there_are_losses():
    assert {case.name.split(".")[1].split()[0] for case in LOSSES} >= {"encoder_decoder", "lstm_lm", "gpt", "gpt2", "bert"}


@pytest.mark.parametrize("case", LOSSES, ids=lambda case: case.name)
def test_a_consumed_cache_gives_the_same_gradients(case):
    def gradients(prepare):
        settings = copy.deepcopy(case.settings)  # the same dropout for both
        _, cache = case.forward(case.params, **case.inputs, **settings)
        return tree.flatten(case.backward(case.params, prepare(cache), 1.7))

    whole, consumed = gradients(lambda cache: cache), gradients(tree.spent)
    assert list(whole) == list(consumed)
    assert any(gradient.any() for gradient in whole.values())
    for name, gradient in whole.items():
        np.testing.assert_array_equal(consumed[name], gradient, name)


def test_the_gradient_of_the_logits_takes_their_memory_where_the_cache_is_consumed_and_only_there():
    logits = np.random.default_rng(0).standard_normal((3, 4, 5))
    _, cache = cross_entropy.forward(logits, np.arange(12).reshape(3, 4) % 5)
    assert not np.shares_memory(cross_entropy.backward(cache), logits)
    assert np.shares_memory(cross_entropy.backward(cache, consume=True), logits)
