"""Damaged and hostile files, by chance, for every reader: only InputError, one short line, no memory on a file's word.

    python tests/fuzz/readers.py --inputs 200000          that many over all readers, from a fresh seed that is printed
    python tests/fuzz/readers.py --only settings --seed 3

Each input is a whole folder of which one file was changed: bytes turned, cut, doubled; values of its JSON replaced by
what they cannot be. Whatever is still read is used: a text is encoded, a token generated.
"""

import argparse
import copy
import json
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from pathlib import Path

import numpy as np

import minilm
from minilm import tree
from minilm.data import conll, grammar
from minilm.data import labelled as labelled_data
from minilm.errors import InputError
from minilm.models import bert, encoder_decoder, gpt2, lstm_lm, lstm_tagger, text_classifier
from minilm.storage import best_weights, hub_gpt2, json_file, run_folder, safetensors
from minilm.tasks import search
from minilm.tasks.classification import Classifier
from minilm.tasks.language_modelling import LanguageModel
from minilm.tasks.masked_tokens import MaskedModel
from minilm.tasks.piece_tagging import PieceTagger
from minilm.tasks.tagging import Tagger
from minilm.tasks.translation import Language, Translator
from minilm.text.byte_bpe import ByteBPE
from minilm.text.characters import Characters
from minilm.text.tokenizers import load_tokenizer
from minilm.text.vocabulary import Vocabulary
from minilm.text.wordpiece import WordPiece
from minilm.text.words import Words

LONGEST = 300  # characters of a message
SLACK = json_file.FLOOR + 2**20  # bytes that any reader may take, besides four times its files
TEXT = "\n".join(f"{a} {b}" for a, b in grammar.pairs()[:40])
VALUES = [
    -1, 0, 1, 2, 3, 7, 10**6, 2**31, 2**40, 2**63, 10**400, -0.5, 0.5, 1.5, 1e300, float("nan"), float("inf"), True, False, None, "",
    "x", "\x1b[2J\x1b[31m", "a\nb", "\ud800", "y" * 5000, [], {}, [1], [[]], {"a": 1}, [None], ["[MASK]"], "[UNK]", "gpt2", "BertTokenizer",
]  # fmt: skip
BYTES = [b"", b"\0", b"\xff", b"\x1b[2J", b"\n", b"\n\n", b"{", b"[", b'"', b",", b"9" * 50, b"1e999", b"NaN", b"null", b"\xed\xa0\x80", b"#version"]


def drawn(outline):
    rng = np.random.default_rng(0)
    return tree.map(lambda leaf: rng.standard_normal(leaf.shape).astype(np.float32), outline)


def language_model(folder, model, config, tokenizer):
    made = LanguageModel(model, drawn(model.outline(config)), config, tokenizer, start=1, end=2)
    made.save(folder, {"preset": "tiny", "seed": 0})
    return made


def run_gpt(folder):
    made = language_model(folder, gpt2, gpt2.Config(vocabulary=30, max_positions=8, width=4, heads=2, inner=6, layers=2), Characters("abcdefghijklmnopqrstuvwxyz .,\n"))
    run_folder.write_checkpoint(folder, {"params": made.params, "step": np.array(3)})
    for step in range(4):
        run_folder.append_history(folder, {"step": step, "loss": 1.5, "tokens_per_second": 7})


def run_lstm(folder):
    tokenizer = Words.train("the cat and the dog and the bird", 12)
    language_model(folder, lstm_lm, lstm_lm.Config(vocabulary=tokenizer.size, embedding=3, hidden=4, layers=2), tokenizer)


def run_translator(folder):
    languages = Language("chinese", {"喜欢": 3, "编程": 2, "我": 9}), Language("spaced")
    words = Vocabulary.build([["我", "喜欢", "编程"]]), Vocabulary.build([["I", "like", "programming"]])
    config = encoder_decoder.Config(source_vocabulary=len(words[0]), target_vocabulary=len(words[1]), width=4, heads=2, inner=6, encoder_layers=1, decoder_layers=2, max_positions=12)
    Translator(drawn(encoder_decoder.outline(config)), config, languages, words).save(folder)


def hub_gpt(folder):
    tokenizer = ByteBPE.train(TEXT, 30)
    config = gpt2.Config(vocabulary=tokenizer.size + 3, max_positions=8, width=4, heads=2, inner=6, layers=2)
    LanguageModel(gpt2, drawn(gpt2.outline(config)), config, tokenizer, start=1, end=(2, 3)).export(folder)


