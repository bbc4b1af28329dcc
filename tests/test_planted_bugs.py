"""The gradient bugs that comparable projects shipped, planted one by one: each must turn a check red.

The numbers are those of a list of 27 such bugs. A plant replaces one function of the package by a wrong version (or
rewrites a line of its source), the checks that should notice run, and they must fail; without it they pass
(tests/checking/test_every_gradient.py).
"""

import numpy as np
import pytest

from minilm import tree
from minilm.arrays import masks, scatter
from minilm.blocks import post_norm, pre_norm, stack
from minilm.checking import cases, gradcheck, planting, returned
from minilm.data import masked_tokens, windows
from minilm.layers import lstm, multi_head_attention, rotary_self_attention
from minilm.models import bert, encoder_decoder, gpt, gpt2
from minilm.ops import (
    cross_entropy,
    dropout,
    embedding,
    gelu_exact,
    gelu_tanh,
    layer_norm,
    linear,
    lstm_gates,
    positions,
    relu,
    rms_norm,
    rotary,
    softmax,
)
from minilm.tasks import masked_tokens as masked_task
from minilm.tasks import next_sentence, objectives, pretraining, translation
from minilm.training import adamw

CASES = cases.everything()


def plant(monkeypatch, module, name, old, new):
    """Replace `old` by `new` in the source of module.name, and put the result in its place for this test."""
    monkeypatch.setattr(module, name, planting.rewritten(module, name, old, new))


def red(*prefixes):
    """Whether a check of one of these cases fails: wrong numbers, or a tree of other names, shapes or dtypes."""
    found = False
    for name, case in cases.everything().items():
        if any(name.startswith(prefix) for prefix in prefixes):
            found = True
            try:
                with np.errstate(all="ignore"):
                    if not all(row.passed for row in case.check()):
                        return True
            except ValueError as error:
                assert name in str(error), f"not the checker's own complaint: {error}"
                return True
    assert found, prefixes
    return False


