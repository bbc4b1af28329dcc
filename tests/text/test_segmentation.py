"""The most probable cut, against all cuts."""

import math
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minilm.data import grammar
from minilm.text import chinese, segmentation
from minilm.text.segmentation import Segmenter

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "cmn" / "cmn.tsv"


def test_the_sentence_of_the_article():
    assert Segmenter(grammar.word_frequencies())("我喜欢编程") == ["我", "喜欢", "编程"]


def test_probability_decides_not_length():
    often, seldom = {"研究": 50, "生命": 50, "研究生": 1, "命": 1}, {"研究": 1, "生命": 1, "研究生": 50, "命": 50}
    assert Segmenter(often)("研究生命") == ["研究", "生命"]
    assert Segmenter(seldom)("研究生命") == ["研究生", "命"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我喜欢猫", ["我", "喜欢", "猫"]),  # 猫 is not known
        ("猫狗鸟", ["猫", "狗", "鸟"]),
        ("我有iPhone 15。", ["我", "有", "iPhone", "15", "。"]),
        ("我有 iPhone 15 。", ["我", "有", " ", "iPhone", "15", " ", "。"]),
        ("圆周率是3.14", ["圆", "周", "率", "是", "3.14"]),
        ("Don't喜欢 Привет\t我", ["Don't", "喜欢", " ", "Привет", " ", "我"]),
        ("𠮷我", ["𠮷", "我"]),
        ("", []),
        (" \n", []),
    ],
)
def test_what_the_dictionary_does_not_know(text, words):
    assert Segmenter({"我": 5, "喜欢": 3, "有": 1})(text) == words


def test_without_a_dictionary_characters_are_words():
    assert Segmenter({})("我喜欢编程") == list("我喜欢编程")
    assert Segmenter({"编程": 0})("编程") == ["编", "程"]


@pytest.mark.parametrize("bad", [-1, math.inf, math.nan])
def test_impossible_frequencies(bad):
    with pytest.raises(ValueError, match="编程"):
        Segmenter({"编程": bad})


def brute_force(segmenter, text):
    """The log probability of the best of all 2^(n-1) cuts."""

    def weigh(word):
        return segmenter.log_p.get(word, segmenter.unknown if len(word) == 1 else -math.inf)

    best = -math.inf
    for number in range(len(text)):
        for inner in combinations(range(1, len(text)), number):
            edges = [0, *inner, len(text)]
            best = max(best, sum(weigh(text[i:j]) for i, j in zip(edges, edges[1:], strict=False)))
    return best


words = st.text(alphabet="一二三四", min_size=1, max_size=4)
dictionaries = st.dictionaries(words, st.integers(1, 1000), max_size=12)


@given(dictionaries, st.text(alphabet="一二三四五", min_size=1, max_size=8))
def test_no_cut_is_more_probable(frequencies, text):
    segmenter = Segmenter(frequencies)
    cut = segmenter.cut(text)
    assert "".join(cut) == text
    found = sum(segmenter.log_p.get(word, segmenter.unknown) for word in cut)
    assert found == pytest.approx(brute_force(segmenter, text), rel=1e-12)


@settings(deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from("我喜欢编程 a1.，？\u3000\n"), st.characters(codec="utf-8"))))
def test_the_words_spell_the_text_without_white_space(text):
    words = [word for word in Segmenter(grammar.word_frequencies())(text) if word != segmentation.SPACE]
    assert "".join(words) == "".join(text.split())


@settings(deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from("我喜欢编程 a1.，？\u3000\n"), st.characters(codec="utf-8"))))
def test_a_text_comes_back_but_for_white_space_within_chinese(text):
    """A run of white space is one space; between two signs of which neither is a letter or digit it is none."""
    parts = text.split()
    wanted = parts[0] if parts else ""
    for part in parts[1:]:
        beside = segmentation.RUN.match(wanted[-1]) or segmentation.RUN.match(part)
        wanted += f" {part}" if beside else part
    assert segmentation.join(Segmenter(grammar.word_frequencies())(text)) == wanted


@given(st.lists(st.sampled_from(["我", "喜欢", "Tom", "3.14", "？", "é", "-"])))
def test_join_gives_a_text_with_the_same_cut(sentence):
    segmenter = Segmenter({"我": 1, "喜欢": 1})
    text = segmentation.join(segmenter(" ".join(sentence)))
    assert segmentation.join(segmenter(text)) == text


def test_join():
    assert segmentation.join(["我", "喜欢", "编程"]) == "我喜欢编程"
    assert segmentation.join(["Tom", "Smith", "喜欢", "3", "只", "猫", "？"]) == "Tom Smith喜欢3只猫？"
    assert segmentation.join(["我", "用", " ", "Python", " ", "编", "程"]) == "我用 Python 编程"


def test_spaces_that_no_writer_would_set_are_none():
    """A model that may not say the word between two spaces says them one after the other."""
    assert segmentation.join(["我", "用", " ", " ", "编", "程", " "]) == "我用编程"
    assert segmentation.join([" ", "C", " ", " ", "语", " ", "言"]) == "C 语言"


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real sentences is not beside this checkout")
def test_real_sentences_come_back():
    segmenter = Segmenter(grammar.word_frequencies())
    texts = [line.split("\t")[1] for line in CORPUS.read_text(encoding="utf-8").split("\n")[:-1]]
    whole = sum(segmentation.join(segmenter(text)) == text for text in texts)
    assert whole > 0.99 * len(texts)


def test_what_is_a_chinese_character():
    assert all(chinese.is_chinese(character) for character in "〇㐀䶿一鿿\uf900\ufaff\U00020000\U000323af")
    assert not any(chinese.is_chinese(character) for character in "aéк가\ua000\ue000、。 ")
    assert segmentation.Segmenter({})("한국어 텍스트") == ["한국어", "텍스트"]  # letters of another script are words
