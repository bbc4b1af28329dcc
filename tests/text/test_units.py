"""What a tagger reads: characters or words with their places, and the second thing known of each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilm.text import units


@pytest.mark.parametrize("kind", units.PATTERNS)
@given(st.text(max_size=40))
def test_units_stand_where_they_say_and_nothing_but_white_space_is_left(kind, text):
    found = units.cut(text, kind)
    assert all(text[unit.start : unit.end] == unit.text for unit in found)
    assert "".join(unit.text for unit in found) == "".join(text.split())
    assert all(before.end <= after.start for before, after in zip(found, found[1:], strict=False))
    assert len(units.features([unit.text for unit in found], kind)) == len(found)


def test_words_and_characters():
    assert [unit.text for unit in units.cut("Don't, U.N.-led 3.5%", units.WORDS)] == ["Don't", ",", "U.N", ".", "-", "led", "3.5", "%"]
    assert units.cut("张 三", units.CHARACTERS) == [("张", 0), ("三", 2)]
    assert units.features(["张", "三"], units.CHARACTERS) == ["张三", "三"]
    assert units.features(["Berlin", "UN", "rose", "I", "3rd", "."], units.WORDS) == ["Aa lin", "AA un", "a ose", "Aa i", "0 3rd", "- ."]
    assert units.kind_of([["a"], ["b", "c"]]) == units.CHARACTERS and units.kind_of([["a"], ["bc"]]) == units.WORDS
    assert units.kind_of([list("张三在北京住了年五月来上海的人和我们"), ["1998"], ["好"]]) == units.CHARACTERS
    assert units.kind_of([list("张三在北京住了年五月来上海的人和我们"), ["1998"]]) == units.WORDS
