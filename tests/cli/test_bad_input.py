"""Whatever is wrong with the input: one clear line that names the place and the way out, a non-zero exit, no traceback."""

import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from minilm.cli.main import main
from minilm.data import grammar
from minilm.storage import safetensors

PAIRS = "".join(f"{c}\t{e}\n" for c, e in grammar.pairs()[:400])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A real run folder, trained for three steps."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "pairs.tsv").write_text(PAIRS, encoding="utf-8")
    command = ["train", "encoder-decoder", "--pairs", str(folder / "pairs.tsv"), "--preset", "tiny", "--steps", "3"]
    assert main([*command, "--out", str(folder / "run")]) == 0
    return folder / "run"


@pytest.fixture
def run(trained, tmp_path):
    """A copy of it, to be damaged."""
    import shutil

    return Path(shutil.copytree(trained, tmp_path / "run"))


def complaint(capsys, arguments, *wanted):
    """Run the command; it must fail with one line that has all that is wanted in it."""
    capsys.readouterr()
    try:
        status = main([str(argument) for argument in arguments])
    except SystemExit as error:  # argparse's own
        status = error.code
    errors = capsys.readouterr().err
    assert status not in (0, None)
    assert "Traceback" not in errors
    lines = [line for line in errors.strip().split("\n") if line.startswith("minilm: ")]
    assert len(lines) == 1, errors
    for part in wanted:
        assert part in lines[0], lines[0]


def train(path, out, *more):
    return ["train", "encoder-decoder", "--pairs", path, "--preset", "tiny", "--steps", "3", "--out", out, *more]


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (None, ["No such file"]),
        (b"", ["no sentence pair"]),
        ("我喜欢编程\tI like it\n没有制表符\n".encode(), [":2:", "tab"]),
        ("我喜欢编程\tI like it\n\tNobody\n".encode(), [":2:", "empty"]),
        ("我喜欢编程\tI like it\n".encode() + b"\xff\xfe\tx\n", [":2:", "UTF-8"]),
    ],
    ids=["missing", "empty", "no tab", "empty side", "not UTF-8"],
)
def test_pairs_files(capsys, tmp_path, content, wanted):
    path = tmp_path / "pairs.tsv"
    if content is not None:
        path.write_bytes(content)
    complaint(capsys, train(path, tmp_path / "out"), "pairs.tsv", *wanted)
    assert not (tmp_path / "out").exists()


def test_too_few_pairs(capsys, tmp_path):
    (tmp_path / "one.tsv").write_text("我\tI\n", encoding="utf-8")
    complaint(capsys, train(tmp_path / "one.tsv", tmp_path / "out"), "one.tsv", "none is left to train on")


def test_an_unknown_preset(capsys, tmp_path):
    complaint(capsys, ["train", "encoder-decoder", "--pairs", "x.tsv", "--preset", "huge"], "huge", "small")


def test_a_run_is_not_overwritten(capsys, run, tmp_path):
    (tmp_path / "pairs.tsv").write_text(PAIRS, encoding="utf-8")
    before = (run / "weights.safetensors").read_bytes()
    complaint(capsys, train(tmp_path / "pairs.tsv", run), "--resume", "--out")
    complaint(capsys, [*train(tmp_path / "pairs.tsv", run), "--resume", "--seed", "5"], "seed")
    assert (run / "weights.safetensors").read_bytes() == before


def test_resume_without_a_run(capsys, tmp_path):
    (tmp_path / "pairs.tsv").write_text(PAIRS, encoding="utf-8")
    complaint(capsys, train(tmp_path / "pairs.tsv", tmp_path / "none", "--resume"), "none")


def test_folders_that_are_no_runs(capsys, tmp_path):
    complaint(capsys, ["translate", tmp_path / "nowhere", "我"], "nowhere", "no such folder")
    complaint(capsys, ["translate", tmp_path, "我"], "settings.json")


def test_another_version(capsys, run):
    settings = json.loads((run / "settings.json").read_text(encoding="utf-8"))
    (run / "settings.json").write_text(json.dumps(settings | {"format": 99}), encoding="utf-8")
    complaint(capsys, ["translate", run, "我"], "settings.json", "99")


