"""Byte-level BPE and WordPiece: the ids of Hugging Face's tokenizers, with the same files, and the way back."""

import json
import unicodedata
from pathlib import Path

import pytest

from minilm.data import grammar
from minilm.errors import InputError
from minilm.text.byte_bpe import ByteBPE
from minilm.text.gpt2_pieces import pieces
from minilm.text.tokenizers import load_tokenizer
from minilm.text.wordpiece import WordPiece

hypothesis = pytest.importorskip("hypothesis")
strategies = hypothesis.strategies

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TEXT = "\n".join(f"{a} {b} It's 3.5°C — naïve café, «Ünïcödé»! we'll" for a, b in grammar.pairs()[:800])
BPE = ByteBPE.train(TEXT, 700)
PIECE = WordPiece.train(TEXT, 900)
ODD = [
    "", " ", "  a", "a  b \n\n c\t\td ", "don't I'LL we've 'S", "x\u00a0y\u3000z\x1fw\x85", "１２³Ⅷ½", "🙂👩‍👩‍👧", "e\u0301 ǆ İ ß",
    "<|endoftext|>a<|endoftext|>", "[CLS]我[MASK] [SEP]", "a" * 101, "\ufeffx\ufffd\x00", "我喜欢programming",
]  # fmt: skip


def lines():
    """All distinct lines of the real data, where it lies beside the checkout."""
    found = list(ODD)
    for path in sorted(DATA.glob("*/*")):
        found += path.read_text(encoding="utf-8").split("\n")
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """What we write, and a tokenizer.json that the reference writes from it."""
    tokenizers = pytest.importorskip("tokenizers")
    folder = tmp_path_factory.mktemp("tokenizers")
    for name in ("bpe", "piece", "cased"):
        (folder / name).mkdir()
    BPE.save(folder / "bpe")
    PIECE.save(folder / "piece")
    PIECE.save(folder / "cased")
    (folder / "cased" / "tokenizer_config.json").write_text('{"do_lower_case": false}', encoding="utf-8")
    bpe = tokenizers.ByteLevelBPETokenizer(str(folder / "bpe" / "vocab.json"), str(folder / "bpe" / "merges.txt"))
    bpe.add_special_tokens(["<|endoftext|>"])
    peers = {"bpe": bpe}
    for name, lower in (("piece", True), ("cased", False)):
        peers[name] = tokenizers.BertWordPieceTokenizer(str(folder / name / "vocab.txt"), lowercase=lower)
    for name, peer in peers.items():
        (folder / f"{name} json").mkdir()
        peer.save(str(folder / f"{name} json" / "tokenizer.json"))
    return folder, peers


@pytest.mark.parametrize("kind", ["bpe", "piece", "cased"])
def test_the_ids_of_the_reference_on_every_line(folders, kind):
    folder, peers = folders
    ours = load_tokenizer(folder / kind)
    every = lines()
    for text, encoding in zip(every, peers[kind]._tokenizer.encode_batch(every, add_special_tokens=False), strict=True):
        assert ours.encode(text) == encoding.ids, repr(text)


@pytest.mark.parametrize("kind", ["bpe", "piece", "cased"])
def test_a_tokenizer_json_says_the_same(folders, kind):
    folder, _ = folders
    plain, json_ = load_tokenizer(folder / kind), load_tokenizer(folder / f"{kind} json")
    assert plain.ids == json_.ids
    for text in [*ODD, TEXT]:
        assert plain.encode(text) == json_.encode(text)


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(strategies.text(max_size=60))
def test_random_unicode_splits_as_the_reference_does(text):
    tokenizers = pytest.importorskip("tokenizers")
    rule = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    assert pieces(text) == [text[start:end] for _, (start, end) in rule.pre_tokenize_str(text)]


