"""Batches of pairs and windows of ids: complete, stateless, padded, and refused where there is nothing."""

import random

import numpy as np
import pytest

from minilm.data import windows
from minilm.data.batches import PairBatches, in_order, pad
from minilm.errors import InputError


def pairs(number=203):
    rng = random.Random(4)
    draw = lambda: [rng.randint(4, 99) for _ in range(rng.randint(1, 12))]
    return [draw() for _ in range(number)], [draw() for _ in range(number)]


@pytest.mark.parametrize("size", [{"rows": 8}, {"tokens": 150}, {"tokens": 9}, {"rows": 500}])
def test_each_epoch_has_each_pair_once_and_the_same_number_of_batches(size):
    batches = PairBatches(*pairs(), seed=3, **size)
    for epoch in range(3):
        seen = np.concatenate([batches.indices(epoch, k) for k in range(len(batches))])
        assert sorted(seen) == list(range(203))


def test_the_token_budget_holds():
    sources, targets = pairs()
    batches = PairBatches(sources, targets, seed=3, tokens=100)
    sizes = []
    for index in range(len(batches)):
        batch = batches(index)
        sizes.append(batch["source"].size + batch["target"].size)
        assert sizes[-1] <= 100
    assert np.mean(sizes) > 80
    assert len(PairBatches(sources, targets, seed=3, tokens=1)) == 203  # one that is too long goes alone


def test_any_batch_at_once_and_another_order_each_epoch():
    data = pairs()
    walked = PairBatches(*data, seed=3, rows=8)
    number = len(walked)
    sequence = [walked(index) for index in range(3 * number)]
    for index in (2 * number + 5, 1, number, 3 * number - 1):
        jumped = PairBatches(*data, seed=3, rows=8).batch(*divmod(index, number))
        for name, array in jumped.items():
            np.testing.assert_array_equal(array, sequence[index][name])
    orders = {tuple(np.concatenate([walked.indices(e, k) for k in range(number)])) for e in range(3)}
    other = PairBatches(*data, seed=4, rows=8)
    orders.add(tuple(np.concatenate([other.indices(0, k) for k in range(number)])))
    assert len(orders) == 4


def test_a_pair_meets_other_company_in_each_epoch():
    batches = PairBatches(*pairs(5000), seed=3, rows=8)
    company = []
    for epoch in range(2):
        groups = [frozenset(batches.indices(epoch, k).tolist()) for k in range(len(batches))]
        company.append({pair: group for group in groups for pair in group})
    kept = [len(company[0][pair] & company[1][pair]) - 1 for pair in range(5000)]
    assert np.mean(kept) < 0.35 * 7  # of the seven others


def test_rows_are_what_the_pairs_say_and_alike_in_length():
    sources, targets = pairs()
    batches = PairBatches(sources, targets, seed=3, rows=8)
    padding = total = 0
    for k in range(len(batches)):
        batch, indices = batches.batch(0, k), batches.indices(0, k)
        assert batch["source"].dtype == batch["target"].dtype == np.int64
        lengths = [int((row != 0).sum()) for row in batch["target"]]
        assert lengths == sorted(lengths)
        for i, source, target in zip(indices, batch["source"], batch["target"], strict=True):
            assert source[: len(sources[i])].tolist() == sources[i] and not source[len(sources[i]) :].any()
            framed = [1, *targets[i], 2]
            assert target[: len(framed)].tolist() == framed and not target[len(framed) :].any()
        padding += int((batch["target"] == 0).sum())
        total += batch["target"].size
    assert padding / total < 0.05


def test_pairs_that_cannot_be_used_are_refused():
    with pytest.raises(InputError, match="no sentence pair"):
        PairBatches([], [], seed=0, rows=2)
    with pytest.raises(InputError, match="pair 2 has an empty side"):
        PairBatches([[5], [6]], [[5], []], seed=0, rows=2)
    with pytest.raises(InputError, match="pair 1 has an empty side"):
        PairBatches([[], [6]], [[5], [5]], seed=0, rows=2)
    for wrong in ({}, {"rows": 2, "tokens": 2}, {"rows": 0}, {"tokens": 0}, {"rows": -1}):
        with pytest.raises(ValueError, match="rows or tokens"):
            PairBatches([[5]], [[5]], seed=0, **wrong)
    with pytest.raises(ValueError, match="one for one"):
        PairBatches([[5]], [], seed=0, rows=1)
    with pytest.raises(ValueError, match="epoch"):
        PairBatches([[5]], [[5]], seed=0, rows=1).batch(0, 1)


def test_in_order_and_pad():
    sources, targets = pairs(7)
    batches = in_order(sources, targets, rows=3)
    assert [len(batch["source"]) for batch in batches] == [3, 3, 1]
    assert batches[1]["source"][0, : len(sources[3])].tolist() == sources[3]
    np.testing.assert_array_equal(pad([[1], [2, 3]]), [[1, 0], [2, 3]])


IDS = np.arange(100, dtype=np.uint16)


def test_random_windows():
    batch = windows.random_windows(IDS, 7, seed=1, rows=50, length=6)
    assert batch["inputs"].shape == (50, 6) and batch["inputs"].dtype == np.int64
    np.testing.assert_array_equal(batch["targets"], batch["inputs"] + 1)
    again = windows.random_windows(IDS, 7, seed=1, rows=50, length=6)
    np.testing.assert_array_equal(batch["inputs"], again["inputs"])
    for index, seed in ((8, 1), (7, 2)):
        other = windows.random_windows(IDS, index, seed=seed, rows=50, length=6)
        assert not np.array_equal(batch["inputs"], other["inputs"])
    tight = [windows.random_windows(IDS, i, seed=1, rows=50, length=97)["inputs"][:, 0] for i in range(5)]
    assert set(np.concatenate(tight)) == {0, 1, 2}  # the first and the last place too
    with pytest.raises(InputError, match="too short"):
        windows.random_windows(IDS, 0, seed=1, rows=2, length=100)


def test_contiguous_windows_go_on_where_the_one_before_ended():
    assert windows.windows_per_epoch(100, rows=3, length=5) == 6
    for index in range(14):
        batch = windows.contiguous_windows(IDS, index, rows=3, length=5)
        start = index % 6 * 5
        np.testing.assert_array_equal(batch["inputs"][:, 0], [start, 33 + start, 66 + start])
        np.testing.assert_array_equal(batch["targets"], batch["inputs"] + 1)
        assert batch["inputs"].shape == (3, 5)
    assert windows.windows_per_epoch(12, rows=2, length=5) == 1
    with pytest.raises(InputError, match="too short"):
        windows.contiguous_windows(IDS[:11], 0, rows=2, length=5)


@pytest.mark.parametrize("length", [1, 4, 9, 98, 99, 200])
def test_windows_in_order_predict_each_id_once(length):
    batches = windows.windows_in_order(IDS, rows=4, length=length)
    predicted = np.concatenate([batch["targets"].ravel() for batch in batches])
    assert sorted(predicted) == list(range(1, 100))
    for batch in batches:
        np.testing.assert_array_equal(batch["targets"], batch["inputs"] + 1)
    with pytest.raises(InputError, match="too short"):
        windows.windows_in_order(IDS[:1], rows=4, length=length)