SOURCE_PLANTS = [
    ("G1 overwritten for repeated ids", scatter, "add",
     "table[present] = sums",
     "table[ids.reshape(-1)] = rows.reshape(-1, rows.shape[-1])", ["ops.embedding"]),
    ("G2 elementwise p (1 - p)", softmax, "backward", "(dy - rows.dot(dy, y)) * y", "dy * (1 - y) * y", ["ops.softmax"]),
    ("G2 summed over the wrong axis", softmax, "backward", "rows.dot(dy, y)", "(dy * y).sum(-2, keepdims=True)",
     ["ops.softmax"]),
    ("G3 no mean of dxhat", layer_norm, "backward", "dxhat - rows.mean(dxhat)", "dxhat", ["ops.layer_norm"]),
    ("G3 no slope term", layer_norm, "backward", " - xhat * rows.mean_product(dxhat, xhat)", "", ["ops.layer_norm"]),
    ("G3 the gain forgotten", layer_norm, "backward", 'dxhat = dy * params["gain"]', "dxhat = dy * 1", ["ops.layer_norm"]),
    ("G3 gain's gradient without xhat", layer_norm, "backward", "leading.sum(dy * xhat)", "leading.sum(dy)",
     ["ops.layer_norm"]),
    ("G3 RMSNorm without its slope term", rms_norm, "backward", " - xhat * rows.mean_product(dxhat, xhat)", "",
     ["ops.rms_norm", "blocks.pre_rms"]),
    ("turned on instead of back", rotary, "backward", "dy_a * cos + dy_b * sin, dy_b * cos - dy_a * sin",
     "dy_a * cos - dy_b * sin, dy_b * cos + dy_a * sin", ["ops.rotary", "layers.rotary_self_attention"]),
    ("G17 the keys' path lost", rotary_self_attention, "backward", "dx_query + dx_key + dx_value", "dx_query + dx_value",
     ["layers.rotary_self_attention", "blocks.pre_rms"]),
    ("G5 a bias gradient that is not summed", linear, "backward", '"bias": leading.sum(dy_flat)', '"bias": dy_flat',
     ["ops.linear"]),
    ("G10 divided by all positions", cross_entropy, "backward", "dloss * share", "dloss * (share > 0) / share.size",
     ["ops.cross_entropy"]),
    ("G12 positions that do not count are counted", cross_entropy, "backward",
     "np.where(share == 0, 0, dloss * share * (p_less_one_hot + one_hot_less_q))",
     "dloss * share.max() * (p_less_one_hot + one_hot_less_q)", ["ops.cross_entropy"]),
    ("G13 the smoothed mass forgotten", cross_entropy, "backward", " - uniform(log_p, never)", "",
     ["ops.cross_entropy"]),
    ("G13 padding gets mass in one direction only", cross_entropy, "backward",
     "uniform(log_p, never)", "uniform(log_p, ())", ["ops.cross_entropy"]),
    ("G15 backward without the scale", dropout, "backward", " * (PARTS / (PARTS - threshold))", "", ["ops.dropout"]),
    ("G15 backward without the mask", dropout, "backward", "dx = dy * keep", "dx = dy", ["ops.dropout"]),
    ("G16 the tied matrix loses the head's gradient", encoder_decoder, "backward",
     'dhead["weight"] + dtarget["weight"]', 'dtarget["weight"]',
     ["models.encoder_decoder"]),
    ("G16 the tied matrix loses the embedding's gradient", encoder_decoder, "backward",
     'dhead["weight"] + dtarget["weight"]', 'dhead["weight"]',
     ["models.encoder_decoder"]),
    ("G17 = instead of += where the memory is used by every block", stack, "backward",
     "sum(each[1:], start=each[0])", "each[0]", ["blocks.stack", "models.encoder_decoder"]),
    ("G17 one of the value's two paths lost", multi_head_attention, "backward",
     "dmemory = dmemory_key + dmemory_value", "dmemory = dmemory_key", ["layers.multi_head_attention", "blocks.post_norm"]),
    ("G16 GPT-2's tied matrix loses the head's gradient", gpt2, "encode_backward",
     'dhead["weight"] + drows["tokens"]["weight"]', 'drows["tokens"]["weight"]', ["models.gpt2"]),
    ("G16 BERT's tied matrix loses the head's gradient", bert, "encode_backward", "dsummed, dtable_head)", "dsummed)",
     ["models.bert (masked"]),
    ("G17 the skip around the attention lost", post_norm, "backward", "dx = dx_sum + dx_query + dx_memory",
     "dx = dx_query + dx_memory", ["blocks.post_norm"]),
    ("G17 x as the keys' and values' source lost", post_norm, "backward", "dx = dx_sum + dx_query + dx_memory",
     "dx = dx_sum + dx_query", ["blocks.post_norm"]),
    ("G17 the skip around the feed-forward lost", pre_norm, "backward", "da = dy + da_norm", "da = da_norm",
     ["blocks.pre_norm"]),
    ("G18 a gate's slope at the wrong value", lstm_gates, "backward", "df * f * (1 - f)", "df * f * (1 - c)", ["ops.lstm_cell"]),
    ("G18 the candidate's slope is a sigmoid's", lstm_gates, "backward", "dg * (1 - g * g)", "dg * g * (1 - g)",
     ["ops.lstm_cell"]),
    ("G18 the output gate reads c, not tanh c", lstm_gates, "backward", 'do = dnext["h"] * tanh_c', 'do = dnext["h"] * c',
     ["ops.lstm_cell"]),
    ("G18 the gradient of the next c dropped", lstm_gates, "backward", 'dmemory = dnext["c"] + ', "dmemory = ",
     ["ops.lstm_cell"]),
    ("G18 the recurrent matrix meets h of t, not of t - 1", lstm, "backward", "h[:-1].reshape", "h[1:].reshape",
     ["layers.lstm (5"]),
    ("G18 the forget gate meets c of t, not of t - 1", lstm, "forward", "lstm_gates.forward(z, c[t])",
     "lstm_gates.forward(z, c[t - 1 if t else 0])", ["layers.lstm (5"]),
    ("G18 the last c's gradient dropped", lstm, "backward", 'dy.get("c_last", 0)', "0", ["layers.lstm (1"]),
    ("G18 one step right, many wrong: h's way back in time lost", lstm, "backward", 'dh_later[t + 1] + dy["h"][:, t]',
     'dy["h"][:, t]',
     ["layers.lstm (2"]),
    ("the key gradient lacks the scale", multi_head_attention.scaled_dot_product, "backward", "(q * scale)", "q",
     ["ops.scaled_dot_product"]),
    ("the slope of tanh-GELU without its cubic term", gelu_tanh, "backward", "1 + 3 * CUBIC * x * x", "1",
     ["ops.gelu_tanh"]),
    ("a rectifier that lets everything through", relu, "backward", '(cache["y"] > 0)', '(cache["y"] >= 0)', ["ops.relu"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("module", "name", "old", "new", "checks"), [row[1:] for row in SOURCE_PLANTS], ids=[row[0] for row in SOURCE_PLANTS]
)
def test_a_planted_bug_turns_the_check_red(monkeypatch, module, name, old, new, checks):
    plant(monkeypatch, module, name, old, new)
    assert red(*checks)


# Bugs that are the same in both directions (a forward that is another formula) or that are no gradients: a test each,
# which fails when the bug is planted ------------------------------------------------------------------------------------


def fails(check):
    """Whether a check, a function of no arguments that asserts, is red."""
    try:
        with np.errstate(all="ignore"):
            check()
    except (Exception, pytest.fail.Exception):
        return True
    return False


def layer_norm_is_the_closed_form():
    """Two numbers a < b become ∓1 / √(1 + eps / variance): D = 2, where D - 1 would be far off."""
    params = {"gain": np.ones(2), "bias": np.zeros(2)}
    y, _ = layer_norm.forward(params, np.array([[1.0, 2.0]]), eps=0.25)
    np.testing.assert_allclose(y, [[-(0.5**0.5), 0.5**0.5]], rtol=1e-14)


@pytest.mark.parametrize(
    ("old", "new"),
    [("rows.mean_product(centred, centred)", "rows.dot(centred, centred) / (x.shape[-1] - 1)"),
     ("1 / np.sqrt(variance + eps)", "1 / (np.sqrt(variance) + eps)")],
)  # fmt: skip
def test_g4_unbiased_or_eps_outside_the_root(monkeypatch, old, new):
    layer_norm_is_the_closed_form()
    plant(monkeypatch, layer_norm, "forward", old, new)
    assert fails(layer_norm_is_the_closed_form)


def a_constant_row_is_the_bias():
    """G3: a row without variance has no direction: it becomes the bias, and its gradients stay finite."""
    params = {"gain": np.array([2.0, -1.0, 0.5]), "bias": np.array([0.1, 0.2, 0.3])}
    y, cache = layer_norm.forward(params, np.full((2, 3), 4.0))
    np.testing.assert_array_equal(y, [params["bias"]] * 2)
    dx, dparams = layer_norm.backward(params, cache, np.array([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]]))
    assert np.isfinite(dx).all() and not dparams["gain"].any()


def test_g3_a_row_without_variance(monkeypatch):
    a_constant_row_is_the_bias()
    plant(monkeypatch, layer_norm, "forward", "variance + eps", "variance")
    assert fails(a_constant_row_is_the_bias)


def an_update_keeps_every_shape():
    """G5: a bias gradient of one row a sample would be broadcast by `b - rate * db`: here it is refused."""
    params = {"bias": np.ones(3)}
    with pytest.raises(ValueError):
        adamw.update(params, {"bias": np.ones((4, 3))}, adamw.init(params), 0.1)


def test_g5_a_gradient_that_would_broadcast(monkeypatch):
    an_update_keeps_every_shape()

    def out_of_place(params, grads, state, rate):
        """b = b - rate * db: NumPy broadcasts b to the gradient's shape without a word."""
        return {name: params[name] - rate * grads[name] for name in params}, state

    monkeypatch.setattr(adamw, "update", out_of_place)
    assert fails(an_update_keeps_every_shape)


def masked_rows_are_zero_and_apart():
    """G6: a row that may attend to nothing is zero, forward and backward, and leaves the other rows alone."""
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
    mask = np.array([[True, False, True, True], [False] * 4, [True] * 4])
    y, cache = softmax.forward(x, mask)
    dx = softmax.backward(cache, dy)
    assert np.isfinite(y).all() and np.isfinite(dx).all()
    assert not y[1].any() and not dx[1].any() and not y[~mask].any()
    others = [0, 2]
    alone, alone_cache = softmax.forward(x[others], mask[others])
    np.testing.assert_array_equal(y[others], alone)
    np.testing.assert_array_equal(dx[others], softmax.backward(alone_cache, dy[others]))


def test_g6_a_fully_masked_row(monkeypatch):
    masked_rows_are_zero_and_apart()
    plant(monkeypatch, softmax, "forward", "np.maximum(largest, np.finfo(largest.dtype).min)", "largest")
    assert fails(masked_rows_are_zero_and_apart)


def masks_hold_at_large_scores():
    """G7: with scores of 1e5 nothing passes a mask."""
    x = np.array([[-1e5, 1e5, -1e5]])
    y, _ = softmax.forward(x, np.array([[True, False, True]]))
    np.testing.assert_allclose(y, [[0.5, 0, 0.5]])


def test_g7_a_finite_mask_constant(monkeypatch):
    masks_hold_at_large_scores()
    plant(monkeypatch, masks, "barred", "type(-np.inf)", "type(-1e4)")
    assert fails(masks_hold_at_large_scores)


def nothing_leaks_from_the_future():
    config = encoder_decoder.Config(source_vocabulary=7, target_vocabulary=9, width=8, heads=2, inner=12, encoder_layers=1, decoder_layers=2, max_positions=12)
    rng = np.random.default_rng(2)
    params = encoder_decoder.init(rng, config, np.float64)
    source, target = rng.integers(1, 7, (2, 4)), np.array([[1, 3, 4, 5], [1, 6, 7, 8]])
    changed = target.copy()
    changed[:, 2:] = 2
    a, _ = encoder_decoder.forward(params, source, target, config=config)
    b, _ = encoder_decoder.forward(params, source, changed, config=config)
    np.testing.assert_array_equal(a[:, :2], b[:, :2])


@pytest.mark.parametrize("wrong", ["np.tri(target.shape[1], k=1, dtype=bool)", "np.ones((target.shape[1],) * 2, bool)"])
def test_g8_leakage(monkeypatch, wrong):
    nothing_leaks_from_the_future()
    plant(monkeypatch, encoder_decoder, "decode", "np.tri(target.shape[1], dtype=bool)", wrong)
    assert fails(nothing_leaks_from_the_future)


@pytest.mark.parametrize(("model", "name"), [(gpt, "forward"), (gpt2, "encode")])
@pytest.mark.parametrize("wrong", ["np.tri(inputs.shape[1], k=1, dtype=bool)", "None"])
def test_g8_leakage_in_language_models(monkeypatch, model, name, wrong):
    case = CASES[f"models.{model.__name__.rpartition('.')[2]}"]
    ids = np.array([[1, 2, 3, 4], [5, 6, 1, 2]])

    def nothing_leaks():
        a, _ = model.forward(case.params, ids, config=case.settings["config"])
        b, _ = model.forward(case.params, np.where(np.arange(4) < 2, ids, 0), config=case.settings["config"])
        assert a[:, :2].tobytes() == b[:, :2].tobytes()

    nothing_leaks()
    plant(monkeypatch, model, name, "np.tri(inputs.shape[1], dtype=bool)", wrong)
    assert fails(nothing_leaks)


def loss_asks_for_the_next_word():
    """G9: the loss of a batch equals the sum over its rows written out, inputs and answers one apart, the end included."""
    config = encoder_decoder.Config(source_vocabulary=7, target_vocabulary=9, width=8, heads=2, inner=12, encoder_layers=1, decoder_layers=1, max_positions=12, dropout=0.0, smoothing=0.0)
    params = encoder_decoder.init(np.random.default_rng(2), config, np.float64)
    batch = {"source": np.array([[3, 4], [5, 0]]), "target": np.array([[1, 6, 7, 2], [1, 8, 2, 0]])}
    value, _ = translation.Task(encoder_decoder).loss(params, batch, config=config)
    total = 0.0
    for source, given, answers in (([3, 4], [1, 6, 7], [6, 7, 2]), ([5], [1, 8], [8, 2])):
        logits, _ = encoder_decoder.forward(params, np.array([source]), np.array([given]), config=config)
        for row, answer in zip(logits[0], answers, strict=True):
            total -= row[answer] - np.log(np.exp(row).sum())
    np.testing.assert_allclose(value, total / 5, rtol=1e-12)


@pytest.mark.parametrize(
    ("old", "new"),
    [('batch["target"][:, 1:]', 'batch["target"][:, :-1]'), ('batch["target"][:, :-1]', 'batch["target"][:, 1:]')],
)
def test_g9_the_target_shift(monkeypatch, old, new):
    loss_asks_for_the_next_word()
    plant(monkeypatch, translation.Task, "loss", old, new)
    assert fails(loss_asks_for_the_next_word)


def windows_ask_for_the_next_id():
    ids = np.arange(100)
    batches = [windows.random_windows(ids, 3, seed=0, rows=4, length=7), windows.contiguous_windows(ids, 1, rows=4, length=7)]
    for batch in [*batches, *windows.windows_in_order(ids, rows=4, length=7)]:
        np.testing.assert_array_equal(batch["targets"], batch["inputs"] + 1)
    np.testing.assert_array_equal(
        np.concatenate([batch["targets"].reshape(-1) for batch in windows.windows_in_order(ids, rows=4, length=7)]), ids[1:]
    )


@pytest.mark.parametrize("wrong", ["windows[:, :-1]", "np.roll(windows, -2, 1)[:, :-1]"], ids=["none", "double"])
def test_g9_the_shift_of_windows(monkeypatch, wrong):
    windows_ask_for_the_next_id()
    plant(monkeypatch, windows, "_pair", "windows[:, 1:]", wrong)
    assert fails(windows_ask_for_the_next_id)


def micro_batches_sum_to_the_batch():
    """G10: parts of unequal length, each with the whole's count, add up to 1e-12."""
    rng = np.random.default_rng(4)
    logits, targets = rng.standard_normal((4, 5, 7)), rng.integers(1, 7, (4, 5))
    mask = np.arange(5) < np.array([5, 1, 3, 2])[:, None]
    whole, cache = cross_entropy.forward(logits, targets, mask)
    dwhole = cross_entropy.backward(cache)
    losses, gradients = [], []
    for part in (slice(0, 1), slice(1, 4)):
        loss, part_cache = cross_entropy.forward(logits[part], targets[part], mask[part], count=11)
        losses.append(loss)
        gradients.append(cross_entropy.backward(part_cache))
    np.testing.assert_allclose(sum(losses), whole, rtol=1e-12)
    np.testing.assert_allclose(np.concatenate(gradients), dwhole, rtol=0, atol=1e-15)


def test_g10_a_mean_of_means(monkeypatch):
    micro_batches_sum_to_the_batch()
    plant(monkeypatch, cross_entropy, "answers", "int(counts.sum()) if count is None else count", "int(counts.sum())")
    assert fails(micro_batches_sum_to_the_batch)


def no_target_at_all_is_zero():
    """G11: where no row counts the loss is 0, and so is the gradient."""
    value, cache = cross_entropy.forward(np.ones((2, 3)), np.array([1, 2]), np.array([False, False]))
    assert value == 0 and not cross_entropy.backward(cache).any()


def test_g11_all_targets_ignored(monkeypatch):
    no_target_at_all_is_zero()
    plant(monkeypatch, cross_entropy, "answers", "max(number, 1)", "number")
    assert fails(no_target_at_all_is_zero)


def ids_out_of_range_raise():
    with pytest.raises(IndexError, match=r"-1 at \(1,\)"):
        embedding.forward({"weight": np.ones((3, 2))}, np.array([0, -1]))
    with pytest.raises(IndexError, match=r"3 at \(0, 1\)"):
        cross_entropy.forward(np.ones((1, 2, 3)), np.array([[0, 3]]))
    with pytest.raises(IndexError, match=r"-4 at \(0,\)"):
        cross_entropy.forward(np.ones((1, 3)), np.array([-4]))
    with pytest.raises(IndexError, match="never an answer"):
        cross_entropy.forward(np.ones((1, 3)), np.array([0]), never=(0,))


def test_g12_an_id_out_of_range(monkeypatch):
    ids_out_of_range_raise()
    plant(monkeypatch, embedding, "require_ids", "ids.min() < 0 or ", "")
    assert fails(ids_out_of_range_raise)


def smoothing_is_a_distribution():
    """G13: the gradient's rows sum to zero, nothing goes to padding beyond its p, and ε = 0 is the plain loss."""
    rng = np.random.default_rng(6)
    logits, targets = rng.standard_normal((4, 6)), np.array([1, 2, 3, 4])
    value, cache = cross_entropy.forward(logits, targets, smoothing=0.3, never=(0,))
    dlogits = cross_entropy.backward(cache, smoothing=0.3, never=(0,))
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    np.testing.assert_allclose(dlogits.sum(-1), 0, atol=1e-15)
    np.testing.assert_allclose(dlogits[:, 0], p[:, 0] / 4, rtol=1e-12)
    q = np.full((4, 6), 0.3 / 5)
    q[:, 0] = 0
    q[np.arange(4), targets] += 0.7
    np.testing.assert_allclose(value, -(q * np.log(p)).sum() / 4, rtol=1e-12)


def test_g13_padding_gets_mass(monkeypatch):
    smoothing_is_a_distribution()
    plant(monkeypatch, cross_entropy, "forward", "uniform(logits, never)", "uniform(logits, ())")
    assert fails(smoothing_is_a_distribution)


def huge_logits_stay_finite():
    """G14: logits of ±1e4, in both dtypes."""
    for dtype in (np.float32, np.float64):
        logits = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]], dtype)
        value, cache = cross_entropy.forward(logits, np.array([1, 0]))
        assert np.isfinite(value) and np.isfinite(cross_entropy.backward(cache)).all()
        np.testing.assert_allclose(value, 2e4, rtol=1e-4)


