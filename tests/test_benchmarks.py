"""The benchmarks measure what they say: a peer does the same work, the bare products are those of a step.

No timing decides anything here. The peers are held against minilm at small sizes and with the same weights: as many
parameters, the same loss, the same gradients.
"""

import json
from dataclasses import replace

import numpy as np
import pytest

from minilm import benchmarks, tree
from minilm.benchmarks import bert as bert_case
from minilm.benchmarks import report, runner, worker
from minilm.cli.main import main
from minilm.machine import products
from minilm.models import bert, encoder_decoder, gpt2, lstm_lm, lstm_tagger
from minilm.ops import positions
from minilm.tasks import language_modelling, masked_tokens, tagging, translation

ROWS, POSITIONS = 3, 7
GPT = gpt2.Config(vocabulary=11, max_positions=9, width=12, heads=3, inner=20, layers=2, embedding_dropout=0.0, attention_dropout=0.0, dropout=0.0)
TRANSLATOR = encoder_decoder.Config(source_vocabulary=9, target_vocabulary=11, width=12, heads=3, inner=20, encoder_layers=2, decoder_layers=2, max_positions=20, dropout=0.0, smoothing=0.1)
BERT = bert.Config(vocabulary=13, max_positions=9, segments=2, width=12, heads=3, inner=20, layers=2, labels=2, attention_dropout=0.0, dropout=0.0, classifier_dropout=0.0)
LSTM = lstm_lm.Config(vocabulary=11, embedding=6, hidden=8, layers=2)
TAGGER = lstm_tagger.Config(vocabulary=11, features=11, tags=9, embedding=6, feature_embedding=5, hidden=8, dropout=0.0)


def ids(*shape, most=11):
    return np.random.default_rng(1).integers(1, most, shape)


def language_batch():
    return {"inputs": ids(ROWS, POSITIONS), "targets": ids(ROWS, POSITIONS)[:, ::-1].copy()}


def pairs():
    source, target = ids(ROWS, 5, most=9), ids(ROWS, POSITIONS + 1)
    source[0, 3:], target[1, 4:] = 0, 0
    return {"source": source, "target": target}


def masked():
    return language_batch() | {"mask": np.arange(ROWS * POSITIONS).reshape(ROWS, POSITIONS) % 3 == 1}


def tagged():
    tags = np.array([[1, 2, 3, 0, 4, 0, 8], [0, 5, 7, 0, 0, 0, 0], [1, 3, 5, 6, 6, 7, 0]])
    return {"inputs": ids(ROWS, POSITIONS), "features": ids(ROWS, POSITIONS)[::-1].copy(), "tags": tags, "lengths": np.array([7, 3, 6])}


# name of the peer's module: task, config, batch, settings of init, parameters that the peer has more
PAIRS = {
    "gpt": (language_modelling.Task(gpt2), GPT, language_batch, {}, 0),
    "encoder_decoder": (translation.Task(encoder_decoder), TRANSLATOR, pairs, {}, 0),
    "bert": (masked_tokens.Task(bert), BERT, masked, {"heads": ("masked",)}, 0),
    "lstm": (language_modelling.Task(lstm_lm), LSTM, language_batch, {}, 2 * 4 * 8),  # nn.LSTM's second biases
    "tagger": (tagging.Task(lstm_tagger), TAGGER, tagged, {}, 2 * 4 * 8),
}


def random_params(model, config, init):
    rng = np.random.default_rng(2)
    return tree.map(lambda leaf: leaf + 0.3 * rng.standard_normal(leaf.shape), model.init(rng, config, np.float64, **init))


