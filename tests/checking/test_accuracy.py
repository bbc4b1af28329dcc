"""Our digits beside PyTorch's and JAX's: at most four times the worse of the two, or a quarter of a unit."""

import numpy as np
import pytest

from minilm.checking import accuracy
from minilm.ops import tanh

pytest.importorskip("mpmath")

QUICK = ("cross_entropy [8]", "sigmoid", "tanh", "gelu_tanh")
SUBJECTS = [subject for subject in accuracy.subjects(np.random.default_rng(0)) if subject.name.startswith(QUICK)]


def too_large(subject, dtype):
    for direction, found in accuracy.errors(subject, dtype).items():
        ours = found.pop("minilm")
        if not ours <= 4 * max(0.5, *found.values()):
            yield f"{subject.name}, {direction}: {ours:.3g} eps, {found}"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_no_row_is_far_worse_than_both(subject, dtype):
    pytest.importorskip("torch")
    pytest.importorskip("jax")
    assert not list(too_large(subject, dtype))


def test_a_slope_without_digits_is_noticed(monkeypatch):
    """1 - tanh² in the tails, where it is zero or nearly so."""
    monkeypatch.setattr(tanh, "backward", lambda cache, dy: dy * (1 - np.tanh(cache["x"]) ** 2))
    monkeypatch.setattr(accuracy, "by_peers", lambda subject, arrays: {})
    subject = next(subject for subject in SUBJECTS if subject.name == "tanh, 4 to 12")
    assert accuracy.errors(subject, np.float64)["backward"]["minilm"] > 1e6
