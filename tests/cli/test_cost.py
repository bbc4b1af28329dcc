"""`minilm cost` as a user meets it. The machine is measured, but in a hurry, and no time decides."""

import json

import pytest

from minilm.cli import cost
from minilm.cli.main import main
from minilm.costs import measured, speed
from minilm.costs.estimate import Estimate
from minilm.costs.subject import find, recipes


@pytest.fixture
def hurried(monkeypatch):
    median = measured.median
    monkeypatch.setattr(measured, "median", lambda run, runs, seconds=0, warm=1, done=lambda: None: median(run, 3, 0, 1))
    monkeypatch.setattr(speed, "timed", lambda work, replicas, around=0: 1e-6)
    monkeypatch.setattr(speed.bandwidth, "measure", lambda threads=None: 1e10)


def test_the_table_and_the_file(hurried, tmp_path, capsys):
    path = tmp_path / "cost.json"
    assert main(["cost", "gpt:tiny", "--batch", "3", "--measure", "--json", str(path)]) == 0
    out = capsys.readouterr().out
    for word in ("parameters", "3 rows of 32 positions", "blocks.0.attention", "blocks.0.feed_forward", "AdamW", "calls",
                 "expected", "measured", "a token after 16 positions", "reading a prompt of 32 tokens"):  # fmt: skip
        assert word in out
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["parameters"] == sum(part["parameters"] for part in found["step"]["parts"])
    for kind in ("step", "token", "prompt"):
        assert found[kind]["expected_seconds"] > 0 and found[kind]["measured_seconds"] > 0


def test_a_run_folder(hurried, tmp_path, capsys):
    text = tmp_path / "text.txt"
    text.write_text("To be, or not to be.\n" * 60, encoding="utf-8")
    assert main(["train", "gpt", "--data", str(text), "--preset", "tiny", "--out", str(tmp_path / "run")]) == 0
    capsys.readouterr()
    assert main(["cost", str(tmp_path / "run"), "--no-step"]) == 0
    out = capsys.readouterr().out
    assert "a token" in out and "training step" not in out


@pytest.mark.parametrize("name", ["gpt2", "gpt-small", "gpt-medium", "encoder-decoder", "lstm", "bert", "tagger"])
def test_the_names_that_help_lists(name):
    subject = find(name)
    assert subject.rows >= 1 and subject.length >= 1 and subject.title


@pytest.mark.parametrize("recipe", ["gpt", "lstm", "bert", "encoder-decoder", "tagger"])
def test_every_preset_of_every_recipe(recipe):
    for preset in recipes()[recipe].part("recipe").PRESETS:
        subject = find(f"{recipe}:{preset}", vocabulary=50)
        assert 50 in vars(subject.config).values()
        assert cost.context_of(subject, None) >= 1


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [(["nothing"], "gpt-small"), (["gpt:nothing"], "nanogpt-cpu"), (["gpt2", "--batch", "0"], "--batch"),
     (["gpt2", "--length", "2000"], "1024"), (["gpt2", "--context", "1024"], "--context"),
     (["gpt2", "--vocabulary", "9"], "--vocabulary")],
)  # fmt: skip
def test_what_has_no_cost(arguments, wanted, capsys):
    assert main(["cost", *arguments]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("minilm: ") and errors.count("\n") == 1 and wanted in errors


def test_a_disturbed_measurement_is_said():
    found = Estimate("a step", [], shards=2, waves=1, seconds=[0.01])
    assert cost.verdict(found, 0.01, 0.0195) == "measured 10.0 ms: expected is 1.00 of it"
    assert "computed for 10.0 ms" in cost.verdict(found, 0.02, 0.02)


def test_how_amounts_and_durations_are_said():
    assert [cost.amount(n) for n in (12, 1234, 5.6e6, 7.89e9)] == ["12 ", "1.23 k", "5.6 M", "7.89 G"]
    assert [cost.duration(s) for s in (2.5, 0.0123, 4.5e-5)] == ["2.50 s", "12.3 ms", "45 us"]


def test_a_collapsed_time_is_said(capsys, monkeypatch):
    from minilm.machine import matmul

    assert matmul.waiting(looks=1) > 0
    for factor, said in ((1.0, False), (50.0, True)):
        monkeypatch.setattr(matmul, "waiting", lambda factor=factor: factor)
        assert main(["cost", "gpt:tiny", "--no-step"]) == 0
        assert ("50 times as long" in capsys.readouterr().out) == said