def hub_classifier(folder):
    tokenizer = WordPiece.train(TEXT, 120)
    config = bert.Config(vocabulary=tokenizer.size, max_positions=12, segments=2, width=4, heads=2, inner=6, layers=2, labels=3)
    params = drawn(bert.outline(config, ("masked", "sequence_classifier")))
    MaskedModel(params, config, tokenizer, hub={"problem_type": None, "num_labels": 3}).export(folder)


def hub_tagger(folder):
    tokenizer = WordPiece.train(TEXT, 120)
    config = bert.Config(vocabulary=tokenizer.size, max_positions=12, segments=2, width=4, heads=2, inner=6, layers=2, labels=3)
    params = drawn(bert.outline(config, ("token_classifier",)))
    PieceTagger(params, config, tokenizer, names=["O", "B-X", "I-X"]).export(folder)


def shards(folder):
    hub_gpt(folder)
    (folder / "model.safetensors").unlink()
    config = gpt2.Config(vocabulary=16, max_positions=8, width=4, heads=2, inner=6, layers=2)
    hub_gpt2.save(folder, drawn(gpt2.outline(config)), config, max_bytes=500)


def bert_files(folder):
    """The files of a slow tokenizer, all kinds of them."""
    WordPiece.train(TEXT, 120).save(folder)
    (folder / "tokenizer.json").unlink()
    size = len((folder / "vocab.txt").read_text(encoding="utf-8").split("\n")) - 1
    for name, content in (
        ("added_tokens", {"[E1]": size, "xovid": size + 1}), ("config", {"model_type": "bert"}),
        ("special_tokens_map", {"mask_token": {"content": "[MASK]", "lstrip": True}, "additional_special_tokens": ["[E1]"]}),
    ):  # fmt: skip
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def bpe_files(folder):
    tokenizer = ByteBPE.train(TEXT, 30)
    tokenizer.save(folder)
    (folder / "tokenizer.json").unlink()
    entry = {"content": "<|endoftext|>", "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    settings = {"add_prefix_space": True, "tokenizer_class": "GPT2Tokenizer", "added_tokens_decoder": {str(tokenizer.ids["<|endoftext|>"]): entry}}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")


def run_tagger(folder):
    known = Vocabulary.build([list("张三住北京")])
    config = lstm_tagger.Config(vocabulary=len(known), features=len(known), tags=9, embedding=3, feature_embedding=2, hidden=4)
    params = drawn(lstm_tagger.outline(config))
    made = Tagger(lstm_tagger, params, config, unit="characters", tokens=known, features=known, types=["LOC", "NAME"])
    made.save(folder, {"preset": "tiny", "seed": 0})
    best_weights.write(folder, best_weights.Best(3, 0.5, params))
    (folder / "labelled.conll").write_text("张 B-NAME\n三 E-NAME\n\n住 O\n北 B-LOC\n京\tE-LOC\n" * 3, encoding="utf-8")


def run_classifier(folder):
    tokenizer = WordPiece.train(TEXT, 120)
    config = text_classifier.Config(vocabulary=tokenizer.size, max_positions=12, width=4, heads=2, inner=6, layers=1, labels=3)
    params = drawn(text_classifier.outline(config))
    made = Classifier(text_classifier, params, config, tokenizer, labels=["a", "b", "c"], outside="d", threshold=0.3)
    made.save(folder, {"preset": "tiny", "seed": 0})
    (folder / "labelled.tsv").write_text("label\ttext\na\tI like it\nb\tnot me\n" * 3, encoding="utf-8")
    (folder / "labelled.jsonl").write_text('{"text": "I like it", "labels": ["a", "b"]}\n' * 3, encoding="utf-8")


def sentence_encoder(folder):
    hub_classifier(folder)
    steps = [{"path": path, "type": f"s.models.{name}"} for name, path in (("Transformer", ""), ("Pooling", "pool"), ("Normalize", "n"))]
    (folder / "modules.json").write_text(json.dumps(steps), encoding="utf-8")
    (folder / "pool").mkdir(exist_ok=True)
    (folder / "pool" / "config.json").write_text('{"pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true}', encoding="utf-8")
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 8, "do_lower_case": false}', encoding="utf-8")
    (folder / "lines.txt").write_text("a book\nanother book\n\na book\n", encoding="utf-8")
    search.build(minilm.load(folder), folder / "lines.txt")


def labelled_texts(folder):
    for problem in (None, *labelled_data.PROBLEMS):
        for name in ("labelled.tsv", "labelled.jsonl"):
            try:
                labelled_data.read(folder / name, problem=problem)
            except InputError:
                if problem is None:
                    raise


def searched(folder):
    search.build(minilm.load(folder), folder / "lines.txt").nearest("a book", 2)