@pytest.mark.parametrize("name", PAIRS)
def test_a_peer_does_the_same_work(name):
    torch = pytest.importorskip("torch")
    import importlib

    from minilm.benchmarks.peers import weights

    task, config, batch_of, init, more = PAIRS[name]
    params, batch = random_params(task.model, config, init), batch_of()
    peer = importlib.import_module(f"minilm.benchmarks.peers.{name}")
    network = peer.Model(config).double()
    weights.load(network, params)
    if config is TRANSLATOR:
        network.positions = torch.tensor(positions.table(20, config.width, np.float64))
    assert sum(p.numel() for p in network.parameters()) == tree.size(params) + more
    if config is TRANSLATOR:  # PyTorch spreads the smoothing over the padding too, which minilm never does
        network.smoothing, config = 0.0, replace(config, smoothing=0.0)
    loss, cache = task.loss(params, batch, config=config)
    theirs = network.loss(*peer.inputs(batch))
    assert theirs.item() == pytest.approx(float(loss), rel=1e-10)
    theirs.backward()
    flat = tree.flatten(task.loss_backward(params, cache, config=config))
    for parameter_name, parameter in network.named_parameters():
        if "bias_hh_l" not in parameter_name:
            found = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            wanted = weights.of(parameter_name, flat, network)
            np.testing.assert_allclose(found.numpy(), wanted, rtol=0, atol=1e-10, err_msg=parameter_name)


def test_the_peers_of_the_prompt_read_as_minilm_does():
    torch = pytest.importorskip("torch")
    from minilm.benchmarks import prefill
    from minilm.benchmarks.peers import gpt, weights

    params, prompt = random_params(gpt2, GPT, {}), ids(1, POSITIONS)
    network = gpt.Model(GPT).double()
    weights.load(network, params)
    logits, state = prefill.read(params, GPT, prompt)
    theirs, kept = network.read(torch.tensor(prompt))
    np.testing.assert_allclose(theirs.detach().numpy(), logits, rtol=0, atol=1e-10)
    for ours, (key, value) in zip(state["blocks"], kept, strict=True):
        np.testing.assert_allclose(key.detach().numpy(), ours["key"][:, :, :POSITIONS], atol=1e-10)
        np.testing.assert_allclose(value.detach().numpy(), ours["value"][:, :, :POSITIONS], atol=1e-10)


class Recording(np.ndarray):
    """Arrays that count the multiplications and additions of the matrix products that they take part in."""

    operations = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=(), **keywords):
        plain = [np.asarray(array) if isinstance(array, Recording) else array for array in inputs]
        if out:
            keywords["out"] = tuple(np.asarray(array) if isinstance(array, Recording) else array for array in out)
        result = getattr(ufunc, method)(*plain, **keywords)
        if ufunc is np.matmul and min(plain[0].shape[-2:] + plain[1].shape[-2:]) > 1 and min(map(np.ndim, plain)) > 1:
            Recording.operations += 2 * result.size * plain[0].shape[-1]
        if out:
            return out[0]
        return result.view(Recording) if isinstance(result, np.ndarray) else result


@pytest.mark.parametrize("name", PAIRS)
def test_the_bare_products_are_those_of_a_step(name, monkeypatch):
    """A step on arrays that count finds as many operations as the closed form. (Products with a vector do not count.)"""
    task, config, batch_of, init, _ = PAIRS[name]
    batch = batch_of()
    for maker in ("empty", "zeros", "empty_like", "zeros_like", "ascontiguousarray"):
        plain = getattr(np, maker)
        monkeypatch.setattr(np, maker, lambda *a, plain=plain, **k: np.asarray(plain(*a, **k)).view(Recording))
    params = tree.map(lambda leaf: leaf.view(Recording), task.model.init(np.random.default_rng(0), config, **init))
    Recording.operations = 0
    _, cache = task.loss(params, batch, config=config)
    task.loss_backward(params, cache, config=config)
    wanted = {
        "gpt": lambda: products.gpt(GPT, ROWS, POSITIONS),
        "encoder_decoder": lambda: products.encoder_decoder(TRANSLATOR, ROWS, 5, POSITIONS),
        "bert": lambda: products.bert(BERT, ROWS, POSITIONS, int(batch["mask"].sum())),
        "lstm": lambda: products.lstm(LSTM, ROWS, POSITIONS),
        "tagger": lambda: products.tagger(TAGGER, ROWS, POSITIONS),
    }[name]()
    assert Recording.operations == products.operations(wanted)