def tails_of_gelu_stay_finite():
    """Far out GELU is 0 or x, its slope 0 or 1, though x³ overflows."""
    for dtype, far in ((np.float32, 1e14), (np.float64, 1e120)):
        x = np.array([-far, -40, 40, far], dtype)
        for module in (gelu_tanh, gelu_exact):
            with np.errstate(over="ignore"):
                y, cache = module.forward(x)
                dx = module.backward(cache, np.ones_like(x))
            np.testing.assert_array_equal(y, [0, 0, 40, x[3]])
            np.testing.assert_array_equal(dx, [0, 0, 1, 1])


def test_tails_of_gelu(monkeypatch):
    tails_of_gelu_stay_finite()
    slope_first = "dinner = dy * (x * (SCALE * (1 + 3 * CUBIC * x * x))) * gate"
    plant(monkeypatch, gelu_tanh, "backward", "dinner = dy * x * gate", slope_first)
    assert fails(tails_of_gelu_stay_finite)


def test_g14_the_log_of_a_softmax(monkeypatch):
    huge_logits_stay_finite()
    plant(monkeypatch, cross_entropy, "forward", "rows.max(logits.real)", "0 * rows.max(logits.real)")
    assert fails(huge_logits_stay_finite)


def evaluation_drops_nothing():
    """G15: without rng everything passes unchanged, before and after a call with one; the expectation is kept."""
    x = np.ones((200, 200))
    assert dropout.forward(x, 0.9)[0] is x
    y, _ = dropout.forward(x, 0.9, np.random.default_rng(0))
    assert dropout.forward(x, 0.9)[0] is x
    assert abs(y.mean() - 1) < 0.05 and set(np.unique(y)) == {0, y.max()}
    np.testing.assert_allclose(y.max(), 10, rtol=1e-3)


