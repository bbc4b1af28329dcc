"""Quotients with a value of their own where both numbers are zero."""

import numpy as np


def over(y, x, at_zero):
    """``np.where(x == 0, at_zero, y / np.where(x == 0, 1, x))``: (...) and (...) -> (...)."""
    with np.errstate(invalid="ignore"):
        found = y / x                                                      # (...)
    zero = x == 0                                                          # (...)
    if zero.any():
        found[zero] = at_zero
    return found
