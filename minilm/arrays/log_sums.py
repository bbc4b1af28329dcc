"""Sums of numbers that are given by their logarithms, as probabilities of long sequences are."""

import numpy as np


def log_sum_exp(a, axis):
    """``np.logaddexp.reduce(a, axis)``: (...) -> (...) without that axis. Where all are -inf, so is the sum.

    One exponential a number and one logarithm a sum; and where a is complex, as under the complex step, the largest is
    chosen by the real part.
    """
    largest = a.real.max(axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0)
    total = np.exp(a - shift).sum(axis)                                    # (...)
    log_total = np.log(np.where(total == 0, 1, total)) + shift.squeeze(axis)
    return np.where(total == 0, -np.inf, log_total).astype(a.dtype)