def test_g15_dropout_in_evaluation(monkeypatch):
    evaluation_drops_nothing()
    plant(monkeypatch, dropout, "forward", "rng is None or rate == 0", "rate == 0")
    assert fails(evaluation_drops_nothing)


def test_g18_one_step_hides_what_two_show(monkeypatch):
    """Sizes of one hide bugs: h's way back in time is lost, and a single step still passes."""
    assert not red("layers.lstm (1", "layers.lstm (2")
    plant(monkeypatch, lstm, "backward", "dh_later[t] = dz[t] @ transposed", "dh_later[t] = (dz[t] @ transposed) * (t == 0)")
    assert not red("layers.lstm (1")
    assert red("layers.lstm (2")


def float32_is_refused():
    """G19: in float32 the comparison would say nothing."""
    params = tree.map(lambda leaf: leaf.astype(np.float32), CASES["ops.linear"].params)
    with pytest.raises(ValueError, match="float64, but params.weight is float32"):
        gradcheck.check("linear", linear.forward, linear.backward, params, CASES["ops.linear"].inputs)


def test_g19_a_check_in_float32(monkeypatch):
    float32_is_refused()
    plant(monkeypatch, returned, "require_numbers", "array.dtype != np.float64", "False")
    assert fails(float32_is_refused)


