"""The recorder: every executed line, addresses that are unique and equal there and back, values that are the arrays."""

import bdb
import inspect
import os
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.arrays import masks
from minilm.checking import cases
from minilm.checking.gradcheck import fresh
from minilm.errors import InputError
from minilm.layers import feed_forward, multi_head_attention
from minilm.ops import linear, softmax
from minilm.tracing import NonFiniteError, following, trace

CASES = cases.everything()
PACKAGE = Path(minilm.__file__).parent
WAYS = [following.SetTrace] + ([following.Monitoring] if hasattr(sys, "monitoring") else [])
NESTED = ("<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>", "<lambda>")


def run(case, cotangent=None):
    """Forward and backward of a case; (y, cache, gradients)."""
    given = [case.params] if case.params is not None else []
    settings = {key: fresh(value) for key, value in case.settings.items()}
    y, cache = case.forward(*given, *case.inputs.values(), **settings)
    rng = np.random.default_rng(3)
    if cotangent is None:
        cotangent = tree.map(lambda leaf: np.asarray(rng.standard_normal(np.shape(leaf))), y)
    return y, cache, case.backward(*given, cache, cotangent, **case.backward_settings)


class Lines:
    """The interpreter's own account: of each call the lines in order, those of its comprehensions among them."""

    def __init__(self):
        self.calls, self.stack, self.waiting = [], [], {}

    def __call__(self, frame, event, argument):
        if event != "call" or Path(frame.f_code.co_filename).parent.parent != PACKAGE:
            return None
        if Path(frame.f_code.co_filename).parent.name not in ("ops", "fast", "layers", "blocks", "models", "tasks"):
            return None
        if frame.f_code.co_name in NESTED and self.stack:
            self.stack.append(self.stack[-1])
        elif id(frame) in self.waiting:
            self.stack.append(self.waiting[id(frame)][1])
        else:
            self.calls.append((frame.f_code.co_filename, frame.f_code.co_name, []))
            self.stack.append(self.calls[-1])
        return self.locally

    def locally(self, frame, event, argument):
        if event == "line":
            self.stack[-1][2].append(frame.f_lineno)
        elif event == "return":
            call = self.stack.pop()
            if frame.f_code.co_flags & inspect.CO_GENERATOR and frame.f_code.co_name not in NESTED:
                self.waiting[id(frame)] = frame, call  # the frame too, so that its id stays its own
        return self.locally


@pytest.mark.parametrize("name", CASES)
def test_every_executed_line_is_recorded_in_order(name):
    run(CASES[name])  # imports and caches
    lines = Lines()
    before = sys.gettrace()
    sys.settrace(lines)
    try:
        run(CASES[name])
    finally:
        sys.settrace(before)
    with trace(way=following.SetTrace, whole=0, budget=0) as t:
        run(CASES[name])
    assert len(t.calls) == len(lines.calls) > 0
    for call, (file, function, executed) in zip(t.calls, lines.calls, strict=True):
        assert file.endswith(call.file) and function == call.function
        assert [line for number in call.steps for line in t.steps[number].lines] == executed
    assert sum(len(step.lines) for step in t.steps) == sum(len(executed) for *_, executed in lines.calls)
    assert all(step.line <= line <= step.end_line for step in t.steps for line in step.lines[:1])


@pytest.mark.skipif(not hasattr(sys, "monitoring"), reason="Python 3.12 and later have sys.monitoring")
@pytest.mark.parametrize("name", CASES)
def test_every_executed_line_is_recorded_by_monitoring(name):
    run(CASES[name])
    monitoring, executed = sys.monitoring, Counter()
    rooms = ("ops", "fast", "layers", "blocks", "models", "tasks")

    def line(code, number):
        path = Path(code.co_filename)
        if path.parent.parent == PACKAGE and path.parent.name in rooms and code.co_name != "<genexpr>":
            executed[path.relative_to(PACKAGE.parent).as_posix(), number] += 1

    monitoring.use_tool_id(2, "lines")
    monitoring.register_callback(2, monitoring.events.LINE, line)
    monitoring.set_events(2, monitoring.events.LINE)
    try:
        run(CASES[name])
    finally:
        monitoring.set_events(2, 0)
        monitoring.free_tool_id(2)
    with trace(way=following.Monitoring, whole=0, budget=0) as t:
        run(CASES[name])
    assert Counter((t.call_of(step).file, line) for step in t.steps for line in step.lines) == executed


