"""What a newcomer types second: every folder is tokenized, and an error says the right way out."""

import numpy as np
import pytest

from minilm.cli.fill import filled
from minilm.cli.main import main
from minilm.models import bert, gpt2
from minilm.recipes import translation
from minilm.tasks.language_modelling import LanguageModel
from minilm.tasks.masked_tokens import MaskedModel
from minilm.text.characters import Characters
from minilm.text.wordpiece import WordPiece


@pytest.fixture
def folders(tmp_path):
    """A run folder of each kind."""
    rng = np.random.default_rng(0)
    tokenizer = Characters.train("\nabcdef ")
    config = gpt2.Config(vocabulary=tokenizer.size, max_positions=5, width=4, heads=2, inner=4, layers=1)
    LanguageModel(gpt2, gpt2.init(rng, config), config, tokenizer, start=tokenizer.ids["\n"]).save(tmp_path / "gpt")
    pieces = WordPiece.train(["to be or not to be"], 60)
    config = bert.Config(vocabulary=pieces.size, max_positions=16, segments=2, width=4, heads=2, inner=4, layers=1)
    MaskedModel(bert.init(rng, config), config, pieces).save(tmp_path / "bert")
    translation.untrained(translation.PRESETS["tiny"], "我喜欢编程").save(tmp_path / "translator")
    return tmp_path


@pytest.mark.parametrize(
    ("command", "folder", "wanted"),
    [
        ("generate", "bert", "minilm fill"), ("translate", "bert", "minilm fill"), ("translate", "gpt", "minilm generate"),
        ("fill", "gpt", "minilm generate"), ("fill", "translator", "minilm translate"), ("generate", "translator", "minilm translate"),
    ],
)  # fmt: skip
def test_the_right_command_is_said(folders, capsys, command, folder, wanted):
    assert main([command, str(folders / folder), *(["a"] if command != "generate" else [])]) == 2
    errors = capsys.readouterr().err
    assert wanted in errors and errors.count("\n") == 1


def test_a_missing_folder_and_a_file(folders, capsys):
    assert main(["generate", str(folders / "none")]) == 2
    assert "hf download" in capsys.readouterr().err
    assert main(["generate", str(folders / "gpt" / "settings.json")]) == 2
    errors = capsys.readouterr().err
    assert "a file" in errors and "no such folder" not in errors


@pytest.mark.parametrize(("folder", "text"), [("gpt", "bad cab"), ("bert", "to be"), ("translator", "我喜欢编程")])
def test_every_run_is_tokenized(folders, capsys, folder, text):
    assert main(["tokenize", str(folders / folder), text]) == 0
    assert f"back again: {text}" in capsys.readouterr().out


def test_a_long_prompt_is_cut_with_a_word(folders, capsys):
    assert main(["generate", str(folders / "gpt"), "--prompt", "fedabcde", "--tokens", "3"]) == 0
    cut = capsys.readouterr()
    assert "8 tokens" in cut.err and "last 5" in cut.err
    assert main(["generate", str(folders / "gpt"), "--prompt", "abcde", "--tokens", "3"]) == 0
    assert capsys.readouterr() == (cut.out, "")


def test_no_prompt_begins_at_the_start(folders, capsys):
    assert main(["generate", str(folders / "gpt"), "--tokens", "3"]) == 0
    alone = capsys.readouterr().out
    assert main(["generate", str(folders / "gpt"), "--prompt", "\n", "--tokens", "3"]) == 0
    assert len(alone) == 3 and capsys.readouterr().out == alone


def test_a_filled_mask_is_a_sentence(folders, capsys):
    assert main(["fill", str(folders / "bert"), "to [MASK] or not to [MASK]"]) == 0
    lines = capsys.readouterr().out.strip().split("\n")
    assert len(lines) == 12 and lines[1].rstrip().endswith(" or not to [MASK]") and "  to [MASK] or not to " in lines[8] or "##" in lines[8]
    assert filled("a [MASK], [MASK]!", "[MASK]", 2, "b") == "a [MASK], b!"
    assert filled("play [MASK] now", "[MASK]", 1, "##ing") == "playing now"
