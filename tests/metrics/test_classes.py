"""Accuracy, F1 of classes, confusions, calibration and numbers: scikit-learn's on random inputs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minilm.metrics import calibration, classes, numbers

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)
quick = settings(max_examples=60, deadline=None)


@quick
@given(PAIRS)
def test_accuracy_macro_f1_and_confusions_are_scikit_learns(pairs):
    sklearn = pytest.importorskip("sklearn.metrics")
    found, there = (np.array(side) for side in zip(*pairs, strict=True))
    table = classes.confusion(found, there, 5)
    np.testing.assert_array_equal(table, sklearn.confusion_matrix(there, found, labels=range(5)))
    assert classes.accuracy(found, there) == pytest.approx(sklearn.accuracy_score(there, found), abs=1e-12)
    assert classes.macro_f1(table) == pytest.approx(sklearn.f1_score(there, found, average="macro", zero_division=0), abs=1e-12)
    p, r, f, n = sklearn.precision_recall_fscore_support(there, found, labels=range(5), zero_division=0)
    ours = classes.by_class(table)
    for name, theirs in (("precision", p), ("recall", r), ("f1", f), ("there", n)):
        np.testing.assert_allclose([getattr(each, name) for each in ours], theirs, atol=1e-12)


@quick
@given(st.lists(st.tuples(*[st.booleans()] * 6), min_size=1, max_size=20))
def test_f1_of_several_labels_is_scikit_learns(rows):
    sklearn = pytest.importorskip("sklearn.metrics")
    whole = np.array(rows)
    found, there = whole[:, :3], whole[:, 3:]
    ours = classes.micro_f1(classes.of_labels(found, there))
    assert ours == pytest.approx(sklearn.f1_score(there, found, average="micro", zero_division=0), abs=1e-12)


@quick
@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=20))
def test_numbers_are_scikit_learns_and_numpys(pairs):
    sklearn = pytest.importorskip("sklearn.metrics")
    found, there = (np.array(side) for side in zip(*pairs, strict=True))
    assert numbers.mean_squared_error(found, there) == pytest.approx(sklearn.mean_squared_error(there, found), rel=1e-9, abs=1e-12)
    if min(found.std(), there.std()) > 1e-3:
        assert numbers.correlation(found, there) == pytest.approx(np.corrcoef(found, there)[0, 1], abs=1e-9)
    assert numbers.correlation(found, 0 * there) == 0


@quick
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40), st.integers(1, 20))
def test_the_calibration_error_is_its_definition(pairs, bins):
    total = 0.0
    for k in range(bins):
        inside = [(p, hit) for p, hit in pairs if int(np.clip(np.ceil(p * bins) - 1, 0, bins - 1)) == k]
        if inside:
            total += len(inside) / len(pairs) * abs(np.mean([h for _, h in inside]) - np.mean([p for p, _ in inside]))
    assert calibration.expected_error(*zip(*pairs, strict=True), bins) == pytest.approx(total, abs=1e-12)


def test_calibration_of_the_right_and_of_the_sure():
    assert calibration.expected_error([0.8] * 5, [True] * 4 + [False]) == pytest.approx(0)
    assert calibration.expected_error([1.0, 1.0], [False, True]) == 0.5
    assert calibration.expected_error([0.0], [False]) == 0
    for wrong in (([0.5], []), ([], []), ([1.5], [True])):
        with pytest.raises(ValueError):
            calibration.expected_error(*wrong)
    with pytest.raises(ValueError):
        classes.accuracy([], [])
