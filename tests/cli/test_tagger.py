"""`minilm train tagger` and `minilm tag`: what they print and leave, what they refuse, and that a resume changes no bit."""

import io
import json
import sys
from dataclasses import replace

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.cli.main import main
from minilm.data import conll, tag_schemes
from minilm.recipes import checkpoints
from minilm.recipes import tagging as recipe
from minilm.storage import best_weights, run_folder

SURNAMES, NAMES, PLACES = "张王李赵陈", ["三", "小明", "五"], ["北京", "上海", "广州", "成都"]


def sentences(number, seed=0):
    """(text, entities) of so many sentences by one grammar."""
    rng = np.random.default_rng(seed)
    for _ in range(number):
        name, place = rng.choice(list(SURNAMES)) + rng.choice(NAMES), str(rng.choice(PLACES))
        start = len(name) + 1
        text = f"{name}在{place}{rng.choice(['工作', '上学', '。'])}"
        yield text, [tag_schemes.Entity(0, len(name), "NAME"), tag_schemes.Entity(start, start + 2, "PLACE")]


def labelled(path, number, scheme="BMES", seed=0):
    rows = [conll.text(text, tag_schemes.tags(found, len(text), scheme)) for text, found in sentences(number, seed)]
    path.write_text("\n\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run on a small file, and the words with which it was made."""
    folder = tmp_path_factory.mktemp("tagger")
    data, held = labelled(folder / "train.conll", 120), labelled(folder / "held.conll", 40, "BIO", 1)
    words = ["train", "tagger", "--data", str(data), "--validation", str(held), "--preset", "tiny", "--out", str(folder / "run")]
    assert main(words) == 0
    return folder / "run", words


def test_it_learns_and_says_how_well(trained, capsys):
    folder, words = trained
    assert main([*words[:-1], str(folder.parent / "again")]) == 0
    out, err = capsys.readouterr()
    assert "120 train, 40 validation sentences of characters, tags in BMES; 2 types: NAME, PLACE" in out
    assert "type   precision  recall" in out and "validation: F1 " in out and "minilm tag " in out
    f1 = float(out.rpartition("validation: F1 ")[2].partition("%")[0])
    assert f1 > 90, "the grammar is easy"
    rows = [row["validation_f1"] for row in run_folder.read_history(folder) if "validation_f1" in row]
    best = max(rows[4:])  # of ten epochs the fifth is the first that may be kept
    assert f1 == pytest.approx(100 * best, abs=0.01), "the best weights are those that are kept"
    mistakes = (folder / "mistakes.txt").read_text(encoding="utf-8")
    assert "of 40 sentences have a mistake" in mistakes and "nothing" in mistakes.split("\n")[2]
    assert (folder.parent / "again" / "weights.safetensors").read_bytes() == (folder / "weights.safetensors").read_bytes()


def test_texts_are_tagged_in_three_forms(trained, capsys):
    folder, _ = trained
    text = "王小明在成都上学"
    assert main(["tag", str(folder), text, "李三在上海。"]) == 0
    assert capsys.readouterr().out.splitlines() == ["[王小明|NAME]在[成都|PLACE]上学", "[李三|NAME]在[上海|PLACE]。"]
    assert main(["tag", str(folder), "--json", text]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["text"] == text and found["entities"][1] == {"start": 4, "end": 6, "type": "PLACE", "text": "成都"}
    assert main(["tag", str(folder), "--tags", "BIO", text]) == 0
    rows = capsys.readouterr().out.split("\n")
    assert rows[:5] == ["王\tB-NAME", "小\tI-NAME", "明\tI-NAME", "在\tO", "成\tB-PLACE"] and rows[-2:] == ["", ""]


def test_a_bad_text_gives_an_empty_line_and_no_other_suffers(trained, capsys, monkeypatch):
    folder, _ = trained
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("张三在北京\n\n龘三在北京\n".encode())))
    assert main(["tag", str(folder)]) == 2
    out, err = capsys.readouterr()
    assert out.splitlines()[:2] == ["[张三|NAME]在[北京|PLACE]", ""] and len(out.splitlines()) == 3
    assert "text 2 is empty" in err and "text 3: never seen in training: 龘" in err


