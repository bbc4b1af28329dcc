"""The commands as a user meets them: what they print, what they leave, what -h says."""

import json
import subprocess
import sys

import pytest

import minilm
from minilm.cli.main import COMMANDS, main
from minilm.data import grammar

WORDS = "".join(f"{chinese}。{english}\n" for chinese, english in grammar.pairs()[:300])


@pytest.fixture(scope="module")
def text_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text(WORDS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def gpt(text_file):
    folder = text_file.parent / "gpt"
    assert main(["train", "gpt", "--data", str(text_file), "--preset", "tiny", "--out", str(folder)]) == 0
    return folder


def test_help_is_there_for_every_command(capsys):
    for command in [[], ["check"], ["demo"], ["train"], ["train", "gpt"], ["train", "encoder-decoder"], ["translate"], ["generate"]]:
        with pytest.raises(SystemExit) as ended:
            main([*command, "-h"])
        assert ended.value.code == 0
        assert "minilm" in capsys.readouterr().out
    assert "check" in COMMANDS


def test_without_a_command_the_help_is_shown(capsys):
    assert main([]) == 0
    assert "minilm demo" in capsys.readouterr().out


def test_python_m_minilm_is_minilm():
    done = subprocess.run([sys.executable, "-m", "minilm", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"minilm {minilm.__version__}"


def test_importing_minilm_imports_little():
    code = "import sys, minilm; print(sorted(m for m in sys.modules if m.split('.')[0] in ('numpy', 'tqdm', 'matplotlib')))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_check_writes_its_rows(tmp_path, capsys):
    path = tmp_path / "rows.json"
    assert main(["check", "ops.linear", "ops.softmax", "--json", str(path)]) == 0
    rows = json.loads(path.read_text(encoding="utf-8"))
    exact = [row["tensor"] for row in rows if row["name"] == "ops.linear" and row["method"] == "complex step"]
    assert set(exact) == {"x", "params.weight", "params.bias"}
    for row in rows:
        assert set(row) == {"name", "tensor", "method", "error", "tolerance", "passed"}
        assert row["passed"] is True and row["error"] <= row["tolerance"]
    assert all(row["tolerance"] == 1e-12 for row in rows if row["method"] == "complex step")


def test_check_fails_with_one_where_a_gradient_is_wrong(monkeypatch, capsys):
    from minilm.ops import linear

    right = linear.backward
    monkeypatch.setattr(linear, "backward", lambda *a: (right(*a)[0] * 1.001, right(*a)[1]))
    assert main(["check", "ops.linear"]) == 1
    out = capsys.readouterr().out
    assert "FAIL" in out and "x[" in out and "analytic" in out


def test_a_demo_run_loads_and_translates(tmp_path, capsys):
    folder = tmp_path / "run"
    assert main(["demo", "--preset", "tiny", "--lang", "en", "--out", str(folder)]) == 0
    out = capsys.readouterr().out
    for number in range(1, 8):
        assert f"\n{number}  " in out
    assert "我 / 喜欢 / 编程" in out and "every gradient is right" in out
    assert isinstance(minilm.load(folder).translate("我喜欢编程"), str)
    assert main(["translate", str(folder), "--beam", "3", "我喜欢编程", "他喝茶"]) == 0
    assert capsys.readouterr().out.count("\n") == 2


def test_generating(gpt, capsys):
    capsys.readouterr()
    arguments = ["generate", str(gpt), "--prompt", "我", "--tokens", "50"]
    texts = []
    for more in ([], [], ["--seed", "1"], ["--temperature", "0"], ["--temperature", "0", "--seed", "9"]):
        assert main([*arguments, *more]) == 0
        texts.append(capsys.readouterr().out)
    assert len(texts[0]) == 50, "nothing but what was generated, where standard output is no terminal"
    assert texts[0] == texts[1] != texts[2] and texts[3] == texts[4]
    assert minilm.load(gpt).generate("我", 50, temperature=0.0) == texts[3]


def test_a_gpt_resumes_bit_for_bit(text_file, gpt, tmp_path):
    from minilm.recipes import checkpoints
    from minilm.recipes import gpt as recipe

    prepared = recipe.prepare(text_file, recipe.PRESETS["tiny"])
    for step, state in recipe.train(prepared):
        if step.number == 13:
            kept = state
            break
    folder = tmp_path / "run"
    prepared.trained.save(folder, {"recipe": "gpt", "preset": "tiny", "seed": 0})
    checkpoints.save(folder, kept)
    command = ["train", "gpt", "--data", str(text_file), "--preset", "tiny", "--out", str(folder), "--resume"]
    assert main(command) == 0
    assert (folder / "weights.safetensors").read_bytes() == (gpt / "weights.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("more", "wanted"),
    [(["--prompt", "龘"], "龘"), (["--seed", "-1"], "--seed"), (["--prompt", "我", "--temperature", "-1"], "temperature"),
     (["--prompt", "我", "--top-p", "2"], "top_p"), (["--prompt", "我", "--tokens", "0"], "--tokens")],
)  # fmt: skip
def test_what_cannot_be_generated(gpt, capsys, more, wanted):
    assert main(["generate", str(gpt), *more]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("minilm: ") and errors.count("\n") == 1 and wanted in errors
