"""The translator reads a sentence once, and `minilm translate` is for translators."""

import numpy as np
import pytest

from minilm.cli.main import main
from minilm.models import gpt2
from minilm.recipes import translation
from minilm.tasks.language_modelling import LanguageModel
from minilm.text.characters import Characters


@pytest.fixture(scope="module")
def translator():
    parts, languages = translation.shipped()
    parts = {part: pairs[:500] for part, pairs in parts.items()}
    return translation.prepare(parts, languages, translation.PRESETS["tiny"]).translator


def test_the_words_that_were_never_seen_come_with_the_ids(translator):
    ids, unknown = translator.read("我龘喜欢龘")
    assert ids == translator.encode("我龘喜欢龘")
    assert unknown == [word for word in translator.split("我龘喜欢龘") if "龘" in word] != []
    known = translator.source_vocabulary.words[5]
    assert translator.read(known)[1] == []


def test_the_command_segments_and_encodes_a_sentence_once(translator, tmp_path, monkeypatch, capsys):
    translator.save(tmp_path, {})
    calls = []
    note = lambda name, plain: lambda self, given: calls.append(name) or plain(self, given)
    for owner, name in ((translation.Language, "split"), (translation.Vocabulary, "encode")):
        monkeypatch.setattr(owner, name, note(name, getattr(owner, name)))
    assert main(["translate", str(tmp_path), "我喜欢龘"]) == 0
    assert calls == ["split", "encode"]
    assert "龘" in capsys.readouterr().err


def test_another_model_is_told_apart(tmp_path, capsys):
    tokenizer = Characters.train("abc")
    config = gpt2.Config(vocabulary=tokenizer.size, max_positions=4, width=4, heads=2, inner=4, layers=1)
    params = gpt2.init(np.random.default_rng(0), config)
    LanguageModel(gpt2, params, config, tokenizer).save(tmp_path)
    assert main(["translate", str(tmp_path), "a"]) == 2
    assert "not a translator" in capsys.readouterr().err
