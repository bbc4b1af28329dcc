"""Sinusoidal positions (Vaswani et al. 2017, section 3.5): a fixed table, so there is nothing to train.

    P[t, 2i]     = sin(t / 10000^(2i / D))
    P[t, 2i + 1] = cos(t / 10000^(2i / D))

Sine and cosine alternate along the width; an odd width ends with a sine.
"""

import numpy as np


def table(length, width, dtype=np.float32, first=0):
    """The rows for positions first ... first + length - 1, computed in float64: (T, D)."""
    position = np.arange(first, first + length)[:, None]                   # (T, 1)
    column = np.arange(width)                                              # (D)
    angle = position / 10000.0 ** (column // 2 * 2 / width)                # (T, D)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle)).astype(dtype)