def best(folder):
    best_weights.read(folder, minilm.load(folder).params, 5)


def labelled(folder):
    for repair in (True, False):
        conll.read(folder / "labelled.conll", repair)


def use(folder):
    model = minilm.load(folder)
    if hasattr(model, "generate"):
        model.generate("a", 2, temperature=0)
    elif hasattr(model, "tag"):
        model.tag("我喜欢编程 a")
    elif hasattr(model, "predict"):
        model.predict(["a book"])
    elif hasattr(model, "embed"):
        model.embed("a book")
    elif hasattr(model, "fill"):
        model.fill("a [MASK]")
        model.classify("a")
    else:
        model.translate("我喜欢编程")


def encode(folder):
    tokenizer = load_tokenizer(folder)
    ids = tokenizer.encode("a [MASK] Ünï 我 <|endoftext|>")
    tokenizer.decode(ids)


READERS = {  # name: the folder, the file that is changed, what is done with it
    "weights": (run_gpt, "weights.safetensors", use),
    "settings of a GPT": (run_gpt, "settings.json", use),
    "characters": (run_gpt, "characters.json", use),
    "checkpoint": (run_gpt, "checkpoint.safetensors", run_folder.read_checkpoint),
    "history": (run_gpt, "history.jsonl", run_folder.read_history),
    "settings of an LSTM": (run_lstm, "settings.json", use),
    "words": (run_lstm, "words.json", use),
    "settings of a translator": (run_translator, "settings.json", use),
    "vocabulary": (run_translator, "source_vocabulary.json", use),
    "settings of a tagger": (run_tagger, "settings.json", use),
    "tokens of a tagger": (run_tagger, "tokens.json", use),
    "best weights": (run_tagger, best_weights.FILE, best),
    "labelled tokens": (run_tagger, "labelled.conll", labelled),
    "settings of a classifier": (run_classifier, "settings.json", use),
    "labelled texts": (run_classifier, "labelled.tsv", labelled_texts),
    "labelled texts in JSON": (run_classifier, "labelled.jsonl", labelled_texts),
    "modules": (sentence_encoder, "modules.json", use),
    "pooling": (sentence_encoder, "pool/config.json", use),
    "settings of sentences": (sentence_encoder, "sentence_bert_config.json", use),
    "vectors": (sentence_encoder, "lines.txt.vectors.safetensors", searched),
    "lines to search": (sentence_encoder, "lines.txt", searched),
    "config of GPT-2": (hub_gpt, "config.json", use),
    "generation config": (hub_gpt, "generation_config.json", use),
    "weights of GPT-2": (hub_gpt, "model.safetensors", use),
    "config of BERT": (hub_classifier, "config.json", use),
    "weights of BERT": (hub_classifier, "model.safetensors", use),
    "config of a BERT that tags": (hub_tagger, "config.json", use),
    "index": (shards, "model.safetensors.index.json", safetensors.read_folder),
    "tokenizer.json of BERT": (hub_classifier, "tokenizer.json", encode),
    "tokenizer.json of GPT-2": (hub_gpt, "tokenizer.json", encode),
    "vocab.txt": (bert_files, "vocab.txt", encode),
    "tokenizer config of BERT": (bert_files, "tokenizer_config.json", encode),
    "special tokens": (bert_files, "special_tokens_map.json", encode),
    "added tokens": (bert_files, "added_tokens.json", encode),
    "vocab.json": (bpe_files, "vocab.json", encode),
    "merges.txt": (bpe_files, "merges.txt", encode),
    "tokenizer config of GPT-2": (bpe_files, "tokenizer_config.json", encode),
}  # fmt: skip


def places(value, found):
    """All (holder, key) of a JSON value."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        found.append((value, key))
        if isinstance(value[key], (dict, list)):
            places(value[key], found)
    return found


def changed_json(content, rng):
    """One to three values replaced, taken out, renamed or moved."""
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        found = places(content, []) if isinstance(content, (dict, list)) else []
        if not found or rng.random() < 0.01:
            return copy.deepcopy(rng.choice(VALUES))
        holder, key = rng.choice(found[:40] if rng.random() < 0.5 else found)
        turn = rng.random()
        if turn < 0.65:
            holder[key] = copy.deepcopy(rng.choice(VALUES))
        elif turn < 0.8:
            del holder[key]
        elif isinstance(holder, dict):
            renamed = str(rng.choice(VALUES))[:300] if turn < 0.9 else rng.choice(list(holder))
            holder[renamed] = holder.pop(key)
        else:
            holder.insert(rng.randrange(len(holder) + 1), holder[rng.randrange(len(holder))])
    return content


def changed_bytes(data, rng):
    """One to four places turned, cut out, doubled, or the end cut off."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4])):
        at = rng.randrange(len(data) + 1)
        to = min(len(data), at + rng.choice([0, 1, 1, 2, 8, 64]))
        turn = rng.random()
        if turn < 0.3 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif turn < 0.6:
            data[at:to] = rng.choice(BYTES)
        elif turn < 0.75:
            data[at:at] = data[at:to]
        elif turn < 0.85:
            del data[at:]
        else:
            data[at:to] = bytes(rng.randrange(256) for _ in range(rng.randrange(9)))
    return bytes(data)


