"""What a newcomer finds by help, repr and a type checker."""

import pydoc
import subprocess
import sys
from pathlib import Path

import pytest

import minilm
from minilm.recipes import translation

SCRIPT = """\
import minilm
from minilm.tasks.classification import Classifier
from minilm.tasks.language_modelling import LanguageModel
from minilm.tasks.masked_tokens import MaskedModel
from minilm.tasks.sentence_vectors import SentenceEncoder
from minilm.tasks.tagging import Tagger
from minilm.tasks.translation import Translator

model = minilm.load("runs/demo")
if isinstance(model, Translator):
    print(model.translate("a", beam=2))
elif isinstance(model, LanguageModel):
    print("".join(model.stream("a", 3, seed=1)), model.generate("a", temperature=0.5))
elif isinstance(model, Tagger):
    print(model.tag("a"))
elif isinstance(model, Classifier):
    print(model.classify("a"), model.predict(["a"]))
elif isinstance(model, SentenceEncoder):
    print(model.embed("a").shape)
else:
    found: list[list[tuple[str, float]]] = model.fill("a [MASK]", top=2)
    probability: float = model.follows("a", "b")
"""


def test_help_names_what_load_returns():
    text = pydoc.render_doc(minilm, renderer=pydoc.plaintext)
    for word in ("minilm.load(", "Translator", "LanguageModel", "MaskedModel", "Tagger", "SentenceEncoder", "Classifier",
                 "translate(", "generate(", "fill(", "tag(", "embed(", "classify("):  # fmt: skip
        assert word in text


def test_a_translator_says_what_it_is(tmp_path):
    translation.untrained(translation.PRESETS["tiny"], "我喜欢编程").save(tmp_path)
    said = repr(minilm.load(tmp_path))
    assert said.startswith("<Translator: encoder_decoder, ") and " parameters, vocabulary 7 to 7 words" in said, said


def test_a_users_script_passes_mypy(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "script.py").write_text(SCRIPT.replace("MaskedModel\n", "MaskedModel as MaskedModel\n"), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", str(tmp_path / "script.py")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(minilm.__file__).parents[1])
    assert done.returncode == 0, done.stdout
