"""Exact match: the share of hypotheses that are their reference, token for token (or letter for letter)."""

from collections.abc import Sequence


def exact_match(hypotheses: Sequence, references: Sequence) -> float:
    """From 0 to 1; strings or lists of tokens. Raises ValueError for different lengths or nothing to compare."""
    if len(hypotheses) != len(references) or not hypotheses:
        raise ValueError(f"{len(hypotheses)} hypotheses and {len(references)} references; one for one, and some")
    return sum(found == wanted for found, wanted in zip(hypotheses, references, strict=True)) / len(references)
