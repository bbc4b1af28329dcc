"""The wiring: every setting arrives where it is meant, in forward, backward and step alike.

No gradient check can see a setting that is lost on its way: forward and backward of a model that never hands its dropout
on still belong together. So each setting of each model's Config is changed and its effect looked for, each dropout that
the paper names is counted with its rate, each step is held to its forward under settings that are not the defaults, and
each init to the dtype that it was asked for.
"""

import dataclasses
import importlib
import inspect
import math
import pkgutil
import sys
from pathlib import Path

import numpy as np
import pytest

import minilm.blocks
from minilm import tree
from minilm.blocks import post_norm_cross
from minilm.checking import cases, handing
from minilm.checking.cases.case import randomised
from minilm.fast import blocked_attention
from minilm.layers import cached_attention
from minilm.models import bert, encoder_decoder, gpt, gpt2, lstm_lm, lstm_tagger, text_classifier
from minilm.ops import dropout, gelu_exact, gelu_tanh, layer_norm, relu
from minilm.tasks import (
    classification,
    language_modelling,
    masked_tokens,
    next_sentence,
    pretraining,
    tagging,
    translation,
)

RATES = {"embedding_dropout": 0.11, "attention_dropout": 0.22, "dropout": 0.33}
SIZES = {"vocabulary": 11, "max_positions": 9, "width": 12, "heads": 3, "inner": 20, "layers": 2}
CONFIGS = {
    encoder_decoder: encoder_decoder.Config(
        source_vocabulary=10, target_vocabulary=9, width=12, heads=3, inner=20, encoder_layers=2, decoder_layers=2,
        max_positions=9, dropout=0.33, smoothing=0.15, eps=0.3,
    ),
    gpt: gpt.Config(**SIZES, **RATES, eps=0.3),
    gpt2: gpt2.Config(**SIZES, **RATES, eps=0.3),
    bert: bert.Config(
        **SIZES, attention_dropout=0.22, dropout=0.33, classifier_dropout=0.44, segments=3, labels=4, eps=0.3
    ),
    text_classifier: text_classifier.Config(**SIZES, **RATES, classifier_dropout=0.44, labels=4, eps=0.3),
    lstm_lm: lstm_lm.Config(vocabulary=11, embedding=5, hidden=7, layers=3, dropout=0.33),
    lstm_tagger: lstm_tagger.Config(
        vocabulary=11, features=10, tags=9, embedding=5, feature_embedding=4, hidden=7, dropout=0.33, token_dropout=0.11
    ),
}  # fmt: skip
MODELS = list(CONFIGS)
names = lambda module: module.__name__.rpartition(".")[2]

WINDOWS = {
    "inputs": np.array([[1, 4, 1, 2, 4], [3, 5, 0, 5, 1], [10, 3, 1, 1, 2]]),
    "targets": np.array([[4, 1, 2, 4, 1], [5, 0, 5, 1, 6], [3, 1, 10, 2, 0]]),
    "mask": np.array([[1, 1, 0, 1, 1], [1, 1, 1, 1, 1], [1, 0, 1, 0, 0]], bool),
}
PAIRS = {
    "source": np.array([[4, 3, 5, 4], [6, 5, 0, 0], [9, 7, 3, 0]]),
    "target": np.array([[1, 5, 5, 7, 6, 2], [1, 4, 8, 2, 0, 0], [1, 3, 2, 0, 0, 0]]),
}
SEGMENTED = {
    "inputs": np.array([[1, 4, 5, 4, 6], [1, 6, 4, 0, 0], [1, 3, 3, 9, 0]]),
    "segments": np.array([[0, 0, 1, 1, 1], [0, 0, 2, 0, 0], [0, 1, 1, 0, 0]]),
    "targets": np.array([[1, 2, 5, 2, 6], [1, 6, 5, 0, 0], [1, 3, 3, 10, 0]]),
    "mask": np.array([[0, 1, 0, 1, 1], [0, 0, 1, 0, 0], [0, 1, 0, 1, 0]], bool),
    "next_sentence": np.array([0, 1, 1]),
}
ANSWERED = {"inputs": SEGMENTED["inputs"], "label": np.array([3, 0, 3])}
TAGGED = {
    "inputs": np.array([[1, 4, 5, 4, 6], [1, 6, 4, 0, 0], [10, 3, 3, 9, 0]]),
    "features": np.array([[1, 2, 5, 2, 6], [1, 6, 5, 0, 0], [9, 3, 3, 7, 0]]),
    "tags": np.array([[1, 2, 3, 0, 4], [5, 7, 8, 0, 0], [0, 5, 6, 7, 0]]),
    "lengths": np.array([5, 3, 4]),
}
TASKS = {
    encoder_decoder: [(translation.Task, PAIRS)],
    gpt: [(language_modelling.Task, WINDOWS)],
    gpt2: [(language_modelling.Task, WINDOWS)],
    bert: [(masked_tokens.Task, SEGMENTED), (next_sentence.Task, SEGMENTED), (pretraining.Task, SEGMENTED)],
    lstm_lm: [(language_modelling.Task, {name: WINDOWS[name] for name in ("inputs", "targets", "mask")})],
    lstm_tagger: [(tagging.Task, TAGGED)],
    text_classifier: [(classification.Task, ANSWERED)],
}