def the_kink_has_a_stated_slope():
    _, cache = relu.forward(np.array([0.0, -0.0, 1.0, -1.0]))
    np.testing.assert_array_equal(relu.backward(cache, np.ones(4)), [0, 0, 1, 0])


def test_g20_the_kink(monkeypatch):
    the_kink_has_a_stated_slope()
    assert not red("ops.relu"), "the cases are sampled away from the kink: no random failure"
    monkeypatch.setattr(relu, "backward", lambda cache, dy: dy * np.heaviside(cache["y"], 0.5))
    assert fails(the_kink_has_a_stated_slope)


def the_same_bits_twice(name):
    """G21: backward on one cache, again and again."""
    case = cases.everything()[name]  # afresh: with what is planted now
    settings = {key: gradcheck.fresh(value) for key, value in case.settings.items()}
    y, cache = case.forward(*([case.params] if case.params else []), *case.inputs.values(), **settings)
    rng = np.random.default_rng(3)
    cotangent = tree.map(lambda leaf: rng.standard_normal(np.shape(leaf)), y)
    run = lambda: case.backward(*([case.params] if case.params else []), cache, cotangent, **case.backward_settings)
    first = tree.flatten([run()])
    for _ in range(3):
        for path, leaf in tree.leaves([run()]):
            assert leaf.tobytes() == first[path].tobytes(), path


