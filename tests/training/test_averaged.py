"""The running average beside AdamW: its formula, and that AdamW's own step is what it was."""

import numpy as np
import pytest

from minilm import tree
from minilm.training import adamw, averaged


def drawn(rng):
    return {"weight": rng.standard_normal((2, 3)), "bias": rng.standard_normal(3)}


@pytest.mark.parametrize("kept", [0.15, 0.6, 0.999])
def test_the_average_by_hand(kept):
    """The first steps keep less: 2/11, 3/12, 4/13 ..., and never more than `kept`."""
    rng = np.random.default_rng(0)
    params, grads = drawn(rng), [drawn(rng) for _ in range(5)]
    ours, theirs = averaged.init(params), adamw.init(params)
    plain, wanted = params, params
    for step, grad in enumerate(grads, start=1):
        params, ours = averaged.update(params, grad, ours, 0.1, kept=kept, decay=0.3, scale=0.7)
        plain, theirs = adamw.update(plain, grad, theirs, 0.1, decay=0.3, scale=0.7)
        share = min(kept, (1 + step) / (10 + step))
        wanted = tree.map(lambda average, param, share=share: share * average + (1 - share) * param, wanted, plain)
        tree.map(np.testing.assert_array_equal, params, plain)
        tree.map(np.testing.assert_array_equal, {name: ours[name] for name in theirs}, theirs)
        tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-14, atol=1e-15), ours["average"], wanted)


def test_the_state_has_memory_of_its_own_and_nothing_that_came_in_is_written():
    params, grads = drawn(np.random.default_rng(1)), drawn(np.random.default_rng(2))
    state = averaged.init(params)
    before = tree.map(np.copy, [params, grads, state])
    averaged.update(params, grads, state, 0.1)
    tree.map(np.testing.assert_array_equal, before, [params, grads, state])
    assert not any(np.shares_memory(*pair) for pair in zip(params.values(), state["average"].values(), strict=True))
