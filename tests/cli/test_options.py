"""Sizes and training on the command line, beside a preset."""

import json

import pytest

from minilm.cli.main import main
from minilm.cli.train import options
from minilm.recipes import bert, gpt, lstm, translation
from minilm.storage import run_folder

TEXT = "".join(f"the {n} of {n * n} words\n" for n in range(200))
ALL = {"layers": "2", "heads": "3", "width": "24", "context": "12", "batch": "5", "steps": "4", "rate": "0.004", "dropout": "0.25"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "text.txt").write_text(TEXT, encoding="utf-8")
    (folder / "pairs.tsv").write_text("".join(f"{n} and {n}\tone {n} two\n" for n in range(120)), encoding="utf-8")
    return folder


def command(data, model, out, **more):
    given = {"layers": "2", "width": "24", "epochs": "1"} if model == "lstm" else ALL | {"heads": "3"}
    if model == "encoder-decoder":
        given = given | {"batch": "300"}
    source = ["--pairs", str(data / "pairs.tsv")] if model == "encoder-decoder" else ["--data", str(data / ("pairs.tsv" if model == "bert" else "text.txt"))]
    words = [word for name, value in (given | more).items() for word in (f"--{name.replace('_', '-')}", str(value))]
    return ["train", model, *source, "--preset", "tiny", *words, "--out", str(out)]


@pytest.mark.parametrize("model", ["gpt", "lstm", "bert", "encoder-decoder"])
def test_options_reach_the_model_and_the_training(model, data, tmp_path, capsys):
    assert main([*command(data, model, tmp_path / "run", eval_every=2)]) == 0
    settings = json.loads((tmp_path / "run" / "settings.json").read_text(encoding="utf-8"))
    config, training = settings["config"], settings["training"]
    assert training["layers"] == 2 and training["width"] == 24
    assert config["hidden" if model == "lstm" else "width"] == 24
    rows = run_folder.read_history(tmp_path / "run")
    assert all("validation_loss" in row for row in rows if row["step"] % 2 == 0)
    assert any("validation_loss" not in row for row in rows)
    if model != "lstm":
        assert config["heads"] == 3 and config["dropout"] == 0.25 and len(rows) == 4
        assert training["rate"] == 0.004 and training["batch"] == (300 if model == "encoder-decoder" else 5)
    assert capsys.readouterr().out.strip().split("\n")[-1].startswith("   minilm "), "what to try now comes last"
    assert main([*command(data, model, tmp_path / "run", width=48), "--resume"]) == 2
    assert "width: 24, not 48" in capsys.readouterr().err
    assert main([*command(data, model, tmp_path / "run", dropout=0.5), "--resume"]) == 2
    assert "dropout" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"width": 25}, "--width 25 is no multiple of --heads 3"), ({"steps": 0}, "--steps is 0"), ({"save_every": 0}, "--save-every is 0"),
        ({"eval_every": 0}, "--eval-every is 0"), ({"rate": 0}, "--rate"), ({"rate": "nan"}, "--rate"), ({"dropout": 1}, "--dropout"),
        ({"layers": -1}, "--layers"), ({"context": 0}, "--context"), ({"batch": 0}, "--batch"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("model", ["gpt", "bert", "encoder-decoder"])
def test_what_cannot_be_is_one_line(model, more, wanted, data, tmp_path, capsys):
    assert main(command(data, model, tmp_path / "run", **more)) == 2
    errors = capsys.readouterr().err
    assert wanted in errors and errors.count("\n") == 1 and not (tmp_path / "run").exists()


def test_a_contradiction_names_the_preset_where_it_is_the_presets(data, tmp_path, capsys):
    assert main(["train", "gpt", "--data", str(data / "text.txt"), "--heads", "5", "--out", str(tmp_path / "run")]) == 2
    assert "--width 128 (of --preset nanogpt-cpu) is no multiple of --heads 5" in capsys.readouterr().err


def test_the_resume_command_says_them_again():
    import argparse

    given = argparse.Namespace(layers=2, rate=0.5, eval_every=7)
    assert options.words(given) == ["--layers", "2", "--rate", "0.5", "--eval-every", "7"]


def test_what_hangs_on_a_size_keeps_its_proportion():
    import argparse

    def new(preset, **given):
        return options.replaced(preset, argparse.Namespace(seed=0, preset="x", **given))

    assert new(translation.PRESETS["tiny"], width=48).inner == 96
    changed = new(gpt.PRESETS["nanogpt-cpu"], rate=1e-4, steps=50)
    assert changed.floor == pytest.approx(1e-5) and changed.warmup == 5 and changed.peak == 1e-4
    assert new(lstm.PRESETS["article"], width=64, batch=3).hidden == 64
    assert new(bert.PRESETS["tiny"], context=10).length == 10


@pytest.mark.parametrize(("arguments", "usage"), [(["train", "gpt", "--data", "x", "--lyers", "3"], "minilm train gpt"), (["cost", "gpt2", "--fast"], "minilm cost")])
def test_an_unknown_option_gets_its_commands_usage(arguments, usage, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    errors = capsys.readouterr().err
    assert ended.value.code == 2 and errors.startswith(f"usage: {usage} ") and f"{usage} -h" in errors


def test_a_byte_level_bpe_is_learnt_from_the_text(data, tmp_path, capsys):
    out = tmp_path / "run"
    assert main([*command(data, "gpt", out), "--tokenizer", "bpe", "--vocabulary", "270"]) == 0
    assert json.loads((out / "settings.json").read_text(encoding="utf-8"))["config"]["vocabulary"] == 270
    assert main(["generate", str(out), "--tokens", "3"]) == 0
    for more, wanted in ((["--vocabulary", "300"], "--tokenizer bpe"), (["--tokenizer", "bpe", "--vocabulary", "9"], "258")):
        assert main([*command(data, "gpt", tmp_path / "no"), *more]) == 2
        assert wanted in capsys.readouterr().err


@pytest.mark.parametrize(
    ("model", "more", "wanted"),
    [
        ("gpt", ["--context", "100000"], "a smaller --context"), ("lstm", ["--context", "100000"], "--context"),
        ("bert", ["--context", "4"], "--context 4: a pair of sentences"), ("gpt", ["--vocabulary", "300"], "add that, or leave it out"),
        ("gpt", ["--preset", "names", "--tokenizer", "bpe"], "leave one of them out"), ("gpt", ["--preset", "nano"], "there are nanogpt-cpu"),
    ],
)  # fmt: skip
def test_a_contradiction_says_the_way_out(model, more, wanted, data, tmp_path, capsys):
    path = data / ("pairs.tsv" if model == "bert" else "text.txt")
    assert main(["train", model, "--data", str(path), "--preset", "tiny", *more, "--out", str(tmp_path / "run")]) == 2
    errors = capsys.readouterr().err
    assert wanted in errors and errors.count("\n") == 1 and not (tmp_path / "run").exists()