def test_g21_a_backward_that_is_another_each_time(monkeypatch):
    rng, right = np.random.default_rng(0), scatter.add

    def in_any_order(ids, rows, size):
        """Summed as threads would: each time in another order, and so with another rounding."""
        order = rng.permutation(ids.size)
        table = np.zeros((size, rows.shape[-1]))
        for place in order:
            table[ids.reshape(-1)[place]] += rows.reshape(-1, rows.shape[-1])[place]
        return table

    for name in ("ops.embedding", "models.encoder_decoder"):
        the_same_bits_twice(name)
    monkeypatch.setattr(scatter, "add", in_any_order)
    assert red("ops.embedding"), "the numbers are right to the tolerance, the second call's are others"
    assert fails(lambda: [the_same_bits_twice("ops.embedding") for _ in range(20)])
    monkeypatch.setattr(scatter, "add", right)
    the_same_bits_twice("ops.embedding")


def the_reported_error_decides():
    """G22: small gradients that are 9 % off fail, and the row reports the error that made it fail."""
    rows = gradcheck.check(
        "small", lambda x: (1e-6 * x, {}), lambda cache, dy: 1.09e-6 * dy, None, {"x": np.array([1.0, 2.0, -3.0])}
    )
    for row in rows:
        assert not row.passed and row.error > row.tolerance
        np.testing.assert_allclose(row.error, abs(row.analytic - row.numeric) / row.scale, rtol=1e-12)
        np.testing.assert_allclose(row.analytic, 1.09 * row.numeric, rtol=1e-6)
        assert str(row).startswith("FAIL") and "x[" in str(row) and f"{row.error:.2e}" in str(row)


