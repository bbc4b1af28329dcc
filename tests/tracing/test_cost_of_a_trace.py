"""What a trace takes of memory, beside the step that it records."""

import tracemalloc

import numpy as np

from minilm.models import encoder_decoder
from minilm.tasks.translation import Task
from minilm.tracing import trace


def test_a_traced_step_of_the_demo_s_model_takes_at_most_three_times_its_memory():
    """The demo's sizes (recipes.translation), its batch of about 1,920 tokens, its vocabularies' order of magnitude."""
    config = encoder_decoder.Config(
        source_vocabulary=700, target_vocabulary=700, width=128, heads=4, inner=512, encoder_layers=2,
        decoder_layers=2, max_positions=128, dropout=0.0, smoothing=0.0,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    params = encoder_decoder.init(rng, config)
    batch = {"source": rng.integers(4, 700, (67, 9)), "target": rng.integers(4, 700, (67, 10))}
    task = Task(encoder_decoder)

    def step():
        _, cache = task.loss(params, batch, config=config)
        return task.loss_backward(params, cache, config=config, consume=True)

    def peak(call):
        call()
        tracemalloc.start()
        try:
            call()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    def traced():
        with trace() as t:
            dparams = step()
        assert t.left_out > 0 and "trace(budget=...)" in t.note
        return dparams

    plain, recorded = peak(step), peak(traced)
    assert recorded <= 3 * plain, f"{recorded / plain:.2f} times"
