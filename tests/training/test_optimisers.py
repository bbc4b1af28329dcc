"""Adam and AdamW: five steps by hand for each variant, ten steps against PyTorch, slices, masks, purity."""

import math

import numpy as np
import pytest

from minilm import tree
from minilm.training import adam, adamw, packing, slices


def trees(seed, steps):
    rng = np.random.default_rng(seed)
    shapes = {"linear": {"weight": (4, 3), "bias": (3,)}, "norms": [{"gain": (4,)}, {"gain": (4,)}]}
    draw = lambda: {
        "linear": {name: rng.standard_normal(shape) for name, shape in shapes["linear"].items()},
        "norms": [{"gain": rng.standard_normal(4)} for _ in shapes["norms"]],
    }
    return draw(), [draw() for _ in range(steps)]


GRADIENTS = [0.5, -1.0, 0.25, 2.0, -0.125]


def test_five_steps_of_adam_by_hand():
    # p = 1, a = 0.1, beta1 = 0.9, beta2 = 0.99, eps = 0.01 (large, so that its place shows)
    p, m, v = 1.0, 0.0, 0.0
    params = {"weight": np.ones((1, 1))}
    state = adam.init(params)
    for t, g in enumerate(GRADIENTS, start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.99 * v + 0.01 * g**2
        mhat = m / (1 - 0.9**t)
        vhat = v / (1 - 0.99**t)
        p = p - 0.1 * mhat / (math.sqrt(vhat) + 0.01)
        params, state = adam.update(
            params, {"weight": np.full((1, 1), g)}, state, 0.1, beta1=0.9, beta2=0.99, eps=0.01
        )
        assert params["weight"][0, 0] == pytest.approx(p, abs=1e-15)
        if t == 1:  # mhat = g, vhat = g^2: 1 - 0.1 * 0.5 / 0.51
            assert params["weight"][0, 0] == pytest.approx(0.9019607843137255, abs=1e-15)
    assert state["step"] == 5 and state["first_moment"]["weight"][0, 0] == pytest.approx(m, abs=1e-15)


def test_five_steps_of_adamw_by_hand():
    # The decay takes a w p of the old p, before the step; a bias keeps all of itself.
    p, b, m, v = 1.0, 1.0, 0.0, 0.0
    params = {"weight": np.ones((1, 1)), "bias": np.ones(1)}
    state = adamw.init(params)
    for t, g in enumerate(GRADIENTS, start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.99 * v + 0.01 * g**2
        step = 0.1 * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.99**t)) + 0.01)
        p = p - 0.1 * 0.3 * p
        p = p - step
        b = b - step
        dparams = {"weight": np.full((1, 1), g), "bias": np.full(1, g)}
        params, state = adamw.update(params, dparams, state, 0.1, beta1=0.9, beta2=0.99, eps=0.01, decay=0.3)
        assert params["weight"][0, 0] == pytest.approx(p, abs=1e-15)
        assert params["bias"][0] == pytest.approx(b, abs=1e-15)
        if t == 1:  # 1 - 0.03 - 0.1 * 0.5 / 0.51
            assert params["weight"][0, 0] == pytest.approx(0.8719607843137255, abs=1e-15)


