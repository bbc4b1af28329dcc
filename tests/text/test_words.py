"""Words and characters as tokens: every text comes back, and what is not known is said."""

import json

import pytest
from real_text import DATA, TEXT

from minilm.errors import InputError
from minilm.text.characters import Characters
from minilm.text.tokenizers import load_tokenizer
from minilm.text.vocabulary import UNKNOWN
from minilm.text.words import Words

hypothesis = pytest.importorskip("hypothesis")
strategies = hypothesis.strategies


@hypothesis.settings(max_examples=500, deadline=None)
@hypothesis.given(strategies.text(min_size=1, max_size=40) | strategies.text("ab ,.\n\t我'-_<>", min_size=1, max_size=20))
def test_a_text_whose_tokens_are_known_comes_back(text):
    for kind in (Words, Characters):
        tokenizer = kind.train(text)
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == text
        assert all(0 <= number < tokenizer.size for number in ids) and UNKNOWN not in (ids if kind is Words else [])


def test_white_space_that_goes_without_saying_is_no_token():
    tokenizer = Words.train("First Citizen:\nYou don't, we do. a  b")
    tokens = [tokenizer.vocabulary.words[number] for number in tokenizer.encode("First Citizen:\nYou don't, we do. a  b")]
    assert tokens == ["First", "Citizen", ":", "\n", "You", "don't", ",", "we", "do", ".", "a", " ", " ", "b"]


def test_what_is_around_an_unknown_word_comes_back():
    tokenizer = Words.train("you speak , <>")
    ids = tokenizer.encode("you shall speak,Brutus speak  <unknown>")
    assert tokenizer.decode(ids) == "you <unknown> speak,<unknown> speak  <<unknown>>"
    assert ids.count(UNKNOWN) == 3
    you, speak = tokenizer.ids["you"], tokenizer.ids["speak"]
    assert tokenizer.encode("you shall speak") == [you, UNKNOWN, speak]


def test_the_most_frequent_words_are_kept():
    tokenizer = Words.train(["b b b c c a", "b c d d"], size=10)
    assert tokenizer.vocabulary.words[4:] == ["<join>", " ", "\n", "b", "c", "d"] and tokenizer.size == 10
    with pytest.raises(InputError, match="allow 8"):
        Words.train("a", size=7)


def test_real_text_comes_back():
    for path in sorted(DATA.glob("*/*")):
        text = path.read_text(encoding="utf-8")[-100_000:]
        tokenizer = Words.train(text, 10**6)
        assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize("kind", [Words, Characters])
def test_saved_and_loaded(tmp_path, kind):
    tokenizer = kind.train(TEXT)
    tokenizer.save(tmp_path)
    loaded = load_tokenizer(tmp_path)
    assert type(loaded) is kind and loaded.ids == tokenizer.ids and loaded.encode(TEXT) == tokenizer.encode(TEXT)


@pytest.mark.parametrize("kind", [Words, Characters])
def test_ids_out_of_range_and_texts_that_are_not_utf8(kind):
    tokenizer = kind.train("a b")
    for wrong in (-1, tokenizer.size):
        with pytest.raises(InputError, match=f"id {wrong} at position 1"):
            tokenizer.decode([0, wrong])
    with pytest.raises(InputError):
        kind.train("a\udcff")
    with pytest.raises(InputError, match="character 2"):
        tokenizer.encode("a\udcff")


GOOD = ["<pad>", "<start>", "<end>", "<unknown>", "<join>", " "]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("words.json", b"{}"), ("words.json", b"[1]"), ("words.json", b"\xff"), ("words.json", b"["),
        ("words.json", json.dumps(GOOD).encode()), ("words.json", json.dumps([*GOOD, "\n", "a", "a"]).encode()),
        ("characters.json", b"{}"), ("characters.json", b'["ab"]'), ("characters.json", b'["a", "a"]'),
        ("characters.json", b"[]"), ("characters.json", b'["\\ud800"]'),
    ],
)  # fmt: skip
def test_damaged_files_are_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=name) as raised:
        load_tokenizer(tmp_path)
    assert "\n" not in str(raised.value)