def test_g22_the_reported_error_is_the_one_that_decides(monkeypatch):
    the_reported_error_decides()
    wrong = lambda row: bool(row.error <= row.tolerance or abs(row.analytic - row.numeric) <= 1e-4)  # "or absolute"
    monkeypatch.setattr(gradcheck.Row, "passed", property(wrong))
    assert fails(the_reported_error_decides)


def float32_stays(name):
    """G23: output, cache and gradients of a case in float32."""
    case = cases.everything()[name]  # afresh: with what is planted now
    narrow = lambda leaf: leaf.astype(np.float32) if leaf.dtype == np.float64 else leaf
    given = [tree.map(narrow, case.params)] if case.params is not None else []
    inputs = [tree.map(narrow, value) for value in case.inputs.values()]
    y, cache = case.forward(*given, *inputs, **{key: gradcheck.fresh(value) for key, value in case.settings.items()})
    gradients = case.backward(*given, cache, y, **case.backward_settings)
    for path, leaf in tree.leaves([y, cache, gradients]):
        assert not isinstance(leaf, np.ndarray) or leaf.dtype != np.float64, path


@pytest.mark.parametrize(
    ("module", "function", "old", "new", "name"),
    [(dropout, "backward", "dx = dy * keep", "dx = dy.astype(float) * keep", "ops.dropout (rate 0.5)"),
     (layer_norm, "forward", "variance + eps", "variance + np.float64(eps)", "ops.layer_norm (3-D)"),
     (scatter, "add", "rows.shape[-1]), rows.dtype)", "rows.shape[-1]))", "models.encoder_decoder"),
     (positions, "table", ".astype(dtype)", "", "models.encoder_decoder")],
)  # fmt: skip
def test_g23_a_promoted_dtype(monkeypatch, module, function, old, new, name):
    float32_stays(name)
    plant(monkeypatch, module, function, old, new)
    assert red(name), "in float64 nothing shows, in float32 it does"
    assert fails(lambda: float32_stays(name))


