"""Labelled texts: their forms, what is refused by line, what is held back, and batches."""

import numpy as np
import pytest

from minilm.data import labelled
from minilm.data.labelled import NUMBER, ONE, SEVERAL, Example, TextBatches
from minilm.errors import InputError


def written(tmp_path, content):
    path = tmp_path / "data"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "more", "wanted", "said"),
    [
        ("good\tI like it\n\nbad\tno\r\n", {}, [("I like it", "good", 1), ("no", "bad", 3)], "column 1"),
        ("\ufefflabel\ttext\ngood\tyes\n", {}, [("yes", "good", 2)], "is a header"),
        ("label\tx\ngood\tyes\n", {}, [("x", "label", 1), ("yes", "good", 2)], "column 2"),
        ("id\tsaid\tkind\n1\tyes\tgood\n", {"label": "kind", "text": "said"}, [("yes", "good", 2)], "is a header"),
        ("1\tyes\tgood\n", {"label": "3", "text": "2"}, [("yes", "good", 1)], "labels in column 3"),
        ('{"text": "yes", "label": "good"}\n{"label": 3, "text": "no"}\n', {}, [("yes", "good", 1), ("no", "3", 2)], "JSON"),
        ('{"q": "yes", "intent": "good"}\n', {"text": "q"}, [("yes", "good", 1)], "JSON"),
        ('{"text": "yes", "labels": ["a", "b", "a"]}\n{"text": "no", "labels": []}', {}, [("yes", ("a", "b"), 1), ("no", (), 2)], "JSON"),
        ("a, b\tyes\n\tno\n", {"problem": SEVERAL}, [("yes", ("a", "b"), 1), ("no", (), 2)], "tab"),
        ("1.5\tyes\n-2\tno\n", {"problem": NUMBER}, [("yes", 1.5, 1), ("no", -2.0, 2)], "tab"),
    ],
)  # fmt: skip
def test_the_forms_of_a_file(tmp_path, content, more, wanted, said):
    found = labelled.read(written(tmp_path, content), **more)
    assert found.examples == [Example(*each) for each in wanted] and said in found.form
    assert found.problem == more.get("problem", SEVERAL if isinstance(wanted[0][1], tuple) else ONE)


