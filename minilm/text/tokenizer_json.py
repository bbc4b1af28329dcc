"""tokenizer.json: a whole tokenizer in one file, as Hugging Face's tokenizers spell it.

    added_tokens      found in a text before all else (added_tokens.py)
    normalizer        what cleans a text: BertNormalizer, or none for byte-level BPE
    pre_tokenizer     what splits it: BertPreTokenizer or ByteLevel
    model             WordPiece or BPE: vocab, and merges

What would change the ids and is not supported is refused by its name. post_processor, truncation and padding speak of
what a model is given, not of a text's ids, and are left aside.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from minilm.errors import InputError, said
from minilm.storage import json_file
from minilm.text.added_tokens import AddedToken
from minilm.text.byte_characters import byte_characters

FILE = "tokenizer.json"
AGAIN = "download the folder again"
GENERAL = "PreTrainedTokenizerFast"
LONGEST = 200  # characters of an added token
FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")
KINDS = {dict: "an object", list: "a list", bool: "true or false", int: "a whole number", str: "a string"}


def read(path: str | Path) -> dict[str, Any]:
    """The content of the file. Raises InputError where it is no object, or its model neither BPE nor WordPiece."""
    content = json_file.read_object(path, json_file.LARGE)
    model = field(path, content, "model", dict)
    kind = field(path, model, "model.type", str, untyped(model))  # older versions wrote no type
    if kind not in ("BPE", "WordPiece"):
        raise InputError(f"{path}: model.type is {said(kind)}; BPE on bytes and WordPiece are supported")
    return content


def untyped(model):
    """The model that the fields are of, in a file that does not name it."""
    if "merges" in model:
        return "BPE"
    return "WordPiece" if {"vocab", "continuing_subword_prefix", "max_input_chars_per_word"} <= set(model) else ""


def field(path, parent, name, kind, default=None):
    """The value of `name`, written with the names around it, in `parent`; null and absent are `default`.

    Raises InputError where it is of another kind, or absent without a default.
    """
    value = parent.get(name.rpartition(".")[2])
    value = default if value is None else value
    if value is None:
        raise InputError(f"{path}: {name} is missing; {AGAIN}")
    if type(value) is not kind:
        raise InputError(f"{path}: {name} is {said(value)}, not {KINDS[kind]}; {AGAIN}")
    return value


def only(path, parent, name, *supported):
    """Raise InputError where `name` has a value that is not supported; the first one stands for null and absent."""
    value = parent.get(name.rpartition(".")[2])
    value = supported[0] if value is None else value
    if not any(type(value) is type(one) and value == one for one in supported):
        named = " or ".join(json.dumps(one) for one in supported)
        raise InputError(f"{path}: {name} is {said(value)}; only {named} is supported")


def vocabulary(content: Any, path: str | Path, name: str) -> dict[str, int]:
    """`content`, where it is an object of tokens and ids. Raises InputError where not."""
    if not isinstance(content, dict) or not all(type(number) is int for number in content.values()):
        raise InputError(f"{path}: {name} is not an object of tokens and ids; {AGAIN}")
    return content


def added_tokens(path: str | Path, content: dict) -> list[tuple[AddedToken, int]]:
    """The added tokens with their ids, in the order of the file. Raises InputError for an entry that is none."""
    found = []
    for number, entry in enumerate(field(path, content, "added_tokens", list, [])):
        name = f"added_tokens[{number}]"
        if not isinstance(entry, dict):
            raise InputError(f"{path}: {name} is not an object; {AGAIN}")
        found.append((added_token(path, entry, name), field(path, entry, f"{name}.id", int)))
    return found


def added_token(path, entry, name, special=False):
    """The token that an object describes. Raises InputError, naming the field."""
    content = field(path, entry, f"{name}.content", str)
    if len(content) > LONGEST:
        raise InputError(f"{path}: {name}.content has {len(content)} characters, at most {LONGEST} are supported")
    special = special or field(path, entry, f"{name}.special", bool, False)
    flags = {flag: field(path, entry, f"{name}.{flag}", bool, False) for flag in ("single_word", "lstrip", "rstrip")}
    normalized = field(path, entry, f"{name}.normalized", bool, not special)
    return AddedToken(content, **flags, normalized=normalized, special=special)


def bpe(path, content, split_by_file=True):
    """The arguments of byte-level BPE, split by GPT-2's rule; other kinds split and spell differently.

    `split_by_file`: what splits a text counts too, where the tokenizer's class does not say it.
    """
    model = field(path, content, "model", dict)
    before = field(path, content, "pre_tokenizer", dict, {})
    if before.get("type") != "ByteLevel":
        found = said(before.get("type"))
        raise InputError(f"{path}: pre_tokenizer.type is {found}; for BPE only GPT-2's ByteLevel is supported")
    only(path, before, "pre_tokenizer.use_regex", True)
    if content.get("normalizer") is not None:
        raise InputError(f"{path}: normalizer is not null; none is supported before byte-level BPE")
    for name, value in (("dropout", 0.0), ("byte_fallback", False), ("ignore_merges", False)):
        only(path, model, f"model.{name}", value)
    for name in ("continuing_subword_prefix", "end_of_word_suffix"):
        only(path, model, f"model.{name}", "")
    pairs = []
    for number, merge in enumerate(field(path, model, "model.merges", list)):
        pair = merge.split(" ") if isinstance(merge, str) else merge
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            raise InputError(f"{path}: model.merges[{number}] is {said(merge)}, not two tokens; {AGAIN}")
        pairs.append(tuple(pair))
    ids = vocabulary(model.get("vocab"), path, "model.vocab")
    prefix = field(path, before, "pre_tokenizer.add_prefix_space", bool, True)  # absent is true there
    unknown = field(path, model, "model.unk_token", str, "")
    if split_by_file and unknown and not ids.keys() >= set(byte_characters()):
        raise InputError(f"{path}: model.unk_token is {said(unknown)}; only null is supported where bytes are missing")
    return {"ids": ids, "merges": pairs, "prefix_space": prefix if split_by_file else False}


def wordpiece(path, content):
    """The arguments of WordPiece with BERT's cleaning and words."""
    model = field(path, content, "model", dict)
    normalizer = field(path, content, "normalizer", dict, {})
    for name, kind in (("normalizer", "BertNormalizer"), ("pre_tokenizer", "BertPreTokenizer")):
        found = field(path, content, name, dict, {}).get("type")
        if found != kind:
            raise InputError(f"{path}: {name}.type is {said(found)}; for WordPiece only {kind} is supported")
    only(path, normalizer, "normalizer.clean_text", True)
    only(path, model, "model.continuing_subword_prefix", "##")
    accents = normalizer.get("strip_accents")
    return {
        "ids": vocabulary(model.get("vocab"), path, "model.vocab"),
        "lower": field(path, normalizer, "normalizer.lowercase", bool, True),
        "accents": None if accents is None else field(path, normalizer, "normalizer.strip_accents", bool),
        "chinese": field(path, normalizer, "normalizer.handle_chinese_chars", bool, True),
        "longest": field(path, model, "model.max_input_chars_per_word", int, 100),
        "unknown": field(path, model, "model.unk_token", str, "[UNK]"),
    }


