"""The measured machine: that every kind of work can be run, and that shrinking and summing lose nothing."""

import numpy as np
import pytest

from minilm.costs import estimate, measured, speed
from minilm.costs.subject import find
from minilm.costs.work import ARRAYS, Part, Pass
from minilm.machine.products import Product


@pytest.mark.parametrize("kind", [kind for kind in ARRAYS if kind != "stream"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (16, 8), (5, 40)])
def test_every_kind_of_pass_runs_on_any_shape(kind, shape):
    run = speed.runner(Pass(kind, *shape))
    for _ in range(3):
        run()


@pytest.mark.parametrize("around", [0, 10_000])
def test_products_run_in_turn(around):
    run = speed.runner(Product(3, 4, 5, stack=2, transposed="right"), around)
    for _ in range(70):
        run()


@pytest.mark.parametrize(
    "work",
    [Product(4096, 4096, 50257), Product(64, 64, 64, stack=1 << 16, times=3), Product(5, 7, 9, times=2),
     Product(300, 1 << 24, 300, transposed="left")],
)  # fmt: skip
def test_a_smaller_product_stands_for_a_larger_one(work):
    small, factor = speed.shrink(work)
    assert small.times == 1 and small.operations <= 1.01 * speed.MOST_OPERATIONS and factor >= 1
    assert small.operations * factor * work.times == pytest.approx(work.operations)
    assert small.transposed == work.transposed


@pytest.mark.parametrize("work", [Pass("fresh", 1, 10**8, 3), Pass("sum", 10**6, 50), Pass("exp", 3, 5)])
def test_a_smaller_pass_stands_for_a_larger_one(work):
    small, factor = speed.shrink(work)
    assert small.bytes * factor * work.times == pytest.approx(work.bytes) and small.bytes <= 12 * speed.LARGEST


def test_the_roofline(monkeypatch):
    machine = speed.Machine(1)
    monkeypatch.setattr(machine, "bandwidth", lambda: 1e9)
    monkeypatch.setattr(speed, "timed", lambda work, replicas, around=0: 1e-3)
    product = Product(1, 1000, 1000)
    monkeypatch.setattr(machine, "measured", lambda work, footprint: 1e-3)
    assert machine.seconds(product, speed.CACHE) == 1e-3, "what a cache holds takes what it takes there"
    assert machine.seconds(product, 2 * speed.CACHE) == pytest.approx(4 * 1002000 / 1e9)
    assert machine.seconds(Pass("stream", 10, 25), 0) == pytest.approx(1e-6)


def test_what_a_call_costs_is_taken_off(monkeypatch):
    def timed(work, replicas, around=0):
        return 5.0 if work == Pass("sum", 1, 1) else 7.0

    monkeypatch.setattr(speed, "timed", timed)
    assert speed.Machine(2).measured(Pass("sum", 10, 10, times=3)) == 6.0


def test_waves_count_for_shards_alone():
    class Constant:
        def seconds(self, work, footprint):
            return 1.0

    parts = [Part("layer", 0, [Pass("sum", 1, 1)] * 2, [Pass("sum", 1, 1)]), Part("update", 0, [Pass("sum", 1, 1)])]
    found = estimate.Estimate("a step", parts, shards=2, waves=2, alone=1)
    assert found.expected is None
    found.time(Constant(), overhead=0.5)
    assert found.seconds == [6.0, 1.0] and found.expected == 7.5


@pytest.mark.parametrize("name", ["gpt:tiny", "gpt:gpt-2018", "bert:tiny", "lstm:tiny", "encoder-decoder:tiny", "tagger:tiny"])
def test_the_least_model_and_the_real_one_run(name):
    subject = find(name, rows=2, length=6)
    for one in (subject, subject.least()):
        measured.step(one)()
        if hasattr(one.costs, "token"):
            run = measured.token(one, 3, 4)
            assert measured.median(run, 3, warm=1)[0] > 0
    if hasattr(subject.costs, "prompt"):
        measured.prompt(subject, 5)()


def test_a_batch_belongs_to_its_model():
    subject = find("bert:tiny", rows=5, length=20)
    batch = subject.batch()
    assert (batch["mask"].sum(1) == subject.costs.masked(subject)).all() and subject.costs.masked(subject) == 3
    assert np.isclose(batch["next_sentence_weight"].sum(), 1)
