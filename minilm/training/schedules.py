"""Learning rates as functions of the step, counted from 1. Fix the keywords with functools.partial.

    constant               rate
    inverse_square_root    factor * width^-0.5 * min(step^-0.5, step * warmup^-1.5)
                           (Vaswani et al. 2017, "Attention Is All You Need", section 5.3: factor 1, warmup 4,000)
    cosine                 peak * step / warmup                                        up to step = warmup
                           floor + (peak - floor) (1 + cos(pi progress)) / 2           from there to step = steps
                           floor                                                       afterwards
                           with progress = (step - warmup) / (steps - warmup)
                           (Loshchilov and Hutter 2017, "SGDR", equation 5, without restarts)

Each raises ValueError for a step below 1.
"""

import math


def constant(step: int, *, rate: float) -> float:
    """The same rate at every step."""
    _require_step(step)
    return rate


def inverse_square_root(step: int, *, width: int, warmup: int, factor: float = 1.0) -> float:
    """Linear warm-up, then decay with the root of the step; the peak is factor / sqrt(width * warmup)."""
    _require_step(step)
    ramp = step / warmup**1.5 if warmup else math.inf
    return factor / math.sqrt(width) * min(1 / math.sqrt(step), ramp)


def cosine(step: int, *, peak: float, warmup: int, steps: int, floor: float = 0.0) -> float:
    """Linear warm-up to `peak`, then half a cosine down to `floor` at `steps`, and `floor` from there on."""
    _require_step(step)
    if step <= warmup:
        return peak * step / warmup
    if step >= steps:
        return floor
    progress = (step - warmup) / (steps - warmup)
    return floor + (peak - floor) * (1 + math.cos(math.pi * progress)) / 2


def _require_step(step: int) -> None:
    if step < 1:
        raise ValueError(f"steps are counted from 1, not {step}")
