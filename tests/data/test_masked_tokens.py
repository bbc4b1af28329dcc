"""BERT's batches: shares, special tokens, repetition, pairs."""

import numpy as np
import pytest

from minilm.data import masked_tokens
from minilm.errors import InputError

SPECIAL = (0, 1, 2, 3, 4)
SETTINGS = {"vocabulary": 50, "mask_id": 4, "special": SPECIAL}


def text(rows=200, length=100):
    ids = np.random.default_rng(0).integers(5, 50, (rows, length))
    ids[:, 0], ids[:, 60], ids[:, 80:] = 2, 3, 0
    return ids


def test_shares_and_special_tokens():
    ids = text()
    batch = masked_tokens.mask_tokens(ids, seed=1, step=2, **SETTINGS)
    mask, inputs = batch["mask"], batch["inputs"]
    assert (mask.sum(1) == round(0.15 * 78)).all()
    assert not mask[np.isin(ids, SPECIAL)].any()
    assert np.array_equal(inputs[~mask], ids[~mask]) and np.array_equal(batch["targets"], ids)
    masked, same = (inputs == 4)[mask].mean(), (inputs == ids)[mask].mean()
    assert abs(masked - 0.8) < 0.02 and abs(same - 0.1 - 0.1 / 45) < 0.02
    changed = inputs[mask & (inputs != 4) & (inputs != ids)]
    assert set(changed) <= set(range(5, 50)) and len(set(changed)) > 35  # ordinary tokens of all kinds, no special one
    assert np.abs(mask[:, 1:60].mean(0) - 12 / 78).max() < 0.12  # no place is preferred


def test_a_batch_follows_from_seed_and_step_alone():
    ids = text(4)
    first = masked_tokens.mask_tokens(ids, seed=1, step=2, **SETTINGS)
    again = masked_tokens.mask_tokens(ids, seed=1, step=2, **SETTINGS)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    for seed, step in ((1, 3), (2, 2)):
        other = masked_tokens.mask_tokens(ids, seed=seed, step=step, **SETTINGS)
        assert not np.array_equal(first["mask"], other["mask"])


def test_short_rows_have_one_and_empty_rows_none():
    ids = np.array([[2, 7, 3, 0], [2, 3, 0, 0]])
    batch = masked_tokens.mask_tokens(ids, seed=0, step=0, **SETTINGS)
    assert batch["mask"].tolist() == [[False, True, False, False], [False] * 4]


DOCUMENTS = [
    [[d * 10 + s * 2 + 5, d * 10 + s * 2 + 6][: 1 + s % 2] * (s + 1) for s in range(4)] for d in range(4)
] + [[]]  # fmt: skip


def test_pairs_follow_or_come_from_another_document():
    settings = {"seed": 3, "rows": 400, "length": 64, "start": 2, "separator": 3}
    documents = masked_tokens.Documents(DOCUMENTS)
    batch = masked_tokens.sentence_pairs(documents, step=0, **settings)
    assert 0.4 < batch["next_sentence"].mean() < 0.6 and abs(batch["next_sentence_weight"].sum() - 1) < 1e-12
    for inputs, segments, answer in zip(batch["inputs"], batch["segments"], batch["next_sentence"], strict=True):
        ends = np.flatnonzero(inputs == 3)
        first, second = inputs[1 : ends[0]].tolist(), inputs[ends[0] + 1 : ends[1]].tolist()
        assert inputs[0] == 2 and len(ends) == 2 and not inputs[ends[1] + 1 :].any()
        assert segments.tolist() == [int(ends[0] < i <= ends[1]) for i in range(len(inputs))]
        follows = any([first, second] == d[i : i + 2] for d in DOCUMENTS for i in range(len(d) - 1))
        assert follows == (answer == 0)
        if answer:
            assert not any(first in d and second in d for d in DOCUMENTS)
    other = masked_tokens.sentence_pairs(documents, step=1, **settings)
    assert not np.array_equal(other["next_sentence"], batch["next_sentence"])


def test_long_pairs_are_cut_and_both_objectives_join():
    documents = masked_tokens.Documents([[list(range(5, 45)), list(range(5, 15))], [[7, 8], [9]]])
    batch = masked_tokens.pretraining_batch(
        documents, seed=0, step=5, rows=30, length=20, vocabulary=50, start=2, separator=3, mask_id=4, unknown=1
    )
    assert batch["inputs"].shape[1] == 20 and batch["mask"].any(1).all()
    assert not batch["mask"][np.isin(batch["targets"], SPECIAL)].any()
    assert np.array_equal(batch["attend"], batch["targets"] != 0)


@pytest.mark.parametrize(("documents", "length"), [([], 9), ([[[5], [6]]], 9), ([[[5]], [[6]]], 9), (DOCUMENTS, 4)])
def test_too_little_text_is_named(documents, length):
    with pytest.raises(InputError):
        masked_tokens.sentence_pairs(
            masked_tokens.Documents(documents), seed=0, step=0, rows=2, length=length, start=2, separator=3
        )
