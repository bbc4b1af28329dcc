"""Byte-level BPE: GPT-2's splitting, the reference's ids, merges as the plain algorithm learns them, and the way back."""

import random
from collections import Counter

import pytest
from real_text import ODD, TEXT, lines

from minilm.errors import InputError
from minilm.text.added_tokens import AddedToken
from minilm.text.byte_bpe import ByteBPE, byte_characters
from minilm.text.gpt2_pieces import pieces
from minilm.text.pair_merges import joined

hypothesis = pytest.importorskip("hypothesis")
strategies = hypothesis.strategies

BPE = ByteBPE.train(TEXT, 700)


def reference_rule():
    tokenizers = pytest.importorskip("tokenizers")
    return tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The reference with our vocabulary."""
    tokenizers = pytest.importorskip("tokenizers")
    folder = tmp_path_factory.mktemp("bpe")
    BPE.save(folder)
    peer = tokenizers.ByteLevelBPETokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    peer.add_special_tokens(["<|endoftext|>"])
    return peer


def test_the_ids_of_the_reference_on_every_line(reference):
    every = lines()
    for text, encoding in zip(every, reference._tokenizer.encode_batch(every), strict=True):
        ids = BPE.encode(text)
        assert ids == encoding.ids, repr(text)
        assert BPE.decode(ids) == text


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(strategies.text(max_size=60))
def test_random_unicode_has_the_ids_of_the_reference_and_comes_back(reference, text):
    assert BPE.encode(text) == reference.encode(text).ids
    assert BPE.decode(BPE.encode(text)) == text


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(strategies.text(max_size=60) | strategies.text("a1 \n\t'sd\u00a0\u3000,", max_size=30))
def test_random_unicode_splits_as_the_reference_does(text):
    found = pieces(text)
    assert "".join(found) == text
    assert found == [text[start:end] for _, (start, end) in reference_rule().pre_tokenize_str(text)]


def test_every_character_splits_as_the_reference_does():
    """Letters, numbers and spaces of all of Unicode, those included that this Python does not know yet."""
    rule = reference_rule()
    for first in range(0, 0x110000, 256):
        if not 0xD800 <= first < 0xE000:
            text = "".join(f"a{chr(code)} 1{chr(code)}b," for code in range(first, first + 256))
            assert pieces(text) == [text[i:j] for _, (i, j) in rule.pre_tokenize_str(text)], hex(first)


def test_merges_in_any_order_go_leftmost_first_like_the_reference():
    """Random merges, many of which no training would give: the same token by two ways, pairs older than their parts."""
    tokenizers = pytest.importorskip("tokenizers")
    rng = random.Random(0)
    for _ in range(60):
        known, merges = list("abc"), {}
        for _ in range(12):
            pair = rng.choice(known), rng.choice(known)
            if len("".join(pair)) < 7:
                merges[pair] = None
                known.append("".join(pair))
        order = rng.sample(list(merges), len(merges))
        ids = {token: number for number, token in enumerate(dict.fromkeys([*byte_characters(), *known]))}
        ours, peer = ByteBPE(ids, order), tokenizers.Tokenizer(tokenizers.models.BPE(ids, order))
        for _ in range(30):
            word = "".join(rng.choices("abc", k=rng.randrange(1, 40)))
            assert ours.encode(word) == peer.encode(word).ids


def test_a_long_piece_is_not_quadratic():
    """A million letters without a space: seconds; passes over the whole piece would take hours."""
    text = "".join(random.Random(1).choices("thaeionr", k=10**6))
    assert BPE.decode(BPE.merge(text)) == text


def test_merges_are_what_the_plain_algorithm_learns():
    """Against counting everything anew before each merge."""
    text = TEXT[:3000]
    table = byte_characters()
    counts = Counter(pieces(text))
    words = {piece: [table[byte] for byte in piece.encode()] for piece in counts}
    for learned in ByteBPE.train(text, 150).merges:
        pairs: Counter = Counter()
        for piece, word in words.items():
            for pair in zip(word, word[1:], strict=False):
                pairs[pair] += counts[piece]
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        assert learned == best
        words = {piece: joined(word, best, best[0] + best[1]) for piece, word in words.items()}


def test_training_learns_nothing_of_special_tokens():
    trained = ByteBPE.train(["low<|endoftext|>", "lower<|endoftext|>"] * 3, 4)
    assert trained.merges[:2] == [("l", "o"), ("lo", "w")] and not any("<" in pair[0] for pair in trained.merges)
    assert trained.size == 256 + len(trained.merges) + 1 and trained.ids["<|endoftext|>"] == trained.size - 1


FLAGS = [{}, {"lstrip": True}, {"rstrip": True}, {"normalized": True}, {"single_word": True}, {"lstrip": True, "rstrip": True}]


@pytest.mark.parametrize("flags", FLAGS)
def test_added_tokens_are_found_as_the_reference_finds_them(flags):
    tokenizers = pytest.importorskip("tokenizers")
    contents = ["<x>", "<x><x>", "<|endoftext|>"]
    ids = BPE.ids | {"<x>": BPE.size, "<x><x>": BPE.size + 1}
    peer = tokenizers.Tokenizer(tokenizers.models.BPE(ids, BPE.merges))
    peer.pre_tokenizer = reference_rule()
    given = [{"special": True, **(flags if content == "<x>" else {})} for content in contents]
    peer.add_special_tokens([tokenizers.AddedToken(c, **{"normalized": False} | g) for c, g in zip(contents, given, strict=True)])
    ours = ByteBPE(ids, BPE.merges, [AddedToken(content, **one) for content, one in zip(contents, given, strict=True)])
    rng = random.Random(2)
    for _ in range(400):
        text = "".join(rng.choices(["<x>", " ", "a", "é", "_", "\n", "<|endoftext|>", "<", "\u3000", "."], k=rng.randrange(9)))
        assert ours.encode(text) == peer.encode(text).ids, text


def test_a_token_that_no_bytes_spell_stands_for_itself():
    ids = BPE.ids | {"编程": BPE.size, "é!": BPE.size + 1}
    tokenizer = ByteBPE(ids, BPE.merges, ["编程", "é!"])
    assert tokenizer.encode("编程é!") == [BPE.size, BPE.size + 1]
    assert tokenizer.decode(tokenizer.encode("a编程é!")) == "a编程é!"
    assert ByteBPE(ids, BPE.merges).decode([BPE.size]) == "编程"


def test_bytes_that_are_no_character_are_shown_as_such():
    assert BPE.decode(BPE.encode("ą")[:1]) == "\ufffd"
    assert all(BPE.decode(BPE.encode(text)) == text for text in ODD)


def test_a_text_that_is_not_utf8_is_refused():
    for call in (BPE.encode, ByteBPE.train):
        with pytest.raises(InputError, match="character 3 of the text") as raised:
            call("ab\udcff")
        assert "\n" not in str(raised.value)


def test_ids_out_of_range_are_refused():
    for wrong in (-1, BPE.size):
        with pytest.raises(InputError, match=f"id {wrong} at position 1"):
            BPE.decode([0, wrong])


def test_a_special_token_that_bytes_spell_too_is_decoded_as_bytes():
    """The byte of a space is written Ġ; named as special it still comes back as the space that texts have."""
    tokenizer = ByteBPE(BPE.ids, BPE.merges, ["Ġ"])
    assert tokenizer.decode(BPE.encode("a  b")) == "a  b"
