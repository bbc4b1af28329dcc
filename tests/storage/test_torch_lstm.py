import numpy as np
import pytest

from minilm import tree
from minilm.errors import InputError
from minilm.layers import lstm_stack
from minilm.storage import torch_lstm


def weights():
    return torch_lstm.to_torch(lstm_stack.init(np.random.default_rng(1), 3, 4, 2))


def test_there_and_back():
    params = lstm_stack.init(np.random.default_rng(1), 3, 4, 2)
    back = torch_lstm.from_torch(torch_lstm.to_torch(params))
    tree.require_same(back, params)
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(tree.leaves(back), tree.leaves(params), strict=True))


def test_the_framework_takes_them_and_gives_them():
    torch = pytest.importorskip("torch")
    peer = torch.nn.LSTM(3, 4, 2, batch_first=True)
    peer.load_state_dict({name: torch.tensor(array) for name, array in weights().items()})
    back = torch_lstm.from_torch({name: leaf.numpy() for name, leaf in peer.state_dict().items()}, layers=2)
    assert np.array_equal(back[1]["recurrent"], weights()["weight_hh_l1"].T)


def test_without_biases_they_are_zero():
    plain = {name: array for name, array in weights().items() if name.startswith("weight")}
    assert not any(layer["bias"].any() for layer in torch_lstm.from_torch(plain))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda w: w.clear(), "weight_ih_l0"),
        (lambda w: w.pop("weight_hh_l1"), "weight_hh_l1 is missing"),
        (lambda w: w.pop("bias_hh_l0"), "bias_hh_l0 is missing"),
        (lambda w: w.update(weight_ih_l0_reverse=w["weight_ih_l0"]), "weight_ih_l0_reverse is left over"),
        (lambda w: w.update(weight_ih_l1=w["weight_ih_l1"][:, :2]), r"weight_ih_l1 has shape \(16, 2\)"),
        (lambda w: w.update(bias_ih_l1=np.zeros(3)), r"bias_ih_l1 has shape \(3,\)"),
        (lambda w: w.update(weight_hh_l0=np.float32(1)), "has shape"),
    ],
)
def test_what_does_not_fit_is_named(change, words):
    broken = weights()
    change(broken)
    with pytest.raises(InputError, match=words) as error:
        torch_lstm.from_torch(broken)
    assert "\n" not in str(error.value)
