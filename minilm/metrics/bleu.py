"""BLEU: how many of the word sequences of a translation are in the reference, over a whole corpus.

With one reference for each hypothesis, both lists of tokens, and for n = 1 ... 4

    matches_n    = sum over sentences, sum over distinct n-grams g, min(times g in hypothesis, times in reference)
    total_n      = sum over sentences, the number of n-grams of the hypothesis
    precision_n  = matches_n / total_n
    brevity      = 1 where the hypotheses have c >= r tokens, r those of the references; else exp(1 - r / c)
    BLEU         = 100 brevity (precision_1 precision_2 precision_3 precision_4)^(1/4)

SMOOTHING ("exp", as in mteval-v13a and as sacreBLEU's default): the k-th n, counted upwards, that has no match
but has n-grams takes precision_n = 1 / (2^k total_n). With "none" one zero makes BLEU zero. BLEU is 0 where
nothing matches at all or some n has no n-gram. Tokens are compared as they are: what a token is (words,
characters of Chinese) is the caller's to decide and to say beside the figure.

Source: Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation", section 2;
the smoothing: Chen and Cherry 2014, "A Systematic Comparison of Smoothing Techniques for Sentence-Level BLEU",
method 3.
"""

import math
from collections import Counter
from collections.abc import Sequence

ORDERS = 4


def corpus_bleu(
    hypotheses: Sequence[Sequence[str]], references: Sequence[Sequence[str]], *, smoothing: str = "exp"
) -> float:
    """BLEU-4 of the corpus, from 0 to 100.

    Raises ValueError for lists of different lengths, for strings in place of lists of tokens, and for an
    unknown smoothing.
    """
    if len(hypotheses) != len(references):
        raise ValueError(f"{len(hypotheses)} hypotheses and {len(references)} references; one for one")
    if smoothing not in ("exp", "none"):
        raise ValueError(f"smoothing is 'exp' or 'none', not {smoothing!r}")
    matches, totals = [0] * ORDERS, [0] * ORDERS
    length, reference_length = 0, 0
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        if isinstance(hypothesis, str) or isinstance(reference, str):
            raise ValueError("BLEU compares lists of tokens, not strings; split them first")
        length += len(hypothesis)
        reference_length += len(reference)
        for n in range(1, ORDERS + 1):
            found, wanted = ngrams(hypothesis, n), ngrams(reference, n)
            matches[n - 1] += (found & wanted).total()
            totals[n - 1] += found.total()
    if not any(matches) or not all(totals):
        return 0.0
    precisions = []
    halving = 1.0
    for match, total in zip(matches, totals, strict=True):
        if match:
            precisions.append(match / total)
        elif smoothing == "exp":
            halving /= 2
            precisions.append(halving / total)
        else:
            return 0.0
    brevity = 1.0 if length >= reference_length else math.exp(1 - reference_length / length)
    return 100 * brevity * math.exp(math.fsum(map(math.log, precisions)) / ORDERS)


def ngrams(tokens: Sequence[str], n: int) -> Counter:
    """How often each run of n tokens occurs."""
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))
