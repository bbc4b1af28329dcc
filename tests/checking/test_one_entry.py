"""Every gradient that a backward line names, against the complex step taken right after the line that it belongs to."""

import numpy as np
import pytest

from minilm import tree
from minilm.checking import cases, one_entry, planting
from minilm.checking.gradcheck import fresh
from minilm.errors import InputError
from minilm.ops import softmax
from minilm.tracing import trace

CASES = cases.everything()
# What has no name where it is made; a tied table; attention in blocks, which makes its weights again on the way back; a
# loss in slices, which makes its gradient on the way there.
EXCUSED = ("without a name", "part of a sum", "not made by what is repeated", "no parameter of this run")


def recorded(case):
    """(recording, scalar as a function of the parameters) of a case under a random upstream gradient."""
    given = [case.params] if case.params is not None else []

    def forward(params):
        settings = {key: fresh(value) for key, value in case.settings.items()}
        return case.forward(*([params] if given else []), *case.inputs.values(), **settings)

    rng = np.random.default_rng(4)
    with trace(whole=1 << 30, budget=1 << 30) as t:
        y, cache = forward(case.params)
        cotangent = tree.map(lambda leaf: np.asarray(rng.standard_normal(np.shape(leaf))), y)
        case.backward(*given, cache, cotangent, **case.backward_settings)
    names = [name for name, _ in tree.leaves(y)]

    def scalar(params):
        out, dout = tree.flatten(forward(params)[0]), tree.flatten(cotangent)
        return sum(np.sum(out[name] * dout[name]) for name in names)

    return t, scalar


@pytest.mark.filterwarnings("ignore:Casting complex values")  # a loss in slices keeps its inputs real
@pytest.mark.parametrize("name", CASES)
def test_every_named_gradient_is_that_of_its_name(name):
    case = CASES[name]
    t, scalar = recorded(case)
    rng = np.random.default_rng(5)
    held, wrong = 0, []
    # A gradient can be exactly zero, as that of the key bias of an attention is: beside the others it is told by.
    floor = 1e-3 * max(
        max(abs(v.least), abs(v.greatest)) for v in t.values if v.name.startswith("d") and v.mean is not None
    )
    for gradient in t.values:
        value = t.partner_value(gradient)
        if gradient.kind != "array" or value is None or gradient.name != f"d{value.name}" or not gradient.array.size:
            continue
        if t.calls[gradient.call].direction != "backward":
            continue
        index = tuple(int(rng.integers(size)) for size in gradient.shape)
        try:
            verdict = one_entry.check(
                scalar, case.params if case.params is not None else {}, t, gradient, index, floor=floor
            )
        except InputError as error:
            assert any(why in str(error) for why in EXCUSED), error
            continue
        held += 1
        if not verdict.passed:
            wrong.append(f"{t.calls[gradient.call].file}: {verdict}")
    assert not wrong, "\n".join(wrong)
    assert held > 0 or name in ("ops.dropout (rate 0.0)",)  # which makes nothing


@pytest.mark.parametrize(("planted", "right"), [("(dy - rows.dot(dy, y)) * y", True), ("dy * y", False)])
def test_a_wrong_gradient_is_told_from_a_right_one(planted, right):
    """Entries of the gradient of an attention's scores, with the softmax's derivative planted wrong, and of what is
    made of it: the error goes on."""
    with planting.planted(softmax, "backward", "(dy - rows.dot(dy, y)) * y", planted):
        t, scalar = recorded(CASES["ops.scaled_dot_product"])
    verdicts = [one_entry.check(scalar, {}, t, t["dscores"], index) for index in np.ndindex(2, 2, 2, 3)]
    assert all(verdict.passed for verdict in verdicts) == right
    assert one_entry.check(scalar, {}, t, t["dv"]).passed
    assert one_entry.check(scalar, {}, t, t["dq"]).passed == right
    assert ("pass" if right else "WRONG") in str(one_entry.check(scalar, {}, t, t["dscores"]))


def test_what_cannot_be_checked_is_said():
    t, scalar = recorded(CASES["layers.multi_head_attention (cross, padded, dropout)"])
    params = CASES["layers.multi_head_attention (cross, padded, dropout)"].params
    with pytest.raises(InputError, match="part of a sum"):
        one_entry.check(scalar, params, t, t["dmemory_key"])
    with pytest.raises(InputError, match="give an index in it"):
        one_entry.check(scalar, params, t, t["attention.dscores"], (9, 0, 0, 0))
    verdict = one_entry.check(scalar, params, t, t["query.dweight"], (-1, 0))
    assert verdict.passed and verdict.index == (5, 0) and verdict.value.kind == "parameter"
