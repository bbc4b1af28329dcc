"""Find out which tokenizer a folder holds, from the files that the ecosystem uses, and load it.

    tokenizer.json                  either kind, in one file
    vocab.json and merges.txt       byte-level BPE (GPT-2)
    vocab.txt                       WordPiece (BERT); tokenizer_config.json says whether letters become small
"""

from pathlib import Path

from minilm.errors import InputError
from minilm.storage import safetensors
from minilm.text.byte_bpe import ByteBPE
from minilm.text.wordpiece import SPECIAL, WordPiece


def load_tokenizer(folder):
    """The tokenizer of a folder. Raises InputError where there is none, or one that is not supported or damaged."""
    folder = Path(folder)
    if (folder / "tokenizer.json").exists():
        return from_tokenizer_json(folder / "tokenizer.json")
    if (folder / "vocab.json").exists():
        return ByteBPE.load(folder)
    if (folder / "vocab.txt").exists():
        path = folder / "tokenizer_config.json"
        settings = safetensors.read_json(path) if path.exists() else {}
        if not isinstance(settings, dict):
            raise InputError(f"{path}: not an object of settings; download the folder again")
        return WordPiece.load(folder, settings.get("do_lower_case", True) is not False)
    raise InputError(f"{folder}: no tokenizer in it; tokenizer.json, vocab.json and merges.txt, or vocab.txt wanted")


def from_tokenizer_json(path):
    """Read a tokenizer.json of byte-level BPE or WordPiece. Raises InputError, naming file and field."""
    content = safetensors.read_json(path)
    model = content.get("model") if isinstance(content, dict) else None
    if not isinstance(model, dict):
        raise InputError(f"{path}: model is missing; download the folder again")
    ids, kind = model.get("vocab"), model.get("type", "BPE" if "merges" in model else None)
    if kind not in ("BPE", "WordPiece"):
        raise InputError(f"{path}: model.type is {kind!r}; BPE on bytes and WordPiece are supported")
    if not isinstance(ids, dict) or not all(type(number) is int for number in ids.values()):
        raise InputError(f"{path}: model.vocab is not an object of tokens and ids; download the folder again")
    added = content.get("added_tokens") or []
    try:
        special = {entry["content"]: entry["id"] for entry in added}
    except (TypeError, KeyError):
        raise InputError(f"{path}: added_tokens is not a list of content and id; download the folder again") from None
    for token, number in special.items():
        if ids.get(token, number) != number or not isinstance(token, str) or type(number) is not int:
            raise InputError(f"{path}: added_tokens gives {token!r} the id {number}, model.vocab {ids.get(token)}")
    try:
        if kind == "BPE":
            return byte_level(content, {**ids, **special}, model.get("merges"), tuple(special))
        normalizer = content.get("normalizer") or {}
        if normalizer.get("type") != "BertNormalizer":
            raise InputError(f"normalizer is {normalizer.get('type')!r}; for WordPiece BertNormalizer is supported")
        return WordPiece({**ids, **special}, normalizer.get("lowercase", True) is True, tuple(special) or SPECIAL)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def byte_level(content, ids, merges, special):
    """Byte-level BPE; other kinds split and spell differently, and are refused."""
    before = content.get("pre_tokenizer") or {}
    if before.get("type") != "ByteLevel" or before.get("add_prefix_space") or not before.get("use_regex", True):
        raise InputError("pre_tokenizer is not GPT-2's ByteLevel; other ways of splitting are not supported")
    if content.get("normalizer"):
        raise InputError("a normalizer before BPE is not supported")
    if not isinstance(merges, list):
        raise InputError("model.merges is not a list; download the folder again")
    pairs = [tuple(pair.split(" ")) if isinstance(pair, str) else pair for pair in merges]
    for number, pair in enumerate(pairs, start=1):
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            raise InputError(f"model.merges, entry {number}: a merge is two tokens, not {str(pair)[:60]}")
    return ByteBPE(ids, pairs, special)
