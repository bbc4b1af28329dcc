"""What is shown is text as it was given: a continuation begins with its space, Chinese keeps the spaces beside Latin
letters, and the sentence in which a word is masked is the file's."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from minilm.cli.main import main
from minilm.models import lstm_lm
from minilm.recipes import bert, translation
from minilm.tasks.language_modelling import LanguageModel
from minilm.tasks.translation import Language
from minilm.text.byte_bpe import ByteBPE
from minilm.text.characters import Characters
from minilm.text.wordpiece import WordPiece
from minilm.text.words import Words

TEXT = "First, with my lord: speak, speak.\n我 and 你 don't go far, my lord\n" * 3


def model_of(tokenizer, following=None):
    """A language model that says token after token of `following`, whatever the prompt was, or says anything."""
    config = lstm_lm.Config(vocabulary=tokenizer.size, embedding=3, hidden=4)
    model = LanguageModel(lstm_lm, lstm_lm.init(np.random.default_rng(0), config), config, tokenizer)
    if following is not None:
        model.turns = lambda prompts, tokens, **settings: ([(0, token)] for token in following)
    return model


@pytest.mark.parametrize(
    ("prompt", "continued"),
    [("First", " With my lord,"), ("First ", "With my lord,"), ("First,", " with"), ("speak:", "\nspeak"), ("我", "我 and"),
     ("never seen before", " lord"), ("", "lord")],
)  # fmt: skip
def test_a_word_after_a_prompt_has_its_space(prompt, continued):
    tokenizer = Words.train(TEXT + " With")
    model = model_of(tokenizer, tokenizer.encode(continued.removeprefix(" ")))
    model.start = 1
    assert model.generate(prompt) == continued
    assert "".join(model.stream(prompt)) == continued
    assert "".join(model.stream(tokenizer.encode(prompt) or [1])) == continued


@pytest.mark.parametrize("kind", [Words, Characters, ByteBPE, WordPiece])
def test_prompt_and_continuation_are_the_text_of_both(kind):
    tokenizer = kind.train(TEXT)
    model, prompt = model_of(tokenizer), tokenizer.encode("speak, my lord")
    for seed in range(20):
        ids = model.generate_ids([prompt], 12, seed=seed)[0]
        text = tokenizer.decode(prompt) + model.continuation(prompt, ids)
        assert text == tokenizer.decode([*prompt, *ids])
        assert text == tokenizer.decode(prompt) + "".join(model.stream(prompt, 12, seed=seed))


def test_a_prompt_of_half_a_character_loses_nothing_of_what_follows():
    tokenizer = ByteBPE.train("abc", 0)
    first, *rest = tokenizer.encode("é")
    assert model_of(tokenizer, rest).continuation([first], [*rest, *tokenizer.encode("a")]).endswith("a")


def test_a_tokenizer_need_not_say_its_size():
    class Letters:
        def encode(self, text):
            return [ord(letter) - 97 for letter in text]

        def decode(self, ids):
            return "".join(chr(97 + number) for number in ids)

    config = lstm_lm.Config(vocabulary=5, embedding=3, hidden=4)
    model = LanguageModel(lstm_lm, lstm_lm.init(np.random.default_rng(0), config), config, Letters())
    assert model.decode([0, 4, 5, 1]) == "aeb" and len(model.generate("ab", 6)) == 6


def test_the_command_prints_prompt_and_text_as_one(tmp_path, capsys, monkeypatch):
    """A model that knows one word."""
    tokenizer = Words.train("lord")
    config = lstm_lm.Config(vocabulary=tokenizer.size, embedding=3, hidden=4)
    model = LanguageModel(
        lstm_lm, lstm_lm.init(np.random.default_rng(0), config), config, tokenizer, forbidden=tuple(range(tokenizer.size - 1))
    )
    model.save(tmp_path)
    assert main(["generate", str(tmp_path), "--prompt", "lord", "--tokens", "3"]) == 0
    assert capsys.readouterr().out == " lord lord lord"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["generate", str(tmp_path), "--prompt", "lord", "--tokens", "3"]) == 0
    assert capsys.readouterr().out == "lord lord lord lord\n"


@pytest.fixture(scope="module")
def to_chinese():
    pairs = [("I use Python", "我用 Python 编程"), ("I use it", "我用它编程"), ("Tom is here", "Tom在这里")]
    parts = {"train": pairs * 4, "validation": pairs[:1]}
    return translation.prepare(parts, [Language("spaced"), Language("chinese")], translation.PRESETS["tiny"]).translator


def test_a_translation_into_chinese_keeps_the_spaces_beside_latin_letters(to_chinese):
    for text in ("我用 Python 编程", "我用它编程", "Tom在这里"):
        ids = to_chinese.target_vocabulary.encode(to_chinese.target_language.split(text))
        assert to_chinese.decode(ids) == text


@pytest.mark.parametrize("spaced", [False, True])
def test_a_space_that_the_model_never_saw_is_no_unknown_word(spaced):
    pairs = [("我用 Python 编程" if spaced else "我用Python编程", "I use Python"), ("我们在这里", "We are here")]
    parts = {"train": pairs * 4, "validation": pairs[:1]}
    made = translation.prepare(parts, [Language("chinese"), Language("spaced")], translation.PRESETS["tiny"]).translator
    wanted = ["我", "用", *[" "] * spaced, "Python", *[" "] * spaced, "编", "程"]
    assert made.words("我用 Python 编程") == wanted
    assert made.read("我用 Python 编程")[1] == [] and len(made.encode("我用 Python 编程")) == len(wanted)


def test_a_target_has_no_unknown_space():
    """Of a space that came too seldom to be known nothing is learnt, neither as a word nor as an unknown one."""
    pairs = [("I am here", "我在这里"), ("You are here", "你在这里")]
    parts = {"train": [*pairs * 4, ("He is here", "他在 A 这里")], "validation": pairs[:1]}
    preset = translation.replace(translation.PRESETS["tiny"], minimum=3)
    made = translation.prepare(parts, [Language("spaced"), Language("chinese")], preset)
    assert " " not in made.translator.target_vocabulary.ids
    assert max(map(len, made.train.targets)) == len("他在A这里")


@pytest.mark.parametrize(
    ("example", "length", "masked", "word"),
    [("He Writes programs, often.", 24, "He Writes [MASK], often.", "programs"),
     ("我喜欢Python编程吗", 24, "我喜欢[MASK]编程吗", "Python"),
     ("I am (here) unbelievably", 24, "I am ([MASK]) unbelievably", "here"),
     ("one two three four five six seven", 6, "one two [MASK] four", "three")],
)  # fmt: skip
def test_the_example_of_a_bert_is_the_sentence_with_one_word_masked(example, length, masked, word):
    tokenizer = WordPiece.train(["he writes programs , often . 我 喜 欢 python 编 程 吗", "i am ( here )"] * 3
                                + ["one two three four five six seven"] * 2 + list("unbelievably"), 400)  # fmt: skip
    prepared = SimpleNamespace(
        masked_model=SimpleNamespace(tokenizer=tokenizer), example=example, preset=SimpleNamespace(length=length)
    )
    assert bert.masked_example(prepared) == (masked, word)
