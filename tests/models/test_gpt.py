"""GPT and GPT-2: gradients, decoding with caches, the framework's digits."""

import numpy as np
import pytest

from minilm import tree
from minilm.checking import gradcheck
from minilm.fast import long_prompts
from minilm.models import gpt, gpt2
from minilm.tasks.language_modelling import Task

MODELS = [gpt, gpt2]


def small(model, **changed):
    sizes = {"vocabulary": 7, "max_positions": 9, "width": 6, "heads": 3, "inner": 8, "layers": 2}
    rates = {"embedding_dropout": 0.1, "attention_dropout": 0.2, "dropout": 0.3}
    return model.Config(**(sizes | rates | changed))


def randomised(model, config, seed=0, scale=0.7, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return tree.map(lambda leaf: (scale * rng.standard_normal(leaf.shape) + 0.1).astype(dtype), model.outline(config))


def batch():
    mask = np.array([[True, True, False, True], [True, True, True, True], [False] * 4])
    inputs = np.array([[1, 4, 1, 2], [3, 5, 0, 5], [2, 2, 0, 0]])
    return {"inputs": inputs, "targets": np.array([[4, 1, 2, 2], [5, 0, 5, 1], [0, 0, 0, 0]]), "mask": mask}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("rng", [None, np.random.default_rng(3)])
def test_gradients(model, rng):
    config = small(model)
    params, given, task = randomised(model, config), batch(), Task(model)
    forward = lambda params, **settings: task.loss(params, given, **settings)
    settings = {"config": config, "rng": rng}
    rows = gradcheck.check(
        model.__name__, forward, task.loss_backward, params, {}, settings, backward_settings={"config": config}
    )
    rows += gradcheck.check(
        model.__name__, lambda params, **s: model.forward(params, given["inputs"], **s), model.backward,
        params, {}, settings, backward_settings={"config": config},
    )  # fmt: skip
    assert all(row.passed for row in rows), [str(row) for row in rows if not row.passed]


@pytest.mark.parametrize("model", MODELS)
def test_shards_add_up_and_float32_stays(model):
    config = small(model)
    params, given, task = randomised(model, config), batch(), Task(model)
    whole, cache = task.loss(params, given, config=config)
    dparams = task.loss_backward(params, cache, config=config)
    parts = [{name: leaf[rows] for name, leaf in given.items()} for rows in (slice(0, 1), slice(1, 3))]
    results = [task.loss(params, part, config=config, count=task.count(given)) for part in parts]
    total = tree.add(*[task.loss_backward(params, cache, config=config) for _, cache in results])
    assert abs(sum(value for value, _ in results) - whole) < 1e-13
    for name, leaf in tree.leaves(total):
        assert np.abs(leaf - tree.flatten(dparams)[name]).max() < 1e-12
    single = randomised(model, config, dtype=np.float32)
    value, cache = task.loss(single, given, config=config, rng=np.random.default_rng(1))
    assert value.dtype == np.float32
    tree.require_same(task.loss_backward(single, cache, config=config), single)
    assert all(leaf.dtype != np.float64 for _, leaf in tree.leaves(cache) if isinstance(leaf, np.ndarray))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("prompt", [0, 1, 4])
def test_steps_equal_the_whole_forward(model, prompt):
    config = small(model)
    params = randomised(model, config)
    ids = np.random.default_rng(1).integers(0, 7, (3, 9))
    whole, _ = model.forward(params, ids, config=config)
    state = model.start(params, config, ids[:, :prompt], np.full(3, prompt))
    for position in range(prompt, 9):
        logits, state = model.step(params, config, state, ids[:, position])
        assert np.abs(logits - whole[:, position]).max() < 1e-12
    with pytest.raises(IndexError, match="9 positions"):
        model.step(params, config, state, ids[:, 0])


@pytest.mark.parametrize("model", MODELS)
def test_rows_of_unequal_length_are_what_each_is_alone(model):
    config = small(model, max_positions=50)
    params = randomised(model, config)
    rng = np.random.default_rng(2)
    lengths = np.array([3, 0, 20, 1])
    prompts = rng.integers(0, 7, (4, 20))
    following = rng.integers(0, 7, (4, 25))  # past the first capacity, so that the buffers grow
    state = model.start(params, config, prompts, lengths)
    assert all(len(leaf) == 4 for _, leaf in tree.leaves(state))
    alone = [model.start(params, config, prompts[b : b + 1, :n], [n]) for b, n in enumerate(lengths)]
    for turn in range(25):
        logits, state = model.step(params, config, state, following[:, turn])
        for row, kept in enumerate(alone):
            mine, alone[row] = model.step(params, config, kept, following[row : row + 1, turn])
            assert np.abs(mine[0] - logits[row]).max() < 1e-12
        if turn == 10:  # rows are chosen, as decoding does
            order = [2, 0, 3, 1]
            state = tree.map(lambda leaf, order=order: leaf[order], state)
            alone, following = [alone[row] for row in order], following[order]


@pytest.mark.parametrize("model", MODELS)
def test_later_tokens_leave_earlier_logits_as_they_are(model):
    config = small(model)
    params, ids = randomised(model, config), batch()["inputs"]
    logits, _ = model.forward(params, ids, config=config)
    other = ids.copy()
    other[:, 2] = (other[:, 2] + 1) % 7
    changed, _ = model.forward(params, other, config=config)
    assert np.array_equal(logits[:, :2], changed[:, :2]) and not np.array_equal(logits[:, 2:], changed[:, 2:])


@pytest.mark.parametrize("padding", [0, 2])
def test_a_long_prompt_read_in_blocks_is_the_same_prompt(monkeypatch, padding):
    rng = np.random.default_rng(3)
    config = gpt2.Config(vocabulary=11, max_positions=12, width=8, heads=2, inner=12, layers=2, embedding_dropout=0.0, attention_dropout=0.0, dropout=0.0)
    params = gpt2.init(rng, config, np.float64, deviation=0.5)
    ids = rng.integers(0, 11, (3, 9))
    logits, _ = gpt2.forward(params, ids, config=config)
    monkeypatch.setattr(long_prompts, "LONG", 5)
    prompts = np.pad(ids[:, :8], ((0, 0), (0, padding)))
    state = gpt2.start(params, config, prompts, np.full(3, 8))
    np.testing.assert_allclose(gpt2.step(params, config, state, ids[:, 8])[0], logits[:, 8], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_too_many_positions_and_foreign_ids_are_named(model):
    config = small(model)
    params = randomised(model, config)
    with pytest.raises(IndexError, match="10 positions are more than the model's 9"):
        model.forward(params, np.zeros((1, 10), int), config=config)
    with pytest.raises(IndexError, match=r"-1 at \(0, 1\)"):
        model.forward(params, np.array([[1, -1]]), config=config)


def test_the_initial_weights():
    config = gpt2.Config(vocabulary=500, max_positions=64, width=64, heads=4, inner=256, layers=8)
    params = gpt2.init(np.random.default_rng(0), config)
    block = params["blocks"][3]
    assert abs(block["attention"]["query"]["weight"].std() - 0.02) < 1e-3
    assert abs(block["attention"]["output"]["weight"].std() - 0.02 / 4) < 3e-4
    assert abs(block["feed_forward"]["contract"]["weight"].std() - 0.02 / 4) < 3e-4
    assert block["attention"]["query"]["bias"].max() == 0 and params["norm"]["gain"].min() == 1
    assert tree.size(gpt2.outline(gpt2.Config())) == 124_439_808
    first = gpt.init(np.random.default_rng(0), small(gpt))
    tree.require_same(tree.map(lambda leaf: leaf.astype(np.int8), first), gpt.outline(small(gpt)))