def positions_are_the_formula():
    """G24: cell by cell, with an odd width."""
    import math

    for width in (4, 7):
        table = positions.table(5, width, np.float64)
        for t in range(5):
            for column in range(width):
                angle = t / 10000 ** (2 * (column // 2) / width)
                wanted = math.sin(angle) if column % 2 == 0 else math.cos(angle)
                assert abs(table[t, column] - wanted) < 1e-14


@pytest.mark.parametrize(
    ("old", "new"), [("column // 2 * 2 / width", "column * 2 / width"), ("column % 2 == 0", "column < width // 2")]
)
def test_g24_positions(monkeypatch, old, new):
    positions_are_the_formula()
    plant(monkeypatch, positions, "table", old, new)
    assert fails(positions_are_the_formula)


def berts_loss_is_over_the_masked_places():
    """G25: the sum written out: masked places alone, and next-sentence answers of 0 as well as of 1."""
    case = CASES["models.bert (both)"]
    config, batch = case.settings["config"], case.inputs["batch"]
    value, _ = pretraining.Task(bert).loss(case.params, batch, config=config)
    y, _ = bert.forward(case.params, batch["inputs"], batch["segments"], batch["inputs"] != 0, config=config)
    log_p = lambda row, answer: row[answer] - np.log(np.exp(row - row.max()).sum()) - row.max()
    places = np.argwhere(batch["mask"])
    masked = -sum(log_p(y["masked"][b, t], batch["targets"][b, t]) for b, t in places) / len(places)
    following = -np.mean([log_p(row, a) for row, a in zip(y["next_sentence"], batch["next_sentence"], strict=True)])
    np.testing.assert_allclose(value, masked + following, rtol=1e-12)


@pytest.mark.parametrize(
    ("module", "name", "old", "new"),
    [(objectives, "asked", 'batch["mask"] if', 'np.ones(batch["inputs"].shape, bool) if'),
     (objectives, "asked", 'batch["mask"] if', 'batch["targets"] > 1 if'),
     (next_sentence, "answered", "logits, answers, count=count", "logits, answers, answers > 0, count=count"),
     (masked_task, "answered", "count=count", 'count=batch["inputs"].size')],
    ids=["unmasked tokens too", "labels > 0", "label 0 ignored", "divided by all tokens"],
)  # fmt: skip
def test_g25_berts_loss(monkeypatch, module, name, old, new):
    berts_loss_is_over_the_masked_places()
    plant(monkeypatch, module, name, old, new)
    assert fails(berts_loss_is_over_the_masked_places)


def masks_are_80_10_10():
    """G25: chosen tokens: none special, 15 % of a row's, and a chi-square of their three fates (2 degrees, p = 1e-5)."""
    ids = np.random.default_rng(0).integers(5, 50, (300, 80))
    ids[:, 0], ids[:, 40], ids[:, 70:] = 2, 3, 0
    batch = masked_tokens.mask_tokens(ids, seed=1, step=2, vocabulary=50, mask_id=4, special=(0, 1, 2, 3, 4))
    chosen = batch["mask"]
    assert not chosen[ids < 5].any() and (chosen.sum(1) == round(0.15 * 68)).all()
    assert (batch["inputs"][~chosen] == ids[~chosen]).all()
    number = chosen.sum()
    masked = (batch["inputs"][chosen] == 4).sum()
    same = (batch["inputs"][chosen] == ids[chosen]).sum()
    seen = np.array([masked, same, number - masked - same])
    wanted = number * np.array([0.8, 0.1 + 0.1 / 45, 0.1 - 0.1 / 45])  # a random token is the same one in 45 times
    assert ((seen - wanted) ** 2 / wanted).sum() < 23


@pytest.mark.parametrize(
    ("old", "new"),
    [("ordinary = ~np.isin(ids, list(special))", "ordinary = np.ones(ids.shape, bool)"), ("kind < 0.8", "kind < 0.85"),
     ("kind < 0.9", "kind < 1.0"), ("np.where(mask, changed, ids)", "changed")],
    ids=["special tokens masked", "85 % masked", "none unchanged", "changed everywhere"],
)  # fmt: skip
def test_g25_berts_masks(monkeypatch, old, new):
    masks_are_80_10_10()
    plant(monkeypatch, masked_tokens, "mask_tokens", old, new)
    assert fails(masks_are_80_10_10)


def test_g26_one_implementation_of_each_operation(monkeypatch):
    """Training, decoding and checking call the same functions: a wrong softmax shows in all of them."""
    case = CASES["models.gpt2"]
    config, ids = case.settings["config"], np.array([[1, 4, 5], [6, 2, 3]])

    def trained_and_decoded():
        logits, _ = gpt2.forward(case.params, ids, config=config)
        state = gpt2.start(case.params, config, ids[:, :2], np.array([2, 2]))
        return logits[:, 2], gpt2.step(case.params, config, state, ids[:, 2])[0]

    before = trained_and_decoded()
    np.testing.assert_allclose(*before, rtol=0, atol=1e-12)
    plant(monkeypatch, softmax, "forward", "np.exp(allowed - finite)", "np.exp(2 * (allowed - finite))")
    after = trained_and_decoded()
    assert red("ops.softmax") and red("ops.scaled_dot_product")
    for old, new in zip(before, after, strict=True):
        assert not np.allclose(old, new, atol=1e-3)
    np.testing.assert_allclose(*after, rtol=0, atol=1e-12)


def adamw_by_hand():
    """G27: five steps against the formula written out: decay first, eps after the correction, no decay of biases."""
    rng = np.random.default_rng(8)
    params = {"weight": rng.standard_normal((2, 3)), "bias": rng.standard_normal(3)}
    state = adamw.init(params)
    by_hand = {name: (value.copy(), 0 * value, 0 * value) for name, value in params.items()}
    for step in range(1, 6):
        grads = {name: rng.standard_normal(value.shape) for name, value in params.items()}
        params, state = adamw.update(params, grads, state, 0.01, beta1=0.8, beta2=0.9, eps=1e-3, decay=0.5)
        for name, (value, first, second) in by_hand.items():
            if name == "weight":
                value = value - 0.01 * 0.5 * value
            first = 0.8 * first + 0.2 * grads[name]
            second = 0.9 * second + 0.1 * grads[name] ** 2
            corrected = np.sqrt(second / (1 - 0.9**step)) + 1e-3
            value = value - 0.01 * (first / (1 - 0.8**step)) / corrected
            by_hand[name] = value, first, second
            np.testing.assert_allclose(params[name], value, rtol=1e-12)


@pytest.mark.parametrize(
    ("module", "name", "old", "new"),
    [(adamw, "decay_mask", "leaf.ndim >= 2 and", "True or"), ("adam", "step_size", "eps * correction2", "eps"),
     ("adam", "step_size", "correction1 = 1 - beta1**step", "correction1 = 1.0"),
     (adamw, "update_in_place", "1 - learning_rate * decay", "1 - decay")],
)  # fmt: skip
def test_g27_the_optimiser(monkeypatch, module, name, old, new):
    from minilm.training import adam

    adamw_by_hand()
    module = adam if module == "adam" else module
    plant(monkeypatch, module, name, old, new)
    if hasattr(adamw, name):
        monkeypatch.setattr(adamw, name, getattr(module, name))
    assert fails(adamw_by_hand)