def test_what_a_text_holds_is_not_obeyed(trained, capsys):
    folder, _ = trained
    for form in ([], ["--tags", "BIO"], ["--json"]):
        assert main(["tag", str(folder), *form, "张三\x1b[31m在北京"]) == 0
        assert "\x1b" not in "".join(capsys.readouterr())


def test_the_right_command_is_named_for_another_model(trained, capsys):
    folder, _ = trained
    assert main(["translate", str(folder), "a"]) == 2
    assert "not a translator but a tagger; `minilm tag" in capsys.readouterr().err


def test_a_training_without_a_validation_file_holds_a_tenth_back(tmp_path):
    prepared = recipe.prepare(labelled(tmp_path / "train.conll", 100, "BIOES"), recipe.PRESETS["tiny"])
    parts = prepared.parts
    tokens = {part: {"".join(sentence.tokens) for sentence in found} for part, found in parts.items()}
    assert len(parts["train"]) + len(parts["validation"]) == 100 and 3 <= len(parts["validation"]) <= 25
    assert not tokens["train"] & tokens["validation"] and prepared.scheme == "BIOES"
    other = recipe.prepare(tmp_path / "train.conll", recipe.PRESETS["tiny"], seed=1)
    assert other.parts["validation"] != parts["validation"]


def test_a_type_that_occurs_once_is_learnt_from_and_said(tmp_path):
    path = labelled(tmp_path / "train.conll", 30)
    path.write_text(path.read_text(encoding="utf-8") + "\n公 B-ORG\n司 E-ORG\n", encoding="utf-8")
    for seed in range(12):
        prepared = recipe.prepare(path, recipe.PRESETS["tiny"], seed=seed)
        assert "ORG" in {entity.type for sentence in prepared.parts["train"] for entity in sentence.entities}
        assert "ORG occurs once: little can be learnt of it" in recipe.describe(prepared)


def test_words_are_tagged_with_their_places(tmp_path, capsys):
    rows, rng = [], np.random.default_rng(0)
    for _ in range(80):
        name, place = rng.choice(["Maria", "John Smith", "Anna"]), rng.choice(["Lima", "New York", "Oslo"])
        tokens = [*name.split(), "lives", "in", *place.split(), "."]
        found = [tag_schemes.Entity(0, len(name.split()), "NAME")]
        found.append(tag_schemes.Entity(len(name.split()) + 2, len(tokens) - 1, "PLACE"))
        rows.append(conll.text(tokens, tag_schemes.tags(found, len(tokens), "BIO")))
    path = tmp_path / "words.conll"
    path.write_text("\n\n".join(rows), encoding="utf-8")
    assert main(["train", "tagger", "--data", str(path), "--preset", "tiny", "--out", str(tmp_path / "run")]) == 0
    assert "sentences of words, tags in BIO" in capsys.readouterr().out
    assert main(["tag", str(tmp_path / "run"), "--json", "Anna  lives in New York."]) == 0
    found = json.loads(capsys.readouterr().out)["entities"]
    assert [(each["start"], each["end"], each["type"]) for each in found] == [(0, 4, "NAME"), (15, 23, "PLACE")]
    assert main(["tag", str(tmp_path / "run"), "Anna dwells in Oslo."]) == 0
    out, err = capsys.readouterr()
    assert "in [Oslo|PLACE]." in out and "text 1: never seen in training: dwells" in err


ONE = "a B-X\n"


@pytest.mark.parametrize(
    ("data", "held", "words"),
    [
        ("a O\n\nb O\n", None, "every tag is O, so there is nothing to learn"),
        (ONE, None, "one sentence, so none can be held back; give more, or --validation FILE"),
        (f"{ONE}\n{ONE}", None, "one sentence, so none"),
        (f"{ONE}\nb B-Y\n", None, "no sentence can be held back"),
        (ONE, "a O\nb B-Z\n", "held.conll:2: the type 'Z' never occurs in "),
        (ONE, "a I-X\n", "held.conll:1: I-X follows the beginning"),
    ],
)
def test_what_cannot_be_learnt_from_is_named(tmp_path, capsys, data, held, words):
    path, validation = tmp_path / "train.conll", tmp_path / "held.conll"
    path.write_text(data, encoding="utf-8")
    more = []
    if held is not None:
        validation.write_text(held, encoding="utf-8")
        more = ["--validation", str(validation)]
    assert main(["train", "tagger", "--data", str(path), *more, "--preset", "tiny", "--out", str(tmp_path / "run")]) == 2
    err = capsys.readouterr().err
    assert words in err and err.count("\n") == 1 and not (tmp_path / "run").exists()


