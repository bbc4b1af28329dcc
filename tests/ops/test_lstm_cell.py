import numpy as np
import pytest

from minilm.checking import gradcheck
from minilm.ops import lstm_cell, lstm_gates


def case(rng, batch=3, width=4, hidden=5, dtype=np.float64):
    params = lstm_cell.init(rng, width, hidden, dtype)
    params["bias"] = rng.standard_normal(4 * hidden).astype(dtype)
    x, h, c = (rng.standard_normal((batch, n)).astype(dtype) for n in (width, hidden, hidden))
    return params, {"x": x, "h": h, "c": c}


def test_gradient():
    params, inputs = case(np.random.default_rng(1))
    for row in gradcheck.check("lstm_cell", lstm_cell.forward, lstm_cell.backward, params, inputs):
        assert row.passed, str(row)


def test_the_formulas_written_out_one_unit_at_a_time():
    rng = np.random.default_rng(2)
    params, inputs = case(rng)
    y, cache = lstm_cell.forward(params, **inputs)
    logistic = lambda z: 1 / (1 + np.exp(-z))
    for row in range(3):
        for unit in range(5):
            z = [
                inputs["x"][row] @ params["input"][:, gate * 5 + unit]
                + inputs["h"][row] @ params["recurrent"][:, gate * 5 + unit]
                + params["bias"][gate * 5 + unit]
                for gate in range(4)
            ]
            i, f, g, o = logistic(z[0]), logistic(z[1]), np.tanh(z[2]), logistic(z[3])
            c = f * inputs["c"][row, unit] + i * g
            assert abs(y["c"][row, unit] - c) < 1e-15 * 4
            assert abs(y["h"][row, unit] - o * np.tanh(c)) < 1e-15 * 4
            assert np.allclose([cache["gates"][name][row, unit] for name in "ifgo"], [i, f, g, o], rtol=1e-14)


def test_large_preactivations_saturate_without_a_warning():
    with np.errstate(all="raise", under="ignore"):
        _, gates = lstm_gates.forward(np.array([[-1e30, 1e30, -1e30, 1e30]], np.float32), np.ones((1, 1), np.float32))
    assert [gates[name].tolist() for name in "ifgo"] == [[[0]], [[1]], [[-1]], [[1]]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_arguments_are_kept(dtype):
    rng = np.random.default_rng(3)
    params, inputs = case(rng, dtype=dtype)
    before = {name: array.copy() for name, array in (params | inputs).items()}
    y, cache = lstm_cell.forward(params, **inputs)
    dx, dh, dc, dparams = lstm_cell.backward(params, cache, y)
    again = lstm_cell.backward(params, cache, y)
    for array in (*y.values(), dx, dh, dc, *dparams.values()):
        assert array.dtype == dtype
    assert all(np.array_equal(before[name], array) for name, array in (params | inputs).items())
    assert np.array_equal(dx, again[0]) and np.array_equal(dparams["recurrent"], again[3]["recurrent"])


def test_the_forget_gate_begins_open():
    bias = lstm_cell.init(np.random.default_rng(4), 2, 3)["bias"]
    assert bias.tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]
