"""A sentence in another language than the model's, and a text in the wrong column: one line, place and way out."""

import io
import sys

import numpy as np
import pytest

import minilm
from minilm.cli.main import main
from minilm.errors import InputError
from minilm.models import bert, gpt2
from minilm.recipes import lstm, translation
from minilm.tasks.language_modelling import LanguageModel
from minilm.tasks.masked_tokens import MaskedModel
from minilm.text.characters import Characters
from minilm.text.wordpiece import WordPiece


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    preset = translation.PRESETS["tiny"]
    translation.untrained(preset, "我喜欢编程。").save(folder / "chinese")
    parts, languages = translation.shipped(reverse=True)
    small = {part: pairs[:300] for part, pairs in parts.items()}
    translation.prepare(small, languages, preset).translator.save(folder / "english")
    pieces = WordPiece.train(["to be or not to be"], 60)
    config = bert.Config(vocabulary=pieces.size, max_positions=16, segments=2, width=4, heads=2, inner=4, layers=1)
    MaskedModel(bert.init(np.random.default_rng(0), config), config, pieces).save(folder / "bert")
    lstm.untrained(lstm.PRESETS["tiny"], "to be or not to be").save(folder / "lstm", {})
    known = Characters.train("abc ")
    config = gpt2.Config(vocabulary=known.size, max_positions=5, width=4, heads=2, inner=4, layers=1)
    LanguageModel(gpt2, gpt2.init(np.random.default_rng(0), config), config, known).save(folder / "gpt", {})
    return folder


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        (["translate", "chinese", "I like programming."], "sentence 1 is not Chinese"),
        (["translate", "chinese", "Я люблю"], "sentence 1 is not Chinese"),
        (["translate", "english", "我喜欢编程"], "sentence 1 is Chinese"),
        (["fill", "bert", "我喜欢[MASK]程"], "no word of this text"),
        (["generate", "lstm", "--prompt", "我喜欢 编程"], "no word of this text"),
        (["generate", "gpt", "--prompt", "a我"], "'我'"),
    ],
)  # fmt: skip
def test_another_language_than_the_models(command, wanted, folders, capsys):
    assert main([command[0], str(folders / command[1]), *command[2:]]) == 2
    found = capsys.readouterr()
    assert found.err.startswith("minilm: ") and found.err.count("\n") == 1 and wanted in found.err
    assert not found.out.strip()


def test_a_foreign_word_or_a_number_is_no_other_language(folders, capsys):
    assert main(["translate", str(folders / "chinese"), "我喜欢Python", "12", "编程 OK"]) == 0
    found = capsys.readouterr()
    assert found.out.count("\n") == 3 and found.err.count("never seen in training") == 3
    with pytest.raises(InputError, match="not Chinese"):
        minilm.load(folders / "chinese").translate(["我", "hello"])


def test_some_unknown_words_are_counted(folders, capsys):
    assert main(["fill", str(folders / "bert"), "to 我 [MASK] be"]) == 0
    assert "1 of 3 tokens are words that the model has never seen, and reads as [UNK]" in capsys.readouterr().err
    assert main(["generate", str(folders / "lstm"), "--prompt", "to the be", "--tokens", "2"]) == 0
    assert "1 of 3 tokens" in capsys.readouterr().err
    assert main(["generate", str(folders / "lstm"), "--tokens", "2", "--prompt", "to be"]) == 0
    assert capsys.readouterr().err == ""


def train(path, *more):
    return ["train", "encoder-decoder", "--pairs", str(path), "--preset", "tiny", "--out", str(path.parent / "run"), *more]


@pytest.mark.parametrize(
    ("lines", "more", "wanted"),
    [
        ([("我喜欢茶", "I like tea")] * 9 + [("He sings", "他唱歌")], (), ":10: column 1 has 'He sings', in other lines Chinese; exchange"),
        ([("I like tea", "我喜欢茶")] * 9 + [("他唱歌", "He sings")] * 3, (), ":10: column 2 has 'He sings', in other lines Chinese, and 2 lines more"),
        ([("He sings", "他唱歌")] + [("我喜欢茶", "I like tea")] * 9, ("--source", "2", "--target", "1"), ":1: column 1 has 'He sings'"),
        ([("1277", "我喜欢茶", "I like tea")] * 9, (), "column 1 has letters in 0 of 9 lines: no sentences; --source"),
        ([("我喜欢茶", "2024-01-05", "I like tea")] * 9, (), "column 2 has letters in 0 of 9 lines"),
    ],
)  # fmt: skip
def test_text_in_the_wrong_column(lines, more, wanted, tmp_path, capsys):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
    assert main(train(path, *more)) == 2
    errors = capsys.readouterr().err
    assert errors.startswith(f"minilm: {path}") and errors.count("\n") == 1 and wanted in errors
    assert not (tmp_path / "run").exists()


def test_marks_and_foreign_words_are_in_no_wrong_column(tmp_path):
    path = tmp_path / "pairs.tsv"
    lines = [(f"我喜欢{n}", f"I like {n}") for n in range(30)] + [("OK。", "OK."), ("……", "... 好"), ("好", "好 OK yes fine")]
    path.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
    parts, _ = translation.from_file(path)
    assert sum(map(len, parts.values())) == 33


def test_columns_typed_into_the_translator(folders, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("我喜欢编程\tI like programming\n".encode()), encoding="utf-8"))
    assert main(["translate", str(folders / "chinese")]) == 2
    found = capsys.readouterr()
    assert "sentence 1 has a tab" in found.err and "cut -f1" in found.err and found.err.count("\n") == 1
