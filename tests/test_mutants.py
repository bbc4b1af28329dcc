"""The program that drops and swaps arguments: what it makes, and that it tells the noticed from the living."""

import ast
import os
import sys

import mutants
import pytest

EVERY = {mutant.key: mutant for mutant in mutants.mutants(("ops", "layers", "blocks", "models"))}


def test_there_are_many_and_each_is_one_changed_call():
    assert len(EVERY) > 400
    for mutant in list(EVERY.values())[::7]:
        ast.parse(mutant.source)
        assert mutant.now in mutant.source and mutant.was != mutant.now


@pytest.mark.parametrize(
    "wanted",
    ["minilm.ops.scaled_dot_product.forward: dropout.forward(weights, rate, rng) -> dropout.forward(weights, rate)",
     "minilm.ops.scaled_dot_product.forward: softmax.forward(scores, mask) -> softmax.forward(scores)",
     "minilm.ops.scaled_dot_product.backward: dropout.backward(cache[\"dropout\"], ddropped, rate) -> "
     "dropout.backward(cache['dropout'], rate, ddropped)"],
)  # fmt: skip
def test_what_is_dropped_and_what_is_swapped(wanted):
    assert wanted in EVERY


def test_what_python_would_refuse_is_no_mutant():
    """A required argument that is missing fails at once: no test is needed for it."""
    assert not [key for key in EVERY if key.endswith("-> dropout.forward(weights)")]


def test_the_same_sample_is_drawn_from_the_same_seed():
    again = {mutant.key: mutant for mutant in mutants.mutants(("ops", "layers", "blocks", "models"))}
    assert list(EVERY.items()) == list(again.items())


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="a mutant is planted in a forked process")
def test_a_lost_argument_is_noticed_by_a_test_that_looks_and_lives_where_none_does(tmp_path):
    """Two tests of one function: one that looks at the dropout, and one that does not."""
    key = "minilm.ops.scaled_dot_product.forward: dropout.forward(weights, rate, rng) -> dropout.forward(weights, rate)"
    body = (
        "import numpy as np\nfrom minilm.ops import scaled_dot_product\nq = np.ones((1, 2, 3, 4))\n\n\ndef test_it():\n"
        "    y, cache = scaled_dot_product.forward(q, q, q, rate=0.5, rng=np.random.default_rng(0))\n"
    )
    found = {}
    for name, looks in (("test_looks", "    assert not np.allclose(y, 1)\n"), ("test_blind", "    assert y.shape == q.shape\n")):
        path = tmp_path / f"{name}.py"
        path.write_text(body + looks, encoding="utf-8")
        session = mutants.Session([str(path)])
        found[name] = session.verdict(EVERY[key])
        session.end()
    assert found == {"test_looks": ("noticed", 1), "test_blind": ("alive", 1)}
