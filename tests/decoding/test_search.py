"""Greedy and beam search of the encoder-decoder: caches, batches, and what the search means."""

import itertools

import numpy as np
import pytest

from minilm import tree
from minilm.decoding import beam, greedy
from minilm.models import encoder_decoder as model

END, START = 2, 1
CONFIG = model.Config(
    source_vocabulary=11, target_vocabulary=6, width=12, heads=3, inner=20, encoder_layers=2, decoder_layers=2,
    max_positions=24, dropout=0.1,
)  # fmt: skip


@pytest.fixture
def params():
    rng = np.random.default_rng(3)
    return tree.map(lambda leaf: rng.standard_normal(leaf.shape), model.init(rng, CONFIG, np.float64))


SOURCES = [[4, 5, 6, 7, 8], [9, 4], [10, 10, 3, 4], [5]]


def padded(sources):
    source = np.zeros((len(sources), max(map(len, sources))), np.int64)
    for row, ids in zip(source, sources, strict=True):
        row[: len(ids)] = ids
    return source


def test_steps_with_caches_equal_the_whole_forward(params):
    source = padded(SOURCES)
    target = np.random.default_rng(0).integers(1, 6, (4, 20))  # longer than the first room of the cache
    whole, _ = model.forward(params, source, target, config=CONFIG)
    state = model.start(params, CONFIG, source)
    for position in range(target.shape[1]):
        logits, state = model.step(params, CONFIG, state, target[:, position])
        np.testing.assert_allclose(logits, whole[:, position], rtol=0, atol=1e-12)


def test_a_batch_gives_what_each_sentence_gives_alone(params):
    target = np.array([1, 3, 4])
    whole, _ = model.forward(params, padded(SOURCES), np.tile(target, (4, 1)), config=CONFIG)
    for row, ids in enumerate(SOURCES):
        alone, _ = model.forward(params, np.array([ids]), target[None], config=CONFIG)
        np.testing.assert_allclose(whole[row], alone[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [1, 3])
def test_searching_a_batch_finds_what_each_finds_alone(params, size):
    def search(sources, limits):
        state = model.start(params, CONFIG, padded(sources))
        settings = {"first": START, "end": END, "limits": limits, "forbidden": (0, 1, 3)}
        if size == 1:
            return greedy.decode(model, params, CONFIG, state, **settings)
        return beam.decode(model, params, CONFIG, state, beam=size, **settings)

    limits = [3, 9, 6, 1]
    together = search(SOURCES, limits)
    assert together == [search([ids], [limit])[0] for ids, limit in zip(SOURCES, limits, strict=True)]
    assert all(len(text) <= limit for text, limit in zip(together, limits, strict=True))


def test_a_beam_of_one_is_greedy(params):
    settings = {"first": START, "end": END, "limits": [8] * 4, "forbidden": (0, 1)}
    start = lambda: model.start(params, CONFIG, padded(SOURCES))
    assert beam.decode(model, params, CONFIG, start(), beam=1, **settings) == greedy.decode(
        model, params, CONFIG, start(), **settings
    )


def log_p_of(params, source, text):
    """log p of a whole text with its end mark, from one forward pass."""
    logits, _ = model.forward(params, source, np.array([[START, *text]]), config=CONFIG)
    logits = logits.copy()
    logits[..., [0, 1]] = -np.inf
    # forbidden words are left out after the normalisation over the others
    log_p = beam.log_softmax(logits)[0]
    return sum(log_p[i, word] for i, word in enumerate([*text, END][: len(log_p)]))


@pytest.mark.parametrize("length_penalty", [0.0, 0.6, 2.0])
def test_a_beam_that_holds_everything_finds_the_best_text(params, length_penalty):
    """Against every text that there is, up to two words and the end mark."""
    source = padded(SOURCES[:1])
    state = model.start(params, CONFIG, source)
    found = beam.decode(
        model, params, CONFIG, state, first=START, end=END, limits=[3], beam=500, forbidden=(0, 1),
        length_penalty=length_penalty,
    )[0]  # fmt: skip
    words = [3, 4, 5]
    ended = [list(text) for n in range(3) for text in itertools.product(words, repeat=n)]
    scores = {tuple(t): beam.score(log_p_of(params, source, t), len(t) + 1, length_penalty) for t in ended}
    for text in itertools.product(words, repeat=3):  # at the limit: without an end mark
        scores[text] = beam.score(log_p_of(params, source, list(text)[:2]) - end_of(params, source, text)
                                  + word_of(params, source, text), 3, length_penalty)  # fmt: skip
    assert tuple(found) == max(scores, key=scores.get)


def last_row(params, source, text):
    logits, _ = model.forward(params, source, np.array([[START, *text[:2]]]), config=CONFIG)
    row = logits[0, 2].copy()
    row[[0, 1]] = -np.inf
    return beam.log_softmax(row)


def end_of(params, source, text):
    return last_row(params, source, text)[END]


def word_of(params, source, text):
    return last_row(params, source, text)[text[2]]


def test_past_the_last_position_is_an_error(params):
    state = model.start(params, CONFIG, padded(SOURCES))
    for _ in range(CONFIG.max_positions):
        _, state = model.step(params, CONFIG, state, np.array([4, 4, 4, 4]))
    with pytest.raises(IndexError, match="24 positions"):
        model.step(params, CONFIG, state, np.array([4, 4, 4, 4]))


def test_a_beam_without_places_is_refused(params):
    with pytest.raises(ValueError, match="beam is 0"):
        beam.decode(model, params, CONFIG, {}, first=START, end=END, limits=[3], beam=0)


@pytest.mark.parametrize("wrong", [{"beam": 2.5}, {"beam": True}, {"beam": -1}, {"length_penalty": np.nan}, {"length_penalty": 1e9}, {"length_penalty": "0.6"}])
def test_settings_out_of_range_are_named(params, wrong):
    state = model.start(params, CONFIG, padded(SOURCES))
    with pytest.raises(ValueError, match=next(iter(wrong))):
        beam.decode(model, params, CONFIG, state, first=START, end=END, limits=[3] * 4, **wrong)
