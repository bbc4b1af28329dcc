"""Numbers that are none: a model with NaN among its weights must not give an answer that looks like one."""

import numpy as np

from minilm.errors import InputError


def require_finite(logits):
    """The logits. Raises InputError where one of them is NaN or infinite."""
    if not np.isfinite(logits).all():
        raise InputError("the model's logits are not all finite numbers; its weights are damaged or have diverged")
    return logits
