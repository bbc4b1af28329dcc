"""The plain loop is the real one with one shard, bit for bit, and fits on a screen."""

import inspect
from functools import partial

import numpy as np
import pytest

from minilm import tree
from minilm.models import encoder_decoder, gpt2
from minilm.tasks import language_modelling, translation
from minilm.training import loop, plainly, schedules

LANGUAGE = gpt2.Config(vocabulary=11, max_positions=9, width=12, heads=3, inner=20, layers=2)
PAIRS = encoder_decoder.Config(
    source_vocabulary=9, target_vocabulary=11, width=12, heads=3, inner=20, encoder_layers=1, decoder_layers=2
)
TASKS = {
    "language modelling": (language_modelling.Task(gpt2), LANGUAGE),
    "translation": (translation.Task(encoder_decoder), PAIRS),
}
RATE = partial(schedules.cosine, peak=0.05, warmup=2, steps=6, floor=0.01)


def batch_at(config, index):
    ids = np.random.default_rng((3, index)).integers(1, 9, (2, 4, 6))
    if config is PAIRS:
        ids[:, 1, 4:] = 0
        return {"source": ids[0], "target": ids[1]}
    return {"inputs": ids[0], "targets": ids[1]}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("clip", [None, 1e9, 0.1])
@pytest.mark.parametrize("name", TASKS)
def test_bit_for_bit_the_real_loop_with_one_shard(name, clip, dtype):
    task, config = TASKS[name]
    params = task.model.init(np.random.default_rng(1), config, dtype)
    before = tree.map(np.array, params)
    batches = partial(batch_at, config)
    given = {"steps": 5, "schedule": RATE, "seed": 4, "clip": clip}
    state = loop.start(params)
    steps = loop.run(task, config, state, batches, shards=1, settings={"decay": 0.2, "beta2": 0.98}, **given)
    plain = plainly.run(task, config, params, batches, decay=0.2, beta2=0.98, **given)
    for step, (loss, moved) in zip(steps, plain, strict=True):
        assert step.loss == loss
        tree.map(np.testing.assert_array_equal, moved, state.params)
    tree.map(np.testing.assert_array_equal, params, before)
    for (name, leaf), (_, began) in zip(tree.leaves(moved), tree.leaves(before), strict=True):
        assert not np.array_equal(leaf, began), name


def test_it_fits_on_a_screen():
    lines = [line for line in inspect.getsource(plainly).split("\n") if line.strip()]
    assert len(lines) <= 25, len(lines)
