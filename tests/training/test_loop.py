"""The loop and its replicas: micro-batches, shards, threads, resuming, bad numbers, evaluation."""

import math
import types
from functools import partial

import numpy as np
import pytest
import toy_bigram as bigram

from minilm import tree
from minilm.errors import InputError
from minilm.machine import blas_threads
from minilm.training import adam, adamw, checkpoint, loop, replicas, schedules
from minilm.training.evaluate import evaluate

CONFIG = bigram.Config()
DROPPING = bigram.Config(dropout=0.3)
RATE = partial(schedules.cosine, peak=0.05, warmup=3, steps=10, floor=0.01)


def fresh(dtype=np.float64, optimiser=adamw):
    return loop.start(bigram.init(np.random.default_rng(0), CONFIG, dtype), optimiser)


def train(state, steps=6, config=DROPPING, batch_at=bigram.batch_at, model=bigram, **settings):
    records = list(loop.run(model, config, state, batch_at, **{"schedule": RATE, "steps": steps, **settings}))
    return records


def same_bits(left, right):
    tree.map(np.testing.assert_array_equal, checkpoint.to_tree(left), checkpoint.to_tree(right))


def without_time(records):
    return [(r.number, r.loss, r.tokens, r.learning_rate, r.gradient_norm) for r in records]


def test_the_toy_model_is_right():
    params, batch = fresh().params, bigram.batch_at(0)
    _, cache = bigram.loss(params, batch, config=CONFIG)
    for name, leaf in tree.leaves(bigram.loss_backward(params, cache, config=CONFIG)):
        numeric = np.zeros_like(leaf)
        for index in np.ndindex(leaf.shape):
            losses = []
            for step in (1e-6, -1e-6):
                moved = tree.map(np.array, params)
                tree.flatten(moved)[name][index] += step
                losses.append(bigram.loss(moved, batch, config=CONFIG)[0])
            numeric[index] = (losses[0] - losses[1]) / 2e-6
        np.testing.assert_allclose(leaf, numeric, atol=1e-8, err_msg=name)


def test_one_step_is_forward_backward_clip_update():
    state = fresh()
    params, batch = state.params, bigram.batch_at(0)
    loss, cache = bigram.loss(params, batch, config=CONFIG)
    dparams = bigram.loss_backward(params, cache, config=CONFIG)
    norm = math.sqrt(sum(float((leaf**2).sum()) for _, leaf in tree.leaves(dparams)))
    limit = norm / 2
    clipped = tree.map(lambda leaf: leaf * limit / (norm + 1e-6), dparams)
    wanted, _ = adamw.update(params, clipped, adamw.init(params), RATE(1), decay=0.2)
    (record,) = train(state, 1, CONFIG, shards=1, clip=limit, settings={"decay": 0.2})
    assert record.loss == loss and record.tokens == bigram.count(batch) and record.learning_rate == RATE(1)
    assert record.gradient_norm == pytest.approx(norm, rel=1e-14) and record.seconds > 0
    for name, leaf in tree.leaves(wanted):
        np.testing.assert_allclose(tree.flatten(state.params)[name], leaf, rtol=1e-13, err_msg=name)


def test_the_arrays_that_came_in_are_not_written():
    state = fresh()
    params, optimiser = state.params, state.optimiser
    for _, leaf in tree.leaves([params, optimiser]):
        leaf.setflags(write=False)
    train(state)
    assert optimiser["step"] == 0 and state.optimiser["step"] == 6
    tree.require_same(state.params, params)


def gradient_of(parts, count, wave=1, add_from=None):
    params = fresh().params
    into = tree.map(lambda leaf: np.full_like(leaf, np.nan), params)
    loss, _ = replicas.sum_gradients(
        bigram, CONFIG, params, parts, into, rngs=[None] * len(parts), count=count, wave=wave
    )
    return loss, into


