"""Tags in their schemes: there and back, what breaks a scheme, and what can follow what."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilm.data import tag_schemes
from minilm.data.tag_schemes import Entity

TYPES = ["LOC", "NAME-2", "O"]
SCHEMES = pytest.mark.parametrize("scheme", tag_schemes.SCHEMES)


@st.composite
def entities(draw):
    """(entities of a row, its length): side by side, of one token, at either end."""
    found, place = [], 0
    for gap, length, kind in draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4), st.sampled_from(TYPES)), max_size=5)):
        found.append(Entity(place + gap, place + gap + length, kind))
        place += gap + length
    return found, place + draw(st.integers(0, 2))


@SCHEMES
@given(entities())
def test_there_and_back(scheme, row):
    found, length = row
    tags = tag_schemes.tags(found, length, scheme)
    assert len(tags) == length and tag_schemes.problem(tags, scheme) is None
    assert tag_schemes.entities(tags, scheme) == found
    assert tag_schemes.of_numbers(tag_schemes.numbered(found, length, TYPES), TYPES) == found
    assert tag_schemes.scheme_of([tags]) in tag_schemes.SCHEMES


def test_the_letters_of_each_scheme():
    found = [Entity(0, 1, "A"), Entity(1, 4, "A"), Entity(5, 7, "B")]
    wanted = {
        "BIO": "B-A B-A I-A I-A O B-B I-B", "BIOES": "S-A B-A I-A E-A O B-B E-B", "BMES": "S-A B-A M-A E-A O B-B E-B",
    }  # fmt: skip
    for scheme, tags in wanted.items():
        assert tag_schemes.tags(found, 7, scheme) == tags.split()
        assert tag_schemes.scheme_of([tags.split()]) == scheme
    assert tag_schemes.numbered(found, 7, ["A", "B"]) == [4, 1, 2, 3, 0, 5, 7]


@pytest.mark.parametrize(
    ("scheme", "tags", "place", "words"),
    [
        ("BIO", "O I-A", 1, "I-A follows O, where no A is to go on; an entity begins with B-A"),
        ("BIO", "I-A", 0, "I-A follows the beginning"),
        ("BIO", "B-A I-B", 1, "I-B follows B-A, where no B is to go on"),
        ("BIO", "B-A E-A", 1, "the tag 'E-A' is none of BIO"),
        ("BIO", "B-A O X", 2, "the tag 'X' is none of BIO; write O, B-TYPE, I-TYPE"),
        ("BIO", "B-", 0, "the tag 'B-' is none"),
        ("BIO", "O-A", 0, "the tag 'O-A' is none"),
        ("BIOES", "B-A O", 1, "O follows B-A, and the A has not ended; I-A goes on with it, E-A ends it"),
        ("BIOES", "B-A I-A", 1, "I-A is the last tag, and the A has not ended; end it with E-A"),
        ("BIOES", "S-A I-A", 1, "I-A follows S-A, where no A is to go on; an entity begins with B-A or S-A"),
        ("BIOES", "B-A E-B", 1, "E-B follows B-A, where no B"),
        ("BIOES", "B-A B-A E-A", 1, "B-A follows B-A, and the A has not ended"),
        ("BMES", "B-A M-A S-A", 2, "S-A follows M-A, and the A has not ended; M-A goes on"),
        ("BMES", "B-A E-A E-A", 2, "E-A follows E-A, where no A is to go on"),
        ("BMES", "B-A I-A", 1, "the tag 'I-A' is none of BMES"),
    ],
)
def test_a_tag_that_breaks_its_scheme_is_named(scheme, tags, place, words):
    found = tag_schemes.problem(tags.split(), scheme)
    assert found is not None and found[0] == place and words in found[1]
    with pytest.raises(ValueError, match=f"token {place + 1}: "):
        tag_schemes.entities(tags.split(), scheme)


def test_one_wrong_tag_does_not_decide_the_scheme():
    good = [["B-A", "I-A", "O"]] * 5
    assert tag_schemes.scheme_of([*good, ["B-A", "E-A", "O"]]) == "BIO"
    assert tag_schemes.scheme_of([["B-A", "M-A", "E-A"]] * 3 + [["B-A", "I-A"]]) == "BMES"
    assert tag_schemes.scheme_of([["O", "B-A"]]) == "BIO"


@pytest.mark.parametrize("types", [1, 2])
def test_what_is_allowed_is_what_keeps_the_scheme(types):
    """All sequences of up to four tags, one by one."""
    number, names = tag_schemes.number_of_tags(types), ["A", "B"][:types]
    can = tag_schemes.allowed(number)
    named = ["O"] + [f"{part}-{kind}" for kind in names for part in tag_schemes.PARTS]
    assert {array.shape for array in can.values()} == {(number, number), (number,)}
    for length in range(1, 5 if types == 1 else 4):
        for row in itertools.product(range(number), repeat=length):
            keeps = tag_schemes.problem([named[tag] for tag in row], "BIOES") is None
            steps = all(can["transitions"][pair] for pair in itertools.pairwise(row))
            assert keeps == bool(steps and can["first"][row[0]] and can["last"][row[-1]]), row
    with pytest.raises(ValueError, match="7 tags are not O and the B, I, E and S"):
        tag_schemes.allowed(7)
    assert np.array_equal(tag_schemes.allowed(1)["transitions"], [[True]])
