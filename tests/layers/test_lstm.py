import itertools

import numpy as np
import pytest

from minilm import tree
from minilm.checking import gradcheck
from minilm.layers import lstm, lstm_stack
from minilm.storage import torch_lstm

OUTPUTS = ("h", "h_last", "c_last")
SUBSETS = [names for n in (1, 2, 3) for names in itertools.combinations(OUTPUTS, n)]


def layer_case(rng, positions, batch=2, width=3, hidden=4, dtype=np.float64):
    params = lstm.init(rng, width, hidden, dtype)
    params["bias"] = rng.standard_normal(4 * hidden).astype(dtype)
    shapes = {"x": (batch, positions, width), "h0": (batch, hidden), "c0": (batch, hidden)}
    return params, {name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}


def stack_case(rng, positions, layers=3, batch=2, width=3, hidden=4, dtype=np.float64):
    params = lstm_stack.init(rng, width, hidden, layers, dtype)
    params = tree.map(lambda leaf: rng.standard_normal(leaf.shape).astype(dtype) * 0.7, params)
    shapes = {"x": (batch, positions, width), "h0": (batch, layers, hidden), "c0": (batch, layers, hidden)}
    return params, {name: rng.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}


def of(names, forward):
    """`forward` with only these of its outputs, so that backward gets a cotangent of these alone."""

    def narrowed(*arguments, **settings):
        y, cache = forward(*arguments, **settings)
        return {name: y[name] for name in names}, cache

    return narrowed


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
@pytest.mark.parametrize("positions", [1, 2, 5])
def test_gradient_of_every_subset_of_the_outputs(positions, names):
    params, inputs = layer_case(np.random.default_rng(positions), positions)
    for row in gradcheck.check("lstm", of(names, lstm.forward), lstm.backward, params, inputs):
        assert row.passed, str(row)


@pytest.mark.parametrize("positions", [1, 2, 5])
@pytest.mark.parametrize("names", [OUTPUTS, ("c_last",)], ids="+".join)
def test_gradient_of_a_stack(positions, names):
    params, inputs = stack_case(np.random.default_rng(positions), positions)
    settings = {"rate": 0.3, "rng": np.random.default_rng(5)}
    for row in gradcheck.check("stack", of(names, lstm_stack.forward), lstm_stack.backward, params, inputs, settings,
                               backward_settings={"rate": 0.3}):  # fmt: skip
        assert row.passed, str(row)


def test_no_cotangent_no_gradient_and_no_unknown_one():
    params, inputs = layer_case(np.random.default_rng(6), 3)
    cache = lstm.forward(params, **inputs)[1]
    assert all(not leaf.any() for _, leaf in tree.leaves(list(lstm.backward(params, cache, {}))))
    with pytest.raises(ValueError, match="'c'"):
        lstm.backward(params, cache, {"c": inputs["c0"]})


def test_two_windows_with_the_state_carried_are_one():
    """Outputs and, where the gradient is handed back too, all gradients."""
    rng = np.random.default_rng(7)
    params, inputs = stack_case(rng, 7)
    whole, whole_cache = lstm_stack.forward(params, **inputs)
    first, first_cache = lstm_stack.forward(params, inputs["x"][:, :3], inputs["h0"], inputs["c0"])
    second, second_cache = lstm_stack.forward(params, inputs["x"][:, 3:], first["h_last"], first["c_last"])
    assert np.abs(np.concatenate([first["h"], second["h"]], axis=1) - whole["h"]).max() < 1e-14
    assert np.abs(second["c_last"] - whole["c_last"]).max() < 1e-14
    dy = tree.map(lambda leaf: rng.standard_normal(leaf.shape), whole)
    dx, dh0, dc0, dparams = lstm_stack.backward(params, whole_cache, dy)
    dx2, dh, dc, dparams2 = lstm_stack.backward(params, second_cache, dy | {"h": dy["h"][:, 3:]})
    dx1, dh1, dc1, dparams1 = lstm_stack.backward(
        params, first_cache, {"h": dy["h"][:, :3], "h_last": dh, "c_last": dc}
    )
    for a, b in ((np.concatenate([dx1, dx2], axis=1), dx), (dh1, dh0), (dc1, dc0)):
        assert np.abs(a - b).max() < 1e-13
    for (_, a), (_, b) in zip(tree.leaves(tree.add(dparams1, dparams2)), tree.leaves(dparams), strict=True):
        assert np.abs(a - b).max() < 1e-13


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_arguments_are_kept(dtype):
    rng = np.random.default_rng(8)
    params, inputs = stack_case(rng, 4, dtype=dtype)
    before = tree.map(np.copy, {"params": params, "inputs": inputs})
    y, cache = lstm_stack.forward(params, **inputs)
    gradients = list(lstm_stack.backward(params, cache, y))
    again = list(lstm_stack.backward(params, cache, y))
    tree.require_same(gradients[-1], params)
    assert all(leaf.dtype == dtype for _, leaf in tree.leaves([y, gradients]))
    for a, b in ((before, {"params": params, "inputs": inputs}), (gradients, again)):
        assert all(np.array_equal(u, v) for (_, u), (_, v) in zip(tree.leaves(a), tree.leaves(b), strict=True))
    h, c = lstm_stack.zero_state(params, 6)
    assert h.shape == c.shape == (6, 3, 4) and h.dtype == dtype and not h.any() and h is not c


