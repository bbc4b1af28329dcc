"""F1 of whole entities against seqeval's, on rows of any tags and on those that keep a scheme."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minilm.data import tag_schemes
from minilm.metrics import entities

TAGS = ["O", "O", *(f"{letter}-{kind}" for letter in "BIES" for kind in ("LOC", "PER"))]
ROWS = st.lists(st.integers(1, 8).flatmap(lambda n: st.tuples(*[st.lists(st.sampled_from(TAGS), min_size=n, max_size=n)] * 2)), min_size=1, max_size=5)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_equals_seqeval_on_any_tags(pairs):
    scores = pytest.importorskip("seqeval.metrics")
    found, there = ([list(row) for row in side] for side in zip(*pairs, strict=True))
    ours = entities.counted([tag_schemes.repaired(row) for row in found], [tag_schemes.repaired(row) for row in there])
    assert ours.precision == pytest.approx(scores.precision_score(there, found, zero_division=0), abs=1e-15)
    assert ours.recall == pytest.approx(scores.recall_score(there, found, zero_division=0), abs=1e-15)
    assert ours.f1 == pytest.approx(scores.f1_score(there, found, zero_division=0), abs=1e-15)
    by_type = entities.by_type([tag_schemes.repaired(row) for row in found], [tag_schemes.repaired(row) for row in there])
    if by_type:
        report = scores.classification_report(there, found, output_dict=True, zero_division=0)
        for kind, counts in by_type.items():
            wanted = report[kind]
            assert (counts.precision, counts.recall, counts.f1) == pytest.approx(
                (wanted["precision"], wanted["recall"], wanted["f1-score"]), abs=1e-15
            )
            assert counts.there == wanted["support"]


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_letters_of_the_chinese_scheme_are_read_alike(pairs):
    for row, _ in pairs:
        renamed = [tag.replace("I-", "M-") for tag in row]
        assert tag_schemes.repaired(renamed) == tag_schemes.repaired(row)


@given(st.lists(st.sampled_from(TAGS), max_size=8))
def test_what_keeps_its_scheme_is_read_as_the_scheme_reads_it(tags):
    for scheme in ("BIO", "BIOES"):
        if tag_schemes.problem(tags, scheme) is None:
            assert tag_schemes.entities(tags, scheme) == tag_schemes.repaired(tags)


def test_by_hand():
    there = [[(0, 2, "A"), (3, 4, "B")], [(1, 2, "A")], []]
    found = [[(0, 2, "A"), (3, 4, "A")], [], [(0, 1, "C")]]
    counts = entities.counted(found, there)
    assert (counts.right, counts.found, counts.there) == (1, 3, 3)
    assert (counts.precision, counts.recall, counts.f1) == (1 / 3, 1 / 3, 1 / 3)
    assert {kind: (c.right, c.found, c.there) for kind, c in entities.by_type(found, there).items()} == {
        "A": (1, 2, 2), "B": (0, 0, 1), "C": (0, 1, 0),
    }  # fmt: skip
    confused = entities.confused(found, there)
    assert confused == {("A", "A"): 1, ("B", "A"): 1, ("A", None): 1, (None, "C"): 1}
    nothing = entities.counted([[]], [[]])
    assert (nothing.precision, nothing.recall, nothing.f1) == (0, 0, 0)
    with pytest.raises(ValueError):
        entities.counted([[]], [[], []])
