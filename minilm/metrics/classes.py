"""How many answers are right, of all and of each class.

    accuracy = right / all        F1 of a class = 2 right / (found + there)        macro F1 = the mean over the classes

The classes of a macro F1 are those that occur among the answers or the predictions, as in scikit-learn; a class that
nothing is right of has the F1 0. A confusion table counts, for each class that is there (row), what it was taken for
(column). Several labels a text are counted label by label (micro F1), and a text is right where all of its labels are.
"""

from collections.abc import Hashable, Sequence

import numpy as np

from minilm.metrics.entities import Counts


def accuracy(found: Sequence[Hashable] | np.ndarray, there: Sequence[Hashable] | np.ndarray) -> float:
    """The share of answers that are right. Raises ValueError for different numbers of them, or none."""
    if len(found) != len(there) or not len(there):
        raise ValueError(f"{len(found)} predictions and {len(there)} answers; one for one, and some")
    return sum(a == b for a, b in zip(found, there, strict=True)) / len(there)


def confusion(found: np.ndarray, there: np.ndarray, classes: int) -> np.ndarray:
    """Ids (N) each -> (C, C) counts: how often what is there (row) was taken for what (column)."""
    pairs = np.asarray(there, np.int64) * classes + np.asarray(found, np.int64)    # (N)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def by_class(table: np.ndarray) -> list[Counts]:
    """The counts of each class of a confusion table."""
    return [
        Counts(int(table[c, c]), int(found), int(there))
        for c, (found, there) in enumerate(zip(table.sum(0), table.sum(1), strict=True))
    ]


def macro_f1(table: np.ndarray) -> float:
    """The mean F1 of the classes of a confusion table that occur in it."""
    scores = [counts.f1 for counts in by_class(table) if counts.found or counts.there]
    return sum(scores) / len(scores) if scores else 0.0


def of_labels(found: np.ndarray, there: np.ndarray) -> list[Counts]:
    """(N, C) of bools each, True = the label is there -> the counts of each label."""
    return [
        Counts(int((found & there)[:, c].sum()), int(found[:, c].sum()), int(there[:, c].sum()))
        for c in range(there.shape[1])
    ]


def micro_f1(counts: Sequence[Counts]) -> float:
    """The F1 of all labels counted together."""
    names = ("right", "found", "there")
    return Counts(*(sum(getattr(each, name) for each in counts) for name in names)).f1