@pytest.mark.parametrize("name", CASES)
def test_addresses_are_unique_and_both_ways_run_at_the_same_places(name):
    with trace() as t:
        run(CASES[name])
    addresses = [value.address for value in t.values]
    assert all(addresses) and len(set(addresses)) == len(addresses)
    for call in t.calls:
        if call.function == "backward" and not call.module.endswith("objectives"):
            assert call.partner is not None, f"{call.title} undoes no forward call"
            there = t.calls[call.partner]
            assert (there.path, there.turn) == (call.path, call.turn)
            # fast.embedding hands its cache on to ops.embedding: both undo the one forward call
            assert call.number == there.partner or call.parent == there.partner
            assert there.module.rpartition(".")[2] == call.module.rpartition(".")[2]


@pytest.mark.parametrize("name", CASES)
def test_the_values_are_the_arrays(name):
    """The bits of what was returned, at the addresses of what the outermost calls handed back; and the statistics."""
    with trace(whole=1 << 30, budget=1 << 30) as t:
        y, _, gradients = run(CASES[name])
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    last = next(call for call in reversed(t.calls) if call.parent is None)
    arrays = [g for g in gradients if isinstance(g, np.ndarray)] if "(self" not in name else []  # added by the case
    handed = [value.array for value in last.returned]
    for array in arrays:
        assert any(np.array_equal(array, kept) for kept in handed)
    if isinstance(y, np.ndarray):
        assert np.array_equal(t.calls[0].returned[0].array, y)
    for value in t.values:
        if value.kind != "array" or not value.array.size or value.non_finite or value.array.dtype.kind != "f":
            continue
        array = value.array
        assert (value.least, value.greatest) == (array.min(), array.max())
        assert value.mean == pytest.approx(array.mean(), rel=1e-9, abs=1e-12)
        assert value.deviation == pytest.approx(array.std(), rel=1e-7, abs=1e-9)
        assert value.zeros == pytest.approx((array == 0).mean())


def test_the_address_of_a_model_s_intermediate():
    case = CASES["models.encoder_decoder"]
    with trace() as t:
        _, cache, dparams = run(case, np.float64(1.0))
    weights = cache["encoder"][1]["attention"]["weights"]
    assert np.array_equal(t["encoder.1.attention.attention.weights"], weights)
    assert np.array_equal(t["decoder.0.feed_forward.contract.dweight"],
                          dparams["decoder"][0]["feed_forward"]["contract"]["weight"])  # fmt: skip
    scores, dscores = t["encoder.1.attention.attention.scores"], t["encoder.1.attention.attention.dscores"]
    assert scores.shape == dscores.shape == (4, 3, 5, 5)
    assert t.partner_value(scores) is dscores and t.partner_value(dscores) is scores
    assert "scores = " in t.step_of(scores).text and "dscores = " in t.step_of(dscores).text
    assert t.partner(t.step_of(scores)) is t.step_of(dscores)
    assert t.partner(t.step_of(dscores)) is t.step_of(scores)
    assert t.step_of(scores).comment == "(B, H, T, S)"


def test_a_name_of_every_step_through_time_has_its_own_address():
    """The gates of an LSTM: the fourth step's gradient has the fourth step's number, though it is made first."""
    case = CASES["layers.lstm (5 steps)"]
    with trace() as t:
        _, cache, _ = run(case, {"h": np.ones((6, 5, 3)), "h_last": np.ones((6, 3)), "c_last": np.ones((6, 3))})
    for number in range(5):
        at = f"@{number}" if number else ""
        assert np.array_equal(t[f"gates.i{at}"], cache["gates"][number]["i"])
        assert t.partner_value(t[f"gates.i{at}"]) is t[f"gates.di{at}"]
    backwards = [step.number for step in t.steps if any(value.name == "di" for value in step.values)]
    assert t.step_of(t["gates.di@4"]).number == backwards[0]


def test_every_gradient_of_an_operation_meets_its_array():
    """Every array that a backward of ops names with a d before a name of its forward is that name's gradient."""
    for name, case in CASES.items():
        if not name.startswith("ops.") or "blocked" in name or "sliced" in name:
            continue
        with trace() as t:
            run(case)
        for call in t.calls:
            if call.partner is None or call.function != "backward":
                continue
            there = Counter((value.name, value.shape) for value in t.arrays_of(t.calls[call.partner]))
            back = Counter((value.name[1:], value.shape) for value in t.arrays_of(call) if value.name.startswith("d"))
            met = Counter()
            for value in t.arrays_of(call):
                other = t.partner_value(value)
                if other is not None and other.name == value.name[1:] and other.path == value.path:
                    met[other.name, value.shape] += 1
            assert all(met[key] >= min(there[key], back[key]) for key in back)


