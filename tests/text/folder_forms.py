"""The forms in which Transformers' versions 3 to 5 left a tokenizer's folder, each beside AutoTokenizer's own ids.

    python tests/text/folder_forms.py --texts 5000 --random 1000

compares all forms by so many random texts each, and so many random forms, in which settings and tokens stand by chance.

A form is written by hand, file by file, as those versions wrote them. Transformers' present version says what the ids are.
"""

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from minilm.data import grammar
from minilm.errors import InputError
from minilm.text.byte_bpe import ByteBPE
from minilm.text.tokenizers import load_tokenizer
from minilm.text.wordpiece import WordPiece

SHARED = Path(__file__).resolve().parents[3] / "shared" / "models" / "tokenizers"
TEXT = "\n".join(f"{a} {b} It's 3.5°C — naïve café, «Ünïcödé»! we'll cats covid grafts" for a, b in grammar.pairs()[:400])
SIGNS = "  \t\n.,!?-_'\"[]<>|#@/éÉüßİſ猫喜漢かなカ한\u0301\u0323\u200d\u00a0\u3000🙂Ωσς½²"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
NAMED = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True))
END = "<|endoftext|>"
ADDED = ["[E1]", "xovid", "Graft", "<x>", "龘", "new token", "ing", "Ünï", " lead", "[MASK]", END, "<pad>", "he"]


def plain(ids):
    return sorted(ids, key=ids.get)


PIECE = plain(WordPiece.train(TEXT, 900).ids)
CASED = plain(WordPiece.train(TEXT, 900, lower=False).ids)
BPE = ByteBPE.train(TEXT, 200)
UNUSED = next(t for t in BPE.ids if len(t) == 1 and t > "ÿ" and not any(t in a + b for a, b in BPE.merges))


def write(folder, name, content):
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")


def added(content, number=None, **flags):
    entry = {"content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return (entry if number is None else {"id": number, **entry}) | flags


def text_flag(content, number=None, **flags):
    return added(content, number, **({"normalized": True, "special": False} | flags))


def bert(tokens=PIECE, config=None, text_file=True, **files):
    """A BERT's folder: vocab.txt, config.json, and what `files` names: tokenizer_config={...} and so on."""

    def make(folder):
        if text_file:
            write(folder, "vocab.txt", "\n".join(tokens) + "\n")
        if config is not False:
            write(folder, "config.json", {"model_type": "bert", "vocab_size": len(tokens) + 20} | (config or {}))
        for name, content in files.items():
            write(folder, f"{name}.json", content)

    return make


def fast(tokens=PIECE, more=(), model=None, special=SPECIAL, **normalizer):
    """A tokenizer.json of WordPiece."""
    vocab = {token: number for number, token in enumerate(tokens)}
    entries = [added(token, vocab[token]) for token in special if token in vocab] + list(more)
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": entries,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
                       "lowercase": True} | normalizer,
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {t: {"id": t, "ids": [vocab.get(t, 0)], "tokens": [t]} for t in ("[CLS]", "[SEP]")}},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": vocab} | (model or {}),
    }  # fmt: skip


def untyped(content):
    del content["model"]["type"]
    return content


def gpt2(files=("vocab", "merges"), config=None, vocabulary=None, **more):
    """A GPT-2's folder."""

    def make(folder):
        if "vocab" in files:
            write(folder, "vocab.json", vocabulary or BPE.ids)
            write(folder, "merges.txt", "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in BPE.merges))
        if config is not False:
            write(folder, "config.json", {"model_type": "gpt2", "vocab_size": BPE.size + 20} | (config or {}))
        for name, content in more.items():
            write(folder, f"{name}.json", content)

    return make


def fast_bpe(more=(), pairs=False, before=None, model=None):
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [added(END, BPE.ids[END]), *more],
        "normalizer": None, "pre_tokenizer": level | (before or {}), "post_processor": level, "decoder": level,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
                  "end_of_word_suffix": "", "fuse_unk": False, "vocab": BPE.ids,
                  "merges": [list(p) if pairs else " ".join(p) for p in BPE.merges]} | (model or {}),
    }  # fmt: skip


def typed(content, **flags):
    return {"__type": "AddedToken", **added(content), **flags}


