"""What `compare` makes of implementations by other hands: none of the right ones flagged, each broken one named.

The samples were written before the library of known mistakes and without it (broken/__init__.py), so the share of causes
that is named says something about the next broken implementation, and not about the library's own.
"""

import re

import pytest

from minilm.checking import comparing

pytest.importorskip("torch")

import broken
from broken import judged

EVERY = broken.everything()
QUICK = [sample for sample in EVERY if not sample.subject.startswith("models.")]
MODELS = [sample for sample in EVERY if sample.subject.startswith("models.")]
SLOW = [pytest.param(sample, marks=pytest.mark.slow) for sample in MODELS]


def compared(sample, causes=False):
    made = judged.golden(sample.subject)
    return comparing.compare(made, judged.theirs(sample), precision="float32", look_for_causes=causes)


@pytest.mark.parametrize("sample", [*QUICK, *SLOW], ids=str)
def test_a_right_one_passes_and_a_broken_one_is_named_where_it_parts(sample):
    found = compared(sample)
    if sample.first is None:
        assert found.passed and len(found.rows) >= 2, found
    else:
        assert found.first is not None, "nothing diverges"
        assert found.first.name == judged.names(sample.subject)[sample.before or sample.first], found


def said(sample):
    """What is said of the cause: the mistake's sentence, and what theirs is to ours."""
    finding = compared(sample, causes=True).findings[0]
    return " ".join([str(finding.cause or ""), *finding.relations]).lower()


@pytest.mark.slow
@pytest.mark.parametrize("room", ["ops and layers", "models"])
def test_four_fifths_of_the_causes_are_named(room):
    samples = [sample for sample in (MODELS if room == "models" else QUICK) if sample.first]
    unnamed = [str(sample) for sample in samples if not re.search(sample.says.lower(), said(sample))]
    assert len(unnamed) <= len(samples) / 5, unnamed
