"""Texts and vocabularies that would take hours where work grew faster than they do; here each takes a moment."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilm.text import bert_words
from minilm.text.added_tokens import AddedToken, Splitter
from minilm.text.longest_prefix import LongestPrefix
from minilm.text.segmentation import Segmenter
from minilm.text.wordpiece import WordPiece

MARKS = "\u0301\u0323\u0345\u3099\u05b0\U0001d165"
IDS = {token: number for number, token in enumerate(["[UNK]", "a", "##a", "##b", "x" * 1000, "##" + "y" * 30_000])}


def test_marks_in_any_number_are_put_in_order():
    text = "e" + "\u0301\u0323" * 150_000
    assert bert_words.decomposed(text) == "e" + "\u0323" * 150_000 + "\u0301" * 150_000
    assert bert_words.clean(text) == "e"


@given(st.text(st.sampled_from(MARKS + "aé\u1e69가ǖ\u0344") | st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs", "Cn"]), max_size=60))
def test_decomposition_is_unicodes(text):
    known = "".join(c for c in text if c not in bert_words.STARTERS)
    assert bert_words.decomposed(known) == unicodedata.normalize("NFD", known)


@pytest.mark.parametrize("length", [7, 1000, 100_000])
def test_a_word_of_any_length_is_cut(length):
    ours = WordPiece(IDS, longest=10**9)
    assert ours.encode("a" + "ab" * length) == [1, *([2, 3] * length)]
    assert ours.encode("x" * 1000 + "b" * length) == [4, *([3] * length)]
    assert ours.encode("ab" * length + "c") == [0]
    assert WordPiece(IDS).encode("a" * 101) == [0]


def test_thousands_of_added_tokens_in_a_text_that_nearly_holds_them():
    tokens = [AddedToken(f"<extra_id_{i}>") for i in range(10_000)] + [AddedToken("<" * 100 + "!")]
    text = "<" * 100_000 + "<extra_id_77>" * 5000
    found = Splitter(tokens).split(text)
    assert found[0] == (None, "<" * 100_000) and [part for _, part in found[1:]] == ["<extra_id_77>"] * 5000


def test_white_space_beside_added_tokens_is_looked_at_once():
    both = AddedToken("[M]", lstrip=True, rstrip=True)
    parts = Splitter([both]).split("a" + "  [M] " * 50_000)
    assert parts[:3] == [(None, "a"), (both, "  [M]   "), (both, "[M]   ")] and len(parts) == 50_001
    space = AddedToken(" ", rstrip=True)
    parts = Splitter([space]).split(" " * 100_000)  # as in the reference: each takes the rest, and all are found
    assert len(parts) == 100_000 and sum(len(text) for _, text in parts) == 100_000


def test_no_word_is_looked_for_over_a_whole_text():
    with pytest.raises(ValueError, match="100000 characters; at most 64"):
        Segmenter({"我" * 100_000: 1})
    assert Segmenter({"我" * 64: 1})("我" * 6400) == ["我" * 64] * 100


@given(st.lists(st.text("ab<", max_size=6), max_size=30), st.text("ab<", max_size=12), st.integers(0, 12))
def test_the_longest_prefix_is_the_longest_key(keys, text, end):
    found = LongestPrefix(keys)
    for start in range(len(text)):
        wanted = [key for key in keys if key and text.startswith(key, start) and start + len(key) <= end]
        assert found.find(text, start, end) == max(wanted, key=len, default=None)
