"""The LSTM from both ends against its definition, step by step, against PyTorch's on packed sequences, and its padding."""

import numpy as np
import pytest

from minilm import tree
from minilm.errors import InputError
from minilm.layers import bidirectional_lstm
from minilm.ops import lstm_cell
from minilm.storage import torch_lstm

LENGTHS = np.array([5, 2, 1, 4, 0])


def drawn(seed, lengths=LENGTHS, positions=5, width=3, hidden=4, dtype=np.float64):
    rng = np.random.default_rng(seed)
    params = tree.map(lambda leaf: rng.standard_normal(leaf.shape).astype(dtype), bidirectional_lstm.init(rng, width, hidden))
    x, dy = (rng.standard_normal((len(lengths), positions, size)).astype(dtype) for size in (width, 2 * hidden))
    return params, x, dy


def one_row(params, x):
    """A row without padding, a cell at a time from either end."""
    hidden = len(params["forward"]["recurrent"])
    y = np.zeros((len(x), 2 * hidden))
    for half, (direction, order) in enumerate((("forward", range(len(x))), ("backward", reversed(range(len(x)))))):
        state = {"h": np.zeros((1, hidden)), "c": np.zeros((1, hidden))}
        for t in order:
            state, _ = lstm_cell.forward(params[direction], x[t : t + 1], state["h"], state["c"])
            y[t, half * hidden : (half + 1) * hidden] = state["h"][0]
    return y


def test_is_a_cell_at_a_time_from_either_end():
    params, x, _ = drawn(0)
    y, _ = bidirectional_lstm.forward(params, x, LENGTHS)
    for row, length in enumerate(LENGTHS):
        np.testing.assert_allclose(y[row, :length], one_row(params, x[row, :length]), rtol=0, atol=1e-14)
        assert not y[row, length:].any()


def test_a_row_in_a_batch_has_the_numbers_of_the_row_alone():
    """Outputs and gradients; those of the parameters add up."""
    params, x, dy = drawn(1)
    y, cache = bidirectional_lstm.forward(params, x, LENGTHS)
    dx, dparams = bidirectional_lstm.backward(params, cache, dy)
    total = tree.map(np.zeros_like, params)
    for row, length in enumerate(LENGTHS):
        if length:
            alone, alone_cache = bidirectional_lstm.forward(params, x[row : row + 1, :length], LENGTHS[row : row + 1])
            dx_alone, more = bidirectional_lstm.backward(params, alone_cache, dy[row : row + 1, :length])
            total = tree.add(total, more)
            np.testing.assert_allclose(y[row, :length], alone[0], rtol=0, atol=1e-14)
            np.testing.assert_allclose(dx[row, :length], dx_alone[0], rtol=0, atol=1e-13)
        assert not dx[row, length:].any()
    tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=0, atol=1e-12), dparams, total)


def test_what_stands_in_the_padding_changes_nothing():
    params, x, dy = drawn(2)
    padding = np.arange(5) >= LENGTHS[:, None]
    wild, wild_dy = x.copy(), dy.copy()
    wild[padding], wild_dy[padding] = np.nan, np.inf
    (y, cache), (same, same_cache) = (bidirectional_lstm.forward(params, each, LENGTHS) for each in (x, wild))
    np.testing.assert_array_equal(y, same)
    first, second = (tree.flatten(list(bidirectional_lstm.backward(params, *each))) for each in ((cache, dy), (same_cache, wild_dy)))
    for name, leaf in first.items():
        np.testing.assert_array_equal(leaf, second[name], err_msg=name)


@pytest.mark.parametrize("lengths", [[1, 6, 2], [3, -1, 2]])
def test_a_length_that_cannot_be_is_named(lengths):
    params, x, _ = drawn(3, lengths)
    with pytest.raises(ValueError, match=rf"row 1 is {lengths[1]} long, and there are 5 positions"):
        bidirectional_lstm.forward(params, x, np.array(lengths))


