"""BERT: the gradients of both objectives and of every head, with padding."""

import weakref

import numpy as np
import pytest

from minilm import tree
from minilm.checking import gradcheck
from minilm.fast import cross_entropy
from minilm.models import bert
from minilm.tasks import masked_tokens, next_sentence, pretraining

CONFIG = bert.Config(
    vocabulary=9, max_positions=7, segments=3, width=6, heads=2, inner=8, layers=2, labels=5,
    dropout=0.1, attention_dropout=0.2, classifier_dropout=0.3,
)  # fmt: skip

TASK, MASKED = pretraining.Task(bert), masked_tokens.Task(bert)
TASKS = {("masked",): MASKED, ("next_sentence",): next_sentence.Task(bert), ("masked", "next_sentence"): TASK}


def randomised(heads=bert.HEADS, seed=0, scale=0.6, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return tree.map(
        lambda leaf: (scale * rng.standard_normal(leaf.shape) + 0.1).astype(dtype), bert.outline(CONFIG, heads)
    )


def batch(*objectives):
    given = {
        "inputs": np.array([[1, 4, 5, 4, 8], [1, 6, 4, 0, 0], [1, 3, 3, 7, 0]]),  # repeated tokens, padding
        "segments": np.array([[0, 0, 1, 1, 1], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]]),
    }
    if "masked" in objectives:
        given["targets"] = np.array([[1, 7, 5, 2, 8], [1, 6, 8, 0, 0], [1, 3, 3, 7, 0]])
        given["mask"] = np.array([[0, 1, 0, 1, 1], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]], bool)
    if "next_sentence" in objectives:
        given["next_sentence"] = np.array([0, 1, 1])
    return given


def failed(rows):
    return [str(row) for row in rows if not row.passed]


@pytest.mark.parametrize("rng", [None, np.random.default_rng(3)])
@pytest.mark.parametrize("objectives", TASKS)
def test_gradients_of_the_objectives(objectives, rng):
    params, given, task = randomised(("masked", "next_sentence")), batch(*objectives), TASKS[objectives]
    rows = gradcheck.check(
        "bert", lambda params, **settings: task.loss(params, given, **settings), task.loss_backward,
        params, {}, {"config": CONFIG, "rng": rng}, backward_settings={"config": CONFIG},
    )  # fmt: skip
    assert not failed(rows)


@pytest.mark.parametrize("heads", [(), ("sequence_classifier",), bert.HEADS])
def test_gradients_of_all_outputs(heads):
    params, given = randomised(heads), batch()
    attend = given["inputs"] != 0
    attend[2] = False  # a text that is nothing but padding
    rows = gradcheck.check(
        "bert", lambda params, **s: bert.forward(params, given["inputs"], given["segments"], attend, **s),
        bert.backward, params, {}, {"config": CONFIG, "rng": np.random.default_rng(4)},
        backward_settings={"config": CONFIG},
    )  # fmt: skip
    assert not failed(rows)


def test_padding_changes_nothing():
    params, given = randomised(), batch()
    whole, _ = bert.forward(params, given["inputs"], given["segments"], given["inputs"] != 0, config=CONFIG)
    for row, length in enumerate((5, 3, 4)):
        part = (given["inputs"][row : row + 1, :length], given["segments"][row : row + 1, :length])
        alone, _ = bert.forward(params, *part, config=CONFIG)
        assert np.abs(alone["hidden"][0] - whole["hidden"][row, :length]).max() < 1e-12
        assert np.abs(alone["next_sentence"][0] - whole["next_sentence"][row]).max() < 1e-12


def test_chosen_places_are_the_places_of_all():
    params, given = randomised(), batch("masked")
    whole, _ = bert.forward(params, given["inputs"], config=CONFIG)
    part, _ = bert.forward(params, given["inputs"], places=given["mask"], config=CONFIG)
    assert np.abs(part["masked"] - whole["masked"][given["mask"]]).max() < 1e-12


def test_shards_with_the_global_count_add_up():
    params, given = randomised(("masked", "next_sentence")), batch("masked", "next_sentence")
    given["next_sentence_weight"] = np.full(3, 1 / 3)
    whole, cache = TASK.loss(params, given, config=CONFIG)
    without = {name: leaf for name, leaf in given.items() if name != "next_sentence_weight"}
    assert abs(TASK.loss(params, without, config=CONFIG)[0] - whole) < 1e-14
    dparams = tree.flatten(TASK.loss_backward(params, cache, config=CONFIG))
    parts = [{name: leaf[rows] for name, leaf in given.items()} for rows in (slice(0, 1), slice(1, 3))]
    results = [TASK.loss(params, part, config=CONFIG, count=TASK.count(given)) for part in parts]
    assert abs(sum(value for value, _ in results) - whole) < 1e-13
    total = tree.flatten(tree.add(*[TASK.loss_backward(params, cache, config=CONFIG) for _, cache in results]))
    for name, leaf in dparams.items():
        assert np.abs(total[name] - leaf).max() < 1e-12, name


def test_float32_stays_and_a_missing_objective_leaves_zeros():
    params, given = randomised(dtype=np.float32), batch("masked")
    value, cache = MASKED.loss(params, given, config=CONFIG, rng=np.random.default_rng(1))
    assert value.dtype == np.float32
    dparams = MASKED.loss_backward(params, cache, config=CONFIG)
    tree.require_same(dparams, params)
    assert all(not leaf.any() for _, leaf in tree.leaves([dparams["pooler"], dparams["next_sentence"]]))
    assert all(leaf.dtype != np.float64 for _, leaf in tree.leaves(cache) if isinstance(leaf, np.ndarray))


def test_the_base_model_has_its_size():
    assert tree.size(bert.outline(bert.Config())) == 110_106_428


def test_the_gradient_of_all_logits_does_not_outlive_the_head(monkeypatch):
    """The largest array of a step is gone before the blocks' backward needs its memory."""
    watched, alive = [], []
    make, go_on = cross_entropy.backward, bert.encode_backward

    def made(*given, **settings):
        dlogits = make(*given, **settings)
        watched.append(weakref.ref(dlogits))
        return dlogits

    def going_on(*given, **settings):
        alive.extend(array() is not None for array in watched)
        return go_on(*given, **settings)

    monkeypatch.setattr(cross_entropy, "backward", made)
    monkeypatch.setattr(bert, "encode_backward", going_on)
    params = randomised(("masked",))
    _, cache = MASKED.loss(params, batch("masked"), config=CONFIG)
    MASKED.loss_backward(params, cache, config=CONFIG)
    assert alive == [False]
