"""One BLAS thread where products are small: which are, and that the number of threads comes back."""

import threading

import numpy as np
import pytest

from minilm.decoding import beam, greedy, sampling
from minilm.machine import blas_threads, small_products
from minilm.models import gpt2
from minilm.tasks.language_modelling import Task
from minilm.training import evaluate

GPT2 = gpt2.outline(gpt2.Config())
SMALL = gpt2.outline(gpt2.Config(vocabulary=65, max_positions=64, width=128, heads=4, inner=512, layers=4))


def test_which_products_are_small():
    assert small_products.small(SMALL, 1) and small_products.small(SMALL, 64)
    assert not small_products.small(SMALL, 2048), "a large batch keeps its threads"
    assert not small_products.small(GPT2, 1) and not small_products.small(GPT2, 64), "weights that come from memory"
    assert small_products.small({"a": [np.zeros(3)]}, 10**9), "vectors alone are no product"


class Watching:
    """A model that notes how many blocks of `one` are open when it computes."""

    def __init__(self):
        self.seen = []

    def look(self, params, config, state, *_):
        self.seen.append(blas_threads._inside)
        return state

    def start(self, params, config, prompts, lengths):
        return self.look(params, config, {"n": np.zeros(len(prompts))})

    def step(self, params, config, state, tokens):
        return np.eye(4)[(tokens + 1) % 4], self.look(params, config, state)


@pytest.mark.parametrize(("numbers", "held"), [(9, 1), (1 + small_products.NUMBERS, 0)])
def test_decoding_holds_the_threads_of_small_models(numbers, held):
    params = {"weight": np.broadcast_to(np.float32(0), (1, numbers))}
    state = {"n": np.zeros(2)}
    for run in (
        lambda model: list(sampling.stream(model, params, None, [[0], [1, 2]], tokens=2)),
        lambda model: greedy.decode(model, params, None, state, first=0, end=3, limits=[2, 5]),
        lambda model: beam.decode(model, params, None, state, first=0, end=3, limits=[2, 5], beam=2),
    ):
        model = Watching()
        run(model)
        assert set(model.seen) == {held}
        assert blas_threads._inside == 0


def test_a_token_is_handed_out_with_the_threads_as_they_were():
    turns = sampling.stream(Watching(), {"weight": np.zeros((2, 2))}, None, [[0]], tokens=2)
    next(turns)
    assert blas_threads._inside == 0


def test_evaluation_is_dealt_to_shards_and_says_the_same():
    config = gpt2.Config(vocabulary=11, max_positions=6, width=8, heads=2, inner=12, layers=2, embedding_dropout=0.0, attention_dropout=0.0, dropout=0.0)
    rng = np.random.default_rng(0)
    params = gpt2.init(rng, config, np.float64)
    mask = rng.random((5, 6)) < 0.6
    mask[0] = False  # a row of which nothing counts
    batches = [{"inputs": rng.integers(0, 11, (5, 6)), "targets": rng.integers(0, 11, (5, 6)), "mask": mask} for _ in range(3)]
    whole = sum(float(Task(gpt2).loss(params, batch, config=config)[0]) for batch in batches) / 3
    assert evaluate.evaluate(Task(gpt2), config, params, batches).loss == pytest.approx(whole, rel=1e-13)
    seen = []

    class Looking(Task):
        def loss(self, *arguments, **settings):
            seen.append((blas_threads._inside, len(arguments[1]["inputs"])))
            return super().loss(*arguments, **settings)

    evaluate.evaluate(Looking(gpt2), config, params, batches)
    assert sorted(seen) == [(1, 2)] * 3 + [(1, 3)] * 3


def test_blocks_that_overlap_in_several_threads_give_the_number_back():
    before = blas_threads.number()
    inside, leave = threading.Event(), threading.Event()

    def first():
        with blas_threads.one():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(10)
    with blas_threads.one():  # begins inside the other's block, ends after it
        leave.set()
        thread.join()
        assert blas_threads.number() in (None, 1)
    assert blas_threads.number() == before
