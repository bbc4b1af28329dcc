"""Parameters and operations are exact: against the real parameters, the products of real runs, and closed forms."""

from dataclasses import replace

import numpy as np
import pytest

from minilm import tree
from minilm.costs import estimate
from minilm.costs.subject import Subject
from minilm.fast import blocked_attention, long_prompts
from minilm.layers import cached_attention
from minilm.machine import products
from minilm.models import bert, encoder_decoder, gpt, gpt2, lstm_lm, lstm_tagger

SIZES = {"vocabulary": 31, "max_positions": 24, "width": 12, "heads": 3, "inner": 20, "layers": 2}
SUBJECTS = {
    "gpt": Subject("gpt", gpt, gpt.Config(**SIZES), 4, 7),
    "gpt2": Subject("gpt2", gpt2, gpt2.Config(**SIZES), 4, 7),
    "bert": Subject("bert", bert, bert.Config(**SIZES), 4, 14, given={"heads": ("masked", "next_sentence")}),
    "bert, masked alone": Subject("bert", bert, bert.Config(**SIZES), 4, 14, given={"heads": ("masked",)}),
    "encoder_decoder": Subject(
        "encoder_decoder", encoder_decoder, encoder_decoder.Config(source_vocabulary=23, target_vocabulary=31, width=12, heads=3, inner=20, encoder_layers=2, decoder_layers=3, max_positions=24), 4, 7
    ),
    "lstm_lm": Subject("lstm_lm", lstm_lm, lstm_lm.Config(vocabulary=31, embedding=10, hidden=14, layers=2), 4, 7),
    "lstm_tagger": Subject("lstm_tagger", lstm_tagger, lstm_tagger.Config(vocabulary=31, features=23, tags=9, embedding=10, feature_embedding=8, hidden=14), 4, 7),
}
TRACED = [name for name in SUBJECTS if not name.startswith("lstm")]  # their arrays lose their class on the way


class Counted(np.ndarray):
    """An array that adds up the operations of the matrix products that it, or what is computed from it, is part of."""

    operations = 0

    def __array_ufunc__(self, ufunc, method, *inputs, **settings):
        plain = [x.view(np.ndarray) if isinstance(x, Counted) else x for x in inputs]
        if settings.get("out"):
            settings["out"] = tuple(x.view(np.ndarray) if isinstance(x, Counted) else x for x in settings["out"])
        result = getattr(ufunc, method)(*plain, **settings)
        # Products, and the tied head's inner products with one row; not sums of rows, and not rows' inner products.
        if ufunc is np.matmul and min(x.ndim for x in plain) > 1 or ufunc is np.vecdot and plain[1].ndim == 1:
            Counted.operations += 2 * result.size * plain[0].shape[-1]
        return result.view(Counted) if isinstance(result, np.ndarray) else result


def drawn(subject):
    params = subject.model.init(np.random.default_rng(0), subject.config, **(subject.given or {}))
    return params, watched(params)


def watched(arrays):
    return tree.map(lambda leaf: leaf.view(Counted), arrays)


def counted(found):
    return sum(found.operations(part) for part in found.parts)


@pytest.mark.parametrize("name", SUBJECTS)
def test_parameters_are_those_of_the_model(name):
    subject = SUBJECTS[name]
    params, _ = drawn(subject)
    assert tree.size(subject.shapes()) == tree.size(params)
    found = estimate.step(subject, subject.shapes())
    assert sum(part.parameters for part in found.parts) == tree.size(params)


@pytest.mark.parametrize("name", TRACED)
def test_operations_of_a_step_are_those_of_the_real_one(name):
    subject = SUBJECTS[name]
    _, params = drawn(subject)
    Counted.operations = 0
    _, cache = subject.task.loss(params, subject.batch(), config=subject.config, rng=np.random.default_rng(0))
    subject.task.loss_backward(params, cache, config=subject.config)
    assert counted(estimate.step(subject, subject.shapes())) == Counted.operations > 0