assert not {"[E1]", "xovid", "Graft", "龘", "<x>"} & {*PIECE, *CASED, *BPE.ids}
N, B = len(PIECE), BPE.size
GAPS = [*PIECE[:40], "", "", *PIECE[40:], PIECE[50], PIECE[60], ""]
LISTED = {str(PIECE.index(t)): added(t) for t in SPECIAL}
GENERAL, ENDED = {"tokenizer_class": "PreTrainedTokenizerFast"}, {"bos_token": END, "eos_token": END, "unk_token": END}
FORMS = {
    # slow folders of version 3 and 4
    "vocab.txt alone": bert(),
    "vocab.txt, class": bert(tokenizer_config={"tokenizer_class": "BertTokenizer"}, config=False),
    "hub's uncased": bert(tokenizer_config={"do_lower_case": True, "model_max_length": 512}),
    "hub's cased": bert(CASED, tokenizer_config={"do_lower_case": False, "model_max_length": 512}),
    "lower, accents kept": bert(tokenizer_config={"do_lower_case": True, "strip_accents": False}),
    "cased, accents go": bert(CASED, tokenizer_config={"do_lower_case": False, "strip_accents": True}),
    "no Chinese": bert(tokenizer_config={"tokenize_chinese_chars": False}),
    "no Chinese, cased": bert(CASED, tokenizer_config={"tokenize_chinese_chars": False, "do_lower_case": False}),
    "version 3": bert(special_tokens_map=NAMED, tokenizer_config={"do_lower_case": True, "special_tokens_map_file": None}),
    "version 4": bert(special_tokens_map=NAMED, tokenizer_config=NAMED | {
        "do_lower_case": True, "do_basic_tokenize": True, "never_split": None, "strip_accents": None,
        "tokenizer_class": "BertTokenizer", "tokenize_chinese_chars": True, "model_max_length": 512}),
    "added_tokens.json": bert(added_tokens={"[E1]": N}),
    "added_tokens.json of several": bert(added_tokens={"[E1]": N, "xovid": N + 1, "Graft": N + 2, "龘": N + 3}),
    "added_tokens.json, cased": bert(CASED, added_tokens={"Graft": len(CASED), "Ünï": len(CASED) + 1},
                                     tokenizer_config={"do_lower_case": False}),
    "additional, configured": bert(added_tokens={"[E1]": N}, tokenizer_config={"additional_special_tokens": ["[E1]"]}),
    "additional, mapped": bert(added_tokens={"[E1]": N, "<x>": N + 1},
                               special_tokens_map=NAMED | {"additional_special_tokens": ["[E1]", "<x>"]}),
    "additional without ids": bert(tokenizer_config={"additional_special_tokens": ["[E1]", "xovid"]}),
    "additional as objects": bert(tokenizer_config={"additional_special_tokens": [typed("[E1]", lstrip=True)]}),
    "mask with lstrip": bert(special_tokens_map=NAMED | {"mask_token": {k: v for k, v in added("[MASK]", lstrip=True).items() if k != "special"}}),
    "mask as object": bert(tokenizer_config={"mask_token": typed("[MASK]", lstrip=True, rstrip=True)}),
    "mask normalized": bert(special_tokens_map=NAMED | {"mask_token": {"content": "[MASK]", "normalized": True}}),
    "other unknown": bert(["<unk>" if t == "[UNK]" else t for t in PIECE], tokenizer_config={"unk_token": "<unk>"}),
    "other signs": bert([{"[CLS]": "<s>", "[SEP]": "</s>", "[MASK]": "<m>"}.get(t, t) for t in PIECE],
                        tokenizer_config={"cls_token": "<s>", "sep_token": "</s>", "mask_token": "<m>"}),
    "no mask in the vocabulary": bert([t for t in PIECE if t != "[MASK]"]),
    "repeated and blank lines": bert(GAPS),
    "lines with spaces": bert([f"{t} " if i % 50 == 7 else t for i, t in enumerate(PIECE)]),
    "lines of Windows": lambda folder: (bert()(folder), (folder / "vocab.txt").write_bytes("\r\n".join(PIECE).encode())),
    "class in config.json": bert(config={"tokenizer_class": "BertTokenizerFast"}),
    "Electra's class": bert(tokenizer_config={"tokenizer_class": "ElectraTokenizer"}),
    "DistilBERT": bert(config={"model_type": "distilbert"}, tokenizer_config={"tokenizer_class": "DistilBertTokenizer"}),
    "DistilBERT, cased": bert(CASED, config={"model_type": "distilbert"}, tokenizer_config={"do_lower_case": False}),
    "added_tokens_decoder, slow": bert(tokenizer_config={"added_tokens_decoder": LISTED | {str(N): added("[E1]"),
        str(N + 1): text_flag("xovid"), str(N + 2): text_flag("Graft", single_word=True)}, **NAMED}),
    "decoder, pieces": bert(tokenizer_config={"added_tokens_decoder": LISTED | {str(PIECE.index("he")): text_flag("he")}}),
    "decoder, all flags": bert(tokenizer_config={"added_tokens_decoder": {
        str(N): added("[E1]", lstrip=True), str(N + 1): added("xovid", rstrip=True),
        str(N + 2): added("Graft", single_word=True), str(N + 3): text_flag("ing", normalized=False),
        str(N + 4): text_flag("new token", lstrip=True, rstrip=True), str(N + 5): text_flag("Ünï", special=True)}}),
    # tokenizer.json beside them
    "tokenizer.json": bert(tokenizer=fast(), text_file=False),
    "tokenizer.json, both": bert(tokenizer=fast()),
    "tokenizer.json without type": bert(tokenizer=untyped(fast())),
    "tokenizer.json alone": bert(tokenizer=fast(CASED, lowercase=False), text_file=False, config=False),
    "configured cased": bert(CASED, tokenizer=fast(CASED), tokenizer_config={"do_lower_case": False}),
    "configured accents": bert(tokenizer=fast(), tokenizer_config={"strip_accents": False, "tokenizer_class": "BertTokenizerFast"}),
    "configured Chinese": bert(tokenizer=fast(), tokenizer_config={"tokenize_chinese_chars": False}),
    "file cased, not configured": bert(CASED, tokenizer=fast(CASED, lowercase=False)),
    "file added": bert(tokenizer=fast(more=[added("xovid", N), text_flag("Graft", N + 1, single_word=True)])),
    "file added, flags": bert(tokenizer=fast(more=[added("[E1]", N, lstrip=True, rstrip=True), text_flag("new token", N + 1),
                                                   text_flag("龘", N + 2), added("ing", N + 3, single_word=True)])),
    "file added, listed": bert(tokenizer=fast(more=[added("[E1]", N)]), tokenizer_config=NAMED | {
        "added_tokens_decoder": LISTED | {str(N): added("[E1]")}, "additional_special_tokens": ["[E1]"],
        "tokenizer_class": "BertTokenizer", "clean_up_tokenization_spaces": True}),
    "file added, file of added": bert(tokenizer=fast(more=[text_flag("xovid", N)]), added_tokens={"xovid": N}, special_tokens_map=NAMED),
    "version 5": bert(text_file=False, tokenizer=fast(more=[added("[E1]", N)]), tokenizer_config=NAMED | {
        "backend": "tokenizers", "extra_special_tokens": ["[E1]"], "do_lower_case": True, "is_local": True,
        "tokenizer_class": "BertTokenizer", "strip_accents": None, "tokenize_chinese_chars": True}),
    "version 5, named": bert(tokenizer=fast(), tokenizer_config={"extra_special_tokens": {"image_token": "<x>"}, "boi_token": "[E1]"}),
    "general class": bert(CASED, tokenizer=fast(CASED, lowercase=False), tokenizer_config=GENERAL),
    "general class, accents": bert(tokenizer=fast(strip_accents=False), tokenizer_config=GENERAL | NAMED, text_file=False),
    "general class, added": bert(tokenizer=fast(more=[added("xovid", N)]), tokenizer_config=GENERAL | {
        "added_tokens_decoder": LISTED | {str(N): added("xovid")}, "mask_token": "[MASK]"}),
    "general class, more": bert(tokenizer=fast(), tokenizer_config=GENERAL | {"pad_token": "<pad>", "additional_special_tokens": ["[E1]"]}),
    "general class, short words": bert(tokenizer=fast(model={"max_input_chars_per_word": 4}), tokenizer_config=GENERAL),
    "backend's class": bert(tokenizer=fast(lowercase=False), tokenizer_config={"tokenizer_class": "TokenizersBackend"}),
    "short words, own class": bert(tokenizer=fast(model={"max_input_chars_per_word": 4})),
    "DistilBERT, file cased": bert(CASED, config={"model_type": "distilbert"}, tokenizer=fast(CASED, lowercase=False)),
    # byte-level BPE
    "GPT-2": gpt2(),
    "GPT-2, class": gpt2(config=False, tokenizer_config={"tokenizer_class": "GPT2Tokenizer"}),
    "GPT-2, version 3": gpt2(special_tokens_map=ENDED, tokenizer_config={"model_max_length": 1024}),
    "GPT-2, version 4": gpt2(tokenizer_config={"add_prefix_space": False, "errors": "replace", "tokenizer_class": "GPT2Tokenizer",
        **{name: typed(END, normalized=True) for name in ENDED}}),
    "GPT-2, mapped objects": gpt2(special_tokens_map={name: {"content": END, "normalized": True} for name in ENDED}),
    "GPT-2, space first": gpt2(tokenizer_config={"add_prefix_space": True}),
    "GPT-2, space first, added": gpt2(tokenizer_config={"add_prefix_space": True, "added_tokens_decoder": {
        str(BPE.ids[END]): added(END), str(B): added("<x>"), str(B + 1): text_flag("xovid")}}),
    "GPT-2, padding": gpt2(added_tokens={"<pad>": B}, special_tokens_map=ENDED | {"pad_token": "<pad>"}),
    "GPT-2, padding in the vocabulary": gpt2(vocabulary=BPE.ids | {"<pad>": B}, special_tokens_map=ENDED | {"pad_token": "<pad>"}),
    "GPT-2, added words": gpt2(added_tokens={"xovid": B, " lead": B + 1, "new token": B + 2}),
    "GPT-2, additional": gpt2(tokenizer_config={"additional_special_tokens": ["<x>", "[E1]"]}),
    "GPT-2, decoder": gpt2(tokenizer_config={"added_tokens_decoder": {str(BPE.ids[END]): added(END, normalized=True),
        str(B): added("[E1]", lstrip=True), str(B + 1): text_flag("Graft", single_word=True, rstrip=True)}}),
    "GPT-2, general end": gpt2(tokenizer_config={"bos_token": "<s>", "eos_token": "</s>", "unk_token": None}),
    "GPT-2, tokenizer.json": gpt2((), tokenizer=fast_bpe()),
    "GPT-2, tokenizer.json, pairs": gpt2((), tokenizer=fast_bpe(pairs=True)),
    "GPT-2, tokenizer.json, both": gpt2(tokenizer=fast_bpe(), tokenizer_config={"add_prefix_space": True}),
    "GPT-2, file's space": gpt2(tokenizer=fast_bpe(before={"add_prefix_space": True})),
    "GPT-2, file added": gpt2(tokenizer=fast_bpe([added("<x>", B), text_flag("xovid", B + 1), text_flag("ing", BPE.ids["ing"], single_word=True)])),
    "GPT-2, general class": gpt2((), tokenizer=fast_bpe(before={"add_prefix_space": True}), tokenizer_config=GENERAL | ENDED),
    "GPT-2, general class, configured": gpt2((), tokenizer=fast_bpe(), tokenizer_config=GENERAL | {"add_prefix_space": True}),
    "GPT-2, version 5": gpt2((), tokenizer=fast_bpe([added("[E1]", B)]), tokenizer_config=ENDED | {"backend": "tokenizers",
        "add_prefix_space": False, "tokenizer_class": "GPT2Tokenizer", "extra_special_tokens": ["[E1]"], "pad_token": None}),
    "GPT-2, no type": gpt2((), tokenizer=untyped(fast_bpe())),
    "GPT-2, bytes missing": gpt2(config={}, tokenizer=fast_bpe(model={"vocab": {t: i for t, i in BPE.ids.items() if t != UNUSED}})),
    "GPT-Neo": gpt2(config={"model_type": "gpt_neo"}),
}  # fmt: skip
REFUSED = {  # and what the refusal names
    "a Japanese class": (bert(tokenizer_config={"tokenizer_class": "BertJapaneseTokenizer"}), "tokenizer_class is 'BertJapaneseTokenizer'"),
    "another class in config.json": (bert(config={"tokenizer_class": "RobertaTokenizer"}), "config.json: tokenizer_class"),
    "another model": (gpt2(config={"model_type": "roberta"}), "config.json: .* model_type 'roberta'"),
    "code": (bert(tokenizer_config={"auto_map": {"AutoTokenizer": ["a.B", None]}}), "auto_map"),
    "specials as text": (bert(tokenizer_config={"split_special_tokens": True}), "split_special_tokens"),
    "an id that is not next": (bert(added_tokens={"[E1]": N + 5}), "added_tokens.json: the id of '\\[E1\\]'"),
    "a decoder's id": (bert(tokenizer_config={"added_tokens_decoder": {"3": added("[E1]")}}), "added_tokens_decoder\\['3'\\]"),
    "no basic tokenizer": (bert(tokenizer_config={"do_basic_tokenize": False}), "do_basic_tokenize"),
    "a file for each version": (bert(tokenizer=fast(), tokenizer_config={"fast_tokenizer_files": ["tokenizer.4.0.0.json"]}), "fast_tokenizer_files"),
    "a class of another model": (bert(tokenizer=fast_bpe(), text_file=False), "model.type is 'BPE'"),
    "no tokenizer.json": (bert(tokenizer_config=GENERAL), "tokenizer.json wanted"),
    "no [UNK]": (bert(PIECE[5:]), r"no '\[UNK\]'"),
    "a normalizer": (gpt2((), tokenizer=fast_bpe() | {"normalizer": {"type": "NFC"}}), "normalizer is not null"),
    "a token that is none": (bert(tokenizer_config={"mask_token": ["[MASK]"]}), "mask_token"),
}  # fmt: skip