def prepared_in(folder, data, **changes):
    preset = replace(recipe.PRESETS["tiny"], epochs=6, **changes)
    made = recipe.prepare(data, preset, validation=None)
    made.folder = folder
    folder.mkdir(exist_ok=True)
    return made


@pytest.mark.parametrize("stop", [1, 61])
def test_a_resume_changes_no_bit(tmp_path, stop):
    """Weights, averages and the best of them, wherever it was stopped; the best on disk may be of a later step."""
    data = labelled(tmp_path / "train.conll", 80)
    whole = prepared_in(tmp_path / "whole", data, peak=0.03)
    for step, state in recipe.train(whole):
        if step.number == stop:
            checkpoints.save(tmp_path / "whole", state)
            kept = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()}
    part = tmp_path / "part"
    resumed = prepared_in(part, data, peak=0.03)
    for late in (False, True):
        for name, content in kept.items():
            (part / name).write_bytes(content)
        if late:  # killed after the best weights were written, before the next checkpoint
            (part / best_weights.FILE).write_bytes((tmp_path / "whole" / best_weights.FILE).read_bytes())
        last = checkpoints.load(part, resumed)
        for _ in recipe.train(resumed, last):
            pass
        tree.map(np.testing.assert_array_equal, last.params, state.params)
        tree.map(np.testing.assert_array_equal, last.optimiser, state.optimiser)
        tree.map(np.testing.assert_array_equal, resumed.tagger.params, whole.tagger.params)
        assert last.step == state.step and resumed.metrics == whole.metrics


def test_it_ends_where_nothing_better_comes_and_the_run_says_so(tmp_path, capsys):
    data = labelled(tmp_path / "train.conll", 80)
    words = ["train", "tagger", "--data", str(data), "--preset", "tiny", "--epochs", "40", "--out", str(tmp_path / "run")]
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert "nothing better came" in err
    loaded = minilm.load(tmp_path / "run")
    assert loaded.steps_trained == loaded.steps_planned < 40 * 18
    best = best_weights.read(tmp_path / "run", loaded.params, loaded.steps_trained)
    tree.map(np.testing.assert_array_equal, loaded.params, best.params)
    weights = (tmp_path / "run" / "weights.safetensors").read_bytes()
    assert main([*words, "--resume"]) == 0, "a finished run can be resumed, and stays what it is"
    assert (tmp_path / "run" / "weights.safetensors").read_bytes() == weights


def test_a_run_that_was_stopped_tags_with_its_best_weights(tmp_path):
    data = labelled(tmp_path / "train.conll", 80)
    made = prepared_in(tmp_path / "run", data)
    made.tagger.save(tmp_path / "run", {"steps": made.steps})
    (tmp_path / "run" / "weights.safetensors").unlink()
    for step, state in recipe.train(made):
        if step.number == made.epoch * 4 + 3:
            checkpoints.save(tmp_path / "run", state)
            break
    loaded = minilm.load(tmp_path / "run")
    best = best_weights.read(tmp_path / "run", loaded.params, step.number)
    tree.map(np.testing.assert_array_equal, loaded.params, best.params)
    assert loaded.steps_trained == step.number


def test_best_weights_of_another_run_are_refused(tmp_path):
    made = prepared_in(tmp_path / "run", labelled(tmp_path / "train.conll", 80))
    best_weights.write(tmp_path / "run", best_weights.Best(3, 0.5, {"other": np.ones(2, np.float32)}))
    with pytest.raises(minilm.errors.InputError, match="best.safetensors: .*; it belongs to another run or is damaged"):
        best_weights.read(tmp_path / "run", made.tagger.params, 9)
    assert best_weights.read(tmp_path, made.tagger.params, 9) is None
