"""`minilm train gpt --from FOLDER`: a folder of the hub goes on with a text, with its weights, dropout and tokenizer."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.cli.main import main
from minilm.data import grammar
from minilm.models import gpt2
from minilm.recipes import checkpoints, continued, gpt, lstm
from minilm.tasks.language_modelling import LanguageModel, Task
from minilm.text.byte_bpe import ByteBPE
from minilm.text.characters import Characters
from minilm.training import evaluate, replicas

TEXT = "\n".join(f"{chinese} {english}" for chinese, english in grammar.pairs()[:150])
SHORT = ["--steps", "6", "--batch", "3", "--context", "12"]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A folder as Transformers keeps it, in float64, each dropout another."""
    folder = tmp_path_factory.mktemp("hub") / "tiny-gpt2"
    tokenizer = ByteBPE.train(TEXT, 150)
    end = tokenizer.ids["<|endoftext|>"]
    config = gpt2.Config(
        vocabulary=tokenizer.size, max_positions=20, width=12, heads=3, inner=40, layers=2,
        embedding_dropout=0.1, attention_dropout=0.2, dropout=0.3, eps=2e-5,
    )  # fmt: skip
    params = gpt2.init(np.random.default_rng(5), config, np.float64, deviation=0.3)
    LanguageModel(gpt2, params, config, tokenizer, start=end, end=end).export(folder)
    return folder


@pytest.fixture(scope="module")
def text(hub):
    path = hub.parent / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def command(hub, text, out, *more):
    return ["train", "gpt", "--data", str(text), "--from", str(hub), "--out", str(out), *SHORT, *more]


@pytest.fixture(scope="module")
def run(hub, text):
    folder = hub.parent / "run"
    assert main(command(hub, text, folder)) == 0
    return folder


def prepared(hub, text, dropout=None, **numbers):
    model = continued.origin(hub)
    preset = replace(continued.preset(model), steps=6, warmup=0, rows=3, context=12, **numbers)
    return continued.prepare(text, model, preset, 0, dropout)


def test_the_first_steps_loss_is_the_folders_own(hub, text):
    """With the dropout at 0 the loss of the first step is what the folder's model says of that batch."""
    ready = prepared(hub, text, dropout=0.0)
    own = minilm.load(hub)
    whole = replace(own.config, embedding_dropout=0.0, attention_dropout=0.0, dropout=0.0)
    wanted = evaluate.evaluate(Task(gpt2), whole, own.params, [ready.train(0)])
    step, _ = next(gpt.train(ready))
    assert step.loss == pytest.approx(wanted.loss, rel=1e-12) and wanted.tokens == 36
    inputs = ready.train(0)["inputs"][0]
    said = own.tokenizer.decode(inputs).strip("\N{REPLACEMENT CHARACTER}")
    assert len(said) > 3 and said in TEXT, "the batch is the text in the folder's own tokens"


def test_the_dropout_is_that_of_its_config(hub, text):
    ready = prepared(hub, text)
    config = ready.trained.config
    assert (config.embedding_dropout, config.attention_dropout, config.dropout, config.eps) == (0.1, 0.2, 0.3, 2e-5)
    params, batch = ready.trained.params, ready.train(0)
    shards = replicas.split(batch, 2)
    wanted = sum(
        Task(gpt2).loss(params, shard, config=config, rng=replicas.dropout_rng(0, 1, i), count=36)[0]
        for i, shard in enumerate(shards)
    )  # fmt: skip
    step, _ = next(gpt.train(ready))
    assert step.loss == pytest.approx(wanted, rel=1e-12)
    asked = prepared(hub, text, dropout=0.5).trained.config
    assert (asked.embedding_dropout, asked.attention_dropout, asked.dropout) == (0.5, 0.5, 0.5)


def test_the_first_steps_loss_is_transformers_too(hub, text):
    transformers = pytest.importorskip("transformers")
    import torch

    ready = prepared(hub, text, dropout=0.0)
    peer = transformers.GPT2LMHeadModel.from_pretrained(hub, dtype=torch.float64).eval()
    batch = ready.train(0)
    logits = peer(torch.tensor(batch["inputs"])).logits
    wanted = torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), torch.tensor(batch["targets"]).reshape(-1))
    assert next(gpt.train(ready))[0].loss == pytest.approx(wanted.item(), rel=1e-10)


def test_the_run_keeps_the_tokenizer_and_the_sizes(hub, run, capsys):
    own, found = minilm.load(hub), minilm.load(run)
    assert found.tokenizer.encode(TEXT[:300] + "<|endoftext|>") == own.tokenizer.encode(TEXT[:300] + "<|endoftext|>")
    assert (found.config, found.start, found.end) == (own.config, own.start, own.end)
    moved = [float(abs(a - b).max()) for (_, a), (_, b) in zip(tree.leaves(found.params), tree.leaves(own.params), strict=True)]
    assert max(moved) > 0, "it was trained"
    assert main(["generate", str(run), "--prompt", "我", "--tokens", "5"]) == 0
    assert main(["generate", str(run), "--tokens", "5"]) == 0
    assert main(["tokenize", str(run), "我喜欢"]) == 0
    assert "back again: 我喜欢" in capsys.readouterr().out