def test_every_character_splits_as_the_reference_does():
    """Letters, numbers and spaces of all of Unicode, those included that this Python does not know yet."""
    tokenizers = pytest.importorskip("tokenizers")
    rule = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    different = [
        hex(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000
        for text in [f"a{chr(code)} 1{chr(code)}"]
        if pieces(text) != [text[i:j] for _, (i, j) in rule.pre_tokenize_str(text)]
    ]  # fmt: skip
    assert not different


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(strategies.text(max_size=60))
def test_byte_bpe_gives_the_text_back(text):
    assert BPE.decode(BPE.encode(text)) == text
    assert "".join(pieces(text)) == text


@hypothesis.settings(max_examples=300, deadline=None)
@hypothesis.given(strategies.text(strategies.characters(max_codepoint=0xFFF), max_size=40))
def test_wordpiece_of_random_unicode(folders, text):
    """On characters that Unicode 7 knew: the reference's tables are of that time."""
    folder, peers = folders
    hypothesis.assume(all(ord(c) < 0x600 and unicodedata.category(c) != "Cn" and c != "\u061c" for c in text))
    assert load_tokenizer(folder / "piece").encode(text) == peers["piece"].encode(text, add_special_tokens=False).ids


def test_merges_are_what_the_plain_algorithm_learns():
    """Against counting everything anew before each merge."""
    from collections import Counter

    from minilm.text.byte_bpe import byte_characters
    from minilm.text.pair_merges import joined

    text = TEXT[:3000]
    table = byte_characters()
    counts = Counter(pieces(text))
    words = {piece: [table[byte] for byte in piece.encode()] for piece in counts}
    for learned in ByteBPE.train(text, 150).merges:
        pairs = Counter()
        for piece, word in words.items():
            for pair in zip(word, word[1:], strict=False):
                pairs[pair] += counts[piece]
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        assert learned == best
        words = {piece: joined(word, best, best[0] + best[1]) for piece, word in words.items()}


def test_words_come_back_from_wordpiece():
    assert PIECE.decode(PIECE.encode("Does she like programming?")) == "does she like programming ?"


def test_ids_out_of_range_are_refused():
    for tokenizer in (BPE, PIECE):
        for wrong in (-1, tokenizer.size):
            with pytest.raises(InputError, match=f"id {wrong} at position 1"):
                tokenizer.decode([0, wrong])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("vocab.json", "[]", "not an object"),
        ("vocab.json", "{", "not JSON"),
        ("vocab.json", '{"a": 0, "a": 1}', "stands in it twice"),
        ("vocab.json", '{"a": 0, "b": 2}', "the ids are not 0"),
        ("merges.txt", "#version: 0.2\na b c\n", "merges.txt:2"),
        ("merges.txt", "#version: 0.2\nqq zz\n", "'qq' is not in the vocabulary"),
        ("merges.txt", b"\xff", "not UTF-8"),
        ("merges.txt", None, "No such file"),
    ],
)
def test_files_that_contradict_themselves(tmp_path, name, content, message):
    BPE.save(tmp_path)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=message) as raised:
        load_tokenizer(tmp_path)
    assert "\n" not in str(raised.value) and str(tmp_path) in str(raised.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"[UNK]\na\na\n", "vocab.txt:3: 'a'"), (b"a\nb\n", r"no \[UNK\]"), (b"[UNK]\n\xff\n", "not UTF-8")],
)
def test_vocab_txt_that_contradicts_itself(tmp_path, content, message):
    (tmp_path / "vocab.txt").write_bytes(content)
    with pytest.raises(InputError, match=message):
        load_tokenizer(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "model is missing"),
        ({"model": {"type": "Unigram", "vocab": []}}, "model.type is 'Unigram'"),
        ({"model": {"type": "BPE", "vocab": {"a": "0"}, "merges": []}}, "model.vocab"),
        ({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}, "ByteLevel"),
        ({"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}, "added_tokens": [{"content": "[UNK]", "id": 3}]}, "the id 3"),
        ({"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}, "added_tokens": [1]}, "added_tokens"),
    ],
)
def test_tokenizer_json_that_is_not_supported(tmp_path, content, message):
    (tmp_path / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_tokenizer(tmp_path)


def test_a_folder_without_a_tokenizer(tmp_path):
    with pytest.raises(InputError, match="no tokenizer in it"):
        load_tokenizer(tmp_path)
