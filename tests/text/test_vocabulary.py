"""Words, ids, and a file that may hold anything."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilm.errors import InputError
from minilm.text.vocabulary import END, PAD, SPECIAL, START, UNKNOWN, Vocabulary

TEXTS = [["b", "a", "c"], ["a", "b"], ["a", "d"]]


def test_the_most_frequent_come_first_then_unicode_order():
    assert Vocabulary.build(TEXTS).words == [*SPECIAL, "a", "b", "c", "d"]
    assert Vocabulary.build(reversed(TEXTS)).words == [*SPECIAL, "a", "b", "c", "d"]
    assert Vocabulary.build(TEXTS, minimum=2).words == [*SPECIAL, "a", "b"]
    assert Vocabulary.build(TEXTS, maximum=5).words == [*SPECIAL, "a"]
    assert (PAD, START, END, UNKNOWN) == tuple(Vocabulary.build(TEXTS).ids[word] for word in SPECIAL) == (0, 1, 2, 3)


@pytest.mark.parametrize("maximum", [-1, 0, 4])
def test_no_room_for_words(maximum):
    with pytest.raises(InputError, match="no room"):
        Vocabulary.build(TEXTS, maximum=maximum)


def test_unknown_words_and_words_spelt_like_special_ones():
    words = Vocabulary.build([*TEXTS, list(SPECIAL)])
    assert len(words) == 8
    assert words.encode(["a", "zebra", "<pad>", "<start>", "<end>", "<unknown>"]) == [4, 3, 3, 3, 3, 3]


def test_decoding_leaves_padding_start_and_end_out():
    words = Vocabulary.build(TEXTS)
    assert words.decode(np.array([START, 4, UNKNOWN, 5, END, PAD, PAD])) == ["a", "<unknown>", "b"]


@pytest.mark.parametrize("bad", [-1, -8, 8, 2**63])
def test_ids_out_of_range_are_named(bad):
    with pytest.raises(InputError, match=f"id {bad} at position 2.* 0 ... 7") as caught:
        Vocabulary.build(TEXTS).decode([4, 5, bad])
    assert "\n" not in str(caught.value)


@given(st.lists(st.lists(st.text(min_size=1))))
def test_known_words_come_back(texts):
    words = Vocabulary.build(texts)
    for text in texts:
        assert words.decode(words.encode(text)) == [word if word not in SPECIAL else "<unknown>" for word in text]


def test_saved_and_loaded(tmp_path):
    path = tmp_path / "source.json"
    words = Vocabulary.build([["编程", "café", '"', "\\", "\u2028", "￭?"]])
    words.save(path)
    assert Vocabulary.load(path).words == words.words
    assert "编程" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[", b"{}", b"null", b"[1, 2]", b"\xff\xfe", b"[" * 100_000, b"9" * 10_000, b'["<pad>"]', b"[[]]",
        b'["<pad>", "<start>", "<end>", "<unknown>", "a", "a"]', b'["<pad>", "<start>", "<end>", "<unknown>", ""]',
        b'["<pad>", "<start>", "<end>", "<unknown>", "\\ud800"]', b'["<start>", "<pad>", "<end>", "<unknown>"]',
        b'["<pad>", "<start>", "<end>", "<unknown>", 7]',
    ],
)  # fmt: skip
def test_a_damaged_file_is_named_in_one_line(tmp_path, data):
    path = tmp_path / "source.json"
    path.write_bytes(data)
    with pytest.raises(InputError, match="source.json") as caught:
        Vocabulary.load(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_missing_file_a_folder_and_one_too_large(tmp_path):
    with pytest.raises(InputError, match="none.json: No such file"):
        Vocabulary.load(tmp_path / "none.json")
    with pytest.raises(InputError, match="directory"):
        Vocabulary.load(tmp_path)
    (tmp_path / "large.json").write_text("[" + "[]," * 2_000_000 + "[]]", encoding="utf-8")
    with pytest.raises(InputError, match="so many entries"):
        Vocabulary.load(tmp_path / "large.json")