@pytest.mark.parametrize(
    ("content", "more", "wanted"),
    [
        (b"", {}, "no text in it"), ("good\tyes\nno\n", {}, ":2: no tab"), ("good\tyes\n", {"text": "4"}, ":1: only 2 columns"),
        (b"good\tyes\ngood\t\xff\n", {}, ":2: not UTF-8 at byte 6"), ("good\t \n", {}, ":1: the text is empty"), ("\tyes\n", {}, ":1: the label is empty"),
        ("x\tyes\n", {"problem": NUMBER}, ":1: 'x' is no number"), ("nan\tyes\n", {"problem": NUMBER}, "is no number"),
        ("a\tb\n", {"label": "2"}, "two different columns"), ("a\tb\n", {"label": "0"}, "counted from 1"), ("a\tb\n", {"label": "kind"}, "no column 'kind'"),
        ('{"text": "yes"}\n', {}, ":1: no label"), ('{"label": "x"}\n', {}, ":1: no text"), ('{"text": 3, "label": "x"}\n', {}, ":1: the text is 3"),
        ('{"text": "a", "label": null}\n', {}, ":1: the label is None"), ('{"text": "a", "label": "x"}\n[1]\n', {}, ":2: not an object"),
        ('{"text": "a", "label": "x"}\n{"te\n', {}, ":2: not JSON"), ('{"text": "a", "label": ["x"]}\n', {"problem": ONE}, "--problem several"),
        ('{"text": "a", "label": "x"}\n', {"label": "kind"}, ":1: no 'kind'"), ("label\ttext\n", {}, "a header line and no text"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_by_its_line(tmp_path, content, more, wanted):
    with pytest.raises(InputError) as caught:
        labelled.read(written(tmp_path, content), **more)
    assert wanted in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(InputError, match="No such file"):
        labelled.read(tmp_path / "none")


def test_a_tenth_of_each_label_is_held_back_whatever_the_order_of_the_file(tmp_path):
    lines = [f"{label}\t{label} {i % 40}" for label, number in (("a", 60), ("b", 10), ("c", 1)) for i in range(number)]
    read = lambda lines: labelled.read(written(tmp_path, "\n".join(lines)))
    train, held = labelled.hold_back(read(lines), 3)
    assert not {each.text for each in train} & {each.text for each in held}
    distinct = {each.text for each in held}
    assert sorted(text[0] for text in distinct) == ["a"] * 4 + ["b"]
    assert labelled.times(train, ONE)["c"] == 1 and len(train) + len(held) == 71
    again = labelled.hold_back(read(lines[::-1]), 3)
    assert {each.text for each in again[1]} == distinct != {each.text for each in labelled.hold_back(read(lines), 4)[1]}
    with pytest.raises(InputError, match="none can be held back"):
        labelled.hold_back(read(["a\tx", "b\ty"]), 0)


def test_of_several_labels_none_is_held_back_alone(tmp_path):
    data = labelled.read(written(tmp_path, "\n".join([f"a\t{i}" for i in range(30)] + ["rare\tx"])), problem=SEVERAL)
    for seed in range(12):
        train, held = labelled.hold_back(data, seed)
        assert "rare" in labelled.labels_of(train, SEVERAL) and len(held) >= 2


def test_a_label_that_is_not_known_is_named(tmp_path):
    data = labelled.read(written(tmp_path, "a\tx\nz\ty\n"))
    with pytest.raises(InputError, match=":2: the label 'z' never occurs in train.tsv"):
        labelled.require_known(data, ["a", "b"], "train.tsv")


def test_answers():
    one = [Example("x", "b", 1), Example("y", "a", 2)]
    assert labelled.answers(one, ["a", "b"], ONE)["label"].tolist() == [1, 0]
    several = [Example("x", ("b", "a"), 1), Example("y", (), 2)]
    assert labelled.answers(several, ["a", "b", "c"], SEVERAL)["labels"].tolist() == [[True, True, False], [False] * 3]
    assert labelled.answers([Example("x", 2.5, 1)], [], NUMBER)["values"].tolist() == [[2.5]]


def test_batches_hold_every_row_once_an_epoch_by_length_and_follow_from_the_index():
    rng = np.random.default_rng(0)
    ids = [[2, *rng.integers(5, 30, rng.integers(1, 12)).tolist(), 3] for _ in range(23)]
    batches = TextBatches(ids, {"label": np.arange(23)}, seed=5, rows=4)
    assert len(batches) == 6
    for epoch in range(2):
        rows = [batches(6 * epoch + k) for k in range(6)]
        assert sorted(np.concatenate([row["label"] for row in rows]).tolist()) == list(range(23))
        for row in rows:
            lengths = [len(ids[label]) for label in row["label"]]
            assert row["inputs"].shape[1] == max(lengths) and lengths == sorted(lengths)
            assert [line[: len(ids[i])].tolist() for line, i in zip(row["inputs"], row["label"], strict=True)] == [ids[i] for i in row["label"]]
    other = TextBatches(ids, {"label": np.arange(23)}, seed=5, rows=4)
    np.testing.assert_array_equal(other(9)["inputs"], batches(9)["inputs"])
    assert [batches(k)["label"].tolist() for k in range(6)] != [batches(k)["label"].tolist() for k in range(6, 12)]
    forgetful = TextBatches(ids, {"label": np.arange(23)}, seed=5, rows=4, forgotten=0.5, unknown=1, kept=[0, 1, 2, 3])
    changed, total = 0, 0
    for k in range(12):
        whole, lost = batches(k)["inputs"], forgetful(k)["inputs"]
        assert ((whole == lost) | ((lost == 1) & (whole >= 5))).all()
        changed, total = changed + (whole != lost).sum(), total + (whole >= 5).sum()
        np.testing.assert_array_equal(lost, forgetful(k)["inputs"])
    assert 0.4 < changed / total < 0.6
