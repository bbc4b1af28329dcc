"""The implementations by other hands do what is said of them: the right ones agree, the broken ones diverge where said.

Which tensors, and in which order, is read off a traced run of minilm's own cases. What `minilm compare` makes of them is
another test's business.
"""

import numpy as np
import pytest

from minilm.checking import cases

pytest.importorskip("torch")

import broken
from broken import ground

EVERY = broken.everything()
BROKEN, RIGHT = [s for s in EVERY if s.first], [s for s in EVERY if not s.first]


@pytest.fixture(autouse=True)
def quietly():
    with np.errstate(all="ignore"):
        yield


@pytest.mark.parametrize("sample", RIGHT, ids=str)
def test_a_right_one_agrees(sample):
    wanted, found = ground.golden(sample.subject), sample.theirs(ground.golden(sample.subject))
    assert not list(ground.divergent(wanted, found))
    shared = set(wanted) & set(found)
    gradients = [name for name in shared if ground.is_gradient(name) and wanted[name].ndim]
    assert gradients and len(shared) >= len(found) / 2, set(found) - shared
    assert all(np.asarray(found[name]).dtype == np.float32 for name in gradients if wanted[name].dtype.kind == "f")


@pytest.mark.parametrize("sample", BROKEN, ids=str)
def test_a_broken_one_diverges_first_where_it_is_said(sample):
    wanted = ground.golden(sample.subject)
    found = dict(ground.divergent(wanted, sample.theirs(wanted)))
    assert next(iter(found), None) == sample.first, found


def test_there_are_enough_of_both():
    """Fifty and more broken ones, by either library, forward and backward; two right ones of every operation."""
    assert len(BROKEN) >= 50 and len({s.cause for s in BROKEN}) >= 50
    back = [s for s in BROKEN if ground.is_gradient(s.first)]
    assert len(back) >= 25 and len(BROKEN) - len(back) >= 25
    assert all(s.says and s.cause for s in BROKEN) and len({str(s) for s in EVERY}) == len(EVERY)
    rooms = {name.partition(" ")[0] for name in cases.everything()}
    without = {r for r in rooms if r.startswith(("ops.", "models."))} - {s.subject for s in RIGHT}
    assert not without