def params_of(model, config=None):
    config = config or CONFIGS[model]
    rng = np.random.default_rng(1)
    more = {"heads": bert.HEADS} if model is bert else {}
    return randomised(rng, model.init(rng, config, np.float64, **more), 0.5)


def learn(model, config, params=None, seed=None, which=0):
    """(loss, gradients) of a model's batch; with dropout where there is a seed."""
    task, batch = TASKS[model][which]
    params = params or params_of(model)
    rng = None if seed is None else np.random.default_rng(seed)
    value, cache = task(model).loss(params, batch, config=config, rng=rng)
    return float(value), tree.flatten(task(model).loss_backward(params, cache, config=config))


def stepped(model, config, params=None):
    """The logits of each position (B, T, V) by way of start and step, and the last state."""
    params = params or params_of(model)
    if model is encoder_decoder:
        state, ids = model.start(params, config, PAIRS["source"]), PAIRS["target"][:, :-1]
    else:
        ids = WINDOWS["inputs"]
        state = model.start(params, config, ids[:, :0], np.zeros(len(ids), np.int32))
        assert "length" not in state or state["length"].dtype == np.int64
    logits = []
    for position in range(ids.shape[1]):
        each, state = model.step(params, config, state, ids[:, position])
        logits.append(each)
    return np.stack(logits, 1), state


def forwarded(model, config, params=None):
    params = params or params_of(model)
    given = (PAIRS["source"], PAIRS["target"][:, :-1]) if model is encoder_decoder else (WINDOWS["inputs"],)
    return model.forward(params, *given, config=config)[0]


def differ(a, b):
    return any(not np.allclose(a[name], b[name], rtol=1e-6, atol=1e-9) for name in a)


GENERATING = [model for model in MODELS if hasattr(model, "step")]

# Each setting of each Config --------------------------------------------------------------------------------------------

SHAPES = {"vocabulary", "source_vocabulary", "target_vocabulary", "width", "inner", "layers", "encoder_layers",
          "decoder_layers", "segments", "labels", "embedding", "hidden", "features", "feature_embedding", "tags"}  # fmt: skip
CHANGED = {"eps": 0.9, "heads": 4, "embedding_dropout": 0.6, "attention_dropout": 0.6, "dropout": 0.6, "smoothing": 0.4,
           "classifier_dropout": 0.6, "token_dropout": 0.6}  # fmt: skip
TWINS = {"blocked", "sliced"}


def settings():
    return [(model, field.name) for model in MODELS for field in dataclasses.fields(model.Config)]