def test_what_a_step_called_lies_between_it_and_done():
    with trace() as t:
        run(CASES["layers.feed_forward (relu)"])
    for step in t.steps:
        inner = [call for call in t.calls if call.at == step.number]
        last = max((number for call in inner for number in call.steps), default=step.number)
        assert step.done >= last
        assert (step.done == step.number) == (not inner)


def test_a_nearest_address_is_named_where_there_is_none():
    with trace() as t:
        softmax.forward(np.ones((2, 3)))
    with pytest.raises(InputError, match="near it: exponentials"):
        t["exponential"]
    with trace() as empty:
        pass
    with pytest.raises(InputError, match="did anything run"):
        empty["y"]


@pytest.mark.parametrize("way", WAYS)
def test_the_tracer_of_before_goes_on_and_is_put_back(way):
    """A measurement of coverage or a debugger: it sees the same lines, and has its place again."""
    seen = []

    def other(frame, event, argument):
        if frame.f_code.co_filename.endswith("softmax.py"):
            seen.append((event, frame.f_lineno))
        return other

    before = sys.gettrace(), threading.gettrace()
    sys.settrace(other)
    try:
        softmax.forward(np.ones((2, 3)))
        alone, seen = seen, []
        seen.clear()
        other.__closure__  # noqa: B018
        with trace(way=way) as t:
            softmax.forward(np.ones((2, 3)))
        assert sys.gettrace() is other
    finally:
        sys.settrace(before[0])
    assert seen == alone and alone
    assert len(t.steps) == 7
    assert threading.gettrace() is before[1]


@pytest.mark.parametrize("way", WAYS)
def test_an_exception_leaves_the_recording_whole_and_the_tracer_gone(way):
    before = sys.gettrace()
    with trace(way=way) as t, pytest.raises(ValueError, match="matmul"):
        linear.forward({"weight": np.ones((3, 2)), "bias": np.ones(2)}, np.ones((2, 4)))
    assert sys.gettrace() is before
    assert t.steps[-1].raised.startswith("ValueError")
    with pytest.raises(ZeroDivisionError), trace(way=way):
        1 / 0  # noqa: B018
    assert sys.gettrace() is before
    if hasattr(sys, "monitoring"):
        assert all(sys.monitoring.get_tool(tool) != following.NAME for tool in range(6))