@pytest.mark.parametrize(("positions", "lengths"), [(1, [1, 1]), (5, [5, 2, 1, 4]), (13, [13, 3, 7])])
def test_equals_the_framework_on_packed_sequences(positions, lengths):
    """To 1e-10: outputs and all gradients, with its weights here, and ours there."""
    torch = pytest.importorskip("torch")
    peer = torch.nn.LSTM(3, 4, batch_first=True, bidirectional=True, dtype=torch.float64)
    with torch.no_grad():
        for parameter in peer.parameters():
            parameter.copy_(torch.tensor(np.random.default_rng(4).standard_normal(parameter.shape)))
    theirs_here = torch_lstm.both_from_torch({name: leaf.numpy() for name, leaf in peer.state_dict().items()})
    ours, x, dy = drawn(5, lengths, positions)
    for params in (theirs_here, ours):
        there = {name: torch.tensor(leaf) for name, leaf in torch_lstm.both_to_torch(params).items()}
        peer.load_state_dict(there)
        peer.zero_grad()
        given = torch.tensor(x, requires_grad=True)
        packed = torch.nn.utils.rnn.pack_padded_sequence(given, torch.tensor(lengths), True, enforce_sorted=False)
        witness, _ = torch.nn.utils.rnn.pad_packed_sequence(peer(packed)[0], True, total_length=positions)
        (witness * torch.tensor(dy)).sum().backward()
        y, cache = bidirectional_lstm.forward(params, x, np.array(lengths))
        dx, dparams = bidirectional_lstm.backward(params, cache, dy)
        np.testing.assert_allclose(y, witness.detach().numpy(), rtol=0, atol=1e-13)
        np.testing.assert_allclose(dx, given.grad.numpy(), rtol=1e-10, atol=1e-12)
        gradients = dict(peer.named_parameters())
        for name, leaf in torch_lstm.both_to_torch(dparams).items():
            if "bias_hh" not in name:
                np.testing.assert_allclose(leaf, gradients[name].grad.numpy(), rtol=1e-10, atol=1e-12, err_msg=name)


def test_weights_go_there_and_back():
    params, _, _ = drawn(6)
    weights = torch_lstm.both_to_torch(params)
    tree.map(np.testing.assert_array_equal, torch_lstm.both_from_torch(weights), params)
    with pytest.raises(InputError, match="the backward direction: the tensor weight_hh_l0 is missing"):
        torch_lstm.both_from_torch({name: leaf for name, leaf in weights.items() if name != "weight_hh_l0_reverse"})
    with pytest.raises(InputError, match="the forward direction: .*extra"):
        torch_lstm.both_from_torch({**weights, "extra": params["forward"]["bias"]})
    other = torch_lstm.both_to_torch({**params, "backward": drawn(7, width=6)[0]["backward"]})
    with pytest.raises(InputError, match="the two directions"):
        torch_lstm.both_from_torch(other)


def test_float32_errs_at_most_twice_as_much_as_the_framework():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    peer = torch.nn.LSTM(48, 64, batch_first=True, bidirectional=True)
    params = torch_lstm.both_from_torch({name: leaf.numpy() for name, leaf in peer.state_dict().items()})
    rng = np.random.default_rng(0)
    x, dy = (rng.standard_normal((8, 30, size)).astype(np.float32) for size in (48, 128))
    y, cache = bidirectional_lstm.forward(params, x, np.full(8, 30))
    dx, _ = bidirectional_lstm.backward(params, cache, dy)

    def theirs(dtype):
        given = torch.tensor(x, dtype=dtype, requires_grad=True)
        h, _ = peer.to(dtype)(given)
        h.backward(torch.tensor(dy, dtype=dtype))
        return h.detach().numpy(), given.grad.numpy()

    for mine, single, exact in zip((y, dx), theirs(torch.float32), theirs(torch.float64), strict=True):
        assert mine.dtype == np.float32
        for size in (lambda error: np.sqrt((error * error).mean()), lambda error: np.abs(error).max()):
            assert size(mine - exact) <= 2 * size(single - exact)