def real_forms():
    """Folders of real vocabularies, where they lie beside the checkout."""
    if not SHARED.exists():
        return {}
    cased, chinese = ((SHARED / f"bert_base_{name}_vocab.txt").read_text(encoding="utf-8").split("\n")[:-1] for name in ("cased", "chinese"))

    def gpt(folder):
        write(folder, "config.json", {"model_type": "gpt2"})
        for ours, theirs in (("vocab.json", "gpt2-vocab.json"), ("merges.txt", "gpt2-merges.txt")):
            (folder / ours).write_bytes((SHARED / theirs).read_bytes())

    return {
        "real cased": bert(cased, tokenizer_config={"do_lower_case": False}),
        "real cased, lowered": bert(cased),
        "real Chinese": bert(chinese, tokenizer_config={"do_lower_case": False}),
        "real Chinese, file": bert(chinese, tokenizer=fast(chinese, more=[added("xovid", len(chinese))])),
        "real GPT-2": gpt,
    }


def random_form(seed):
    """A folder in which tokens and settings stand in files by chance, also where they contradict each other."""
    rng = random.Random(seed)
    maybe = lambda share, content: content if rng.random() < share else {}
    word_pieces = rng.random() < 0.6
    tokens = rng.choice([PIECE, CASED])
    vocab = {token: number for number, token in enumerate(tokens)} if word_pieces else BPE.ids
    names = NAMED if word_pieces else dict.fromkeys(["bos_token", "eos_token", "unk_token", "pad_token"], END)
    new = rng.sample([token for token in ADDED if token not in vocab], rng.randrange(4))
    ids = {token: len(vocab) + i for i, token in enumerate(new)} | maybe(0.3, {token: vocab[token] for token in rng.sample(list(vocab), 1)})

    def entry(token, number=None):
        flags = {flag: rng.random() < 0.4 for flag in ("lstrip", "rstrip", "single_word")} | maybe(0.3, {"normalized": rng.random() < 0.5})
        return rng.choice([added, text_flag])(token, number, **flags)

    def special(share, spell):
        found = {}
        for name, usual in names.items():
            if rng.random() < share:
                token = usual if rng.random() < 0.7 or name == "unk_token" else rng.choice([*ids, "<q>"])
                found[name] = token if rng.random() < 0.6 else spell(entry(token))
        return found

    listed = {str(number): entry(token) for token, number in ids.items()} | maybe(0.5, {str(vocab[t]): entry(t) for t in names.values() if t in vocab})
    own = "BertTokenizer" if word_pieces else "GPT2Tokenizer"
    settings = {
        **maybe(0.5, {"do_lower_case": rng.random() < 0.5}), **maybe(0.3, {"strip_accents": rng.choice([True, False, None])}),
        **maybe(0.3, {"tokenize_chinese_chars": rng.random() < 0.5}), **maybe(0.3, {"add_prefix_space": rng.random() < 0.5}),
        **maybe(0.8, {"tokenizer_class": rng.choice([own, own + "Fast", "PreTrainedTokenizerFast", "TokenizersBackend"])}),
        **special(0.3, lambda e: {"__type": "AddedToken", **e}), **maybe(0.4, {"added_tokens_decoder": listed}),
        **maybe(0.3, {"additional_special_tokens": rng.sample(ADDED, rng.randrange(3))}), **maybe(0.1, {"image_token": "<x>"}),
        **maybe(0.2, {"extra_special_tokens": rng.choice([rng.sample(ADDED, 2), {"x_token": "<x>"}, [typed("[E1]", lstrip=True)]])}),
    }  # fmt: skip
    mapped = {
        **special(0.5, lambda e: {key: value for key, value in e.items() if key != "special"}),
        **maybe(0.4, {"additional_special_tokens": rng.sample(ADDED, 2)}), **maybe(0.2, {"extra_special_tokens": rng.sample(ADDED, 1)}),
    }  # fmt: skip
    more = [entry(token, number) for token, number in ids.items()] if rng.random() < 0.7 else []
    whole = (
        fast(tokens, more, lowercase=rng.random() < 0.5, strip_accents=rng.choice([None, True, False]))
        if word_pieces else fast_bpe(more, rng.random() < 0.5, {"add_prefix_space": rng.random() < 0.3})
    )  # fmt: skip
    with_json = rng.random() < 0.6
    files = {
        **({"tokenizer": whole} if with_json else {}), **maybe(0.9, {"tokenizer_config": settings}),
        **maybe(0.4, {"special_tokens_map": mapped}), **maybe(0.4, {"added_tokens": ids}),
    }  # fmt: skip
    text_file = not with_json or rng.random() < 0.5
    return bert(tokens, text_file=text_file, **files) if word_pieces else gpt2(("vocab", "merges") if text_file else (), **files)


