"""Calibration in one number: how far a model's probabilities are from how often it is right.

    ECE = Σ_bins share of the answers in the bin · |how often they are right - their mean probability|

with bins of equal width over [0, 1]: bin k of K holds the probabilities in (k / K, (k + 1) / K], the first one 0 too.

Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3; 15 bins as there.
"""

from collections.abc import Sequence

import numpy as np

BINS = 15


def expected_error(probabilities: Sequence[float], right: Sequence[bool], bins: int = BINS) -> float:
    """From 0 (of the answers given with 80 % four fifths are right) to 1. Raises ValueError for unequal numbers, none,
    or a probability outside [0, 1]."""
    p, hits = np.asarray(probabilities, np.float64), np.asarray(right, np.float64)     # (N), (N)
    if p.shape != hits.shape or not p.size:
        raise ValueError(f"{p.size} probabilities and {hits.size} answers; one for one, and some")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a probability lies in [0, 1]")
    bin_of = np.clip(np.ceil(p * bins).astype(np.int64) - 1, 0, bins - 1)              # (N)
    gaps = np.bincount(bin_of, hits - p, bins)                                         # (K)
    return float(np.abs(gaps).sum() / p.size)
