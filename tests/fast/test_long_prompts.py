"""A prompt read by several threads is the same prompt: its keys, its values, its next token; errors come through."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minilm import tree
from minilm.fast import long_prompts
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
    config = gpt2.Config(vocabulary=17, max_positions=60, width=12, heads=3, inner=20, layers=3, embedding_dropout=0.0, attention_dropout=0.0, dropout=0.0)
    params = gpt2.init(rng, config, np.float64, deviation=0.4)
    prompts = rng.integers(0, 17, (rows, 50))
    lengths = rng.integers(40, 51, rows)
    found, used = [], set()
    plain = gpt2.pre_norm.keep

    def keep(*given):
        used.add(thlong_prompts.get_ident())
        return plain(*given)

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


def test_what_a_thread_raises_ends_all(monkeypatch):
    if not blas_threads.can_hold():
        pytest.skip("this BLAS cannot be held to one thread: one thread reads")
    monkeypatch.setattr(blas_threads, "available", lambda: 3)

    def run(part, wait):
        wait()
        if part.start:
            raise IndexError("row 7 of it")
        wait()  # for threads that will not come

    with pytest.raises(IndexError, match="row 7"):
        long_prompts.read(600, 64, run)
