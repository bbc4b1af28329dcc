"""The library of known mistakes: each still stands where it is made, changes the result, and is named when it is made."""

import os

import numpy as np
import pytest

from minilm import checking
from minilm.checking import golden, mistakes
from minilm.checking.comparing import causes
from minilm.checking.golden import steps, subject
from minilm.checking.golden.running import run

EVERY = mistakes.everything()
HOMES = sorted({mistake.plants[0].where.partition(":")[0] for mistake in EVERY})
# What a mistake is seen in, where that is not the module itself at its default sizes.
SEEN_IN = {"ops.positions": "models.encoder_decoder", "tasks.language_modelling": "models.gpt2",
           "training.adamw": "models.gpt2", "training.adam": "models.gpt2"}  # fmt: skip
SMALLER = {"models.encoder_decoder": {"encoder_layers": 1, "decoder_layers": 1}} | {
    f"models.{name}": {"layers": 1} for name in ("gpt", "gpt2", "bert")
}
ELSEWHERE = {  # mistakes that the default inputs do not show: the case that does, and sizes
    "the largest score of the array is subtracted, and rows far below it vanish": ("ops.softmax (apart)", {}),
    "a row that may attend to nothing becomes NaN": ("ops.softmax (masked)", {}),
    "a row that may attend to nothing attends to all alike": ("ops.softmax (masked)", {}),
    "GELU's tanh form in place of the activation that was asked for": ("layers.feed_forward (gelu_exact)", {}),
} | dict.fromkeys(
    ("queries and keys are each in the other's place", "the values are read from the queries' side",
     "the keys are read from the queries' side", "self-attention in place of cross-attention"),
    ("layers.multi_head_attention", {"keys": 7}),
) | dict.fromkeys(
    ("the mask is transposed", "the gradients of queries and keys are each in the other's place",
     "the scores' gradient is not transposed for the keys", "the weights are not transposed for the values",
     "the queries' gradient is read from the queries"), ("ops.scaled_dot_product", {"keys": 7}),
) | dict.fromkeys(
    ("the weights are not dropped", "the values' gradient is taken from the weights before dropout",
     "dropout is passed through on the way back"), ("ops.scaled_dot_product", {"dropout": 0.3}),
) | dict.fromkeys(
    ("the weight is transposed", "dx with the weight not transposed", "the weight's gradient is transposed"),
    ("ops.linear", {"outputs": 11}),
) | {"cut off at 6": ("ops.relu (right tail)", {})}  # fmt: skip


def test_there_are_enough_and_each_has_its_sentence():
    assert len(EVERY) >= 60
    assert sum(mistake.backward for mistake in EVERY) >= 30 and sum(not mistake.backward for mistake in EVERY) >= 30
    for mistake in EVERY:
        assert mistake.why.endswith(".") and len(mistake.why) > 8 and "\n" not in mistake.why, mistake.name


@pytest.mark.parametrize("home", HOMES)
def test_each_still_stands_where_it_is_made(home):
    for mistake in EVERY:
        if mistake.plants[0].where.startswith(f"{home}:"):
            codes = {plant.function: plant.function.__code__ for plant in mistake.plants}
            with mistake.made():
                assert all(function.__code__ is not code for function, code in codes.items()), mistake.name
            assert all(function.__code__ is code for function, code in codes.items()), mistake.name


def place_of(mistake):
    home = mistake.plants[0].where.partition(":")[0]
    if mistake.name in ELSEWHERE and ELSEWHERE[mistake.name][0].startswith(home):
        return ELSEWHERE[mistake.name]
    name = SEEN_IN.get(home, home)
    return name, SMALLER.get(name, {})


def planted(mistake, made, right, found):
    """What the formula with the mistake returns, in float32: outputs and gradients alone, or what an optimiser makes."""
    with mistake.made(), np.errstate(all="ignore"):
        wrong = run(made)
        if mistake.plants[0].where.startswith("training."):
            wrong = steps.extended(made, wrong)
            return {name: each.array.astype(np.float32) for name, each in wrong.made.items() if each.role == "update"}
    returned = causes.outputs(right, [n for n, t in found.tensors.items() if t.role in ("forward", "gradient", "backward")])
    arrays = {name: np.asarray(causes.leaf_at(wrong.y, wrong.gradients, place)) for name, place in returned.items()}
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def misnamed(home):
    """The mistakes of a module that compare does not name when they are made, with what it says."""
    left, known = [], {}
    for mistake in EVERY:
        if not mistake.plants[0].where.startswith(f"{home}:"):
            continue
        name, sizes = place_of(mistake)
        key = (name, str(sizes))
        if key not in known:
            made = subject.of(name, sizes=sizes)
            known[key] = made, run(made), golden.make(name, sizes=sizes)
        made, right, found = known[key]
        compared = checking.compare(found, planted(mistake, made, right, found))
        finding = compared.findings[0] if compared.findings else None
        best = finding.cause.explained if finding and finding.cause else 0
        named = [cause.mistake for cause in finding.causes if cause.explained == best] if finding else []
        if mistake not in named:
            left.append((mistake.name, compared.first and compared.first.name, [each.name for each in named]))
    return left


@pytest.mark.parametrize("home", ["ops.softmax", "ops.tanh"])
def test_each_mistake_is_named_when_it_is_made(home):
    assert misnamed(home) == []


@pytest.mark.skipif("MINILM_EVERY_MISTAKE" not in os.environ, reason="takes minutes; MINILM_EVERY_MISTAKE=1 runs it")
@pytest.mark.slow
@pytest.mark.parametrize("home", [home for home in HOMES if home not in ("ops.softmax", "ops.tanh")])
def test_each_mistake_of_all_others_is_named_when_it_is_made(home):
    assert misnamed(home) == []
