"""Every command of the two READMEs is understood as it stands there, and runs. (test_docs.py: both name the same.)"""

import io
import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

from minilm.cli.main import build_parser, main
from minilm.data import labelled
from minilm.models import bert
from minilm.recipes import classification, tagging, translation
from minilm.tasks.masked_tokens import MaskedModel
from minilm.text.wordpiece import WordPiece

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh-CN.md")
FOLDERS = {  # what MODEL, RUN or FOLDER stands for; else runs/demo
    "generate": "runs/gpt", "fill": "models/bert", "embed": "models/bert", "search": "models/bert",
    "classify": "runs/classifier", "score": "runs/classifier", "tag": "runs/tagger", "classifier": "models/bert",
}  # fmt: skip
EPOCHS = ("lstm", "classifier", "tagger")  # trainings that are counted in them
ELSEWHERE = {  # and where it is run instead: these take long, or measure the machine
    "demo": "tests/cli/test_commands.py", "bench": "tests/test_benchmarks.py", "doctor": "tests/cli/test_doctor.py",
    "accuracy": "tests/checking/test_accuracy.py",
}  # fmt: skip
NAMED = [["step"], ["golden"], ["compare"], ["accuracy"], ["COMMAND", "-h"]]  # spoken of, not typed


def typed(name):
    """[(words, standard input)] of all that a README tells a person to type, each once."""
    text = (ROOT / name).read_text(encoding="utf-8")
    fenced = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    quoted = re.findall(r"`(minilm [a-z][^`]*)`", text)
    found = []
    for line in dict.fromkeys([*fenced, *quoted]):
        if line.startswith("printf "):
            said, _, line = line.partition(" | ")
            given = shlex.split(said)[1].replace("\\n", "\n")
        else:
            given = None
        if line.startswith("minilm "):
            found.append((shlex.split(line)[1:], given))
    return found


def filled_in(words):
    """The words with something in place of MODEL, FILE and TEXT."""
    folder = FOLDERS.get(words[0], "runs/demo")
    if words[0] == "train" and words[1:]:
        folder = FOLDERS.get(words[1], folder)
    pairs = "labelled.tsv" if "classifier" in words else "pairs.tsv"
    places = {"MODEL": folder, "RUN": folder, "QUERY": "a page", "FILE": "labelled.tsv", "FILE.conll": "tagged.conll",
              "TEXT": "我喜欢编程", "FILE.txt": "README.md", "FILE.tsv": pairs, "FOLDER": folder,
              "FILE.py:forward,backward": "mine.py:forward,backward"}  # fmt: skip
    if words[0] == "generate":
        places["TEXT"] = "The"
    if words[0] in ("golden", "compare"):  # the one makes a folder, which the other holds against itself
        places |= {"WHAT": "ops.tanh", "FOLDER": "tanh.golden", "GOLDEN": "tanh.golden", "THEIRS": "tanh.golden"}
    return [places.get(word, word) for word in words]


@pytest.mark.parametrize("name", READMES)
def test_every_command_is_understood(name):
    parser = build_parser()
    found = typed(name)
    assert len(found) > 20
    for words, _ in found:
        if words in NAMED:
            continue
        _, rest = parser.parse_known_args(filled_in(words))
        assert not rest, words


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the README and small models where it has them."""
    folder = tmp_path_factory.mktemp("hour")
    (folder / "README.md").write_text((ROOT / "README.md").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "pairs.tsv").write_text("".join(f"我喜欢{n}\tI like {n}\n" for n in range(60)), encoding="utf-8")
    (folder / "labelled.tsv").write_text("".join(f"{'good' if n % 2 else 'bad'}\tI {n}\n" for n in range(40)), encoding="utf-8")
    (folder / "tagged.conll").write_text("".join(f"Ann B-NAME\nlikes O\n{n} O\n\n" for n in range(20)), encoding="utf-8")
    (folder / "mine.py").write_text(
        "def forward(x):\n    return 2 * x, {}\n\n\ndef backward(cache, dy):\n    return 2 * dy\n", encoding="utf-8"
    )
    parts, languages = translation.shipped()
    small = {part: pairs[:200] for part, pairs in parts.items()}
    translation.prepare(small, languages, translation.PRESETS["tiny"]).translator.save(folder / "runs" / "demo")
    pieces = WordPiece.train(["Paris is the capital of France."], 60)
    chosen = classification.PRESETS["tiny"]
    classification.untrained_on(chosen, ["I like tea"], ["bad", "good"], labelled.ONE).save(folder / "runs" / "classifier")
    tagging.untrained(tagging.PRESETS["tiny"], "我喜欢编程").save(folder / "runs" / "tagger")
    config = bert.Config(vocabulary=pieces.size, max_positions=24, segments=2, width=4, heads=2, inner=4, layers=1)
    MaskedModel(bert.init(np.random.default_rng(0), config), config, pieces).save(folder / "models" / "bert")
    return folder


COMMANDS = [(words, given) for words, given in typed("README.md")
            if words[0] not in ELSEWHERE and words not in [*NAMED, ["check"]]]  # fmt: skip


@pytest.mark.parametrize(("words", "given"), COMMANDS, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_every_command_runs(words, given, place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    arguments = filled_in(words)
    if words[0] == "train":  # as it stands, but small
        arguments += ["--preset", "tiny", "--epochs" if words[1] in EPOCHS else "--steps", "2", "--overwrite"]
        arguments += ["--layers", "2", "--heads", "2"] if "--layers" in words else []
    if words[0] == "cost":
        arguments += ["--no-step"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((given or "").encode()), encoding="utf-8"))
    assert main(arguments) == 0, capsys.readouterr().err