@pytest.mark.parametrize(("model", "name"), settings(), ids=lambda value: value if isinstance(value, str) else names(value))
def test_each_setting_does_what_it_says(model, name):
    """No field of a Config is without effect, in training and, where it reaches that far, in decoding."""
    config, params = CONFIGS[model], params_of(model)
    if name in SHAPES:
        larger = dataclasses.replace(config, **{name: getattr(config, name) + (12 if name == "width" else 1)})
        more = {"heads": bert.HEADS} if model is bert else {}
        wanted = {key: leaf.shape for key, leaf in tree.leaves(model.outline(larger, **more))}
        found = {key: leaf.shape for key, leaf in tree.leaves(model.init(np.random.default_rng(0), larger, **more))}
        assert found == wanted != {key: leaf.shape for key, leaf in tree.leaves(params)}
        return
    if name == "max_positions":
        short = dataclasses.replace(config, max_positions=3)
        tables = short if model is encoder_decoder else config
        with pytest.raises(IndexError):
            learn(model, short, params_of(model, short))
        if model in GENERATING:
            with pytest.raises(IndexError):
                stepped(model, short, params_of(model, tables))
        return
    if name in TWINS:
        twin = dataclasses.replace(config, **{name: True})
        (value, gradients), (other, others) = learn(model, config), learn(model, twin)
        np.testing.assert_allclose(value, other, rtol=1e-12)
        for key, gradient in gradients.items():
            np.testing.assert_allclose(others[key], gradient, rtol=1e-9, atol=1e-12, err_msg=key)
        kept = [
            {path.rpartition(".")[2] for path, _ in handing.arrays(TASKS[model][0][0](model).loss(
                params, TASKS[model][0][1], config=each)[1])} for each in (config, twin)
        ]  # fmt: skip
        without = "weights" if name == "blocked" else "logits"
        assert without in kept[0] and without not in kept[1]
        return
    changed = dataclasses.replace(config, **{name: CHANGED[name]})
    which = range(len(TASKS[model]))
    if name == "classifier_dropout" and model is bert:
        values = [bert.forward(params, SEGMENTED["inputs"], config=each, rng=np.random.default_rng(2))[0]
                  for each in (config, changed)]  # fmt: skip
        for head in ("sequence_classifier", "token_classifier"):
            assert not np.allclose(values[0][head], values[1][head])
        for head in ("next_sentence", "question_answering"):
            np.testing.assert_array_equal(values[0][head], values[1][head])
        return
    for each in which:
        (value, gradients), (other, others) = (learn(model, one, params, 3, each) for one in (config, changed))
        assert value != other, "the loss is the same"
        assert differ(gradients, others)
        (value, gradients), (other, others) = (learn(model, one, params, None, each) for one in (config, changed))
        drops = name.endswith("dropout")
        assert (value == other) == drops, "without rng there is no dropout, and every other setting holds"
        assert differ(gradients, others) != drops
    if model in GENERATING:
        before, after = stepped(model, config, params)[0], stepped(model, changed, params)[0]
        assert np.allclose(before, after) == (name.endswith("dropout") or name == "smoothing")


@pytest.mark.parametrize("model", MODELS, ids=names)
def test_every_setting_is_of_a_kind_that_is_looked_at(model):
    known = SHAPES | TWINS | set(CHANGED) | {"max_positions"}
    assert {field.name for field in dataclasses.fields(model.Config)} <= known


@pytest.mark.parametrize("name", ["heads", "eps"])
@pytest.mark.parametrize("model", GENERATING, ids=names)
def test_a_step_takes_the_settings_of_forward(model, name):
    """All logits of a text, one by one and at once, with an eps that is far from the default and other heads."""
    if not hasattr(CONFIGS[model], name):
        config = CONFIGS[model]
    else:
        config = dataclasses.replace(CONFIGS[model], **{name: CHANGED[name]})
    np.testing.assert_allclose(stepped(model, config)[0], forwarded(model, config), rtol=0, atol=1e-11)


@pytest.mark.parametrize("read", [1, 3, 4])
@pytest.mark.parametrize("model", [gpt, gpt2, lstm_lm], ids=names)
def test_start_reads_a_prompt_as_steps_do(model, read):
    config, params, ids = CONFIGS[model], params_of(model), WINDOWS["inputs"]
    lengths = np.array([read, max(1, read - 1), read], np.int32)
    state = model.start(params, config, ids[:, :read], lengths)
    assert "length" not in state or state["length"].dtype == np.int64
    following = ids[np.arange(3), lengths]
    logits, _ = model.step(params, config, state, following)
    whole = forwarded(model, config, params)
    np.testing.assert_allclose(logits, whole[np.arange(3), lengths], rtol=0, atol=1e-11)