@pytest.mark.parametrize("module", [adam, adamw])
def test_ten_steps_equal_pytorch(module):
    torch = pytest.importorskip("torch")
    params, gradients = trees(1, 10)
    settings = {"beta1": 0.8, "beta2": 0.97, "eps": 1e-3}
    theirs = {name: torch.nn.Parameter(torch.tensor(leaf)) for name, leaf in tree.leaves(params)}
    common = {"lr": 0.1, "betas": (0.8, 0.97), "eps": 1e-3}
    if module is adam:
        optimiser = torch.optim.Adam(theirs.values(), **common)
    else:
        settings["decay"] = 0.3
        decays = tree.flatten(adamw.decay_mask(params))
        groups = [
            {"params": [leaf for name, leaf in theirs.items() if decays[name]], "weight_decay": 0.3},
            {"params": [leaf for name, leaf in theirs.items() if not decays[name]], "weight_decay": 0.0},
        ]
        optimiser = torch.optim.AdamW(groups, **common)
    state = module.init(params)
    for step, dparams in enumerate(gradients, start=1):
        rate = 0.1 / step
        params, state = module.update(params, dparams, state, rate, **settings)
        for group in optimiser.param_groups:
            group["lr"] = rate
        for name, leaf in tree.leaves(dparams):
            theirs[name].grad = torch.tensor(leaf)
        optimiser.step()
        for name, leaf in tree.leaves(params):
            np.testing.assert_allclose(leaf, theirs[name].detach().numpy(), rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("module", [adam, adamw])
def test_update_writes_to_none_of_its_arguments(module):
    params, (dparams, more) = trees(2, 2)
    _, state = module.update(params, dparams, module.init(params), 0.1)
    for part in (params, dparams, more, state):
        for _, leaf in tree.leaves(part):
            leaf.setflags(write=False)
    new_params, new_state = module.update(params, more, state, 0.1)
    assert new_state["step"] == 2 and state["step"] == 1
    tree.require_same(new_params, params)
    assert not np.array_equal(new_params["norms"][0]["gain"], params["norms"][0]["gain"])


@pytest.mark.parametrize("module", [adam, adamw])
def test_slices_and_packing_change_no_bit(module, monkeypatch):
    params, gradients = trees(3, 4)
    mask = adamw.decay_mask(params)
    state = module.init(params)
    packed, views = packing.pack(params, mask)
    packed_gradients, gradient_views = packing.empty(params, mask)
    packed_state = module.init(packed)
    keywords = {"mask": packing.MASK, "decay": 0.3} if module is adamw else {}
    for dparams in gradients:
        params, state = module.update(params, dparams, state, 0.1, **({"decay": 0.3} if keywords else {}))
        tree.map(np.copyto, gradient_views, dparams)
        with monkeypatch.context() as patch:
            patch.setattr(slices, "SLICE", 5)
            module.update_in_place(packed, packed_gradients, packed_state, 0.1, **keywords)
    for name, leaf in tree.leaves(params):
        np.testing.assert_array_equal(leaf, tree.flatten(views)[name], err_msg=name)


def test_scale_multiplies_the_gradient():
    params, (dparams,) = trees(4, 1)
    halves = tree.map(lambda leaf: leaf * 0.5, dparams)
    wanted, _ = adam.update(params, halves, adam.init(params), 0.1, eps=0.1)
    got = tree.map(np.array, params)
    adam.update_in_place(got, dparams, adam.init(params), 0.1, eps=0.1, scale=0.5)
    tree.map(np.testing.assert_array_equal, got, wanted)


def test_only_matrices_decay():
    params = {"norm": {"gain": np.ones((2, 3))}, "linear": {"weight": np.ones((2, 3)), "bias": np.ones(3)}}
    mask = tree.flatten(adamw.decay_mask(params))
    assert mask == {"norm.gain": False, "linear.weight": True, "linear.bias": False}


@pytest.mark.parametrize("module", [adam, adamw])
def test_dtype_stays_and_trees_that_differ_are_refused(module):
    params = {"weight": np.ones((2, 3), np.float32)}
    state = module.init(params)
    params, state = module.update(params, {"weight": np.ones((2, 3), np.float32)}, state, 0.1)
    assert {leaf.dtype for _, leaf in tree.leaves([params, state["first_moment"], state["second_moment"]])} == {
        np.dtype(np.float32)
    }
    for wrong in ({"weight": np.ones((2, 3))}, {"weight": np.ones((3,), np.float32)}, {}):
        with pytest.raises(ValueError):
            module.update(params, wrong, state, 0.1)


def test_packed_leaves_must_be_of_one_dtype():
    with pytest.raises(ValueError, match="one dtype"):
        packing.pack({"a": np.ones(2), "b": np.ones(2, np.float32)}, {"a": True, "b": True})


@pytest.mark.parametrize("optimiser", [adam, adamw])
def test_a_scale_is_that_of_the_gradient(optimiser):
    params, (first, second) = trees(3, 2)
    found = []
    for scale, factor in ((0.37, 1.0), (1.0, 0.37)):
        mine, state = tree.map(np.array, params), optimiser.init(params)
        for dparams in (first, second):
            scaled = tree.map(lambda leaf, factor=factor: leaf * factor, dparams)
            optimiser.update_in_place(mine, scaled, state, 0.1, scale=scale)
        found.append([*tree.leaves(mine), *tree.leaves(state["second_moment"])])
    for (name, one), (_, other) in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, err_msg=name)


@pytest.mark.parametrize("module", [adam, adamw])
def test_each_moment_is_the_one_that_it_is_called(module):
    """Two buffers that changed places would still move the parameters alike: a checkpoint names them."""
    rng = np.random.default_rng(0)
    params = {"w": rng.standard_normal((3, 4)), "b": rng.standard_normal(5)}
    state = module.init(params)
    first = second = tree.map(np.zeros_like, params)
    for _ in range(3):
        gradients = tree.map(lambda leaf: rng.standard_normal(leaf.shape), params)
        params, state = module.update(params, gradients, state, 0.1, beta1=0.8, beta2=0.95)
        first = tree.map(lambda mean, g: 0.8 * mean + 0.2 * g, first, gradients)
        second = tree.map(lambda mean, g: 0.95 * mean + 0.05 * g * g, second, gradients)
    for name in params:
        np.testing.assert_allclose(state["first_moment"][name], first[name], rtol=1e-12)
        np.testing.assert_allclose(state["second_moment"][name], second[name], rtol=1e-12)


@pytest.mark.parametrize(("other", "said"), [({"a": 1}, "b is missing"), ({"a": 1, "b": 1, "c": 1}, "c is left over")])
def test_of_two_trees_the_later_one_is_said_to_differ(other, said):
    one = {"a": np.zeros(1), "b": np.zeros(1)}
    with pytest.raises(ValueError, match=f"tree 3: {said}"):
        list(slices.slices(one, one, {name: np.zeros(1) for name in other}))
