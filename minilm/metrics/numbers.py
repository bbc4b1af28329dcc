"""How far predicted numbers are from those that are there.

    mean squared error = mean of (found - there)²        r = their correlation (Pearson), 0 where one side is constant
"""

import numpy as np


def mean_squared_error(found: np.ndarray, there: np.ndarray) -> float:
    """(N) each -> 0 or more."""
    return float(np.square(np.asarray(found, np.float64) - np.asarray(there, np.float64)).mean())


def correlation(found: np.ndarray, there: np.ndarray) -> float:
    """(N) each -> -1 to 1."""
    a, b = (np.asarray(side, np.float64) for side in (found, there))       # (N), (N)
    x, y = a - a.mean(), b - b.mean()                                      # (N), (N)
    lengths = float(np.sqrt(x @ x) * np.sqrt(y @ y))
    return float(np.clip(x @ y / lengths, -1, 1)) if lengths > 0 else 0.0