def test_padding_is_not_attended_to():
    """A text beside a longer one, padded, gives the numbers that it gives alone: in training and in decoding."""
    params, config = params_of(bert), CONFIGS[bert]
    ids = SEGMENTED["inputs"]
    outputs, _ = bert.forward(params, ids, SEGMENTED["segments"], ids != 0, config=config)
    alone, _ = bert.forward(params, ids[1:2, :3], SEGMENTED["segments"][1:2, :3], config=config)
    unmasked, _ = bert.forward(params, ids, SEGMENTED["segments"], config=config)
    np.testing.assert_allclose(outputs["hidden"][1, :3], alone["hidden"][0], rtol=0, atol=1e-12)
    assert not np.allclose(unmasked["hidden"][1, :3], alone["hidden"][0])
    params, config = params_of(encoder_decoder), CONFIGS[encoder_decoder]
    logits = forwarded(encoder_decoder, config, params)
    source, target = PAIRS["source"][1:2, :2], PAIRS["target"][1:2, :4]
    by_itself, _ = encoder_decoder.forward(params, source, target, config=config)
    np.testing.assert_allclose(logits[1, :4], by_itself[0], rtol=0, atol=1e-12)


# Norms, counted -------------------------------------------------------------------------------------------------------------

NORMS = {encoder_decoder: 2 * 2 + 2 * 3, gpt: 2 * 2, gpt2: 2 * 2 + 1, bert: 1 + 2 * 2 + 1, text_classifier: 2 * 2 + 1}
READ_AGAIN = {encoder_decoder: 5, gpt: 5, gpt2: 5}  # steps


@pytest.mark.parametrize("model", NORMS, ids=names)
def test_every_norm_takes_the_eps_of_the_settings(model, monkeypatch):
    """One that fell back to the default would hide behind those that do not: a change of eps would still be seen."""
    seen, plain = [], layer_norm.forward

    def forward(params, x, eps="the default"):
        seen.append(eps)
        return plain(params, x, eps)

    monkeypatch.setattr(layer_norm, "forward", forward)
    learn(model, CONFIGS[model])
    assert seen == [0.3] * NORMS[model]
    if model in GENERATING:
        seen.clear()
        stepped(model, CONFIGS[model])
        assert set(seen) == {0.3} and len(seen) >= READ_AGAIN[model] * (NORMS[model] - (4 if model is encoder_decoder else 0))


def test_every_model_with_an_eps_has_its_norms_counted():
    assert {model for model in MODELS if hasattr(CONFIGS[model], "eps")} == set(NORMS)


# Dropout, counted -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def dropped(monkeypatch):
    """[(shape, rate), ...] of every dropout that draws."""
    seen, plain = [], dropout.forward

    def forward(x, rate, rng=None):
        if rng is not None and rate:
            seen.append((x.shape, rate))
        return plain(x, rate, rng)

    monkeypatch.setattr(dropout, "forward", forward)
    return seen


def transformer_block(rows, queries, attention_rate, rate, keys=None):
    """Attention weights, and each layer's output before it is added (Vaswani et al. 2017, section 5.4)."""
    attention = [((rows, 3, queries, queries), attention_rate), ((rows, queries, 12), rate)]
    cross = [((rows, 3, queries, keys), attention_rate), ((rows, queries, 12), rate)] if keys else []
    return [*attention, *cross, ((rows, queries, 12), rate)]


PLACES = {
    encoder_decoder: [((3, 4, 12), 0.33), *transformer_block(3, 4, 0.33, 0.33) * 2,
                      ((3, 5, 12), 0.33), *transformer_block(3, 5, 0.33, 0.33, 4) * 2],
    gpt: [((3, 5, 12), 0.11), *transformer_block(3, 5, 0.22, 0.33) * 2],
    gpt2: [((3, 5, 12), 0.11), *transformer_block(3, 5, 0.22, 0.33) * 2],
    bert: [((3, 5, 12), 0.33), *transformer_block(3, 5, 0.22, 0.33) * 2, ((3, 12), 0.44), ((3, 5, 12), 0.44)],
    lstm_tagger: [((3, 5, 1), 0.11), ((3, 5, 1), 0.11), ((3, 5, 9), 0.33), ((3, 5, 14), 0.33)],  # either table, the input, the output
    text_classifier: [((3, 5, 12), 0.11), *transformer_block(3, 5, 0.22, 0.33) * 2, ((3, 12), 0.44)],
    lstm_lm: [((3, 5, 5), 0.33), *[((3, 5, 7), 0.33)] * 3],  # the input, between the layers, below the output
}  # fmt: skip


@pytest.mark.parametrize("model", MODELS, ids=names)
def test_dropout_falls_at_every_place_that_the_paper_names(model, dropped):
    learn(model, CONFIGS[model], seed=0)
    assert dropped == PLACES[model]