@pytest.mark.parametrize("name", ["gpt", "gpt2"])
def test_operations_of_a_token_and_a_prompt_are_those_of_the_real_ones(monkeypatch, name):
    subject, empty = SUBJECTS[name], cached_attention.start
    monkeypatch.setattr(cached_attention, "start", lambda *sizes: watched(empty(*sizes)))
    _, params = drawn(subject)
    Counted.operations = 0
    state = subject.model.start(params, subject.config, np.ones((1, 9), int), [9])
    prompt, Counted.operations = Counted.operations, 0
    subject.model.step(params, subject.config, state, np.array([3]))
    assert counted(estimate.prompt(subject, subject.shapes(), 9)) == prompt > 0
    assert counted(estimate.token(subject, subject.shapes(), 10)) == Counted.operations > 0


@pytest.mark.parametrize("block", [3, 5, 9])
def test_operations_of_a_long_prompt_are_those_of_its_blocks(monkeypatch, block):
    monkeypatch.setattr(long_prompts, "LONG", 9)
    monkeypatch.setattr(blocked_attention, "BLOCK", block)
    monkeypatch.setattr(blocked_attention, "KEYS", block + 1)
    monkeypatch.setattr(blocked_attention.forward, "__defaults__", (None, 0.0, None, 0, block, block + 1))
    test_operations_of_a_token_and_a_prompt_are_those_of_the_real_ones(monkeypatch, "gpt2")


def test_operations_of_a_translated_token_are_those_of_the_real_one():
    subject = SUBJECTS["encoder_decoder"]
    _, params = drawn(subject)
    state = subject.model.start(params, subject.config, np.ones((1, subject.length), int))
    for _ in range(5):
        Counted.operations = 0
        _, state = subject.model.step(params, subject.config, watched(state), np.array([3]))
    assert counted(estimate.token(subject, subject.shapes(), 5)) == Counted.operations > 0


def test_operations_of_an_lstm_in_closed_form():
    """Six a weight and token, the biases and the table of the embedding being no products."""
    subject = SUBJECTS["lstm_lm"]
    shapes = subject.shapes()
    weights = tree.size(shapes["output"]["weight"])
    weights += sum(tree.size([layer["input"], layer["recurrent"]]) for layer in shapes["encoder"])
    assert counted(estimate.step(subject, shapes)) == 6 * weights * subject.rows * subject.length
    assert counted(estimate.token(subject, shapes, 3)) == 2 * weights


@pytest.mark.parametrize("name", [name for name in SUBJECTS if name != "bert"])  # its benchmark has no next sentence
def test_a_step_has_the_products_that_its_benchmark_replays(name):
    subject = SUBJECTS[name]
    rows, length, config = subject.rows, subject.length, subject.config
    given = {
        "lstm_lm": lambda: products.lstm(config, rows, length),
        "lstm_tagger": lambda: products.tagger(config, rows, length),
        "encoder_decoder": lambda: products.encoder_decoder(config, rows, length, length),
        "bert": lambda: products.bert(config, rows, length, rows * subject.costs.masked(subject)),
        "gpt": lambda: products.gpt(config, rows, length),
    }
    replayed = given.get(subject.row.name, given["gpt"])()
    assert counted(estimate.step(subject, subject.shapes())) == products.operations(replayed)


@pytest.mark.parametrize("name", SUBJECTS)
def test_bytes_grow_with_the_batch_and_with_dropout(name):
    subject = SUBJECTS[name]
    rates = {rate: 0.0 for rate in ("embedding_dropout", "attention_dropout", "dropout") if hasattr(subject.config, rate)}
    without = replace(subject, config=replace(subject.config, **rates))
    some = dict.fromkeys(rates, 0.1)
    dropped = replace(subject, config=replace(subject.config, **some))
    sizes = [
        sum(found.bytes(part) for part in found.parts)
        for found in (estimate.step(one, one.shapes()) for one in (without, dropped, replace(dropped, rows=8)))
    ]
    assert 0 < sizes[0] < sizes[1] < sizes[2]