def spell(tokenizer: Any, parts: Mapping[str, Any]) -> str:
    """The text of a tokenizer.json: `parts` with what all kinds share."""
    added = [
        {"id": tokenizer.ids[token.content], "content": token.content, **{flag: getattr(token, flag) for flag in FLAGS}}
        for token in sorted(tokenizer.special, key=lambda token: tokenizer.ids[token.content])
    ]
    content = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, **parts}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def spell_marks(tokenizer: Any, defaults: Mapping[str, str], usual: str) -> dict[str, str | None]:
    """The names of the special tokens and the class, for tokenizer_config.json.

    Transformers' class `usual` gives a name that is not mentioned its `defaults`, and adds what the vocabulary has not.
    Where that would change the tokenizer, the general class takes everything from tokenizer.json.
    """
    marks = {**(dict.fromkeys(defaults) if tokenizer.marks else {}), **tokenizer.marks}
    whole = {**defaults, **marks}
    fits = all(token is None or token in tokenizer.ids for token in whole.values())
    return {**(whole if fits else marks), "tokenizer_class": usual if fits else GENERAL}


def spell_bpe(tokenizer: Any) -> str:
    """The file of a ByteBPE."""
    level = {"type": "ByteLevel", "add_prefix_space": tokenizer.prefix_space, "trim_offsets": True, "use_regex": True}
    model = {
        "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "",
        "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
        "vocab": tokenizer.pieces, "merges": [" ".join(pair) for pair in tokenizer.merges],
    }  # fmt: skip
    parts = {"normalizer": None, "pre_tokenizer": level, "post_processor": level, "decoder": level, "model": model}
    return spell(tokenizer, parts)


def spell_wordpiece(tokenizer: Any) -> str:
    """The file of a WordPiece; [CLS] and [SEP], or what stands for them, frame a text."""
    ids, frame = tokenizer.ids, None
    cls, sep = tokenizer.marks.get("cls_token", "[CLS]"), tokenizer.marks.get("sep_token", "[SEP]")
    if cls in ids and sep in ids:
        frame = {"type": "BertProcessing", "sep": [sep, ids[sep]], "cls": [cls, ids[cls]]}
    normalizer = {
        "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": tokenizer.chinese,
        "strip_accents": tokenizer.accents, "lowercase": tokenizer.lower,
    }  # fmt: skip
    model = {
        "type": "WordPiece", "unk_token": tokenizer.unknown, "continuing_subword_prefix": "##",
        "max_input_chars_per_word": tokenizer.longest, "vocab": tokenizer.pieces,
    }  # fmt: skip
    return spell(tokenizer, {
        "normalizer": normalizer, "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": frame,
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True}, "model": model,
    })  # fmt: skip
