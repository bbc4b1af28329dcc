"""A folder's tokenizer as Transformers' AutoTokenizer reads it, whichever version wrote the folder.

    config.json               model_type, which has a tokenizer's class
    tokenizer_config.json     tokenizer_class, and what the class is told: do_lower_case, strip_accents,
                              add_prefix_space, the names of the special tokens; since version 4.34
                              added_tokens_decoder, all added tokens
    special_tokens_map.json, added_tokens.json      the same in older folders; read where there is no decoder
    tokenizer.json            the vocabulary, merges, added tokens. A class makes cleaning and splitting itself, from
                              tokenizer_config.json; where none is named, or the general one, they are taken from here
    vocab.txt, or vocab.json and merges.txt         the vocabulary where there is no tokenizer.json

An added token that the vocabulary has not gets the next free id. Where a file gives it another one, the file is
refused: what the model learnt for it, and what Transformers' present version would give it, are then two things.
"""

from pathlib import Path

from minilm.errors import InputError, bare, said
from minilm.storage import json_file
from minilm.text import byte_bpe, tokenizer_json, wordpiece
from minilm.text.added_tokens import AddedToken
from minilm.text.byte_bpe import ByteBPE, read_merges
from minilm.text.tokenizer_json import AGAIN, field, only
from minilm.text.wordpiece import WordPiece, read_lines

NAMES = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
BERT, GPT2, GENERAL, FILES = "BertTokenizer", "GPT2Tokenizer", "PreTrainedTokenizer", ""
CLASSES = {  # what a class is to us; DistilBERT's takes cleaning from a tokenizer.json, if there is one
    **dict.fromkeys((BERT, "ElectraTokenizer", "MobileBertTokenizer", "LayoutLMTokenizer", "LxmertTokenizer"), BERT),
    **dict.fromkeys(("SqueezeBertTokenizer", "DistilBertTokenizer", "ConvBertTokenizer"), BERT),
    GPT2: GPT2, GENERAL: GENERAL, "TokenizersBackend": GENERAL,
}  # fmt: skip
EXTRA, ADDITIONAL = "extra_special_tokens", "additional_special_tokens"  # the newer and the older name
BY_FILE = ("DistilBertTokenizer", "ConvBertTokenizer")
TYPES = {"bert": BERT, "distilbert": BERT, "electra": BERT, "mobilebert": BERT, "gpt2": GPT2, "gpt_neo": GPT2}
FILES_OF = {WordPiece: "vocab.txt", ByteBPE: "vocab.json"}
DEFAULTS: dict[str, dict[str, str]] = {BERT: wordpiece.MARKS, GPT2: byte_bpe.MARKS, GENERAL: {}, FILES: {}}


def load(folder):
    """A WordPiece or a ByteBPE. Raises InputError, naming file and field, for what is damaged or not supported."""
    folder = Path(folder)
    path, settings = optional(folder, "tokenizer_config.json")
    kind, name = class_of(folder, path, settings)
    check(path, settings)
    rename(settings)
    whole = folder / tokenizer_json.FILE
    content = tokenizer_json.read(whole) if whole.exists() else None
    decoder = decoder_of(folder, path, settings, content)
    marks = marks_of(path, settings, kind, decoder)
    tokens = []
    if content is not None:
        by_file = kind in (GENERAL, FILES) or name in BY_FILE
        made_by, arguments = from_json(whole, content, kind, by_file)
        tokens += [token for token, _ in tokenizer_json.added_tokens(whole, content)] if by_file else []
    else:
        made_by, arguments = from_files(folder, kind, decoder, marks)
    if content is None or kind != GENERAL and name not in BY_FILE:
        tell(path, settings, made_by, arguments)
    if kind == BERT and "unk_token" in marks:
        arguments["unknown"] = marks["unk_token"].content
    tokens += [token for _, (token, _) in sorted(decoder.items())]
    known = {token.content for token in tokens}
    if ADDITIONAL in settings and EXTRA not in settings:
        settings[EXTRA] = settings.pop(ADDITIONAL)
    named = [token for token in (*marks.values(), *extra_of(path, settings)) if token.content not in known]
    tokens += dict.fromkeys(named)  # of one content with other flags each counts, the last most
    special, added = ids_of(tokens, arguments["ids"])
    for number, (token, where) in decoder.items():
        has = added.get(token.content, arguments["ids"].get(token.content))
        if has is not None and has != number:
            found = f"{where} of {said(token.content)} is {said(number)}, but in the vocabulary it has {said(has)}"
            raise InputError(f"{found}; save the tokenizer again with Transformers")
    names = {name: token.content for name, token in marks.items()}
    try:
        return made_by(**arguments, special=special, added=added, marks=names)
    except InputError as error:
        place = f"{whole}: model" if content is not None else folder / FILES_OF[made_by]
        raise InputError(f"{place}: {error}") from None