@pytest.mark.parametrize("model", MODELS, ids=names)
def test_without_a_generator_nothing_is_dropped(model, dropped):
    value, _ = learn(model, CONFIGS[model])
    assert not dropped
    none = {field.name: 0.0 for field in dataclasses.fields(model.Config) if field.name.endswith("dropout")}
    assert value == learn(model, dataclasses.replace(CONFIGS[model], **none), seed=0)[0]
    if model in GENERATING:
        stepped(model, CONFIGS[model])
    assert not dropped


@pytest.mark.parametrize("model", MODELS, ids=names)
def test_another_generator_drops_others(model):
    config = CONFIGS[model]
    values = [learn(model, config, seed=seed)[0] for seed in (0, 0, 1)]
    assert values[0] == values[1] != values[2]
    for field in dataclasses.fields(config):
        if field.name.endswith("dropout") and field.name != "classifier_dropout":
            none = {other.name: 0.0 for other in dataclasses.fields(config) if other.name.endswith("dropout")}
            alone = dataclasses.replace(config, **none | {field.name: 0.4})
            assert learn(model, alone, seed=0)[0] != learn(model, alone, seed=1)[0], field.name


def test_attention_in_blocks_is_dropped_too():
    """Its bits are drawn block by block, so it does not go through ops.dropout."""
    off = dict.fromkeys(RATES, 0.0)
    config = dataclasses.replace(CONFIGS[gpt2], **off, blocked=True)
    alone = dataclasses.replace(config, attention_dropout=0.4)
    plain, first, second = (learn(gpt2, each, seed=seed)[0] for each, seed in ((config, 0), (alone, 0), (alone, 1)))
    assert plain != first != second


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_share_that_is_kept(rate):
    y, cache = dropout.forward(np.ones((300, 400)), rate, np.random.default_rng(0))
    kept = (y != 0).mean()
    assert abs(kept - (1 - rate)) < 5 * math.sqrt(rate * (1 - rate) / y.size)
    q = np.zeros((1, 1, 300, 4))
    y, _ = blocked_attention.forward(q, q[:, :, :1], q[:, :, :1] + 1, rate=rate, rng=np.random.default_rng(0))
    assert abs((y[..., 0] != 0).mean() - (1 - rate)) < 5 * math.sqrt(rate * (1 - rate) / 300)


# Blocks ----------------------------------------------------------------------------------------------------------------------

BLOCKS = [
    module for info in pkgutil.iter_modules(minilm.blocks.__path__)
    if hasattr(module := importlib.import_module(f"minilm.blocks.{info.name}"), "init")
]  # fmt: skip
BLOCK_SETTINGS = {"heads": 3, "eps": 0.3, "rate": 0.33, "attention_rate": 0.22, "activation": gelu_exact}
OTHER = {"heads": 2, "eps": 0.8, "rate": 0.6, "attention_rate": 0.6, "activation": relu, "base": 50.0,
         "layout": "adjacent", "mask": np.tri(5, k=-1, dtype=bool) | np.eye(5, dtype=bool)[::-1]}  # fmt: skip


def takes(function):
    return inspect.signature(function).parameters


def run_block(block, **changed):
    rng = np.random.default_rng(5)
    params = randomised(rng, block.init(rng, 12, 20, np.float64))
    x, memory, dy = rng.standard_normal((3, 5, 12)), rng.standard_normal((3, 4, 12)), rng.standard_normal((3, 5, 12))
    settings = BLOCK_SETTINGS | {"mask": np.tri(5, dtype=bool), "rng": np.random.default_rng(6)} | changed
    given = (x, memory) if block is post_norm_cross else (x,)
    y, cache = block.forward(params, *given, **settings)
    back = {name: value for name, value in settings.items() if name in takes(block.backward)}
    return y, tree.flatten(list(block.backward(params, cache, dy, **back)))


def test_every_setting_of_a_block_is_looked_at():
    known = {*OTHER, "rng", "memory_mask", "attention", "params", "x", "memory"}
    for block in BLOCKS:
        assert set(takes(block.forward)) <= known, block.__name__


