"""The prompt: pdb's habits, the way back, and the proof on the spot; every model, in 80 columns."""

import io
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm.cli.main import main
from minilm.errors import InputError
from minilm.models import gpt2
from minilm.recipes import bert
from minilm.showing import runs, stepper
from minilm.tasks.language_modelling import LanguageModel
from minilm.text import columns
from minilm.text.byte_bpe import ByteBPE
from minilm.tracing import trace

PACKAGE = Path(minilm.__file__).parent
MODELS = ("gpt", "encoder-decoder", "lstm", "bert")


@pytest.fixture(scope="module")
def recorded():
    """{model: (run, recording of a training step)}."""
    found = {}
    for name in MODELS:
        run = runs.of(name, backward=True)
        whole = runs.updated(run)
        with trace(whole=1 << 24, budget=1 << 28, rooms=("training", "decoding")) as recording:
            whole.call()
        found[name] = run, recording
    return found


def session(recorded, name="gpt", *commands, colour=False):
    """What a script of commands prints, and the prompt afterwards."""
    run, recording = recorded[name]
    output = io.StringIO()
    prompt = stepper.Stepper(
        recording, params=run.params, loss=run.loss, labels=run.labels, colour=colour,
        stdin=io.StringIO("\n".join([*commands, "q"]) + "\n"), stdout=output,
    )  # fmt: skip
    prompt.use_rawinput = False
    prompt.cmdloop()
    return output.getvalue(), prompt


def place(recorded, name, *commands):
    """The step at which a script ends."""
    return session(recorded, name, *commands)[1].step


def test_step_next_return_until_up_down_and_back(recorded):
    t = recorded["gpt"][1]
    assert place(recorded, "gpt", "s", "s").number == 2
    assert place(recorded, "gpt", "s 5", "back 2").number == 3
    start = t.step_of(t["blocks.0.attention.attention.weights"]).number  # calls the softmax
    go = f"go {start + 1}"
    into, over, out = (place(recorded, "gpt", go, *more) for more in (["s"], ["n"], ["s", "s", "up"]))
    assert t.call_of(into).path == "blocks.0.attention.attention.softmax" and into.number == start + 1
    assert over.call == t.steps[start].call and over.text.startswith("dropped, dropout_cache")
    assert out.number == start
    assert place(recorded, "gpt", go, "down").number == start + 1
    last = place(recorded, "gpt", go, "s", "r")
    assert last.returns and t.call_of(last).path == "blocks.0.attention.attention.softmax"
    assert place(recorded, "gpt", go, "s", "r", "n").call == t.steps[start].call  # at its end to the caller
    assert place(recorded, "gpt", f"go {start}", f"until {t.steps[start].line + 1}").line == t.steps[start].line + 1
    assert place(recorded, "gpt", "c").number == len(t.steps) - 1


def test_until_leaves_a_loop(recorded):
    t = recorded["lstm"][1]
    loop = next(step for step in t.steps if step.text.startswith("for t in range(positions)"))
    inner = place(recorded, "lstm", f"go {loop.number + 1}", "n", "n", "n", "n")
    assert inner.text.startswith("gates_caches.append")
    after = place(recorded, "lstm", f"go {inner.number + 1}", "unt")
    assert after.line > inner.line and after.call == inner.call and after.text.startswith("y = ")


def test_breaks_by_name_address_operation_and_line(recorded):
    t = recorded["gpt"][1]
    by_name = place(recorded, "gpt", "b dscores", "c")
    assert by_name is t.step_of(t["blocks.0.attention.attention.dscores"])
    assert place(recorded, "gpt", "b blocks.0.attention.attention.scores", "c").text.startswith("scores = ")
    by_operation = place(recorded, "gpt", "b softmax.backward", "c")
    assert t.call_of(by_operation).module == "minilm.ops.softmax" and t.call_of(by_operation).function == "backward"
    assert t.call_of(place(recorded, "gpt", "b attention_norm", "c")).path == "blocks.0.attention_norm"
    line = t.step_of(t["blocks.0.attention_norm.xhat"]).line
    assert place(recorded, "gpt", f"b layer_norm.py:{line}", "c").line == line
    text, prompt = session(recorded, "gpt", "b scores", "b dscores", "cl 1", "b", "b nothing_like_it")
    assert prompt.breaks == ["dscores"] and "nothing here is called 'nothing_like_it'" in text
    assert "near it: dscores" in session(recorded, "gpt", "b dscore")[0]


