"""`minilm train lstm`, `gpt` and `bert` on small texts: what they print, what they leave, what they refuse."""

import json
from dataclasses import replace

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.cli.main import main
from minilm.data import grammar
from minilm.recipes import checkpoints, gpt, lstm

PAIRS = grammar.split()["train"][:300]


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("texts") / "english.txt"
    path.write_text("\n".join(english for _, english in PAIRS) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pairs(text):
    path = text.parent / "pairs.tsv"
    path.write_text("".join(f"{e}\t{c}\tsomebody\n" for c, e in PAIRS), encoding="utf-8")
    return path


def last_loss(out):
    *_, last, _, now_try = out.rstrip("\n").split("\n")
    assert last.startswith("validation: perplexity ") and now_try.startswith("   minilm ")
    return float(last.split("loss ")[1])


def rows(folder):
    with open(folder / "history.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_an_lstm_learns_words_and_shows_its_epochs(text, tmp_path, capsys):
    folder = tmp_path / "run"
    assert main(["train", "lstm", "--data", str(text), "--preset", "tiny", "--out", str(folder)]) == 0
    captured = capsys.readouterr()
    table = captured.out[captured.out.index("epoch   training loss") :].split("\n")
    assert [line.split()[0] for line in table[1:3]] == ["1", "2"]
    history = rows(folder)
    assert last_loss(captured.out) == pytest.approx(history[-1]["validation_loss"], abs=1e-4)
    assert history[-1]["loss"] < history[0]["loss"] - 0.5 and "epoch 1: validation loss" in captured.err
    model = minilm.load(folder)
    ids = model.generate_ids([model.tokenizer.encode("He ")], 300, seed=1)[0]
    assert len(ids) == 300 and not set(ids) & {0, 1, 2, 3}, "no padding, start, end or unknown word is generated"


def test_an_lstm_resumes_within_an_epoch_with_its_state(text, tmp_path):
    whole = lstm.prepare(text, lstm.PRESETS["tiny"])
    for step, state in lstm.train(whole):
        if step.number == whole.epoch + 3:
            assert state.carry["h"].shape == (4, 1, 24)
            checkpoints.save(tmp_path, state)
    part = lstm.prepare(text, lstm.PRESETS["tiny"])
    for _ in lstm.train(part, checkpoints.load(tmp_path, part)):
        pass
    for one, other in zip(*(list(tree.leaves(p.trained.params)) for p in (whole, part)), strict=True):
        np.testing.assert_array_equal(one[1], other[1])


@pytest.mark.parametrize("model", ["lstm", "gpt"])
def test_a_checkpoint_whose_state_is_not_the_runs(model, text, tmp_path, capsys):
    """A state of other rows, or one where a model has none."""
    recipe = {"lstm": lstm, "gpt": gpt}[model]
    prepared = recipe.prepare(text, recipe.PRESETS["tiny"])
    state = next(recipe.train(prepared))[1]
    prepared.trained.save(tmp_path, {"recipe": model, "preset": "tiny", "seed": 0})
    state.carry = {name: np.zeros((5, 1, 24), np.float32) for name in "hc"}
    checkpoints.save(tmp_path, state)
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    command = ["train", model, "--data", str(text), "--preset", "tiny", "--out", str(tmp_path), "--resume"]
    assert main(command) == 2
    errors = capsys.readouterr().err
    assert errors.startswith(f"minilm: {tmp_path}: checkpoint.carry") and errors.count("\n") == 1
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before


@pytest.mark.parametrize("kind", ["pairs", "text"])
def test_a_bert_learns_both_objectives_from_either_kind_of_file(kind, pairs, text, tmp_path, capsys):
    data = pairs
    if kind == "text":
        data = tmp_path / "documents.txt"
        sentences = text.read_text(encoding="utf-8").split("\n")
        data.write_text("\n\n".join("\n".join(sentences[i : i + 5]) for i in range(0, 300, 5)), encoding="utf-8")
    folder = tmp_path / "run"
    assert main(["train", "bert", "--data", str(data), "--preset", "tiny", "--out", str(folder)]) == 0
    out = capsys.readouterr().out
    documents = 300 if kind == "pairs" else 60
    assert f"\n{documents} documents, " in out and "next sentence: " in out
    first = float(out.split("masked tokens: loss ")[1].split(" ")[0])
    assert last_loss(out) < first - 0.5
    assert main(["fill", str(folder), "I like [MASK]."]) == 0


def test_a_list_of_lines_is_learnt_as_whole_lines(tmp_path, capsys):
    data = tmp_path / "names.txt"
    data.write_text("".join(f"{a}{b}{c}\n" for a in "mnt" for b in "aeiou" for c in ("lo", "ri", "x")), encoding="utf-8")
    prepared = gpt.prepare(data, replace(gpt.PRESETS["names"], layers=1, width=16, rows=8, steps=120, dropout=0.0))
    parts = [len(prepared.train(0)["inputs"]), *(sum(len(b["inputs"]) for b in p) for p in (prepared.validation, prepared.test))]
    assert parts == [8, 4, 5]
    for _ in gpt.train(prepared):
        pass
    folder = tmp_path / "run"
    prepared.trained.save(folder, {"recipe": "gpt"})
    assert main(["generate", str(folder), "--seed", "3"]) == 0
    name = capsys.readouterr().out
    assert 0 < len(name) < 8 and "\n" not in name, "without a prompt a line begins, and ends at its end"


@pytest.mark.parametrize(
    ("model", "content", "wanted"),
    [("lstm", "too short\n", "too few"), ("bert", "a\nb\n", "documents"), ("gpt", "ab", "too few"), ("gpt", "", "too few"),
     ("lstm", b"ok\n\xff\n", ":2: not UTF-8"), ("bert", b"ok\n\xff\n", ":2: not UTF-8")],
)  # fmt: skip
def test_texts_that_cannot_be_learnt(model, content, wanted, tmp_path, capsys):
    path = tmp_path / "text.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert main(["train", model, "--data", str(path), "--preset", "tiny", "--out", str(tmp_path / "run")]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith(f"minilm: {path}") and errors.count("\n") == 1 and wanted in errors
    assert not (tmp_path / "run").exists()
