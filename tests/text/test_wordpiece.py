"""WordPiece: the ids of the reference, its cleaning on every character of Unicode, and the words back."""

import random

import pytest
from real_text import ODD, TEXT, lines

from minilm.errors import InputError
from minilm.text import bert_words
from minilm.text.added_tokens import AddedToken
from minilm.text.wordpiece import SPECIAL, WordPiece

hypothesis = pytest.importorskip("hypothesis")
strategies = hypothesis.strategies

PIECE = WordPiece.train(TEXT, 900)
CASED = WordPiece(PIECE.ids, lower=False)
EVERY = [
    {"lower": lower, "accents": accents, "chinese": chinese}
    for lower in (True, False) for accents in (None, True, False) for chinese in (True, False)
]  # fmt: skip


@pytest.fixture(scope="module")
def references(tmp_path_factory):
    """The reference with our vocabulary, uncased and cased."""
    tokenizers = pytest.importorskip("tokenizers")
    folder = tmp_path_factory.mktemp("wordpiece")
    PIECE.save(folder)
    return {
        lower: tokenizers.BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=lower) for lower in (True, False)
    }


@pytest.mark.parametrize("ours", [PIECE, CASED], ids=["uncased", "cased"])
def test_the_ids_of_the_reference_on_every_line(references, ours):
    every = lines()
    peer = references[ours.lower]._tokenizer
    for text, encoding in zip(every, peer.encode_batch(every, add_special_tokens=False), strict=True):
        assert ours.encode(text) == encoding.ids, repr(text)


@hypothesis.settings(max_examples=600, deadline=None)
@hypothesis.given(strategies.text(max_size=60))
def test_random_unicode_has_the_ids_of_the_reference(references, text):
    for ours in (PIECE, CASED):
        assert ours.encode(text) == references[ours.lower].encode(text, add_special_tokens=False).ids


def peers(lower, accents, chinese):
    tokenizers = pytest.importorskip("tokenizers")
    cleaning = tokenizers.normalizers.BertNormalizer(True, chinese, accents, lower)
    return cleaning.normalize_str, tokenizers.pre_tokenizers.BertPreTokenizer()


@pytest.mark.parametrize("settings", [EVERY[0], EVERY[5], EVERY[9]])
def test_every_character_is_cleaned_and_parted_as_the_reference_does(settings):
    """All of Unicode, each character between letters and with marks after it that decomposition would reorder."""
    normalize, parts = peers(**settings)
    marks = "\u0323\u0301" if settings == EVERY[0] else ""
    for first in range(0, 0x110000, 256):
        if 0xD800 <= first < 0xE000:
            continue
        text = "".join(f"a{chr(code)}{marks}b{chr(code)} Σ" for code in range(first, first + 256))
        cleaned = bert_words.clean(text, **settings)
        assert cleaned == normalize(text), hex(first)
        assert bert_words.words(cleaned) == [word for word, _ in parts.pre_tokenize_str(cleaned)], hex(first)


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(strategies.text(strategies.characters(categories=["Mn", "Mc", "Lo"]), max_size=12))
def test_marks_in_any_order_are_cleaned_as_the_reference_does(text):
    for settings in EVERY[:3]:
        normalize, _ = peers(**settings)
        assert bert_words.clean("a" + text, **settings) == normalize("a" + text)


def test_special_tokens_and_added_ones_are_found_as_the_reference_finds_them():
    """A token that is looked for in the cleaned text is found in any case and with any accent."""
    tokenizers = pytest.importorskip("tokenizers")
    ids = PIECE.ids | {"Éa": PIECE.size}
    peer = tokenizers.BertWordPieceTokenizer(ids, lowercase=True)
    peer.add_tokens([tokenizers.AddedToken("Éa", normalized=True)])
    peer.add_special_tokens([tokenizers.AddedToken("[MASK]", lstrip=True)])
    added = AddedToken("Éa", normalized=True, special=False), AddedToken("[MASK]", lstrip=True)
    ours = WordPiece(ids, special=[*(token for token in SPECIAL if token != "[MASK]"), *added])
    rng = random.Random(0)
    for _ in range(400):
        text = "".join(rng.choices(["[MASK]", " ", "Éa", "eA", "like", "[UNK]", "[", "编", "[CLS]"], k=rng.randrange(9)))
        assert ours.encode(text) == peer.encode(text, add_special_tokens=False).ids, text


def test_a_word_of_more_than_100_characters_is_unknown():
    assert PIECE.encode("a" * 101) == [PIECE.ids["[UNK]"]]
    assert PIECE.encode("a" * 100) != [PIECE.ids["[UNK]"]]


def test_training_keeps_the_alphabet_and_stops_at_its_size():
    assert PIECE.size == 900 and PIECE.tokens[:5] == list(SPECIAL)
    assert PIECE.ids["[UNK]"] not in PIECE.encode(TEXT)
    assert WordPiece.train(TEXT.split("\n"), 900).tokens == PIECE.tokens


def test_words_come_back():
    assert PIECE.decode(PIECE.encode("Does she like programming?")) == "does she like programming ?"
    assert PIECE.decode([]) == "" and PIECE.decode(PIECE.encode(ODD[10])) == "[CLS] 我 [MASK] [SEP]"


def test_bad_input_is_named():
    for wrong in (-1, PIECE.size):
        with pytest.raises(InputError, match=f"id {wrong} at position 1"):
            PIECE.decode([0, wrong])
    with pytest.raises(InputError, match="character 3 of the text"):
        PIECE.encode("ab\udcff")
    with pytest.raises(InputError, match="line's end"):
        WordPiece({"[UNK]": 0, "a\nb": 1}).save(".")
