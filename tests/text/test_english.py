"""English words and the way back."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minilm.text import english

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "cmn" / "cmn.tsv"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I like programming", ["I", "like", "programming"]),
        ("I don't like it.", ["I", "don't", "like", "it", "."]),
        ("Do you like tea?", ["Do", "you", "like", "tea", "?"]),
        ("It costs 3.50, or 1,000.", ["It", "costs", "3.50", ",", "or", "1,000", "."]),
        ('"Hi," he said.', ['"', "￭Hi", ",", '￭"', "he", "said", "."]),
        ("a ? b", ["a", "￭?", "b"]),
        ("yes,no", ["yes", ",", "￭no"]),
        ("the café’s", ["the", "café’s"]),
        ("", []),
    ],
)
def test_tokens(text, tokens):
    assert english.split(text) == tokens
    assert english.join(tokens) == text


@given(st.text(alphabet=st.one_of(st.sampled_from(" .,!?'’￭a1)(%_-\u3000\n"), st.characters(codec="utf-8"))))
@example("￭")
@example("a￭￭b ￭ ￭?")
@example("? a")
def test_every_text_comes_back_but_for_runs_of_white_space(text):
    assert english.join(english.split(text)) == " ".join(text.split())


@given(st.text())
def test_tokens_hold_no_white_space_and_are_never_empty(text):
    assert all(token and not any(map(str.isspace, token)) for token in english.split(text))


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real sentences is not beside this checkout")
def test_real_sentences_come_back():
    for line in CORPUS.read_text(encoding="utf-8").split("\n")[:-1]:
        text = line.split("\t")[0]
        assert english.join(english.split(text)) == " ".join(text.split())