@pytest.mark.parametrize("way", WAYS)
def test_a_handled_exception_does_not_end_the_call(way, tmp_path):
    path = tmp_path / "handled.py"
    path.write_text(
        "def forward(x):\n    try:\n        raise KeyError('no')\n    except KeyError:\n        y = x + 1\n    return y\n",
        encoding="utf-8",
    )
    namespace = {"__name__": "handled"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    with trace(way=way, files=[path]) as t:
        namespace["forward"](np.ones(2))
    assert [step.line for step in t.steps] == [2, 3, 4, 5, 6]
    assert not any(step.raised for step in t.steps) and np.array_equal(t["y"], [2, 2])


@pytest.mark.parametrize("way", WAYS)
def test_generators_go_on_where_they_were(way, tmp_path):
    path = tmp_path / "turns.py"
    path.write_text(
        "def turns(x):\n    for k in range(3):\n        y = x * k\n        yield y\n\n\n"
        "def forward(x):\n    total = sum(2 * y for y in turns(x))\n    return total\n", encoding="utf-8"
    )  # fmt: skip
    namespace = {"__name__": "turns"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    with trace(way=way, files=[path]) as t:
        assert namespace["forward"](1.0) == 6
    assert [call.function for call in t.calls] == ["forward", "turns"]
    assert [t.steps[number].line for number in t.calls[1].steps] == [2, 3, 4, 2, 3, 4, 2, 3, 4, 2]


@pytest.mark.parametrize("way", WAYS)
def test_each_thread_has_a_recording(way):
    x = [np.full((2, 3), float(number)) for number in range(4)]
    with trace(way=way) as t, ThreadPoolExecutor(2, thread_name_prefix="shard") as pool:
        ready = threading.Barrier(2)
        list(pool.map(lambda a: (ready.wait(10), softmax.forward(a)), x))
        softmax.forward(x[0])
    assert len(t.steps) == 7 and len(t.threads) == 2
    assert sum(len(each.steps) for each in t.threads.values()) == 4 * 7
    assert all(name.startswith("shard") for name in t.threads)


def test_the_training_loop_and_its_bits_are_those_without_a_recorder():
    from minilm.models import gpt2
    from minilm.tasks.language_modelling import Task
    from minilm.training import loop

    config = gpt2.Config(vocabulary=7, max_positions=6, width=6, heads=2, inner=8, layers=2)
    batch = {"inputs": np.array([[1, 4, 1], [3, 5, 0]]), "targets": np.array([[4, 1, 2], [5, 0, 5]])}

    def train():
        state = loop.start(gpt2.init(np.random.default_rng(0), config))
        losses = [step.loss for step in loop.run(
            Task(gpt2), config, state, lambda index: batch, steps=2, schedule=lambda step: 1e-2, shards=2, threads=2
        )]  # fmt: skip
        return losses, state.params

    plain, params = train()
    with trace(rooms=["training"]) as t:
        traced, traced_params = train()
    assert traced == plain
    tree.map(np.testing.assert_array_equal, traced_params, params)
    every = [t, *t.threads.values()]
    assert any(call.module.endswith("adamw") for each in every for call in each.calls)
    shards = [each for each in every if "blocks.1.attention.attention.dscores" in each]
    assert shards and all(each["logits"].shape == (1, 3, 7) for each in shards)


def test_decoding_with_its_caches():
    from minilm.models import gpt2

    case = CASES["models.gpt2"]
    config = case.settings["config"]
    with trace() as t:
        state = gpt2.start(case.params, config, np.array([[1, 4, 5]]), np.array([3]))
        for token in (2, 3):
            logits, state = gpt2.step(case.params, config, state, np.array([token]))
    assert t["blocks.0.attention.buffer"].shape[2] >= 4
    assert np.array_equal(t["logits@1"], logits)
    assert t["blocks.1.attention.scaled_dot_product.scores"].shape == (1, 3, 1, 4)  # the prompt's own is not needed
    assert t["blocks.1.attention.scaled_dot_product.scores@1"].shape == (1, 3, 1, 5)


# What the budget leaves out.


def test_beyond_the_budget_a_corner_is_kept_and_the_option_named():
    x = np.random.default_rng(0).standard_normal((40, 3000))
    with trace(whole=1000) as t:
        softmax.forward(x)
    value = t["exponentials"]
    assert not value.whole and "trace(whole=...)" in value.note and value.array.nbytes <= 40_000
    assert value.greatest == 1.0 and value.shape == x.shape
    with pytest.raises(InputError, match="not kept whole"):
        np.asarray(value)
    with trace(budget=2 * x.nbytes) as tight:
        softmax.forward(x[:20])
        softmax.forward(x[20:])
        softmax.forward(x[10:30])
    kept = sum(value.array.nbytes for value in tight.values if value.array is not None)
    assert kept <= 2 * x.nbytes * 9 / 8 and tight.left_out and "trace(budget=...)" in tight.note


def test_an_array_that_changes_after_its_line_is_kept_as_it_was(tmp_path):
    path = tmp_path / "changes.py"
    path.write_text("def forward(x):\n    y = x + 1\n    z = y\n    y += 1\n    return z\n", encoding="utf-8")
    namespace = {"__name__": "changes"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    with trace(files=[path]) as t:
        namespace["forward"](np.zeros(2))
    assert np.array_equal(t["y"], [1, 1]) and np.array_equal(t["z"], [1, 1]) and np.array_equal(t["y@1"], [2, 2])


# Where the first NaN was made.


def loss_of(case, changed):
    case.forward(changed, *case.inputs.values(), **{k: fresh(v) for k, v in case.settings.items()})


MODELS = {
    "models.encoder_decoder": ("encoder.1.feed_forward.expand.weight", "encoder.1.feed_forward.expand"),
    "models.lstm_lm": ("encoder.1.recurrent", "encoder.1"),
    "models.gpt": ("blocks.1.attention.key.weight", "blocks.1.attention.key"),
    "models.gpt2": ("blocks.0.attention_norm.gain", "blocks.0.attention_norm"),
    "models.bert (both)": ("masked.transform.bias", "masked.transform"),
}


def damaged(params, leaf, value=np.nan):
    """A copy with one entry of one leaf that is not finite."""
    flat = {name: np.array(array) for name, array in tree.leaves(params)}
    flat[leaf].reshape(-1)[1] = value
    return tree.unflatten(flat)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", MODELS)
def test_a_nan_in_a_weight_is_traced_to_the_first_line_that_read_it(name, way):
    leaf, path = MODELS[name]
    case = CASES[name]
    with pytest.raises(NonFiniteError) as raised, trace(stop_at_non_finite=True, way=way) as t:
        loss_of(case, damaged(case.params, leaf))
    error = raised.value
    call = t.calls[error.step.call]
    assert call.path == path and error.value.address.startswith(path)
    named = error.step.text.replace('"', "'")
    last = leaf.rpartition(".")[2]
    assert f"params['{last}']" in named or last in named  # the very line that reads the weight
    assert f"{leaf} (NaN at" in str(error) or f"params['{last}'] (NaN at" in str(error) or f"{last} (NaN" in str(error)
    assert f"{call.file}:{error.step.line}: {error.value.address}[" in str(error)
    index = error.value.first_non_finite
    assert f"[{', '.join(map(str, index))}] is NaN" in str(error)
    assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize("name", MODELS)
def test_a_nan_in_an_input_is_traced_to_the_first_operation_on_it(name):
    """The rows of the token that a model reads first: its ids are whole numbers, and cannot be NaN themselves."""
    case = CASES[name]
    batch = case.inputs["batch"]
    token = int((batch["source"] if "source" in batch else batch["inputs"])[0, 0])
    leaf = next(leaf for leaf, _ in tree.leaves(case.params) if leaf.endswith(("source_embedding.weight",
                "embedding.tokens.weight", "embedding.weight")))  # fmt: skip
    flat = {each: np.array(array) for each, array in tree.leaves(case.params)}
    flat[leaf][token, 2] = np.nan
    with pytest.raises(NonFiniteError) as raised, trace(stop_at_non_finite=True) as t:
        loss_of(case, tree.unflatten(flat))
    call = t.calls[raised.value.step.call]
    assert call.module == "minilm.ops.embedding" and call.path.startswith(leaf.removesuffix(".weight"))
    assert raised.value.value.first_non_finite == (0, 0, 2)


@pytest.mark.parametrize("name", MODELS)
def test_a_nan_in_an_upstream_gradient_is_traced_to_the_first_line_that_read_it(name):
    case = CASES[name]
    settings = {key: fresh(value) for key, value in case.settings.items()}
    _, cache = case.forward(case.params, *case.inputs.values(), **settings)
    with pytest.raises(NonFiniteError) as raised, trace(stop_at_non_finite=True) as t:
        case.backward(case.params, cache, np.nan, **case.backward_settings)
    call = t.calls[raised.value.step.call]
    assert call.module == "minilm.fast.cross_entropy" and call.function == "backward"
    assert "dloss" in raised.value.step.text


def test_a_nan_given_to_a_backward_is_not_blamed_on_the_line_that_only_names_it():
    case = CASES["layers.feed_forward (relu)"]
    y, cache = case.forward(case.params, *case.inputs.values(), **case.settings)
    dy = np.ones_like(y)
    dy[1, 2, 0] = np.nan
    with pytest.raises(NonFiniteError) as raised, trace(stop_at_non_finite=True):
        case.backward(case.params, cache, dy, **case.backward_settings)
    assert "dx = (dy_flat @ weight.T)" in raised.value.step.text
    assert "dy_flat (NaN at [6, 0])" in str(raised.value)


def test_an_infinity_is_stopped_and_a_mask_s_is_not():
    mask = np.array([[True, False], [False, False]])
    with trace(stop_at_non_finite=True) as t:
        softmax.forward(np.ones((2, 2)), mask)
    assert t["allowed"].non_finite == 3 and masks.barred(mask, np.dtype(float)).min() == -np.inf
    large = {"weight": np.full((2, 2), 1e200), "bias": np.zeros(2)}
    stopped = pytest.raises(NonFiniteError, match=r"flat.*finite")
    with stopped, trace(stop_at_non_finite=True), np.errstate(all="ignore"):
        linear.forward(large, np.full((1, 2), 1e200))


@pytest.mark.parametrize("name", CASES)
def test_finite_numbers_stop_nothing(name):
    if "barred" in name:
        pytest.skip("its transitions are barred by -inf, on purpose")
    with trace(stop_at_non_finite=True):
        run(CASES[name])


# Two recordings side by side.


def test_compare_finds_the_first_difference():
    params = multi_head_attention.init(np.random.default_rng(0), 6, np.float64)
    x = np.random.default_rng(1).standard_normal((2, 3, 6))

    def recorded(params, **settings):
        with trace() as t:
            multi_head_attention.forward(params, x, x, **settings)
        return t

    first = recorded(params, heads=2)
    assert first.compare(recorded(params, heads=2)) is None
    flat = {name: np.array(array) for name, array in tree.leaves(params)}
    flat["value.weight"][0, 1] += 1e-6
    other = recorded(tree.unflatten(flat), heads=2)
    found = first.compare(other)
    assert found.value.address == "value.weight" and found.index == (0, 1)
    assert "minilm/ops/linear.py" in str(found) and "value.weight[0, 1]" in str(found)
    assert first.compare(other, tolerance=1e-3) is None
    heads = first.compare(recorded(params, heads=3))
    assert heads is not None and "there" in str(heads)


def test_compare_says_where_the_lines_part():
    x = np.ones((2, 3))
    with trace() as first:
        softmax.forward(x)
    with trace() as second:
        softmax.forward(x)
        softmax.backward({"y": x}, x)
    assert "this one ends before minilm/ops/softmax.py" in str(first.compare(second))
    assert "the other ends before" in str(second.compare(first))


def test_off_it_leaves_nothing_behind():
    """No hook in the mathematics: the functions are the same objects, and nobody watches."""
    code = feed_forward.forward.__code__
    before = sys.gettrace(), threading.gettrace(), sys.getprofile()
    with trace():
        run(CASES["layers.feed_forward (relu)"])
    assert feed_forward.forward.__code__ is code
    assert (sys.gettrace(), threading.gettrace(), sys.getprofile()) == before
    if hasattr(sys, "monitoring"):
        assert not any(sys.monitoring.get_events(tool) for tool in range(6) if sys.monitoring.get_tool(tool) is None)


def test_one_trace_inside_another():
    with trace() as outer:
        softmax.forward(np.ones((2, 3)))
        with trace() as inner:
            softmax.forward(np.ones((2, 3)))
    assert len(inner.steps) == 7 and len(outer.steps) == 14


def test_coverage_measures_on(tmp_path):
    coverage = pytest.importorskip("coverage")
    if sys.gettrace() is not None:
        pytest.skip("a measurement of coverage is under way")
    measured = coverage.Coverage(data_file=str(tmp_path / "data"), include=["*/softmax.py"], config_file=False)
    measured.start()
    try:
        with trace() as t:
            softmax.forward(np.ones((2, 3)), None)
        partial(softmax.backward)({"y": np.ones((2, 3))}, np.ones((2, 3)))
    finally:
        measured.stop()
    lines = set(measured.get_data().lines(softmax.__file__))
    assert {line for step in t.steps for line in step.lines} <= lines
    assert len(lines) == 10  # those of forward, and those of backward, after the trace


@pytest.mark.parametrize("way", WAYS)
def test_a_debugger_that_is_there_goes_on(way):
    """pdb's own class: it is told each line of the operation while the recorder is, and afterwards."""
    seen = []

    class Debugger(bdb.Bdb):
        def user_line(self, frame):
            if frame.f_code.co_filename.endswith("softmax.py"):
                seen.append(frame.f_lineno)
            self.set_step()

    debugger = Debugger()
    before = sys.gettrace()

    def call():
        softmax.forward(np.ones((2, 3)))
        with trace(way=way) as t:
            softmax.forward(np.ones((2, 3)))
        return t

    try:
        t = debugger.runcall(call)
    finally:
        sys.settrace(before)
    assert len(t.steps) == 7 and len(seen) == 14
    assert seen[7:] == [line for step in t.steps for line in step.lines]


@pytest.mark.skipif(sys.platform == "win32", reason="a symbolic link needs a privilege there")
def test_a_package_behind_a_symbolic_link_is_followed(tmp_path):
    (tmp_path / "link").symlink_to(PACKAGE.parent, target_is_directory=True)
    code = (
        "import numpy as np; from minilm.ops import softmax; from minilm.tracing import trace\n"
        "with trace() as t:\n    softmax.forward(np.ones((2, 3)))\n"
        "print(len(t.steps), t.calls[0].file)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(tmp_path / "link")},
    )  # fmt: skip
    assert done.stdout.split() == ["7", "minilm/ops/softmax.py"], done.stderr
