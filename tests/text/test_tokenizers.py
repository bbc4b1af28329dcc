"""Files of tokenizers: what we write the reference reads, what it writes we read, and what contradicts itself is named."""

import json

import pytest
from real_text import ODD, TEXT

from minilm.errors import InputError
from minilm.text.byte_bpe import ByteBPE
from minilm.text.byte_characters import byte_characters
from minilm.text.tokenizers import load_tokenizer
from minilm.text.wordpiece import WordPiece

BPE = ByteBPE.train(TEXT, 300)
PIECE = WordPiece.train(TEXT, 500)
KINDS = {"bpe": BPE, "piece": PIECE, "cased": WordPiece(PIECE.ids, lower=False), "accents": WordPiece(PIECE.ids, accents=False)}
FILES = {
    "bpe": ["vocab.json", "merges.txt", "tokenizer_config.json"], "piece": ["vocab.txt"], "cased": ["vocab.txt", "tokenizer_config.json"],
    "accents": ["vocab.txt", "tokenizer_config.json"],
}  # fmt: skip
SAMPLES = [*ODD, TEXT[:2000]]


def ids_of(tokenizer):
    return [tokenizer.encode(text) for text in SAMPLES]


@pytest.mark.parametrize("name", KINDS)
def test_what_was_saved_is_read_from_either_kind_of_file(tmp_path, name):
    ours = KINDS[name]
    ours.save(tmp_path)
    alone = tmp_path / "json"
    alone.mkdir()
    (tmp_path / "tokenizer.json").rename(alone / "tokenizer.json")
    for folder in (tmp_path, alone):
        loaded = load_tokenizer(folder)
        assert type(loaded) is type(ours) and loaded.ids == ours.ids and ids_of(loaded) == ids_of(ours)
    for file in tmp_path.glob("*.*"):
        assert file.name in [*FILES["cased"], *FILES[name]]


@pytest.mark.parametrize("name", KINDS)
def test_the_reference_reads_our_file_and_we_read_its(tmp_path, name):
    tokenizers = pytest.importorskip("tokenizers")
    ours = KINDS[name]
    ours.save(tmp_path)
    peer = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    expected = [encoding.ids for encoding in peer.encode_batch(SAMPLES, add_special_tokens=False)]
    assert ids_of(ours) == expected
    assert peer.token_to_id("[MASK]") == ours.ids.get("[MASK]")
    if name == "bpe":
        assert [peer.decode(ids, skip_special_tokens=False) for ids in expected] == SAMPLES
    else:
        assert peer.encode("he").ids == [ours.ids["[CLS]"], *ours.encode("he"), ours.ids["[SEP]"]]
    peer.save(str(tmp_path / "tokenizer.json"))
    assert ids_of(load_tokenizer(tmp_path)) == expected


