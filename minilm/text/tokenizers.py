"""Find out which tokenizer a folder holds, from its files, and load it.

    characters.json, words.json     ours: characters.py, words.py
    tokenizer.json                  byte-level BPE or WordPiece, in one file; of several kinds of files it counts first
    vocab.json and merges.txt       byte-level BPE (GPT-2)
    vocab.txt                       WordPiece (BERT); tokenizer_config.json says how the text is cleaned

Every tokenizer has encode(text) -> ids, decode(ids) -> text, size, ids (token: id), train(text, ...), save(folder) and
load(folder).
"""

from pathlib import Path

from minilm.errors import InputError
from minilm.storage import safetensors
from minilm.text import characters, tokenizer_json, words
from minilm.text.byte_bpe import ByteBPE
from minilm.text.wordpiece import SPECIAL, WordPiece


def load_tokenizer(folder):
    """The tokenizer of a folder. Raises InputError where there is none, or one that is not supported or damaged."""
    folder = Path(folder)
    if (folder / characters.FILE).exists():
        return characters.Characters.load(folder)
    if (folder / words.FILE).exists():
        return words.Words.load(folder)
    if (folder / tokenizer_json.FILE).exists():
        return from_tokenizer_json(folder / tokenizer_json.FILE)
    if (folder / "vocab.json").exists():
        tokenizer_json.only(*settings(folder), "add_prefix_space", False)
        return ByteBPE.load(folder)
    if (folder / "vocab.txt").exists():
        return WordPiece.load(folder, **cleaning(*settings(folder)))
    raise InputError(f"{folder}: no tokenizer in it; tokenizer.json, vocab.json and merges.txt, or vocab.txt wanted")


def from_tokenizer_json(path):
    """Read a tokenizer.json of byte-level BPE or WordPiece. Raises InputError, naming file and field."""
    kind, arguments = tokenizer_json.read(path)
    try:
        if kind == "BPE":
            return ByteBPE(**arguments)
        return WordPiece(**arguments | {"special": arguments["special"] or SPECIAL})
    except InputError as error:
        raise InputError(f"{path}: model: {error}; {tokenizer_json.AGAIN}") from None


def settings(folder):
    """(path, content) of tokenizer_config.json; an empty one where there is none."""
    path = folder / "tokenizer_config.json"
    content = safetensors.read_json(path) if path.exists() else {}
    if not isinstance(content, dict):
        raise InputError(f"{path}: not an object of settings; {tokenizer_json.AGAIN}")
    return path, content


def cleaning(path, content):
    """What tokenizer_config.json says of WordPiece, as WordPiece's arguments."""
    tokenizer_json.only(path, content, "do_basic_tokenize", True)
    accents = content.get("strip_accents")
    return {
        "lower": tokenizer_json.field(path, content, "do_lower_case", bool, True),
        "accents": None if accents is None else tokenizer_json.field(path, content, "strip_accents", bool),
        "chinese": tokenizer_json.field(path, content, "tokenize_chinese_chars", bool, True),
    }