@pytest.mark.parametrize("block", [block for block in BLOCKS if "attention" in takes(block.forward)], ids=names)
def test_a_block_takes_the_attention_that_it_is_given(block):
    """In blocks of queries and keys: the numbers are the same, and no map of weights is kept."""
    off = {"rate": 0.0, "attention_rate": 0.0}
    (y, gradients), (y_other, others) = run_block(block, **off), run_block(block, **off, attention=blocked_attention)
    np.testing.assert_allclose(y_other, y, rtol=0, atol=1e-12)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(others[name], gradient, rtol=0, atol=1e-10, err_msg=name)
    rng = np.random.default_rng(0)
    params, x = block.init(rng, 12, 20, np.float64), rng.standard_normal((3, 5, 12))
    kept = [{path.rpartition(".")[2] for path, _ in handing.arrays(block.forward(params, x, heads=3, **more)[1])}
            for more in ({}, {"attention": blocked_attention})]  # fmt: skip
    assert "weights" in kept[0] and "weights" not in kept[1]


@pytest.mark.parametrize("name", [*OTHER, "rng", "memory_mask"])
@pytest.mark.parametrize("block", BLOCKS, ids=names)
def test_each_setting_of_a_block_changes_forward_and_backward(block, name):
    if name not in takes(block.forward):
        return
    other = {"rng": np.random.default_rng(7), "memory_mask": np.array([True, False, True, True])} | OTHER
    (y, gradients), (y_other, others) = run_block(block), run_block(block, **{name: other[name]})
    assert not np.allclose(y, y_other) and differ(gradients, others)


@pytest.mark.parametrize("activation", [relu, gelu_tanh, gelu_exact], ids=names)
@pytest.mark.parametrize("eps", [1e-5, 0.4])
@pytest.mark.parametrize("block", [block for block in BLOCKS if hasattr(block, "step")], ids=names)
def test_a_blocks_steps_are_its_forward(block, eps, activation):
    """With every setting that both take, one position after the other; and all at once, where a step takes several."""
    rng = np.random.default_rng(5)
    params = randomised(rng, block.init(rng, 12, 20, np.float64))
    x, memory = rng.standard_normal((3, 5, 12)), rng.standard_normal((3, 4, 12))
    shared = {"heads": 3, "eps": eps, "activation": activation}
    if block is post_norm_cross:
        memory_mask = np.array([True, False, True, True])
        wanted, _ = block.forward(params, x, memory, mask=np.tri(5, dtype=bool), memory_mask=memory_mask, **shared)
        state = block.start(params, memory, 3)
        more = {"memory_mask": memory_mask}
    else:
        wanted, _ = block.forward(params, x, mask=np.tri(5, dtype=bool), **shared)
        state, more = cached_attention.start(3, 3, 12, np.float64, 2), {}
    for position in range(5):
        length = {} if block is post_norm_cross else {"length": position + 1}
        y, state = block.step(params, state, x[:, position : position + 1], position=position, **shared, **more, **length)
        np.testing.assert_allclose(y, wanted[:, position : position + 1], rtol=0, atol=1e-12)
    if block is not post_norm_cross:
        state = cached_attention.start(3, 3, 12, np.float64, 5)
        y, _ = block.step(params, state, x, position=0, mask=np.tri(5, dtype=bool), length=5, **shared)
        np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-12)


# Types -----------------------------------------------------------------------------------------------------------------------


def inits():
    """Every init of the mathematics, with sizes for its arguments."""
    for room in ("ops", "layers", "blocks", "models"):
        package = importlib.import_module(f"minilm.{room}")
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"minilm.{room}.{info.name}")
            if hasattr(module, "init"):
                yield module


@pytest.mark.parametrize("module", list(inits()), ids=lambda module: module.__name__)
def test_init_gives_the_dtype_that_it_is_asked_for(module):
    """float32 unless it is asked for another; and float64 has float64's digits."""
    wanted = [p for p in inspect.signature(module.init).parameters.values() if p.default is inspect.Parameter.empty]

    def made(**dtype):
        rng = np.random.default_rng(0)
        sizes = {"rng": rng, "config": CONFIGS.get(module)}
        return dict(tree.leaves(module.init(*[sizes.get(p.name, 6) for p in wanted], **dtype)))

    assert inspect.signature(module.init).parameters["dtype"].default is np.float32
    for name, leaf in made().items():
        assert leaf.dtype == np.float32, f"{name}: {leaf.dtype}"
    for name, leaf in made(dtype=np.float64).items():
        assert leaf.dtype == np.float64, f"{name}: {leaf.dtype}"
        drawn = len(np.unique(leaf)) > 3
        assert not drawn or (leaf != leaf.astype(np.float32)).any(), f"{name} was drawn in float32"
    for name, leaf in made().items():
        np.testing.assert_array_equal(leaf, made(dtype=np.float64)[name].astype(np.float32), err_msg=name)


