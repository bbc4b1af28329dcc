"""Arguments of the loops that are handed on to another function: each is held by what it changes."""

import numpy as np
import pytest

from minilm import tree
from minilm.data import masked_tokens, windows
from minilm.decoding import beam
from minilm.errors import InputError
from minilm.ops import cross_entropy, dropout
from minilm.training import adam, adamw


def by_hand(optimiser, steps, scale=1.0, decay=0.5, mask=None):
    """Both optimisers' formulas written out, beside their own steps: the largest difference, relative."""
    rng = np.random.default_rng(8)
    params = {"weight": rng.standard_normal((2, 3)), "bias": rng.standard_normal(3)}
    state, settings = optimiser.init(params), {"beta1": 0.8, "beta2": 0.9, "eps": 1e-3}
    if optimiser is adamw:
        settings |= {"decay": decay, "mask": mask, "scale": scale}
    decays = {"weight": True, "bias": False} if mask is None else mask
    own = {name: (value.copy(), 0 * value, 0 * value) for name, value in params.items()}
    worst = 0.0
    for step in range(1, steps + 1):
        dparams = {name: rng.standard_normal(value.shape) for name, value in params.items()}
        params, state = optimiser.update(params, dparams, state, 0.01, **settings)
        for name, (value, first, second) in own.items():
            kept = value * (1 - 0.01 * decay) if optimiser is adamw and decays[name] else value
            g = dparams[name] * scale
            first, second = 0.8 * first + 0.2 * g, 0.9 * second + 0.1 * g * g
            corrected = np.sqrt(second / (1 - 0.9**step)) + 1e-3
            own[name] = kept - 0.01 * (first / (1 - 0.8**step)) / corrected, first, second
            worst = max(worst, float(np.abs(params[name] / own[name][0] - 1).max()))
    return worst


@pytest.mark.parametrize("optimiser", [adam, adamw])
def test_an_optimiser_follows_its_formula_for_many_steps(optimiser):
    """The bias corrections are of every step, not of the first ten."""
    assert by_hand(optimiser, 60) < 1e-11


@pytest.mark.parametrize("mask", [None, {"weight": False, "bias": True}, {"weight": True, "bias": True}])
def test_adamw_decays_what_the_mask_says(mask):
    assert by_hand(adamw, 5, mask=mask) < 1e-12


def test_adamw_scales_the_gradient():
    assert by_hand(adamw, 5, scale=0.25) < 1e-12


def test_adams_update_in_place_scales_too():
    params = {"weight": np.ones((2, 3))}
    dparams, halved = {"weight": np.arange(6.0).reshape(2, 3) + 1}, {"weight": (np.arange(6.0).reshape(2, 3) + 1) / 2}
    found = []
    for given, scale in ((dparams, 0.5), (halved, 1.0)):
        own, state = tree.map(np.array, params), adam.init(params)
        adam.update_in_place(own, given, state, 0.1, eps=0.5, scale=scale)
        found.append(own["weight"])
    np.testing.assert_allclose(*found, rtol=1e-14)
    assert np.abs(found[0] - 1).max() > 1e-3


class Fixed:
    """A model of one state: step k has the probabilities of row k."""

    def __init__(self, rows):
        self.logits = np.log(np.array(rows))

    def step(self, params, config, state, tokens):
        at = int(state["at"][0])
        return np.repeat(self.logits[at][None], len(tokens), 0).copy(), {"at": state["at"] + 1}


def test_a_hypothesis_that_ends_at_the_limit_counts_its_own_tokens():
    """Two tokens at the limit of two: the score is that of two tokens, and decides against one token and the end mark.

    log p of "2 2" is log 0.4 + log 0.9 over ((5 + 2) / 6)^p; of "" with its end mark log 0.45 over ((5 + 1) / 6)^p = 1.
    """
    model = Fixed([[0.45, 0.15, 0.40], [0.05, 0.05, 0.90]])
    state = {"at": np.zeros(1, int)}
    found = {}
    for penalty in (0.0, 1.9, 8.0):
        found[penalty] = beam.decode(
            model, None, None, dict(state), first=1, end=0, limits=[2], beam=3, length_penalty=penalty
        )[0]
    longer = np.log(0.4) + np.log(0.9)
    for penalty, text in found.items():
        wanted = [2, 2] if longer / (7 / 6) ** penalty > np.log(0.45) else []
        assert text == wanted, penalty
    assert found[0.0] == [] and found[8.0] == [2, 2]
    # where one token more or less in the formula would turn the choice round
    turn = np.log(longer / np.log(0.45)) / np.log(7 / 6)
    for penalty, wanted in ((turn * 1.02, [2, 2]), (turn * 0.98, [])):
        text = beam.decode(model, None, None, dict(state), first=1, end=0, limits=[2], beam=3, length_penalty=penalty)
        assert text == [wanted]