def check(path, settings):
    """Raise InputError for what would change the ids and is not supported, by its name."""
    only(path, settings, "split_special_tokens", False)
    if settings.get("auto_map") is not None:
        raise InputError(f"{path}: auto_map names code of the folder's own, which is not run")
    if field(path, settings, "fast_tokenizer_files", list, ["tokenizer.json"]) != ["tokenizer.json"]:
        raise InputError(f"{path}: fast_tokenizer_files names a file for each version; only tokenizer.json is read")


def optional(folder, name):
    """(path, content) of a file of settings; an empty one where there is none."""
    path = folder / name
    return path, json_file.read_object(path) if path.exists() else {}


def class_of(folder, path, settings):
    """(one of BERT, GPT2, GENERAL, FILES, the class's own name). Raises InputError for another class, by its name."""
    where, config = optional(folder, "config.json")
    place, name = (where, config) if settings.get("tokenizer_class") is None else (path, settings)
    name = field(place, name, "tokenizer_class", str, "").removesuffix("Fast")
    if name:
        if name not in CLASSES:
            raise InputError(f"{place}: tokenizer_class is {said(name)}; supported are {', '.join(CLASSES)}")
        return CLASSES[name], name
    model_type = field(where, config, "model_type", str, "")
    if model_type and model_type not in TYPES:
        raise InputError(f"{where}: the tokenizer of the model_type {said(model_type)} is not supported")
    return TYPES.get(model_type, FILES), model_type


def decoder_of(folder, path, settings, content):
    """{id: (added token, where it stands)}; what older files say of special tokens goes into `settings`."""
    found: dict[int, tuple[AddedToken, str]] = {}
    if "added_tokens_decoder" in settings:
        for key, entry in field(path, settings, "added_tokens_decoder", dict).items():
            name = f"added_tokens_decoder[{said(key, 20)}]"
            if not key.isdecimal() or not key.isascii() or len(key) > 10 or not isinstance(entry, dict):
                raise InputError(f"{path}: {name} is not an id and a token; {AGAIN}")
            found[int(key)] = tokenizer_json.added_token(path, entry, name), f"{path}: {name}"
        return found
    where, older = optional(folder, "special_tokens_map.json")
    for name, value in older.items():
        if name == EXTRA and isinstance(value, list):
            settings[EXTRA] = [*extra_of(path, settings), *extra_of(where, older)]
        elif isinstance(value, dict) and name != EXTRA:
            settings[name] = tokenizer_json.added_token(where, value, bare(name, 40), special=True)
        else:
            settings[name] = value
    rename(settings, only_named=True)
    # A token that tokenizer_config.json describes as an object is not known there as one of the special ones.
    given = [settings.get(name) for name in NAMES] + field(path, settings, EXTRA, list, [])
    special = {getattr(token, "content", token) for token in given if isinstance(token, (str, AddedToken))}
    where, older = optional(folder, "added_tokens.json")
    for token, number in older.items():
        number = field(where, older, token, int) if type(number) is not int else number
        entry = {"content": token, "special": token in special}
        found[number] = tokenizer_json.added_token(where, entry, said(token, 40)), f"{where}: the id"
    where = folder / tokenizer_json.FILE
    for index, (token, number) in enumerate(tokenizer_json.added_tokens(where, content or {})):
        found[number] = token, f"{where}: added_tokens[{index}].id"
    return found


def marks_of(path, settings, kind, decoder):
    """{name: token} of the special tokens that have names; what was said of a token where it was added holds."""
    given = DEFAULTS[kind] | {name: settings[name] for name in NAMES if name in settings}
    added = {token.content: token for token, _ in decoder.values()}
    found = {}
    for name in NAMES:
        if given.get(name) is not None:
            token = token_of(path, given[name], name)
            found[name] = special(added.get(token.content, token))
    for name, value in settings.items():  # a model's own: image_token
        if name.endswith("_token") and name not in NAMES and isinstance(value, (str, AddedToken, dict)):
            found[name] = special(token_of(path, value, bare(name, 40)))
    return found


