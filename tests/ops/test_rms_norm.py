"""RMSNorm: what scaling x leaves, what makes it a layer norm, and PyTorch's."""

import numpy as np
import pytest

from minilm.ops import layer_norm, rms_norm


def test_scaled_rows_have_the_same_result():
    rng = np.random.default_rng(0)
    x, params = rng.standard_normal((4, 7)), {"gain": rng.standard_normal(7)}
    y, _ = rms_norm.forward(params, x, 0.0)
    np.testing.assert_allclose(rms_norm.forward(params, 300 * x, 0.0)[0], y, rtol=1e-13)
    np.testing.assert_allclose((rms_norm.forward({"gain": np.ones(7)}, x, 0.0)[0] ** 2).mean(-1), 1, rtol=1e-13)


def test_of_centred_rows_it_is_the_layer_norm_without_bias():
    rng = np.random.default_rng(1)
    x, gain, dy = rng.standard_normal((4, 7)), rng.standard_normal(7), rng.standard_normal((4, 7))
    centred = x - x.mean(-1, keepdims=True)
    y, cache = rms_norm.forward({"gain": gain}, centred, 1e-3)
    params = {"gain": gain, "bias": np.zeros(7)}
    wanted, wanted_cache = layer_norm.forward(params, centred, 1e-3)
    np.testing.assert_allclose(y, wanted, rtol=1e-12, atol=1e-14)
    dx, dparams = rms_norm.backward({"gain": gain}, cache, dy)
    dwanted, dwanted_params = layer_norm.backward(params, wanted_cache, dy)
    np.testing.assert_allclose(dparams["gain"], dwanted_params["gain"], rtol=1e-12)
    np.testing.assert_allclose(dx - dx.mean(-1, keepdims=True), dwanted, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("eps", [1e-6, 0.1])
def test_pytorch_agrees(eps):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(2)
    x, gain, dy = rng.standard_normal((2, 5, 7)), rng.standard_normal(7), rng.standard_normal((2, 5, 7))
    y, cache = rms_norm.forward({"gain": gain}, x, eps)
    dx, dparams = rms_norm.backward({"gain": gain}, cache, dy)
    their_x, their_gain = (torch.tensor(array, requires_grad=True) for array in (x, gain))
    theirs = torch.nn.functional.rms_norm(their_x, (7,), their_gain, eps)
    theirs.backward(torch.tensor(dy))
    for ours, tensor in ((y, theirs), (dx, their_x.grad), (dparams["gain"], their_gain.grad)):
        np.testing.assert_allclose(ours, tensor.detach().numpy(), rtol=1e-12, atol=1e-13)