@pytest.mark.parametrize("name", KINDS)
def test_transformers_and_we_read_each_others_folders(tmp_path, name):
    transformers = pytest.importorskip("transformers")
    ours = KINDS[name]
    ours.save(tmp_path)
    kind = transformers.GPT2TokenizerFast if name == "bpe" else transformers.BertTokenizerFast
    peer = kind.from_pretrained(tmp_path)
    expected = [peer.encode(text, add_special_tokens=False) for text in SAMPLES]
    assert ids_of(ours) == expected
    theirs = tmp_path / "theirs"
    peer.save_pretrained(theirs)
    assert ids_of(load_tokenizer(theirs)) == expected


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("vocab.json", "[]", "not an object"),
        ("vocab.json", "{", "not JSON"),
        ("vocab.json", b"\xff", "not JSON"),
        ("vocab.json", '{"a": 0, "a": 1}', "stands in it twice"),
        ("vocab.json", '{"a": true}', "not an object of tokens and ids"),
        ("vocab.json", '{"a": 0, "b": 2}', "is not in the vocabulary"),
        ("vocab.json", '{"<a>": 99999999999999999999}', "'<a>' has the id 99999999999999999999"),
        ("vocab.json", '{"<\\ud800>": 0}', "half a character"),
        ("merges.txt", "#version: 0.2\na b c\n", "merges.txt:2"),
        ("merges.txt", "#version: 0.2\nqq zz\n", "'qq' is not in the vocabulary|no merge makes"),
        ("merges.txt", "#version: 0.2\n", "no merge makes the token"),
        ("merges.txt", b"\xff", "not UTF-8 at byte 0"),
        ("merges.txt", None, "No such file"),
        ("tokenizer_config.json", '{"add_prefix_space": "yes"}', "add_prefix_space"),
        ("tokenizer_config.json", "[]", "not an object"),
    ],
)
def test_gpt2_files_that_contradict_themselves(tmp_path, name, content, message):
    BPE.save(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    refused(tmp_path, message)


@pytest.mark.parametrize("change", ["twice", "unknown", "far", "below"])
def test_bpe_vocabularies_and_merges_that_do_not_belong_together(tmp_path, change):
    ids, merges = dict(BPE.ids), list(BPE.merges)
    if change == "twice":
        merges.append(merges[3])
    elif change == "unknown":
        merges.append(("q", "!"))
    else:
        ids["<q>"] = 10**9 if change == "far" else -1
    (tmp_path / "vocab.json").write_text(json.dumps(ids), encoding="utf-8")
    (tmp_path / "merges.txt").write_text("\n".join(" ".join(pair) for pair in merges), encoding="utf-8")
    messages = {
        "twice": "in the list twice", "unknown": r"merge 301, 'q' '!': 'q!' is not", "far": "'<q>' has the id 1000000000",
        "below": "'<q>' has the id -1",
    }  # fmt: skip
    refused(tmp_path, messages[change])


def test_bytes_and_ids_that_a_vocabulary_leaves_out(tmp_path):
    unused = next(c for c in BPE.ids if len(c) == 1 and not any(c in a + b for a, b in BPE.merges))
    ids = {token: number for token, number in BPE.ids.items() if token != unused} | {"<end>": BPE.size + 7}
    ours = ByteBPE(ids, BPE.merges, ["<end>"])
    text = bytes([byte_characters().index(unused)]).decode("latin-1")
    assert ours.size == BPE.size + 8 and ours.encode(f"a<end>{text}b") == ours.encode("a<end>b")
    assert ours.decode([BPE.size + 3, ours.ids["<end>"]]) == "<end>"
    ours.save(tmp_path)
    assert load_tokenizer(tmp_path).ids == ids


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\nb\n", r"no '\[UNK\]'"),
        (b"", r"no '\[UNK\]'"),
        (b"[UNK]\n\xff\n", "not UTF-8 at byte 6"),
    ],
)
def test_vocab_txt_that_contradicts_itself(tmp_path, content, message):
    (tmp_path / "vocab.txt").write_bytes(content)
    refused(tmp_path, "vocab.txt.*" + message)