def test_break_nonfinite_passes_a_mask_by_and_stops_at_a_nan(recorded):
    t = recorded["encoder-decoder"][1]
    assert any(value.non_finite for value in t.values)  # the -inf of the causal mask
    assert place(recorded, "encoder-decoder", "b nonfinite", "c").number == len(t.steps) - 1
    run = runs.of("gpt", backward=True)
    run.params["blocks"][0]["feed_forward"]["expand"]["bias"][3] = float("nan")
    with trace() as recording:
        run.call()
    text, prompt = session({"broken": (run, recording)}, "broken", "b nonfinite", "c")
    assert recording.call_of(prompt.step).path == "blocks.0.feed_forward.expand" and "NOT FINITE" in text


def test_grad_goes_to_the_gradient_and_back(recorded):
    t = recorded["encoder-decoder"][1]
    scores = t["encoder.0.attention.attention.scores"]
    there = f"go {t.step_of(scores).number + 1}"
    assert place(recorded, "encoder-decoder", there, "grad").values[0].address.endswith("attention.dscores")
    assert place(recorded, "encoder-decoder", there, "grad", "grad").values[0] is scores
    text, _ = session(recorded, "encoder-decoder", "grad encoder.0.attention.query.dweight", "grad zork")
    assert "is the gradient of a parameter" in text and "nothing was recorded at 'zork'" in text


def test_p_prints_a_slice_with_the_words_of_the_text(recorded):
    text, _ = session(recorded, "encoder-decoder", "b encoder.0.attention.attention.weights", "c", "p weights[0, 1]")
    table = text[text.index("(step) p weights") :].split("\n")
    assert table[2].split() == ["我", "喜欢", "编程"] and table[3].split()[0] == "我"
    numbers = recorded["encoder-decoder"][1]["encoder.0.attention.attention.weights"].array[0, 1]
    assert table[3].split()[1:] == [f"{number:.3g}" for number in numbers[0]]
    text, _ = session(
        recorded, "gpt", "p blocks.0.attention.query.weight[0, :3]", "p blocks.0.attention.query.bias[-1]"
    )
    weight = recorded["gpt"][1]["blocks.0.attention.query.weight"].array
    assert (
        f"{weight[0, 0]:.4f}".rstrip("0") in text
        and "blocks.0" not in text.split("p blocks.0.attention.query.bias[-1]\n")[1]
    )


@pytest.mark.parametrize("index", ["__import__('os')", "1.5", "'a'", "0:2:x", "[1, 2]", "0)", "1;2"])
def test_a_slice_evaluates_nothing(recorded, index):
    text, prompt = session(recorded, "gpt", f"p blocks.0.attention.query.weight[{index}]")
    assert "***" in text and prompt.status == 2


def test_where_list_args_find_and_help(recorded):
    text, _ = session(
        recorded, "gpt", "b dscores", "c", "w", "l", "ll", "a", "find dscores", "help check", "help", "h p"
    )
    assert "> " in text and "blocks.0.attention.attention" in text and "->" in text
    assert "dy (1, 2, 17, 16)" in text and "hold a gradient's entry against the complex step" in text
    assert "Commands (help COMMAND explains" in text


def test_unknown_commands_and_names_are_one_line(recorded):
    text, prompt = session(
        recorded, "gpt", "chek", "p", "p x[", "go 999999", "go nowhere.at.all", "s 0", "unt x", "cl 7"
    )
    wrong = [line for line in text.split("\n") if line.startswith("***")]
    assert len(wrong) == 8 and "did you mean check" in wrong[0] and prompt.status == 2


