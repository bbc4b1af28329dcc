"""BLEU by hand and against sacreBLEU; exact match."""

import math
import random

import pytest

from minilm.metrics.bleu import corpus_bleu
from minilm.metrics.exact_match import exact_match


def test_by_hand():
    hypothesis, reference = ["the", "cat", "sat", "on", "the", "mat"], ["the", "cat", "sat", "on", "a", "mat", "today"]
    # 1-grams 5/6 (the second "the" is clipped), 2-grams 3/5, 3-grams 2/4, 4-grams 1/3; 6 words for 7
    wanted = 100 * math.exp(1 - 7 / 6) * (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25
    assert corpus_bleu([hypothesis], [reference]) == pytest.approx(wanted, abs=1e-12)
    assert corpus_bleu([reference], [reference]) == pytest.approx(100.0)


def test_smoothing_by_hand():
    hypothesis, reference = list("abxcd"), list("abycd")
    # 4/5, 2/4, then no match: 1/(2*3), 1/(4*2)
    wanted = 100 * (4 / 5 * 2 / 4 * 1 / 6 * 1 / 8) ** 0.25
    assert corpus_bleu([hypothesis], [reference]) == pytest.approx(wanted, abs=1e-12)
    assert corpus_bleu([hypothesis], [reference], smoothing="none") == 0.0


@pytest.mark.parametrize("smoothing", ["exp", "none"])
@pytest.mark.parametrize("seed", range(12))
def test_equals_sacrebleu(seed, smoothing):
    sacrebleu = pytest.importorskip("sacrebleu")
    rng = random.Random(seed)
    words = [f"w{i}" for i in range(3 + 4 * seed)]
    references = [[rng.choice(words) for _ in range(rng.randint(1, 12))] for _ in range(1 + 3 * (seed % 5))]
    hypotheses = [
        [word if rng.random() < 0.7 else rng.choice(words) for word in ref if rng.random() < 0.9]
        for ref in references
    ]
    theirs = sacrebleu.corpus_bleu(
        [" ".join(h) for h in hypotheses], [[" ".join(r) for r in references]],
        tokenize="none", smooth_method=smoothing,
    ).score  # fmt: skip
    assert corpus_bleu(hypotheses, references, smoothing=smoothing) == pytest.approx(theirs, abs=1e-9)


def test_nothing_to_compare_is_zero():
    assert corpus_bleu([], []) == 0.0
    assert corpus_bleu([[]], [["a"]]) == 0.0
    assert corpus_bleu([["a", "b"]], [["a", "b"]]) == 0.0  # no 4-gram
    assert corpus_bleu([list("abcd")], [list("wxyz")]) == 0.0


def test_wrong_use_is_refused():
    for hypotheses, references in (([["a"]], []), (["a b"], [["a", "b"]]), ([["a"]], ["a"])):
        with pytest.raises(ValueError):
            corpus_bleu(hypotheses, references)
    with pytest.raises(ValueError, match="smoothing"):
        corpus_bleu([["a"]], [["a"]], smoothing="floor")


def test_exact_match():
    assert exact_match(["a b", "c", "d"], ["a b", "C", "d"]) == pytest.approx(2 / 3)
    for hypotheses, references in (([], []), (["a"], ["a", "b"])):
        with pytest.raises(ValueError):
            exact_match(hypotheses, references)