def test_it_resumes_bit_for_bit(hub, text, run, tmp_path):
    ready = prepared(hub, text)
    for step, state in gpt.train(ready):
        if step.number == 2:
            settings = json.loads((run / "settings.json").read_text(encoding="utf-8"))
            ready.trained.save(tmp_path / "run", settings["training"])
            (tmp_path / "run" / "weights.safetensors").unlink()
            checkpoints.save(tmp_path / "run", state)
            break
    assert main(command(hub, text, tmp_path / "run", "--resume")) == 0
    assert (tmp_path / "run" / "weights.safetensors").read_bytes() == (run / "weights.safetensors").read_bytes()


def test_a_resume_from_other_weights_is_refused(hub, text, run, tmp_path, capsys):
    other = tmp_path / "other"
    shutil.copytree(hub, other)
    model = minilm.load(other)
    params = tree.map(np.array, model.params)
    params["norm"]["bias"] = params["norm"]["bias"] + 1e-9
    LanguageModel(gpt2, params, model.config, model.tokenizer, start=model.start, end=model.end).export(other)
    assert main(command(other, text, run, "--resume")) == 2
    assert "other weights" in capsys.readouterr().err
    assert main(["train", "gpt", "--data", str(text), "--out", str(run), "--resume"]) == 2
    assert "other weights" in capsys.readouterr().err
    assert main(command(run, text, tmp_path / "again")) == 0, "a run goes on too"


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (["--layers", "3"], "--layers 3: the model of --from {hub} has 2"), (["--width", "24"], "--width 24"),
        (["--heads", "2"], "--heads 2"), (["--context", "21"], "--context 21: the model of --from {hub} sees at most 20 tokens"),
        (["--preset", "names"], "--preset names"), (["--tokenizer", "bpe"], "--tokenizer bpe"),
        (["--vocabulary", "300"], "--vocabulary 300"), (["--steps", "0"], "--steps is 0"), (["--rate", "-1"], "--rate"),
        (["--seed", "-1"], "--seed is -1"), (["--from", "{hub}/none"], "no such folder"),
        (["--from", "{lstm}"], "goes on with a GPT"), (["--from", "{lines}"], "single lines"),
        (["--out", "{hub}", "--overwrite"], "give another --out"), (["--context", "0"], "--context is 0"),
    ],
)  # fmt: skip
def test_what_contradicts_it_is_one_line(more, wanted, hub, text, tmp_path, capsys):
    lstm.untrained(lstm.PRESETS["tiny"], "to be or not").save(tmp_path / "lstm", {})
    tokenizer = Characters.train("\nabc")
    config = gpt2.Config(vocabulary=4, max_positions=5, width=4, heads=2, inner=4, layers=1)
    LanguageModel(gpt2, gpt2.init(np.random.default_rng(0), config), config, tokenizer, start=0, end=0).save(tmp_path / "lines")
    places = {"hub": hub, "lstm": tmp_path / "lstm", "lines": tmp_path / "lines"}
    before = (hub / "model.safetensors").read_bytes()
    assert main([*command(hub, text, tmp_path / "out"), *(word.format(**places) for word in more)]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("minilm: ") and errors.count("\n") == 1 and wanted.format(**places) in errors
    assert not (tmp_path / "out").exists() and (hub / "model.safetensors").read_bytes() == before


def test_what_agrees_with_it_is_no_contradiction(hub, text, tmp_path):
    assert main(command(hub, text, tmp_path / "out", "--layers", "2", "--width", "12", "--heads", "3", "--rate", "0.01", "--dropout", "0")) == 0
    settings = json.loads((tmp_path / "out" / "settings.json").read_text(encoding="utf-8"))
    assert settings["config"]["attention_dropout"] == 0 and settings["training"]["rate"] == 0.01


@pytest.mark.parametrize(("content", "wanted"), [("to be", "too few"), ("to be or not to be " * 2, "--context")])
def test_a_text_that_is_too_short(content, wanted, hub, tmp_path, capsys):
    path = tmp_path / "short.txt"
    path.write_text(content, encoding="utf-8")
    assert main(command(hub, path, tmp_path / "out", "--context", "20")) == 2
    errors = capsys.readouterr().err
    assert str(path) in errors and wanted in errors and errors.count("\n") == 1


def test_what_is_held_back_is_the_end_of_the_text(hub, text):
    ready = prepared(hub, text)
    own = minilm.load(hub)
    targets = np.concatenate([batch["targets"].reshape(-1) for batch in ready.validation])
    assert TEXT.endswith(own.decode(targets)) and ready.trained.tokenizer.size == own.tokenizer.size