DOCUMENTS = masked_tokens.Documents([[[7, 8, 9], [10, 11], [12, 13, 14]], [[15, 16], [17, 18, 19, 20]]])
PAIRS = {"seed": 3, "step": 1, "rows": 40, "length": 16, "start": 2, "separator": 3}


def test_the_padding_of_pairs_is_the_one_that_is_asked_for():
    batch = masked_tokens.pretraining_batch(DOCUMENTS, **PAIRS, vocabulary=30, mask_id=4, pad=6)
    plain = masked_tokens.pretraining_batch(DOCUMENTS, **PAIRS, vocabulary=30, mask_id=4)
    assert (~batch["attend"]).any() and (batch["inputs"][~batch["attend"]] == 6).all()
    assert (plain["inputs"][~plain["attend"]] == 0).all()
    assert not batch["mask"][~batch["attend"]].any(), "padding is special"
    np.testing.assert_array_equal(batch["attend"], plain["attend"])


@pytest.mark.parametrize("rate", [0.15, 0.5, 1.0])
def test_the_rate_of_masked_tokens_is_the_one_that_is_asked_for(rate):
    batch = masked_tokens.pretraining_batch(DOCUMENTS, **PAIRS, vocabulary=30, mask_id=4, unknown=5, rate=rate)
    ordinary = ~np.isin(batch["targets"], [0, 2, 3, 4, 5])
    number = ordinary.sum(1)
    wanted = np.minimum(np.maximum(np.rint(rate * number), 1), number)
    np.testing.assert_array_equal(batch["mask"].sum(1), wanted)


def test_unknown_is_special_where_it_is_named():
    given = {**PAIRS, "vocabulary": 30, "mask_id": 4, "rate": 1.0}
    without, named = (masked_tokens.pretraining_batch(DOCUMENTS, **given, **more) for more in ({}, {"unknown": 7}))
    assert without["mask"][without["targets"] == 7].all() and not named["mask"][named["targets"] == 7].any()


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.1, float("nan")])
def test_a_rate_out_of_range_is_refused(rate):
    ids = np.arange(5, 25).reshape(2, 10)
    with pytest.raises(ValueError, match=r"the rate lies in \(0, 1\]"):
        masked_tokens.mask_tokens(ids, seed=0, step=0, vocabulary=30, mask_id=4, special=[4], rate=rate)


def test_a_mask_that_is_not_special_is_refused_whatever_the_rate():
    ids = np.arange(5, 25).reshape(2, 10)
    with pytest.raises(ValueError, match="mask token 4 is special"):
        masked_tokens.mask_tokens(ids, seed=0, step=0, vocabulary=30, mask_id=4, special=[0])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.int64])
def test_windows_are_of_int64_whatever_the_text_is_stored_in(dtype):
    """A row of uint16 would overflow where an id is multiplied by a width."""
    ids = np.arange(100).astype(dtype)
    batches = [windows.random_windows(ids, 3, seed=0, rows=4, length=7), windows.contiguous_windows(ids, 1, rows=4, length=7)]
    for batch in [*batches, *windows.windows_in_order(ids, rows=4, length=7)]:
        for name, array in batch.items():
            assert array.dtype == np.int64 and array.flags.c_contiguous, name
    masked = masked_tokens.mask_tokens(
        (5 + np.arange(20).reshape(2, 10)).astype(dtype), seed=0, step=0, vocabulary=30, mask_id=4, special=[4]
    )
    assert masked["targets"].dtype == np.int64


def test_windows_change_with_the_seed_and_the_index():
    ids = np.arange(1000)
    rows = lambda index, seed: windows.random_windows(ids, index, seed=seed, rows=4, length=7)["inputs"].tolist()
    assert rows(0, 0) == rows(0, 0) and rows(0, 0) != rows(1, 0) != rows(1, 1)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5, float("nan")])
def test_a_dropout_rate_out_of_range_is_refused(rate):
    for rng in (None, np.random.default_rng(0)):
        with pytest.raises(ValueError, match=r"a dropout rate lies in \[0, 1\)"):
            dropout.forward(np.ones(3), rate, rng)


@pytest.mark.parametrize("answers", [[1, 0, 2], [0, 1, 2], [1, 2, 0], [0, 0, 0]])
def test_a_single_answer_that_is_never_one_is_refused(answers):
    """One of several is enough; where it does not count it is let pass."""
    targets = np.array(answers)
    place = answers.index(0)
    with pytest.raises(IndexError, match=rf"target 0 at \({place},\) is among the classes that are never an answer"):
        cross_entropy.forward(np.ones((3, 4)), targets, smoothing=0.1, never=(3, 0))
    if (targets != 0).any():
        cross_entropy.forward(np.ones((3, 4)), targets, targets != 0, smoothing=0.1, never=(0,))


def test_a_text_that_is_too_short_is_refused():
    for call in (lambda: windows.random_windows(np.arange(7), 0, seed=0, rows=1, length=7),
                 lambda: windows.windows_per_epoch(10, rows=2, length=5)):  # fmt: skip
        with pytest.raises(InputError, match="too short"):
            call()
