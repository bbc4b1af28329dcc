"""`minilm train classifier`, `classify` and `score`: what they print, what they leave, what they refuse."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.cli.main import main
from minilm.data import labelled
from minilm.models import bert
from minilm.recipes import checkpoints
from minilm.recipes import classification as recipe
from minilm.storage import best_weights, run_folder
from minilm.tasks.classification import Classifier
from minilm.tasks.masked_tokens import MaskedModel
from minilm.text.wordpiece import WordPiece

GOOD, BAD, OTHER = ("fine", "good", "lovely", "great"), ("bad", "dull", "awful", "poor"), ("rain", "seven", "station", "tea")


def lines(number=60, seed=0):
    rng = np.random.default_rng(seed)
    for i in range(number):
        words, label = (GOOD, "good") if i % 2 else (BAD, "bad")
        yield f"{label}\tthe {rng.choice(['film', 'book', 'play'])} is {rng.choice(words)} {i}\n"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled")
    (folder / "train.tsv").write_text("".join(lines()), encoding="utf-8")
    outside = "".join(f"none\t{word} {i} {i}\n" for i, word in enumerate(OTHER * 2))
    (folder / "test.tsv").write_text("label\ttext\n" + "".join(lines(20, 1)) + outside, encoding="utf-8")
    tokenizer = WordPiece.train(["".join(lines())], 120)
    config = bert.Config(vocabulary=tokenizer.size, max_positions=24, width=12, heads=3, inner=20, layers=1)
    MaskedModel(bert.init(np.random.default_rng(0), config, heads=()), config, tokenizer).export(folder / "body")
    return folder


@pytest.fixture(scope="module")
def trained(data):
    folder = data / "run"
    assert main(["train", "classifier", "--data", str(data / "train.tsv"), "--preset", "tiny", "--epochs", "6",
                 "--out", str(folder), "--out-of-scope", "none"]) == 0  # fmt: skip
    return folder


def train(data, out, *more):
    return ["train", "classifier", "--data", str(data / "train.tsv"), "--preset", "tiny", "--out", str(out), *more]


def test_it_learns_classifies_and_scores(data, trained, tmp_path, capsys):
    loaded = minilm.load(trained)
    assert isinstance(loaded, Classifier) and loaded.outside == "none" and 0.4 < loaded.threshold < 1
    assert max(row.get("validation_accuracy", 0) for row in run_folder.read_history(trained)) == 1.0
    assert main(["classify", str(trained), "the film is lovely 3", "", "the play is awful"]) == 2
    captured = capsys.readouterr()
    rows = [line.split("\t") for line in captured.out.split("\n")]
    assert rows[0][0] == "good" and rows[0][2] == "the film is lovely 3" and rows[1] == [""] and rows[2][0] == "bad"
    assert float(rows[0][1]) > 0.5 and "text 2 is empty" in captured.err
    assert main(["classify", str(trained), "--top", "2", "the film is lovely"]) == 0
    assert [cell for cell in capsys.readouterr().out.split("\t") if cell in ("good", "bad")] == ["good", "bad"]
    assert main(["classify", str(trained), "--json", "the film is lovely"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["answer"] == "good" and sum(found["scores"].values()) == pytest.approx(1)
    out = tmp_path / "report"
    assert main(["score", str(trained), str(data / "test.tsv"), "--out", str(out), "--json", str(tmp_path / "f.json")]) == 0
    printed = capsys.readouterr().out
    figures = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert "20 texts, and 8 out of scope" in printed and f"accuracy {figures['accuracy']:.2%}" in printed
    assert figures["accuracy"] > 0.9 and {"macro F1", "calibration error", "out-of-scope recall", "in-scope recall"} < set(figures)
    assert "the worst mistakes" in (out / "report.txt").read_text(encoding="utf-8")
    if (out / "confusion.png").exists():  # matplotlib is an extra
        assert (out / "confusion.png").read_bytes()[:4] == b"\x89PNG"


def steps(prepared, begun=None, save=None, at=None):
    for step, state in recipe.train(prepared, begun):
        if step.number == at:
            checkpoints.save(save, state)
            return None
    return state


@pytest.mark.parametrize("at", [3, 9, 13])
@pytest.mark.parametrize("body", [False, True])
def test_a_resumed_run_is_bit_for_bit_the_one_that_never_stopped(data, tmp_path, at, body):
    read = labelled.read(data / "train.tsv")
    preset = replace(recipe.PRESETS["fine-tuned" if body else "tiny"], rows=8, epochs=3, patience=3)

    def prepared(folder):
        made = recipe.prepare(read, preset, body=str(data / "body") if body else None)
        folder.mkdir(exist_ok=True)
        made.folder = folder
        return made

    whole = prepared(tmp_path / "whole")
    end = steps(whole)
    stopped = prepared(tmp_path / "part")
    steps(stopped, save=tmp_path / "part", at=at)
    again = prepared(tmp_path / "part")
    resumed = steps(again, checkpoints.load(tmp_path / "part", again))
    for one, other in ((end.params, resumed.params), (whole.classifier.params, again.classifier.params)):
        for (name, a), (_, b) in zip(tree.leaves(one), tree.leaves(other), strict=True):
            assert a.tobytes() == b.tobytes(), name
    first, second = (best_weights.read(tmp_path / each, whole.classifier.params, 10**6) for each in ("whole", "part"))
    assert (first.step, first.score) == (second.step, second.score)


def test_the_best_weights_are_kept_and_the_training_ends_where_nothing_better_comes(data, tmp_path, monkeypatch):
    read = labelled.read(data / "train.tsv")
    prepared = recipe.prepare(read, replace(recipe.PRESETS["tiny"], epochs=20, patience=2))
    prepared.folder, scores, seen = tmp_path, iter([0.2, 0.6, 0.6, 0.5, 0.9]), []
    monkeypatch.setattr(recipe, "measure", lambda made: seen.append(tree.map(np.array, made.classifier.params)) or next(scores))
    last = [step.number for step, _ in recipe.train(prepared)][-1]
    assert last == 4 * prepared.epoch and len(seen) == 4
    for (_, a), (_, b), (_, c) in zip(*(list(tree.leaves(each)) for each in (prepared.classifier.params, seen[1], seen[3])), strict=True):
        assert a.tobytes() == b.tobytes() and (a.size < 3 or a.tobytes() != c.tobytes())


def test_the_commands_resume_says_all_that_the_training_was_told(data, tmp_path, capsys):
    more = ["--validation", str(data / "train.tsv"), "--label", "1", "--text", "2", "--problem", "one", "--tokenizer", "wordpiece",
            "--out-of-scope", "none", "--epochs", "2"]  # fmt: skip
    assert main(train(data, tmp_path / "run", *more)) == 0
    capsys.readouterr()
    assert main(train(data, tmp_path / "run", *more, "--resume")) == 0
    assert main(train(data, tmp_path / "run", *more[:-4], "--epochs", "2", "--resume")) == 2
    assert "out_of_scope" in capsys.readouterr().err
    from minilm.cli.main import build_parser
    from minilm.cli.train import classifier

    arguments = build_parser().parse_args(train(data, tmp_path / "run", *more))
    words = classifier.again(arguments)
    again = build_parser().parse_args(words[1:])
    assert vars(again) == {**vars(arguments), "resume": True}


@pytest.mark.parametrize("freeze", [[], ["--freeze"]])
def test_a_bert_is_fine_tuned(data, tmp_path, capsys, freeze):
    command = ["train", "classifier", "--data", str(data / "train.tsv"), "--from", str(data / "body"), "--epochs", "2", "--rate", "0.01"]
    assert main([*command, "--out", str(tmp_path / "run"), *freeze]) == 0
    assert main(["classify", str(tmp_path / "run"), "the film is good"]) == 0
    before, after = minilm.load(data / "body").params, minilm.load(tmp_path / "run").params
    assert ("masked" in after, "sequence_classifier" in after) == (False, True)
    moved = any((a != b).any() for (_, a), (_, b) in zip(tree.leaves(before["blocks"]), tree.leaves(after["blocks"]), strict=True))
    assert moved == (not freeze)


@pytest.mark.parametrize("kind", ["several", "number"])
def test_several_labels_and_numbers(kind, tmp_path, capsys):
    path = tmp_path / "data.jsonl"
    rows = [{"text": line.split("\t")[1].strip(), "label": line.split("\t")[0]} for line in lines()]
    for i, row in enumerate(rows):
        row["label"] = (["even", row["label"]] if i % 4 else [row["label"]]) if kind == "several" else float(row["label"] == "good")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert main(["train", "classifier", "--data", str(path), "--preset", "tiny", "--out", str(tmp_path / "run"),
                 *(["--problem", "number"] if kind == "number" else [])]) == 0  # fmt: skip
    out = capsys.readouterr().out
    assert ("validation: micro F1" if kind == "several" else "validation: mean squared error") in out
    assert main(["classify", str(tmp_path / "run"), "the film is good"]) == 0
    assert main(["score", str(tmp_path / "run"), str(path)]) == 0


BROKEN = [
    ("good\tx\ngood\ty\n", [], "1 label, so there is nothing to tell apart"), ("good\tx\nbad\ty\n", [], "none can be held back"),
    ("good\tx\nbad\n", [], ":2: no tab"), (None, ["--freeze"], "--from"), (None, ["--from", "BODY", "--tokenizer", "words"], "--tokenizer"),
    (None, ["--from", "BODY", "--width", "8"], "--width"), (None, ["--from", "none"], "no such folder"), (None, ["--preset", "x"], "no preset 'x'"),
    (None, ["--validation", "OTHER"], ":1: the label 'new' never occurs"), (None, ["--problem", "number"], ":1: 'bad' is no number"),
    (None, ["--problem", "several", "--out-of-scope", "x"], "one label each"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "more", "wanted"), BROKEN)
def test_what_cannot_be_trained_is_said_in_one_line(data, tmp_path, capsys, content, more, wanted):
    path = data / "train.tsv"
    if content is not None:
        path = tmp_path / "bad.tsv"
        path.write_text(content, encoding="utf-8")
    (tmp_path / "other.tsv").write_text("new\tx\n", encoding="utf-8")
    more = [{"BODY": str(data / "body"), "OTHER": str(tmp_path / "other.tsv")}.get(word, word) for word in more]
    preset = [] if "--preset" in more or "--from" in more else ["--preset", "tiny"]
    assert main(["train", "classifier", "--data", str(path), *preset, "--out", str(tmp_path / "run"), *more]) == 2
    errors = capsys.readouterr().err
    assert wanted in errors and errors.startswith("minilm: ") and errors.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_body_whose_tokenizer_does_not_fit(data, tmp_path, capsys):
    shutil.copytree(data / "body", tmp_path / "body")
    WordPiece.train(["".join(lines()) + " other words and many more of them"], 400).save(tmp_path / "body")
    assert main(train(data, tmp_path / "run", "--from", str(tmp_path / "body"))) == 2
    assert "take the tokenizer that belongs to it" in capsys.readouterr().err


def test_what_cannot_be_scored_or_classified(data, trained, tmp_path, capsys):
    (tmp_path / "new.tsv").write_text("good\tx\nnew\ty\n", encoding="utf-8")
    for command, wanted in (
        (["score", str(trained), str(tmp_path / "new.tsv")], ":2: the label 'new' never occurs"),
        (["score", str(data / "body"), str(data / "test.tsv")], "train classifier --from"),
        (["classify", str(data / "body"), "x"], "train classifier --from"),
        (["classify", str(trained), "--top", "0", "x"], "--top is 0"), (["fill", str(trained), "x [MASK]"], "minilm classify"),
    ):  # fmt: skip
        assert main(command) == 2
        errors = capsys.readouterr().err
        assert wanted in errors and errors.count("\n") == 1, errors


@pytest.mark.parametrize("word", ["classifier", "classifier:tiny"])
def test_it_is_traced_and_costed(word, tmp_path, capsys):
    from minilm.showing import runs

    asked = runs.of(word, "good book", backward=True)
    value, dparams = asked.call()
    tree.require_same(dparams, asked.params)
    assert value == asked.loss(asked.params)
    if ":" in word:
        assert main(["cost", word, "--batch", "2", "--length", "5"]) == 0
        assert "sequence_classifier and loss" in capsys.readouterr().out


def test_the_help_needs_no_numpy():
    code = "import sys\nfrom minilm.cli.main import main\ntry:\n main(['train', 'classifier', '-h'])\nexcept SystemExit: pass\nassert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=Path(minilm.__file__).parents[1])