def rename(settings, only_named=False):
    """Further special tokens by their newer name; those with names of their own go beside the others."""
    if not only_named and ADDITIONAL in settings and not settings.get(EXTRA):
        settings[EXTRA] = settings.pop(ADDITIONAL)
    if isinstance(settings.get(EXTRA), dict):
        named = settings.pop(EXTRA)
        settings |= {name if name.endswith("_token") else f"{name}_token": token for name, token in named.items()}


def special(token):
    return token if token.special else AddedToken(**{**vars(token), "special": True})


def extra_of(path, settings):
    """Further special tokens, which have no names."""
    entries = field(path, settings, EXTRA, list, [])
    return [token_of(path, entry, f"{EXTRA}[{i}]") for i, entry in enumerate(entries)]


def token_of(path, value, name):
    """The token that a setting names, by its text or as an object of `__type` AddedToken."""
    if isinstance(value, AddedToken):
        return value
    if isinstance(value, dict) and value.get("__type") == "AddedToken":
        return tokenizer_json.added_token(path, value, name)
    if not isinstance(value, str):
        raise InputError(f"{path}: {name} is {said(value)}, not a token; {AGAIN}")
    return tokenizer_json.added_token(path, {"content": value, "special": True}, name)


def from_json(path, content, kind, by_file):
    """(class, arguments) of a tokenizer.json. Raises InputError where its model is not the class's."""
    model = field(path, content, "model", dict)
    model_kind = field(path, model, "model.type", str, tokenizer_json.untyped(model))
    wanted = {BERT: "WordPiece", GPT2: "BPE"}.get(kind, model_kind)
    if model_kind != wanted:
        raise InputError(f"{path}: model.type is {said(model_kind)}, but the tokenizer_class {kind} is of {wanted}")
    if model_kind == "BPE":
        return ByteBPE, tokenizer_json.bpe(path, content, by_file)
    arguments = tokenizer_json.wordpiece(path, content)
    return WordPiece, arguments if by_file else {"ids": arguments["ids"]}


def from_files(folder, kind, decoder, marks):
    """(class, arguments) of a vocab.txt, or of a vocab.json and merges.txt."""
    if kind != GPT2 and kind != GENERAL and (folder / "vocab.txt").exists():
        return WordPiece, {"ids": read_lines(folder / "vocab.txt")}
    if kind in (GPT2, FILES) and (folder / "vocab.json").exists():
        path = folder / "vocab.json"
        ids = tokenizer_json.vocabulary(json_file.read(path), path, "the file")
        merges = read_merges(folder / "merges.txt")
        known = {token.content for token, _ in decoder.values()} | {token.content for token in marks.values()}
        ByteBPE.check_files(folder, ids, merges, known)
        return ByteBPE, {"ids": ids, "merges": merges}
    files = {BERT: "tokenizer.json or vocab.txt", GPT2: "tokenizer.json, or vocab.json and merges.txt"}
    wanted = files.get(kind, "tokenizer.json" if kind else "tokenizer.json, vocab.json and merges.txt, or vocab.txt")
    raise InputError(f"{folder}: no tokenizer in it; {wanted} wanted")


def tell(path, settings, made_by, arguments):
    """Add what tokenizer_config.json tells a class to the arguments."""
    if made_by is WordPiece:
        only(path, settings, "do_basic_tokenize", True)
        names = {"lower": "do_lower_case", "chinese": "tokenize_chinese_chars", "accents": "strip_accents"}
        for argument, name in names.items():
            if settings.get(name) is not None:
                arguments[argument] = field(path, settings, name, bool)
    elif settings.get("add_prefix_space") is not None:
        arguments["prefix_space"] = field(path, settings, "add_prefix_space", bool)


def ids_of(tokens, ids):
    """(the added tokens, each once, the ids of those that `ids` has not), given out as tokenizers does."""
    added: dict[str, int] = {}
    found: dict[str, AddedToken] = {}
    highest = -1
    for token in tokens:
        content = token.content
        if not content:
            continue
        if content not in ids and content not in added:
            added[content] = max(highest + 1, len(ids))
        highest = max(highest, added.get(content, ids.get(content, -1)))
        found[content] = token  # of several the last counts
    return list(found.values()), added