ROOMS = tuple(str(Path(minilm.__file__).parent / room) for room in ("ops", "fast", "layers", "blocks", "models"))


ANGLES = ("angle", "frequency")  # of sines, which are rounded to their dtype once, at the end


class LocalArrays:
    """Within the block, every array that a function of the mathematics has named when it returns."""

    def __enter__(self):
        self.found, self.previous = {}, sys.gettrace()
        sys.settrace(self.called)
        return self

    def __exit__(self, *_):
        sys.settrace(self.previous)

    def called(self, frame, event, argument):
        return self.local if frame.f_code.co_filename.startswith(ROOMS) else None

    def local(self, frame, event, argument):
        if event == "return":
            for name, value in frame.f_locals.items():
                if name in ANGLES or not isinstance(value, np.ndarray | np.generic):
                    continue
                if value.dtype.kind == "f":
                    place = f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}: {name}"
                    self.found.setdefault(place, set()).add(value.dtype.name)
        return self.local


def narrow(value):
    return tree.map(
        lambda leaf: leaf.astype(np.float32) if isinstance(leaf, np.ndarray) and leaf.dtype == np.float64 else leaf, value
    )


@pytest.mark.parametrize("room", ["ops", "fast", "layers", "blocks", "models"])
def test_every_array_that_is_named_is_float32_where_all_that_goes_in_is(room):
    with LocalArrays() as arrays:
        for name, case in cases.everything().items():
            if not name.startswith(room):
                continue
            given = [narrow(case.params)] if case.params is not None else []
            y, cache = case.forward(*given, *narrow(list(case.inputs.values())), **handing.copied(case.settings))
            case.backward(*given, cache, tree.map(np.ones_like, y), **case.backward_settings)
    assert arrays.found
    wide = {place: kinds for place, kinds in arrays.found.items() if kinds != {"float32"}}
    assert not wide, wide


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("model", GENERATING, ids=names)
def test_decoding_keeps_the_dtype(model, dtype):
    config = CONFIGS[model]
    params = tree.map(lambda leaf: leaf.astype(dtype), params_of(model))
    with LocalArrays() as arrays:
        logits, state = stepped(model, config, params)
        if model is not encoder_decoder:
            more = model.start(params, config, WINDOWS["inputs"], np.array([5, 3, 4]))
            state = {"stepped": state, "started": more}
    assert logits.dtype == dtype
    for name, leaf in tree.leaves(state):
        assert leaf.dtype.kind in "ib" or leaf.dtype == dtype, name
    assert {kind for kinds in arrays.found.values() for kind in kinds} == {np.dtype(dtype).name}


# Shards ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [1, 2])
@pytest.mark.parametrize(
    ("model", "which"), [(model, which) for model in MODELS for which in range(len(TASKS[model]))],
    ids=lambda value: value if isinstance(value, int) else names(value),
)  # fmt: skip
def test_shards_of_a_batch_add_up_to_it(model, which, cut):
    """Each with the whole's count: the losses and the gradients."""
    task, batch = TASKS[model][which]
    task, config, params = task(model), CONFIGS[model], params_of(model)
    count = task.count(batch)
    assert count > 0
    if task.__class__ is pretraining.Task:
        batch = batch | {"next_sentence_weight": np.full(3, 1 / 3)}
    value, cache = task.loss(params, batch, config=config)
    gradients = tree.flatten(task.loss_backward(params, cache, config=config))
    total, summed = 0.0, dict.fromkeys(gradients, 0.0)
    for part in (slice(0, cut), slice(cut, 3)):
        shard = {name: array[part] for name, array in batch.items()}
        one, cache = task.loss(params, shard, config=config, count=count)
        total += one
        for name, gradient in tree.leaves(task.loss_backward(params, cache, config=config)):
            summed[name] = summed[name] + gradient
    np.testing.assert_allclose(total, value, rtol=1e-12)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(summed[name], gradient, rtol=1e-9, atol=1e-13, err_msg=name)