def compare_random(seed, number):
    """`compare` for a random form; None where the reference cannot read it, and InputError's message where we cannot."""
    make = random_form(seed)
    with tempfile.TemporaryDirectory() as name:
        make(Path(name))
        try:
            reference(Path(name))
        except Exception:
            return None
    try:
        return compare(make, number, seed)
    except InputError as error:
        return str(error)


def texts(number, seed=0):
    """Random texts: pieces of words, signs, added tokens, any case, any order."""
    rng = random.Random(seed)
    words = TEXT.replace("\n", " ").split(" ")
    for _ in range(number):
        parts = []
        for _ in range(rng.randrange(1, 14)):
            kind = rng.random()
            if kind < 0.45:
                parts.append(rng.choice(words))
            elif kind < 0.65:
                parts.append(rng.choice(ADDED + SPECIAL))
            elif kind < 0.95:
                parts.append("".join(rng.choice(SIGNS) for _ in range(rng.randrange(1, 5))))
            else:
                parts.append(chr(rng.choice([rng.randrange(32, 0x3000), rng.randrange(0x3000, 0xD800), rng.randrange(0x10000, 0x20000)])))
            if rng.random() < 0.5:
                parts.append(" ")
        text = "".join(parts)
        yield rng.choice([str, str, str.upper, str.lower])(text)