@pytest.mark.parametrize("field", ["width", "heads", "inner", "source_vocabulary", "encoder_layers", "max_positions", "eps"])
@pytest.mark.parametrize("value", [0, -3, 10**12, "many", None, True, 7])
def test_settings_that_cannot_be(capsys, run, field, value):
    settings = json.loads((run / "settings.json").read_text(encoding="utf-8"))
    settings["config"][field] = value
    (run / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    if (field, value) in {("max_positions", 7), ("eps", 7), ("max_positions", 10**12), ("eps", 10**12), ("eps", 0)}:
        return  # these do not contradict the weights
    complaint(capsys, ["translate", run, "我"], str(run))


@pytest.mark.parametrize("name", ["settings.json", "weights.safetensors", "source_vocabulary.json"])
def test_damaged_files(capsys, run, name):
    whole = (run / name).read_bytes()
    for keep in (0, 5, len(whole) // 2, len(whole) - 1):
        (run / name).write_bytes(whole[:keep])
        if name.endswith(".json") and whole[keep:].strip() == b"":
            continue  # only the last newline is gone
        complaint(capsys, ["translate", run, "我"], name)
    (run / name).unlink()
    if name == "weights.safetensors":  # the last checkpoint has them too
        assert main(["translate", str(run), "我"]) == 0
        (run / "checkpoint.safetensors").unlink()
    complaint(capsys, ["translate", run, "我"], name)


def test_weights_that_do_not_fit(capsys, run):
    path = run / "weights.safetensors"
    tensors = {name: np.array(array) for name, array in safetensors.read(path).items()}
    name = "encoder.0.attention.key.bias"
    for changed in (
        {n: a for n, a in tensors.items() if n != name},
        tensors | {name: np.zeros(3, np.float32)},
        tensors | {"left.over": np.zeros(3, np.float32)},
    ):
        safetensors.write(path, changed)
        complaint(capsys, ["translate", run, "我"], "weights.safetensors")


def test_sentences(capsys, run):
    complaint(capsys, ["translate", run, "我", " "], "sentence 2", "empty")
    complaint(capsys, ["translate", run, "我" * 200], "sentence 1", "200 words")
    complaint(capsys, ["translate", run, "--beam", "0", "我"], "--beam")


def test_a_word_never_seen_is_said_and_the_sentence_translated(capsys, run):
    capsys.readouterr()
    assert main(["translate", str(run), "他喝茶", "我喜欢龘"]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2 and all(said.out.splitlines())
    (line,) = said.err.splitlines()
    assert line.startswith("minilm: sentence 2: ") and "龘" in line and "other words" in line


def test_a_bad_sentence_loses_no_other(capsys, run):
    capsys.readouterr()
    assert main(["translate", str(run), "他喝茶"]) == 0
    alone = capsys.readouterr().out
    assert main(["translate", str(run), "他喝茶", " ", "他喝茶", "我" * 200, "他喝茶"]) == 2
    assert capsys.readouterr().out == f"{alone}\n{alone}\n{alone}", "a line for each sentence, empty for a bad one"


def test_standard_input(capsys, run, monkeypatch):
    class Input(io.TextIOWrapper):
        def isatty(self):
            return False

    monkeypatch.setattr(sys, "stdin", Input(io.BytesIO(b"\xe6\x88\x91\n\xff\n")))
    complaint(capsys, ["translate", run], "line 2", "UTF-8")
    monkeypatch.setattr(sys, "stdin", Input(io.BytesIO("我喜欢编程\n他喝茶\n".encode())))
    assert main(["translate", str(run)]) == 0
    assert capsys.readouterr().out.count("\n") == 2


def test_a_loss_that_is_not_finite(tmp_path):
    from minilm.errors import InputError
    from minilm.models import encoder_decoder as model
    from minilm.tasks.translation import Task
    from minilm.training import loop

    config = model.Config(source_vocabulary=7, target_vocabulary=9, width=6, heads=2, inner=8, encoder_layers=1, decoder_layers=1, max_positions=12)
    params = model.init(np.random.default_rng(0), config)
    params["source_embedding"]["weight"][3] = np.nan
    batch = {"source": np.array([[3, 4]]), "target": np.array([[1, 5, 2]])}
    with pytest.raises(InputError, match="step 1"), np.errstate(invalid="ignore"):
        next(loop.run(Task(model), config, loop.start(params), lambda i: batch, steps=1, schedule=lambda s: 0.1, shards=1))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk(capsys, run, tmp_path, monkeypatch):
    """Every write fails as on a full disk; what was there before is whole."""
    from minilm.storage import atomic

    before = {path.name: path.read_bytes() for path in run.iterdir()}
    (tmp_path / "pairs.tsv").write_text(PAIRS, encoding="utf-8")
    real = os.fdopen
    monkeypatch.setattr(atomic.os, "fdopen", lambda number, mode: (os.close(number), real(os.open("/dev/full", os.O_WRONLY), mode))[1])
    complaint(capsys, [*train(tmp_path / "pairs.tsv", run)[:-3], "4", "--out", str(tmp_path / "new")], "No space left")
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before
    assert not list(tmp_path.glob("new/*.part")) and not list(tmp_path.glob("new/.*.part"))


def test_check_names_what_it_does_not_know(capsys):
    complaint(capsys, ["check", "sofmax"], "sofmax", "softmax")