def test_the_tab_key_completes_names_and_addresses(recorded):
    _, prompt = session(recorded, "gpt", "b dscores", "c")
    assert prompt.completedefault("dsc", "p dsc", 2, 5) == ["dscores"]
    assert "blocks.0.attention.query.dweight" in prompt.completedefault("blocks.0.attention.query.d", "p b", 2, 5)


def test_ctrl_c_ends_a_check_and_not_the_session(recorded, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(stepper.one_entry, "check", interrupted)
    text, prompt = session(recorded, "gpt", "b dscores", "c", "check", "n")
    assert "*** stopped" in text and prompt.step.text.startswith("dk = ")


def test_check_on_the_spot(recorded):
    text, prompt = session(recorded, "gpt", "b dscores", "c", "check", "check dscores[0, 1, 5, 2]", "check scores")
    assert text.count("pass blocks.0.attention.attention.dscores[") == 3 and "WRONG" not in text
    assert prompt.status == 0
    text, prompt = session(
        recorded, "gpt", "check blocks.0.attention.query.dweight[3, 4]", "check logits[0]", "check logits[:]"
    )
    assert "check one entry" in text
    assert "pass blocks.0.attention.query.dweight[3, 4]" in text and "give an index in it" in text


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_check_all_proves_every_named_gradient_of_a_training_step(recorded, name):
    text, prompt = session(recorded, name, "check all")
    assert "all are right" in text and prompt.status == 0
    assert int(text.split(" gradients checked")[0].split()[-1]) > 60


@pytest.mark.parametrize("name", MODELS)
def test_no_line_is_wider_than_80_columns_or_coloured(recorded, name):
    commands = [
        "s 20",
        "b softmax",
        "c",
        "w",
        "ll",
        "a",
        "p allowed",
        "find dweight",
        "c",
        "grad",
        "n",
        "n",
        "r",
        "back",
    ]
    text, _ = session(recorded, name, *commands)
    assert all(columns.width(line) <= 80 for line in text.split("\n")), max(text.split("\n"), key=columns.width)
    assert "\x1b" not in text
    assert "\x1b[1m" in session(recorded, name, *commands, colour=True)[0]


def test_a_run_without_a_way_back_has_nothing_to_check(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("b attend\nc\ncheck\nq\n"))
    assert main(["step", "gpt", "to be", "--generate", "3"]) == 2
    text = capsys.readouterr().out
    assert "generation" in text and "no way back" in text and "attend" in text


def test_a_script_on_standard_input(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("# to the scores\nb scores\nc\n\np scores[0, 0, 0, :2]\n"))
    assert main(["step", "encoder-decoder", "我喜欢编程", "--target", "I like programming"]) == 0
    text = capsys.readouterr().out
    assert "我喜欢编程 -> I like programming: forward, loss, backward, clipping, update" in " ".join(text.split())
    assert "scaled_dot_product.py" in text and "\x1b" not in text


@pytest.mark.parametrize(("arguments", "message"), [
    (["nowhere"], "no folder and no model"), (["gpt:huge"], "no preset"), (["gpt", "--megabytes", "0"], "--megabytes"),
    (["gpt", ""], "give"), (["gpt", "to be", "--generate", "-1"], "--generate"),
])  # fmt: skip
def test_what_does_not_load_is_one_line(capsys, arguments, message):
    assert main(["step", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and len(error.strip().split("\n")) == 1


def test_the_update_is_part_of_the_run(recorded):
    t = recorded["gpt"][1]
    assert any(call.module == "minilm.training.clipping" for call in t.calls)
    assert t.calls[-1].module.startswith("minilm.training") or any("adamw" in call.module for call in t.calls)
    with pytest.raises(InputError):
        t["no.such.address"]


def copy_with_a_wrong_line(folder):
    """The package with softmax's derivative planted wrong."""
    shutil.copytree(PACKAGE, folder / "minilm", ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "minilm" / "ops" / "softmax.py"
    text = path.read_text(encoding="utf-8")
    right = "dx = (dy - rows.dot(dy, y)) * y"
    assert text.count(right) == 1
    path.write_text(text.replace(right, "dx = (dy + rows.dot(dy, y)) * y"), encoding="utf-8")


def test_a_planted_wrong_gradient_is_found(tmp_path):
    copy_with_a_wrong_line(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "minilm", "step", "gpt"], input="check all\nq\n", cwd=tmp_path, capture_output=True,
        encoding="utf-8", timeout=300,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    found = done.stdout[done.stdout.index("WRONG") :]
    assert "softmax.dx[" in found and "ops/softmax.py" in found and "dx = (dy + rows.dot(dy, y)) * y" in found


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_a_terminal_it_is_found_with_ten_keys(tmp_path):
    """`check all` and Enter, in a terminal of 80 columns, with NO_COLOR."""
    import time

    copy_with_a_wrong_line(tmp_path)
    socket = f"minilm-{tmp_path.name}"

    def tmux(*words):
        return subprocess.run(["tmux", "-L", socket, *words], capture_output=True, encoding="utf-8", check=True).stdout

    def wait_for(text):
        for _ in range(600):
            screen = tmux("capture-pane", "-p")
            if text in screen:
                return screen
            time.sleep(0.2)
        raise AssertionError(screen)

    command = f"cd {tmp_path} && NO_COLOR=1 {sys.executable} -m minilm step gpt"
    tmux("new-session", "-d", "-x", "80", "-y", "30", command)
    try:
        wait_for("(step)")
        keys = [*"check all", "Enter"]
        assert len(keys) == 10
        for key in keys:
            tmux("send-keys", *(["-l"] if len(key) == 1 else []), key)
        screen = wait_for("WRONG")
        screen = wait_for("dx = (dy + rows.dot(dy, y)) * y")
        assert "ops/softmax.py" in screen and "softmax.dx[" in screen
    finally:
        tmux("kill-server")


@pytest.mark.parametrize("name", MODELS)
def test_a_run_folder(tmp_path, capsys, monkeypatch, name):
    recipe = runs.recipes()[name]
    model = recipe.untrained(recipe.PRESETS["tiny"], recipe.EXAMPLE, getattr(recipe, "EXAMPLE_TARGET", None))
    model.save(tmp_path)
    gradient = "do" if name == "lstm" else "dscores"
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"b {gradient}\nc\ncheck\nq\n"))
    assert main(["step", str(tmp_path), recipe.EXAMPLE]) == 0
    text = capsys.readouterr().out
    assert f"break: {gradient}" in text and "pass " in text and "***" not in text


@pytest.mark.parametrize("name", ["gpt2", "bert"])
def test_a_hub_folder(tmp_path, capsys, monkeypatch, name):
    """Weights as Transformers keeps them: some are read as transposed views."""
    text = "to be or not to be"
    if name == "gpt2":
        tokenizer = ByteBPE.train(text, 10)
        config = gpt2.Config(vocabulary=tokenizer.size, max_positions=32, width=16, heads=2, inner=32, layers=2)
        LanguageModel(gpt2, gpt2.init(np.random.default_rng(0), config), config, tokenizer).export(tmp_path)
    else:
        bert.untrained(bert.PRESETS["tiny"], text).export(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO("b dscores\nc\ncheck\nb training\nq\n"))
    main(["step", str(tmp_path), text])
    assert ".attention.attention.dscores[" in capsys.readouterr().out.split("pass ")[1]


@pytest.mark.parametrize("heads", [("masked", "next_sentence"), ("next_sentence",)])
def test_bert_is_asked_whether_a_text_follows(tmp_path, capsys, monkeypatch, heads):
    """Two texts with [SEP] between them: both objectives of the pre-training, or the one that there is a head for."""
    text = "to be or not to be [SEP] that is the question"
    model = bert.untrained(bert.PRESETS["tiny"], text)
    for head in {"masked", "next_sentence"} - set(heads):
        del model.params[head]
    model.save(tmp_path)
    monkeypatch.setattr(
        sys, "stdin", io.StringIO("p next_sentence.weight\ng next_sentence.dweight\nb dpooled\nc\ncheck\nq\n")
    )
    main(["step", str(tmp_path), text])
    output = capsys.readouterr().out
    assert "pass " in output and "dpooled[" in output