def changed(data, name, rng):
    """The bytes of a file, damaged."""
    if rng.random() < 0.4:
        return changed_bytes(data, rng)
    if name.endswith(".json"):
        return json.dumps(changed_json(json.loads(data), rng), ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    if name.endswith(".safetensors"):
        length = int.from_bytes(data[:8], "little")
        header = json.dumps(changed_json(json.loads(data[8 : 8 + length]), rng)).encode()
        return len(header).to_bytes(8, "little") + header + data[8 + length :]
    lines = data.split(b"\n")
    for _ in range(rng.choice([1, 2, 5])):
        line = rng.randrange(len(lines))
        lines[line] = rng.choice([lines[rng.randrange(len(lines))], rng.choice(BYTES), json.dumps(rng.choice(VALUES)).encode()])
    return b"\n".join(lines)


def complaint(error, data, folder):
    """What is wrong with how an input was refused, or None."""
    if not isinstance(error, InputError):
        return f"{type(error).__name__}: {str(error)[:200]!r}"
    text = str(error)
    if not text.isprintable() or len(text) > LONGEST:
        return f"a message of {len(text)} characters: {text[:400]!r}"
    return None


def attempt(name, number, seed, folder, traced=0):
    """Inputs 0 ... number - 1 of a reader in `folder` -> (Counter of outcomes, [(input, what is wrong)], slowest seconds)."""
    make, file, read = READERS[name]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    make(folder)
    data = (folder / file).read_bytes()
    size = sum(path.stat().st_size for path in folder.iterdir())
    read(folder)  # what is imported for the first file is not the second one's memory
    outcomes: Counter = Counter()
    wrong, slowest = [], 0.0
    for index in range(number):
        rng = random.Random(f"{seed} {name} {index}")
        damaged = changed(data, file, rng)
        (folder / file).write_bytes(damaged)
        measured = traced and index % traced == 0
        if measured:
            tracemalloc.start()
        began = time.perf_counter()
        problem = None
        try:
            with np.errstate(all="ignore"):
                read(folder)
            outcomes["read"] += 1
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: B902  the point: nothing but InputError may come
            outcomes["refused"] += 1
            problem = complaint(error, damaged, folder)
        if measured:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            if peak > 4 * (size + len(damaged)) + SLACK:
                problem = f"{peak / 2**20:.0f} MB of memory for {size + len(damaged)} bytes"
        else:
            slowest = max(slowest, time.perf_counter() - began)
        if problem:
            wrong.append((index, problem))
    return outcomes, wrong, slowest


def attempt_all(given):
    """`attempt` for a pool of processes."""
    name, number, seed = given
    with tempfile.TemporaryDirectory() as folder:
        return name, *attempt(name, number, seed, Path(folder) / "f", traced=50)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=200_000, help="over all readers (200000)")
    parser.add_argument("--seed", type=int, help="another seed, other inputs (from the clock)")
    parser.add_argument("--only", default="", help="readers whose names hold this")
    parser.add_argument("--shown", type=int, default=3, help="inputs shown of each reader that fails (3)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (one a processor)")
    given = parser.parse_args()
    seed = time.time_ns() % 10**9 if given.seed is None else given.seed
    chosen = [name for name in READERS if given.only in name]
    failed = total = 0
    print(f"seed {seed}", flush=True)
    tasks = [(name, -(-given.inputs // len(chosen)), seed) for name in chosen]
    with multiprocessing.Pool(given.jobs) as pool:
        for name, outcomes, wrong, slowest in pool.imap(attempt_all, tasks):
            total, failed = total + outcomes.total(), failed + len(wrong)
            counts = f"{outcomes['read']:6} read {outcomes['refused']:6} refused, slowest {slowest:.2f} s"
            print(f"{name:26} {counts}, {len(wrong)} wrong", flush=True)
            for index, problem in wrong[: given.shown]:
                print(f"    input {index}: {problem}", flush=True)
    print(f"{total} inputs, {failed} wrong")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