def test_repeated_and_blank_lines_of_a_vocab_txt_leave_ids_without_a_token(tmp_path):
    (tmp_path / "vocab.txt").write_bytes(b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n\nb\na\n##b\n")
    ours = load_tokenizer(tmp_path)
    assert ours.encode("a b ab") == [8, 7, 8, 9] and ours.size == 10
    assert ours.decode([8, 5, 6, 7]) == "a b" and ours.tokens[5] == ""
    ours.save(tmp_path)
    assert load_tokenizer(tmp_path).ids == ours.ids


@pytest.mark.parametrize("name", ["do_lower_case", "strip_accents", "tokenize_chinese_chars", "do_basic_tokenize"])
def test_settings_of_the_wrong_kind(tmp_path, name):
    PIECE.save(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({name: "yes"}), encoding="utf-8")
    refused(tmp_path, f"tokenizer_config.json: {name} is 'yes'")


def test_vocab_txt_of_windows_is_read(tmp_path):
    (tmp_path / "vocab.txt").write_bytes("\r\n".join(PIECE.tokens).encode())
    assert load_tokenizer(tmp_path).ids == PIECE.ids


DAMAGE = [  # kind, where, what stands there instead, what is said
    ("bpe", ["model"], None, "model is missing"),
    ("bpe", ["model"], [], "model is"),
    ("bpe", ["model", "type"], "Unigram", "model.type is 'Unigram'"),
    ("bpe", ["model", "vocab"], {"a": "0"}, "model.vocab"),
    ("bpe", ["model", "vocab"], {"a": 0}, "added_tokens|is not in the vocabulary"),
    ("bpe", ["model", "merges"], None, "model.merges is missing"),
    ("bpe", ["model", "merges"], [["a"]], r"model.merges\[0\]"),
    ("bpe", ["model", "merges"], [[[], "a"]], r"model.merges\[0\]"),
    ("bpe", ["model", "merges"], ["q !"], "merge 1, 'q' '!'"),
    ("bpe", ["model", "merges"], [["", "a"]], "'' is not in the vocabulary"),
    ("bpe", ["model", "dropout"], 0.1, "model.dropout"),
    ("bpe", ["model", "ignore_merges"], True, "model.ignore_merges"),
    ("bpe", ["model", "byte_fallback"], 1, "model.byte_fallback"),
    ("bpe", ["model", "end_of_word_suffix"], "</w>", "model.end_of_word_suffix"),
    ("bpe", ["normalizer"], {"type": "NFC"}, "normalizer"),
    ("bpe", ["pre_tokenizer"], None, "ByteLevel"),
    ("bpe", ["pre_tokenizer"], "ByteLevel", "pre_tokenizer"),
    ("bpe", ["pre_tokenizer", "type"], "Whitespace", "pre_tokenizer.type is 'Whitespace'"),
    ("bpe", ["pre_tokenizer", "add_prefix_space"], 1, "pre_tokenizer.add_prefix_space"),
    ("bpe", ["added_tokens"], {}, "added_tokens is"),
    ("bpe", ["added_tokens", 0], 1, r"added_tokens\[0\] is"),
    ("bpe", ["added_tokens", 0, "content"], ["a"], r"added_tokens\[0\].content"),
    ("bpe", ["added_tokens", 0, "id"], 3, r"added_tokens\[0\].id of '<\|endoftext\|>' is 3, but"),
    ("bpe", ["added_tokens", 0, "content"], "<" * 201, "201 characters"),
    ("bpe", ["added_tokens", 0, "id"], True, r"added_tokens\[0\].id"),
    ("bpe", ["added_tokens", 0, "content"], "<new>", r"added_tokens\[0\].id of '<new>'"),
    ("bpe", ["added_tokens", 0, "content"], "\ud800", r"half a character|added_tokens\[0\].id"),
    ("bpe", ["added_tokens", 0, "lstrip"], "no", r"added_tokens\[0\].lstrip"),
    ("piece", ["normalizer"], None, "normalizer.type"),
    ("piece", ["normalizer"], [1], "normalizer is"),
    ("piece", ["normalizer", "lowercase"], "yes", "normalizer.lowercase"),
    ("piece", ["normalizer", "strip_accents"], "yes", "normalizer.strip_accents"),
    ("piece", ["normalizer", "clean_text"], False, "normalizer.clean_text"),
    ("piece", ["pre_tokenizer", "type"], "Whitespace", "pre_tokenizer.type"),
    ("piece", ["model", "unk_token"], "<oov>", "no '<oov>'"),
    ("piece", ["model", "continuing_subword_prefix"], "@@", "model.continuing_subword_prefix"),
    ("piece", ["model", "max_input_chars_per_word"], "100", "model.max_input_chars_per_word"),
    ("piece", ["model", "vocab"], {"[PAD]": 0, "[UNK]": 1, "a": 1}, r"added_tokens"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "where", "value", "message"), DAMAGE)
def test_a_tokenizer_json_that_contradicts_itself_or_is_not_supported(tmp_path, kind, where, value, message):
    KINDS[kind].save(tmp_path)
    path = tmp_path / "tokenizer.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    place = content
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = value
    path.write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "tokenizer_config.json").unlink()  # which says the class
    refused(tmp_path, "tokenizer.json: .*(" + message + ")")


@pytest.mark.parametrize("content", [b"", b"[]", b"1", b"\xff", b"[" * 100_000, b'{"model": ' + b"9" * 5000 + b"}"])
def test_a_tokenizer_json_that_is_none(tmp_path, content):
    (tmp_path / "tokenizer.json").write_bytes(content)
    refused(tmp_path, "tokenizer.json")


def test_a_folder_without_a_tokenizer(tmp_path):
    refused(tmp_path, "no tokenizer in it")


def refused(folder, message):
    """One line, with the folder in it."""
    with pytest.raises(InputError, match=message) as raised:
        load_tokenizer(folder)
    assert "\n" not in str(raised.value) and str(folder) in str(raised.value) and len(str(raised.value)) < 400