@pytest.mark.parametrize("wave", [1, 2, 3, 7])
@pytest.mark.parametrize("shards", [2, 3, 4, 6, 9])
def test_unequal_micro_batches_are_one_batch(shards, wave):
    batch = bigram.batch_at(3)
    parts = replicas.split(batch, shards)
    assert len({bigram.count(part) for part in parts}) > 1  # unequal, or the test is blind
    whole_loss, whole = gradient_of([batch], bigram.count(batch))
    loss, dparams = gradient_of(parts, bigram.count(batch), wave)
    assert loss == pytest.approx(whole_loss, abs=1e-12)
    for name, leaf in tree.leaves(whole):
        np.testing.assert_allclose(tree.flatten(dparams)[name], leaf, rtol=0, atol=1e-12, err_msg=name)


def test_accumulated_batches_are_one_batch():
    def large(index):
        batches = [bigram.batch_at(3 * index + turn) for turn in range(3)]
        return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}

    one, several = fresh(), fresh()
    large_records = train(one, 4, CONFIG, large, shards=1)
    small_records = train(several, 4, CONFIG, accumulate=3, shards=2)
    np.testing.assert_allclose(
        [r[1:] for r in without_time(small_records)], [r[1:] for r in without_time(large_records)], rtol=1e-12
    )
    for name, leaf in tree.leaves(one.params):
        np.testing.assert_allclose(tree.flatten(several.params)[name], leaf, rtol=1e-11, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shards", [2, 5])
def test_threads_change_no_bit(shards, dtype):
    alone, records = fresh(dtype), []
    records.append(without_time(train(alone, shards=shards, threads=1)))
    for threads in (2, 3):
        state = fresh(dtype)
        records.append(without_time(train(state, shards=shards, threads=threads)))
        same_bits(alone, state)
        assert {leaf.dtype for _, leaf in tree.leaves(state.params)} == {np.dtype(dtype)}
    assert records[0] == records[1] == records[2]


@pytest.mark.parametrize("optimiser", [adam, adamw])
def test_five_steps_a_checkpoint_and_five_steps_are_ten(optimiser):
    settings = {"shards": 2, "threads": 2, "optimiser": optimiser, "accumulate": 2}
    whole, first = fresh(optimiser=optimiser), fresh(optimiser=optimiser)
    records = train(whole, 10, **settings)
    before = train(first, 5, **settings)
    # what a file gives back: flat, and in another order
    stored = {name: np.array(leaf) for name, leaf in sorted(tree.leaves(checkpoint.to_tree(first)))}
    second = checkpoint.from_tree(tree.unflatten(stored), fresh().params, optimiser)
    after = train(second, 10, **settings)
    same_bits(whole, second)
    assert without_time(records) == without_time(before + after)


def test_the_state_is_whole_between_yields():
    state = fresh()
    steps = loop.run(bigram, DROPPING, state, bigram.batch_at, steps=10, schedule=RATE, shards=2)
    for record in steps:
        assert state.step == record.number == state.optimiser["step"]
        if record.number == 5:
            steps.close()
    reference = fresh()
    train(reference, 5, shards=2)
    same_bits(reference, state)


def test_dropout_differs_between_steps_and_shards():
    draws = {
        replicas.dropout_rng(seed, step, shard).random() for seed in range(3) for step in range(4) for shard in range(5)
    }
    assert len(draws) == 60
    again = [replicas.dropout_rng(1, 2, 3).random() for _ in range(2)]
    assert again[0] == again[1]
    states = [fresh(), fresh()]
    for seed, state in enumerate(states):
        train(state, 1, seed=seed)
    assert not np.array_equal(states[0].params["head"]["weight"], states[1].params["head"]["weight"])


def test_each_shard_of_each_micro_batch_has_its_own_dropout():
    first_draws = []

    def loss(params, batch, *, rng, **keywords):
        first_draws.append(rng.random())
        return bigram.loss(params, batch, **keywords)

    model = types.SimpleNamespace(loss=loss, loss_backward=bigram.loss_backward, count=bigram.count)
    train(fresh(), 3, model=model, accumulate=2, shards=4, threads=1, seed=5)
    assert len(first_draws) == len(set(first_draws)) == 24
    wanted = [replicas.dropout_rng(5, step, shard).random() for step in (1, 2, 3) for shard in range(8)]
    assert first_draws == wanted


def test_moments_belong_to_parameters_by_name_not_by_order():
    whole, first = fresh(), fresh()
    train(whole, 6)
    train(first, 3)
    moments = {
        key: part if key == "step" else dict(reversed(part.items())) for key, part in first.optimiser.items()
    }
    second = loop.State(first.params, moments, step=3)
    train(second, 6)
    same_bits(whole, second)


def test_a_recurrent_models_carry_goes_on_through_shards_and_checkpoints():
    def model(log):
        def loss(params, batch, **keywords):
            log.append(batch.get("last"))
            return bigram.loss(params, batch, **keywords)

        carry = lambda cache: {"last": cache["hidden"][:, -1].copy()}
        return types.SimpleNamespace(loss=loss, loss_backward=bigram.loss_backward, count=bigram.count, carry=carry)

    log = []
    one, two = fresh(), fresh()
    train(one, 7, CONFIG, model=model(log), shards=1, carry_resets_every=3)
    assert [entry is None for entry in log] == [True, False, False, True, False, False, True]
    train(two, 5, CONFIG, model=model([]), shards=2, carry_resets_every=3)
    stored = tree.unflatten(tree.flatten(checkpoint.to_tree(two)))
    resumed = checkpoint.from_tree(stored, fresh().params)
    train(resumed, 7, CONFIG, model=model([]), shards=2, carry_resets_every=3)
    np.testing.assert_allclose(resumed.carry["last"], one.carry["last"], atol=1e-12)
    for name, leaf in tree.leaves(one.params):
        np.testing.assert_allclose(tree.flatten(resumed.params)[name], leaf, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("where", ["loss", "gradient"])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_numbers_that_are_not_finite_stop_the_run_and_leave_the_state(where, bad):
    calls = []

    def loss(params, batch, **keywords):
        calls.append(1)
        value, cache = bigram.loss(params, batch, **keywords)
        return (bad if where == "loss" and len(calls) == 4 else value), cache

    def loss_backward(params, cache, **keywords):
        dparams = bigram.loss_backward(params, cache, **keywords)
        if where == "gradient" and len(calls) == 4:
            dparams["head"]["bias"][1] = bad
        return dparams

    broken = types.SimpleNamespace(loss=loss, loss_backward=loss_backward, count=bigram.count)
    state, reference = fresh(), fresh()
    with pytest.raises(InputError, match="step 4"):
        train(state, model=broken, shards=1)
    train(reference, 3, shards=1)
    same_bits(reference, state)


@pytest.mark.parametrize("spoil", ["missing", "left over", "shape", "dtype"])
def test_gradients_that_differ_from_the_parameters_are_refused(spoil):
    def loss_backward(params, cache, **keywords):
        dparams = bigram.loss_backward(params, cache, **keywords)
        if spoil == "missing":
            del dparams["embedding"]
        elif spoil == "left over":
            dparams["more"] = np.ones(1)
        elif spoil == "shape":
            dparams["head"]["bias"] = dparams["head"]["bias"][None]
        else:
            dparams["head"]["bias"] = dparams["head"]["bias"].astype(np.float32)
        return dparams

    broken = types.SimpleNamespace(loss=bigram.loss, loss_backward=loss_backward, count=bigram.count)
    for shards in (1, 2):
        with pytest.raises(ValueError, match=spoil):
            train(fresh(), model=broken, shards=shards)


def test_a_batch_without_a_token_that_counts_is_refused():
    def batch_at(index):
        batch = bigram.batch_at(index)
        return {**batch, "targets": batch["targets"] * (index != 2)}

    with pytest.raises(InputError, match="step 3: no token"):
        train(fresh(), batch_at=batch_at)


def test_split_and_join():
    batch = {"a": np.arange(7), "b": np.arange(14).reshape(7, 2)}
    for shards in (1, 2, 3, 7, 20):
        parts = replicas.split(batch, shards)
        assert len(parts) == min(shards, 7)
        assert max(len(p["a"]) for p in parts) - min(len(p["a"]) for p in parts) <= 1
        tree.map(np.testing.assert_array_equal, replicas.join(parts), batch)
    for wrong in ({"a": np.arange(3), "b": np.arange(2)}, {"a": np.arange(0)}, {}):
        with pytest.raises(ValueError):
            replicas.split(wrong, 2)
    with pytest.raises(ValueError):
        replicas.split(batch, 0)


def test_a_checkpoint_of_another_model_is_refused():
    stored = checkpoint.to_tree(fresh())
    other = bigram.init(np.random.default_rng(0), bigram.Config(width=6))
    for whole, like in ((stored, other), ({**stored, "step": np.array(-1)}, fresh().params), ({}, other)):
        with pytest.raises(InputError, match="checkpoint"):
            checkpoint.from_tree(whole, like)


def test_evaluation_is_a_mean_over_tokens():
    params = fresh().params
    batches = [bigram.batch_at(0), bigram.batch_at(1, rows=3, length=4)]
    losses = [bigram.loss(params, batch, config=CONFIG)[0] for batch in batches]
    tokens = [bigram.count(batch) for batch in batches]
    result = evaluate(bigram, DROPPING, params, batches)
    wanted = sum(loss * number for loss, number in zip(losses, tokens, strict=True)) / sum(tokens)
    assert result.loss == pytest.approx(wanted, abs=1e-14) and result.tokens == sum(tokens)
    assert result.perplexity == pytest.approx(math.exp(wanted))
    for nothing in ([], [{"inputs": np.ones((1, 2), int), "targets": np.zeros((1, 2), int)}]):
        with pytest.raises(InputError, match="no token"):
            evaluate(bigram, CONFIG, params, nothing)


@pytest.mark.parametrize("by", ["threadpoolctl", "ctypes"])
def test_products_are_held_to_one_thread(by, monkeypatch):
    if by == "threadpoolctl":
        pytest.importorskip("threadpoolctl")
    else:
        monkeypatch.setattr(blas_threads, "_controller", lambda: None)
    caches = [cached for cached in (blas_threads._controller, blas_threads._openblas) if hasattr(cached, "cache_clear")]
    for cached in caches:
        cached.cache_clear()  # another test may have loaded a library since
    functions = blas_threads._openblas()
    if not functions:
        pytest.skip("no OpenBLAS that can be asked")
    before = [get() for get, _ in functions]
    for _, set_threads in functions:
        set_threads(2)
    try:
        counts = [get() for get, _ in functions]  # a machine with one core stays at 1
        with pytest.raises(KeyError), blas_threads.one():
            assert all(get() == 1 for get, _ in functions)
            raise KeyError
        assert [get() for get, _ in functions] == counts
        assert blas_threads.can_hold()
    finally:
        for (_, set_threads), number in zip(functions, before, strict=True):
            set_threads(number)


def test_a_step_asks_the_model_to_consume_its_cache():
    asked = []

    class Deep:
        @staticmethod
        def loss(params, batch, *, config, rng, count):
            return 1.0, {}

        @staticmethod
        def loss_backward(params, cache, *, config, consume):
            asked.append((config, consume))
            return tree.map(np.ones_like, params)

    params = {"weight": np.zeros(2)}
    batch = {"inputs": np.zeros((2, 1))}
    replicas.sum_gradients(Deep, "config", params, [batch], tree.map(np.array, params), rngs=[None], count=1)
    assert asked == [("config", True)]
