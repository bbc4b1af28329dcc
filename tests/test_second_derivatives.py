"""Second derivatives are symmetric: u · H v = v · H u, with H v the derivative of the hand-written gradient along v.

The gradient is a vector field; that it is the gradient of something is the same as that its derivative is symmetric. H v
is taken by the complex step through forward and backward, so there is no subtraction in it, and no loss is asked for its
value: a witness of another kind than `minilm check`, of a backward that reaches back through two.
"""

import numpy as np
import pytest

from minilm import tree
from minilm.checking import cases, handing
from minilm.ops import layer_norm, softmax

STEP = 1e-30
CASES = {name: case for name, case in cases.everything().items() if name.startswith("models.")}
MODELS = {name.partition(" ")[0] for name in CASES}


def of_loss(case):
    """Whether a case is a loss: one number, whose gradients are those of the parameters."""
    return hasattr(case.forward, "__self__")


def gradient(case, params):
    """dparams at these parameters, a flat dict. Dropout falls as it fell before."""
    _, cache = case.forward(params, *case.inputs.values(), **handing.copied(case.settings))
    return tree.flatten(case.backward(params, cache, 1.0, **case.backward_settings))


def along(case, direction):
    """H v: the derivative of the gradient along a direction, a flat dict."""
    moved = tree.map(lambda leaf, way: leaf + 1j * STEP * way, case.params, direction)
    return {name: np.imag(leaf) / STEP for name, leaf in gradient(case, moved).items()}


def product(a, b):
    """The inner product of a tree and a flat dict, and the sum of the sizes of its terms."""
    terms = np.concatenate([(leaf * b[name]).ravel() for name, leaf in tree.leaves(a)])
    return terms.sum(), np.abs(terms).sum()


def asymmetry(case, rng):
    """|u · H v - v · H u| over the size of what is summed."""
    u, v = (tree.map(lambda leaf: rng.standard_normal(leaf.shape), case.params) for _ in range(2))
    (one, size), (other, other_size) = product(u, along(case, v)), product(v, along(case, u))
    assert size > 0 and other_size > 0
    return abs(one - other) / max(abs(one), abs(other)), abs(one) / size


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if of_loss(case)])
def test_the_gradient_is_the_gradient_of_something(name):
    for seed in range(3):
        found, share = asymmetry(CASES[name], np.random.default_rng(seed))
        assert found < 1e-10 and share > 1e-4  # and the number that is compared is not what is left of a cancellation


def test_every_model_is_among_them():
    assert {name.partition(" ")[0] for name, case in CASES.items() if of_loss(case)} == MODELS
    assert len(MODELS) >= 5


@pytest.mark.parametrize(
    ("module", "wrong"),
    [
        (softmax, lambda cache, dy: cache["y"] * dy),
        (layer_norm, lambda params, cache, dy: (
            cache["rstd"] * (dy * params["gain"] - (dy * params["gain"]).mean(-1, keepdims=True)),
            {"gain": (dy * cache["xhat"]).sum((0, 1)), "bias": dy.sum((0, 1))},
        )),
    ],
    ids=["softmax", "layer_norm"],
)  # fmt: skip
def test_a_dropped_term_is_not_symmetric(monkeypatch, module, wrong):
    monkeypatch.setattr(module, "backward", wrong)
    assert asymmetry(CASES["models.gpt"], np.random.default_rng(0))[0] > 1e-6