@pytest.mark.parametrize(("positions", "layers", "batch"), [(1, 1, 2), (2, 2, 3), (5, 3, 1), (13, 2, 4)])
@pytest.mark.parametrize("names", [OUTPUTS, ("h",), ("h_last",), ("c_last",)], ids="+".join)
def test_equals_the_framework(positions, layers, batch, names):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(9)
    width, hidden = 3, 5
    peer = torch.nn.LSTM(width, hidden, layers, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        for parameter in peer.parameters():
            parameter.copy_(torch.tensor(rng.standard_normal(parameter.shape)))
    params = torch_lstm.from_torch({name: leaf.numpy() for name, leaf in peer.state_dict().items()})
    shapes = {"x": (batch, positions, width), "h0": (batch, layers, hidden), "c0": (batch, layers, hidden)}
    inputs = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    y, cache = lstm_stack.forward(params, **inputs)

    x, h0, c0 = (torch.tensor(array, requires_grad=True) for array in inputs.values())
    h, (h_last, c_last) = peer(x, (h0.transpose(0, 1).contiguous(), c0.transpose(0, 1).contiguous()))
    witness = {"h": h, "h_last": h_last.transpose(0, 1), "c_last": c_last.transpose(0, 1)}
    for name in OUTPUTS:
        assert np.abs(y[name] - witness[name].detach().numpy()).max() < 1e-12

    dy = {name: rng.standard_normal(y[name].shape) for name in names}
    sum((witness[name] * torch.tensor(dy[name])).sum() for name in names).backward()
    dx, dh0, dc0, dparams = lstm_stack.backward(params, cache, dy)
    for ours, theirs in ((dx, x), (dh0, h0), (dc0, c0)):
        assert np.abs(ours - theirs.grad.numpy()).max() < 1e-12
    for name, array in torch_lstm.to_torch(dparams).items():
        grad = dict(peer.named_parameters())[name.replace("bias_hh", "bias_ih")].grad.numpy()
        if "bias_hh" not in name:
            assert np.abs(array - grad).max() < 1e-12 * max(1, np.abs(grad).max()), name


@pytest.mark.parametrize("seed", range(3))
def test_float32_errs_at_most_twice_as_much_as_the_framework(seed):
    torch = pytest.importorskip("torch")
    torch.manual_seed(seed)
    peer = torch.nn.LSTM(48, 64, 2, batch_first=True)
    params = torch_lstm.from_torch({name: leaf.numpy() for name, leaf in peer.state_dict().items()})
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((8, 30, 48)).astype(np.float32)
    dy = rng.standard_normal((8, 30, 64)).astype(np.float32)
    zeros = np.zeros((8, 2, 64), np.float32)
    y, cache = lstm_stack.forward(params, x, zeros, zeros)
    dx, _, _, _ = lstm_stack.backward(params, cache, {"h": dy})

    def theirs(dtype):
        given = torch.tensor(x, dtype=dtype, requires_grad=True)
        h, _ = peer.to(dtype)(given)
        h.backward(torch.tensor(dy, dtype=dtype))
        return h.detach().numpy(), given.grad.numpy()

    for mine, single, exact in zip((y["h"], dx), theirs(torch.float32), theirs(torch.float64), strict=True):
        assert mine.dtype == single.dtype == np.float32
        for size in (lambda error: np.sqrt((error * error).mean()), lambda error: np.abs(error).max()):
            assert size(mine - exact) <= 2 * size(single - exact)
