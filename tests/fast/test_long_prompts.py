"""A prompt read by several threads is the same prompt: its keys, its values, its next token; errors come through."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilm import tree
from minilm.blocks import pre_norm, stack
from minilm.fast import long_prompts
from minilm.layers import cached_attention
from minilm.machine import blas_threads
from minilm.models import gpt2


@given(st.integers(1, 5000), st.integers(1, 2000), st.integers(1, 9))
def test_runs_cover_all_positions_and_share_the_work(positions, width, number):
    parts = long_prompts.runs(positions, width, number)
    assert len(parts) == number and parts[0].start == 0 and parts[-1].stop == positions
    assert all(before.stop == after.start for before, after in zip(parts, parts[1:], strict=False))
    work = [(t.stop - t.start) + (t.stop**2 - t.start**2) / (6 * width) for t in parts]
    assert max(work) - min(work) <= 2 * (1 + positions / (3 * width)), "to a position at either end"


@pytest.mark.parametrize(("rows", "threads"), [(1, 2), (3, 3), (2, 5)])
def test_several_threads_read_what_one_reads(monkeypatch, rows, threads):
    rng = np.random.default_rng(0)
    config = gpt2.Config(vocabulary=17, max_positions=60, width=12, heads=3, inner=20, layers=3)
    params = gpt2.init(rng, config, np.float64, deviation=0.4)
    prompts = rng.integers(0, 17, (rows, 50))
    lengths = rng.integers(40, 51, rows)
    found, used = [], set()
    plain = gpt2.pre_norm.keep

    def keep(*given, **settings):
        used.add(str(settings["position"]))
        return plain(*given, **settings)

    monkeypatch.setattr(gpt2.pre_norm, "keep", keep)
    for least, cores in ((1000, 1), (5, threads)):
        monkeypatch.setattr(long_prompts, "LEAST", least)
        monkeypatch.setattr(long_prompts, "LONG", 20)
        monkeypatch.setattr(blas_threads, "available", lambda cores=cores: cores)
        used.clear()
        state = gpt2.start(params, config, prompts, lengths)
        assert len(used) == (cores if blas_threads.can_hold() else 1)
        kept = [leaf.copy() for _, leaf in tree.leaves(state)]
        logits, _ = gpt2.step(params, config, state, prompts[:, 0])
        found.append([*kept, logits])
    for one, several in zip(*found, strict=True):
        np.testing.assert_allclose(several, one, rtol=1e-12, atol=1e-12)


def test_the_states_are_those_of_the_steps_of_the_stack(monkeypatch):
    """The twin against its operation: one pass of all positions with a causal mask, the output left out."""
    rng = np.random.default_rng(1)
    params = [pre_norm.init(rng, 12, 20, np.float64) for _ in range(3)]
    x = rng.standard_normal((2, 50, 12))
    states = lambda: [cached_attention.start(2, 3, 12, np.float64, 60) for _ in params]
    settings = {"heads": 3, "eps": 1e-3}
    causal = {"mask": np.tri(50, dtype=bool), "length": 50}
    _, wanted = stack.step(pre_norm, params, states(), x, position=0, **causal, **settings)
    monkeypatch.setattr(blas_threads, "available", lambda: 2)
    for long, least in ((1000, 1), (20, 5)):
        monkeypatch.setattr(long_prompts, "LONG", long)
        monkeypatch.setattr(long_prompts, "LEAST", least)
        found = long_prompts.read(pre_norm, params, states(), x, **settings)
        for (name, leaf), (_, other) in zip(tree.leaves(found), tree.leaves(wanted), strict=True):
            np.testing.assert_allclose(leaf, other, rtol=1e-12, atol=1e-12, err_msg=name)


def test_what_a_thread_raises_is_raised(monkeypatch):
    if not blas_threads.can_hold():
        pytest.skip("this BLAS cannot be held to one thread: one thread reads")
    monkeypatch.setattr(blas_threads, "available", lambda: 3)

    class Block:
        @staticmethod
        def keep(params, state, x, *, position):
            if position:
                raise IndexError("row 7 of it")
            return x, state

    with pytest.raises(IndexError, match="row 7"):
        long_prompts.read(Block, [None], [None], np.zeros((1, 600, 64)))