def test_products_are_replayed_in_their_shapes():
    for product in products.gpt(GPT, ROWS, POSITIONS):
        left, right, out = products.arrays(product)
        assert left.shape[-2:] == (product.rows, product.inner) and right.shape[-2:] == (product.inner, product.columns)
        assert (left @ right).shape == out.shape and out.size == product.stack * product.rows * product.columns
        for side, array in (("left", left), ("right", right)):
            assert array.swapaxes(-1, -2).flags.c_contiguous == (product.transposed == side)
    products.replay(products.gpt(GPT, ROWS, POSITIONS), 2)()


def test_every_case_keeps_the_interface():
    for name, title in benchmarks.CASES.items():
        case = runner.module(name)
        assert case.UNIT in ("step", "prompt", "token", "text", "start") and case.__doc__ and title
        assert list(worker.builders(case))[0] == "minilm" and callable(case.ours)
    mask = bert_case.batch()["mask"]
    assert (mask.sum(1) == bert_case.MASKED).all(), "each shard has as many masked places"


def test_the_figures_of_a_report():
    def measured(times, peak, imported=0):
        versions = {"torch": "2"} if imported else {}
        return runner.Measured(list(times), peak * 2**20, imported * 2**20, versions)

    found = {"minilm": measured((3, 1, 2), 100), "torch eager": measured((4, 4, 5), 400, 250),
             "torch.compile": measured((2.5, 2.5), 500, 250), "floor": measured((1.6,), 50)}  # fmt: skip
    summary = report.summary(found)
    assert summary["ratio"] == 0.8 and summary["best_peer"] == "torch.compile" and summary["floor_ratio"] == 1.25
    assert summary["peer_memory"] == 150 * 2**20
    lines = list(report.details(found, "step"))
    assert len(lines) == 6 and "150 without importing PyTorch" in lines[1] and "runs of minilm differ" in lines[4]
    assert all(len(line) <= 100 for line in report.table([("gpt-small", found), ("help", {"minilm": found["minilm"]})]))
    json.dumps(report.as_data("gpt-small", "a title", "step", found))


def test_bench_measures_and_writes_its_figures(tmp_path, capsys):
    path = tmp_path / "bench.json"
    assert main(["bench", "help", "--runs", "1", "--json", str(path)]) == 0
    out = capsys.readouterr().out
    assert "OPENBLAS_CORETYPE" in out and "ratio" in out
    (case,) = json.loads(path.read_text(encoding="utf-8"))["cases"]
    assert case["case"] == "help" and list(case["contestants"]) == ["minilm", "floor"]


def test_a_contestant_that_ends_says_why():
    with pytest.raises(ValueError, match="no_such"), runner.Worker("no-such", "minilm", None) as process:
        process.receive("versions")


@pytest.mark.parametrize(("arguments", "wanted"), [(["gpt-huge"], "gpt-small"), (["help", "--runs", "0"], "--runs")])
def test_what_cannot_be_measured(arguments, wanted, capsys):
    assert main(["bench", *arguments]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("minilm: ") and errors.count("\n") == 1 and wanted in errors


def test_pytorch_gets_the_number_of_threads_that_is_faster():
    class Process:
        """Two threads take twice as long as one."""

        number, asked = 2, []

        def ask(self, question, *names):
            self.number = int(question.split()[1]) or self.number
            self.asked.append(question)
            return [self.number]

        def do(self, runs):
            return [0.1 * self.number] * runs, None

    process = Process()
    assert runner.best_threads(process, 2) == (1, 3)
    assert process.number == 1 and process.asked.count("threads 2") == runner.LOOKS


def test_the_neighbours_end_with_their_block():
    from minilm.benchmarks import decoding_busy

    with decoding_busy.neighbours(1):
        pass
    assert decoding_busy.ours()() > 0