def reference(folder):
    """AutoTokenizer of the folder; tokenizers' own reader for a tokenizer.json of which nobody says the class."""
    import os

    os.environ["HF_HUB_OFFLINE"] = "1"
    import transformers

    transformers.logging.set_verbosity_error()
    if {path.name for path in Path(folder).iterdir()} == {"tokenizer.json"}:
        import tokenizers

        peer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        return lambda text: peer.encode(text, add_special_tokens=False).ids
    peer = transformers.AutoTokenizer.from_pretrained(folder)
    return lambda text: peer(text, add_special_tokens=False).input_ids


def compare(make, number, seed=0):
    """(texts whose ids differ, the first of them with both ids) of a form."""
    with tempfile.TemporaryDirectory() as name:
        make(Path(name))
        peer, ours = reference(Path(name)), load_tokenizer(name)
        wrong = [(text, peer(text), ours.encode(text)) for text in texts(number, seed) if peer(text) != ours.encode(text)]
    return len(wrong), wrong[:1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=5000, help="random texts for each form (5000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="forms whose names hold this")
    parser.add_argument("--random", type=int, default=0, help="so many random forms too (0)")
    given = parser.parse_args()
    failed = 0
    forms = {name: make for name, make in (FORMS | real_forms()).items() if given.only in name}
    for name, make in forms.items():
        try:
            differ, first = compare(make, given.texts, given.seed)
        except InputError as error:
            differ, first = "refused", str(error)
        failed += differ != 0
        print(f"{name:36} {differ} of {given.texts} differ {first or ''}", flush=True)
    print(f"{len(forms) - failed} of {len(forms)} forms give the reference's ids for {given.texts} texts each")
    outcomes = Counter()
    for seed in range(given.seed, given.seed + given.random):
        found = compare_random(seed, 40)
        outcomes["not read by the reference" if found is None else "refused" if isinstance(found, str) else "differ" if found[0] else "same"] += 1
        if found not in (None, (0, [])):
            print(f"random form {seed}: {found}", flush=True)
    print(", ".join(f"{number} {outcome}" for outcome, number in outcomes.items()))
    return bool(failed + outcomes["differ"])


if __name__ == "__main__":
    sys.exit(main())
