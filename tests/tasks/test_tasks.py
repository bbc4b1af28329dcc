"""Every task keeps the same contract, on every model that it trains."""

from types import SimpleNamespace

import numpy as np
import pytest

from minilm import tree
from minilm.models import bert, encoder_decoder, gpt, gpt2, lstm_lm, text_classifier
from minilm.tasks import classification, language_modelling, masked_tokens, next_sentence, pretraining, translation

SIZES = {"vocabulary": 11, "max_positions": 9, "width": 6, "heads": 3, "inner": 8, "layers": 2}
rng = np.random.default_rng(0)
IDS, ANSWERS = rng.integers(1, 11, (4, 5)), rng.integers(1, 11, (4, 5))
MASK = np.array([[1, 1, 0, 1, 1], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], bool)
LANGUAGE = {"inputs": IDS, "targets": ANSWERS, "mask": MASK}
SEGMENTED = {"inputs": IDS * MASK, "segments": np.arange(5) // 3 + 0 * IDS}
READ, ONE = {"inputs": IDS * MASK}, {"label": np.array([2, 0, 1, 2])}
SEVERAL = {"labels": np.array([[1, 0, 0], [0, 0, 0], [1, 1, 0], [0, 1, 1]], bool)}
NUMBERS = {"values": np.array([[0.5], [-2.0], [1.0], [3.0]])}
FOLLOWING = {"next_sentence": np.array([0, 1, 1, 0])}
SHARES = {"next_sentence_weight": np.full(4, 1 / 4)}
STATE = {name: rng.standard_normal((4, 2, 5)) for name in ("h", "c")}
TARGET = np.pad(ANSWERS, ((0, 0), (0, 1)))
TARGET[1, 3:], TARGET[2, 2:] = 0, 0
TRANSLATOR = encoder_decoder.Config(
    source_vocabulary=11, target_vocabulary=11, width=6, heads=3, inner=8, encoder_layers=2, decoder_layers=1,
    max_positions=9, dropout=0.1, smoothing=0.1,
)  # fmt: skip
RECURRENT = lstm_lm.Config(vocabulary=11, embedding=6, hidden=5, layers=2, dropout=0.1)
TASKS = {
    "gpt": (language_modelling.Task(gpt), gpt.Config(**SIZES), LANGUAGE, 10),
    "gpt2": (language_modelling.Task(gpt2), gpt2.Config(**SIZES), LANGUAGE, 10),
    "gpt2, sliced": (language_modelling.Task(gpt2), gpt2.Config(**SIZES, sliced=True), LANGUAGE, 10),
    "lstm_lm": (language_modelling.Task(lstm_lm), RECURRENT, LANGUAGE | STATE, 10),
    "translation": (translation.Task(encoder_decoder), TRANSLATOR, {"source": IDS * MASK, "target": TARGET}, 11),
    "masked tokens": (masked_tokens.Task(bert), bert.Config(**SIZES), SEGMENTED | LANGUAGE, 10),
    "next sentence": (next_sentence.Task(bert), bert.Config(**SIZES), SEGMENTED | FOLLOWING, 4),
    "one label": (classification.Task(text_classifier), text_classifier.Config(**SIZES, labels=3), READ | ONE, 4),
    "several labels": (classification.Task(text_classifier), text_classifier.Config(**SIZES, labels=3), READ | SEVERAL, 4),
    "numbers": (classification.Task(text_classifier), text_classifier.Config(**SIZES, labels=1), READ | NUMBERS, 4),
    "next sentence, weighted": (next_sentence.Task(bert), bert.Config(**SIZES), SEGMENTED | FOLLOWING | SHARES, 4),
    "pretraining, masked tokens alone": (pretraining.Task(bert), bert.Config(**SIZES), SEGMENTED | LANGUAGE, 10),
    "pretraining": (pretraining.Task(bert), bert.Config(**SIZES), SEGMENTED | LANGUAGE | FOLLOWING | SHARES, 10),
}


@pytest.fixture(params=TASKS)
def trained(request):
    task, config, batch, number = TASKS[request.param]
    rng = np.random.default_rng(1)
    params = tree.map(lambda leaf: 0.5 * rng.standard_normal(leaf.shape), task.model.init(rng, config, np.float64))
    return task, config, batch, number, params


def test_parts_with_the_counts_of_the_whole_add_up(trained):
    task, config, batch, number, params = trained
    whole, cache = task.loss(params, batch, config=config)
    dparams = task.loss_backward(params, cache, config=config)
    tree.require_same(dparams, params)
    assert task.count(batch) == number
    parts = [{name: leaf[rows] for name, leaf in batch.items()} for rows in (slice(0, 1), slice(1, 4))]
    assert sum(task.count(part) for part in parts) == number
    results = [task.loss(params, part, config=config, count=number) for part in parts]
    assert abs(sum(value for value, _ in results) - whole) < 1e-12 * abs(whole)
    total = tree.flatten(tree.add(*[task.loss_backward(params, cache, config=config) for _, cache in results]))
    for name, leaf in tree.leaves(dparams):
        np.testing.assert_allclose(total[name], leaf, rtol=0, atol=1e-12, err_msg=name)


def test_the_gradient_is_linear_in_dloss_and_the_rng_reaches_the_model(trained):
    task, config, batch, _, params = trained
    plain, _ = task.loss(params, batch, config=config)
    value, cache = task.loss(params, batch, config=config, rng=np.random.default_rng(2))
    assert value != plain
    once, thrice = (tree.flatten(task.loss_backward(params, cache, dloss, config=config)) for dloss in (1.0, -3.0))
    assert any(leaf.any() for leaf in once.values())
    for name, leaf in once.items():
        np.testing.assert_allclose(thrice[name], -3 * leaf, rtol=1e-12, atol=1e-14, err_msg=name)


def test_only_a_recurrent_model_carries_a_state_and_the_next_batch_hands_it_over():
    assert TASKS["gpt2"][0].carry is None
    task, config, batch, _ = TASKS["lstm_lm"]
    params = lstm_lm.init(np.random.default_rng(1), config, np.float64)
    _, cache = task.loss(params, batch, config=config)
    carried = task.carry(cache)
    assert {name: leaf.shape for name, leaf in carried.items()} == {"h": (4, 2, 5), "c": (4, 2, 5)}
    assert task.loss(params, batch | carried, config=config)[0] != task.loss(params, batch, config=config)[0]


def test_a_task_knows_its_model_by_the_contract_alone():
    """A model of three lines is trained like any other."""
    forward = lambda params, inputs, *, config, rng: (params["table"][inputs], {"inputs": inputs})

    def backward(params, cache, dlogits, *, config, consume):
        dtable = np.zeros_like(params["table"])
        for place in np.ndindex(cache["inputs"].shape):
            dtable[cache["inputs"][place]] += dlogits[place]
        return {"table": dtable}

    task = language_modelling.Task(SimpleNamespace(forward=forward, backward=backward))
    params = {"table": rng.standard_normal((11, 11))}
    value, cache = task.loss(params, LANGUAGE, config=None)
    dtable = task.loss_backward(params, cache, config=None)["table"]
    changed = params["table"].astype(complex)
    changed[IDS[0, 1], 3] += 1e-30j
    slope = task.loss({"table": changed}, LANGUAGE, config=None)[0].imag / 1e-30
    assert abs(dtable[IDS[0, 1], 3] - slope) < 1e-14 and slope != 0
