"""A run loses nothing: what load gives is the last checkpoint, a resume is held against what the run began with, and no
command replaces a run that it did not begin."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.cli import running
from minilm.cli.main import main
from minilm.data import grammar
from minilm.errors import InputError
from minilm.storage import atomic, run_folder, run_lock, safetensors

TEXT = "the cat sat on the mat and the dog lay in the fog by the log\n" * 40


@pytest.fixture()
def text_file(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def gpt(path, folder, *more):
    return ["train", "gpt", "--data", str(path), "--preset", "tiny", "--out", str(folder), *more]


def snapshot(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != run_lock.NAME}


def of_checkpoint(folder):
    tensors = safetensors.read(folder / "checkpoint.safetensors")
    return {name.removeprefix("params."): np.array(leaf) for name, leaf in tensors.items() if name.startswith("params.")}


def load_gives_the_checkpoint(folder):
    loaded = minilm.load(folder)
    wanted = of_checkpoint(folder)
    found = tree.flatten(loaded.params)
    assert set(found) == set(wanted)
    for name, leaf in found.items():
        np.testing.assert_array_equal(leaf, wanted[name], err_msg=name)
    step = int(safetensors.read(folder / "checkpoint.safetensors")["step"])
    assert loaded.steps_trained == step
    return step, loaded.steps_planned


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
@pytest.mark.parametrize("moment", [0.0, 0.3, 0.8])
def test_after_a_kill_load_gives_what_the_last_checkpoint_holds(tmp_path, text_file, moment):
    folder = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-m", "minilm", *gpt(text_file, folder, "--save-every", "1")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (folder / "history.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(moment)
    process.kill()
    process.wait()
    step, planned = load_gives_the_checkpoint(folder)
    assert 0 <= step <= planned == 40
    assert main(gpt(text_file, folder, "--resume")) == 0  # the killed process holds no lock
    assert load_gives_the_checkpoint(folder) == (40, 40)


def test_a_kill_between_any_two_files_of_the_beginning_costs_nothing(tmp_path, text_file, monkeypatch):
    """A run begins with a checkpoint, settings, tokenizer: killed after each of these, it goes on to the same bits."""
    assert main(gpt(text_file, tmp_path / "whole")) == 0
    wanted = of_checkpoint(tmp_path / "whole")

    class Killed(BaseException):
        pass

    replace, seen = atomic._replace, []

    def replaced(temporary, path):
        replace(temporary, path)
        seen.append(path)
        if len(seen) == last:
            raise Killed

    for last in (1, 2, 3, 4):
        folder, seen[:] = tmp_path / f"run{last}", []
        with monkeypatch.context() as patched:
            patched.setattr(atomic, "_replace", replaced)
            with pytest.raises(Killed):
                main(gpt(text_file, folder))
        names = {path.name for path in folder.iterdir()}
        assert "checkpoint.safetensors" in names and "history.jsonl" not in names
        with monkeypatch.context() as patched:
            patched.setattr(running, "agreed", lambda world, stopped: True)  # Ctrl-C within the first step
            assert main(gpt(text_file, folder, "--resume")) == 130, names
        assert load_gives_the_checkpoint(folder) == (1, 40)
        minilm.load(folder).generate("the", 2)  # whose tokenizer the killed run had not written yet
        assert main(gpt(text_file, folder, "--resume")) == 0
        for name, leaf in of_checkpoint(folder).items():
            np.testing.assert_array_equal(leaf, wanted[name], err_msg=name)
        assert load_gives_the_checkpoint(folder) == (40, 40)


def test_a_refused_resume_leaves_nothing_behind(tmp_path, text_file, capsys):
    assert main(gpt(text_file, tmp_path / "mistyped", "--resume")) == 2
    assert "no checkpoint to go on from" in capsys.readouterr().err
    assert not (tmp_path / "mistyped").exists()


def test_a_stopped_run_says_how_far_it_came(tmp_path, text_file, capsys, monkeypatch):
    folder = tmp_path / "run"
    monkeypatch.setattr(running, "agreed", lambda world, stopped: True)  # Ctrl-C within the first step
    assert main(gpt(text_file, folder)) == 130
    assert load_gives_the_checkpoint(folder) == (1, 40)
    capsys.readouterr()
    assert main(["generate", str(folder), "--prompt", "the", "--tokens", "5"]) == 0
    assert "stopped after 1 of 40 steps" in capsys.readouterr().err


def test_a_resume_with_another_text_is_refused_and_changes_nothing(tmp_path, text_file, capsys):
    folder, other = tmp_path / "run", tmp_path / "other.txt"
    other.write_text(TEXT.replace("cat", "tac"), encoding="utf-8")  # the same characters
    assert main(gpt(text_file, folder)) == 0
    before = snapshot(folder)
    assert main(gpt(other, folder, "--resume")) == 2
    assert "other data" in capsys.readouterr().err
    assert snapshot(folder) == before


@pytest.mark.parametrize(("field", "value", "said"), [("seed", 7, "seed"), ("vocabulary", "0" * 32, "vocabulary"), ("steps", 39, "steps")])
def test_a_resume_names_what_differs(tmp_path, text_file, capsys, field, value, said):
    folder = tmp_path / "run"
    assert main(gpt(text_file, folder)) == 0
    path = folder / "settings.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    settings["training"][field] = value
    path.write_text(json.dumps(settings), encoding="utf-8")
    capsys.readouterr()
    assert main(gpt(text_file, folder, "--resume")) == 2
    assert f"another {said}" in capsys.readouterr().err


def test_a_config_that_differs_is_named(tmp_path, text_file, capsys):
    folder = tmp_path / "run"
    assert main(gpt(text_file, folder)) == 0
    path = folder / "settings.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    settings["config"]["dropout"] = 0.5
    path.write_text(json.dumps(settings), encoding="utf-8")
    capsys.readouterr()
    assert main(gpt(text_file, folder, "--resume")) == 2
    assert "another dropout: 0.5, not 0.0" in capsys.readouterr().err


def test_no_run_is_replaced_unasked(tmp_path, text_file, capsys):
    folder = tmp_path / "run"
    assert main(gpt(text_file, folder)) == 0
    before = snapshot(folder)
    capsys.readouterr()
    assert main(["demo", "--preset", "tiny", "--out", str(folder)]) == 2
    assert "holds another run" in capsys.readouterr().err
    assert main(gpt(text_file, folder)) == 2
    assert "holds a run already" in capsys.readouterr().err
    assert snapshot(folder) == before
    assert main(gpt(text_file, folder, "--seed", "3", "--overwrite")) == 0
    assert run_folder.read_settings(folder)["training"]["seed"] == 3


def test_a_hub_folder_is_a_model_too(tmp_path, text_file, capsys):
    folder = tmp_path / "hub"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    assert main(gpt(text_file, folder)) == 2
    assert "holds a run already" in capsys.readouterr().err
    assert (folder / "config.json").read_text(encoding="utf-8") == "{}"


def test_two_trainings_in_one_folder(tmp_path, text_file, capsys):
    folder = tmp_path / "run"
    with run_lock.held(folder):
        assert main(gpt(text_file, folder)) == 2
    assert "is training here" in capsys.readouterr().err
    assert not (folder / "settings.json").exists()


def test_pairs_that_are_too_long_are_counted_and_said(tmp_path, capsys):
    pairs = grammar.pairs()[:300]
    long = "我 " * 200
    rows = [*pairs[:150], *((f"{long}{number}", "too long") for number in range(30)), *pairs[150:]]
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{chinese}\t{english}\n" for chinese, english in rows), encoding="utf-8")
    folder = tmp_path / "run"
    command = ["train", "encoder-decoder", "--pairs", str(path), "--preset", "tiny", "--steps", "2", "--out", str(folder)]
    assert main(command) == 0
    said = capsys.readouterr().out
    line = next(line for line in said.split("\n") if line.startswith("left out:"))
    assert sum(int(word) for word in line.replace(",", " ").split() if word.isdigit() and int(word) < 127) >= 25
    assert "validation: loss" in said


def test_a_history_with_damaged_lines_ends_no_training(tmp_path, text_file):
    folder = tmp_path / "run"
    assert main(gpt(text_file, folder)) == 0
    path = folder / "history.jsonl"
    rows = path.read_bytes().split(b"\n")
    rows[3:5] = [b'{"step": 4, "loss": null}', b'{"step": 5, "loss": "NaN"', b'{"step": 6}', b"\xff\xfe", b"[]", b'{"step": 7, "loss": {}}']
    path.write_bytes(b"\n".join(rows))
    safetensors_path = folder / "checkpoint.safetensors"
    tensors = {name: np.array(leaf) for name, leaf in safetensors.read(safetensors_path).items()}
    tensors["step"] = np.array(38)
    safetensors.write(safetensors_path, tensors)
    assert main(gpt(text_file, folder, "--resume")) == 0


def test_a_lock_is_no_run(tmp_path, text_file):
    folder = tmp_path / "run"
    with run_lock.held(folder):
        pass
    with pytest.raises(InputError):
        minilm.load(folder)
    assert main(gpt(text_file, folder)) == 0


@pytest.mark.parametrize("damage", [lambda data: data[:-5], lambda data: b"", lambda data: b"\xff" * 20, lambda data: data + b"x"])
def test_a_finished_run_needs_its_checkpoint_no_more(tmp_path, text_file, capsys, damage):
    """Its weights are whole: what is damaged beside them is said where it is wanted, by a resume."""
    folder = tmp_path / "run"
    assert main(gpt(text_file, folder)) == 0
    wanted = tree.flatten(minilm.load(folder).params)
    checkpoint, history = folder / "checkpoint.safetensors", folder / "history.jsonl"
    checkpoint.write_bytes(damage(checkpoint.read_bytes()))
    loaded = minilm.load(folder)
    assert (loaded.steps_trained, loaded.steps_planned) == (40, 40)
    for name, leaf in tree.flatten(loaded.params).items():
        np.testing.assert_array_equal(leaf, wanted[name], err_msg=name)
    assert main(["generate", str(folder), "--prompt", "the", "--tokens", "3"]) == 0
    capsys.readouterr()
    assert main(gpt(text_file, folder, "--resume")) == 2
    assert "checkpoint.safetensors" in capsys.readouterr().err
    history.write_text("".join(history.read_text(encoding="utf-8").splitlines(True)[:-1]), encoding="utf-8")
    with pytest.raises(InputError, match="checkpoint.safetensors"):  # nothing says that these weights are the last
        minilm.load(folder)


def test_a_damaged_checkpoint_of_an_unfinished_run_is_named(tmp_path, text_file, monkeypatch):
    folder = tmp_path / "run"
    with monkeypatch.context() as patched:
        patched.setattr(running, "agreed", lambda world, stopped: True)  # Ctrl-C within the first step
        assert main(gpt(text_file, folder)) == 130
    checkpoint = folder / "checkpoint.safetensors"
    checkpoint.write_bytes(checkpoint.read_bytes()[:-5])
    with pytest.raises(InputError, match="checkpoint.safetensors"):
        minilm.load(folder)
