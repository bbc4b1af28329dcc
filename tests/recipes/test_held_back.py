"""What the recipes hold back is not trained on, and what they say of it is what the models say."""

import numpy as np
import pytest

from minilm import tree
from minilm.models import bert as bert_model
from minilm.models import lstm_lm
from minilm.ops import cross_entropy
from minilm.recipes import bert, gpt, lstm
from minilm.tasks.language_modelling import Task
from minilm.training import evaluate


@pytest.fixture
def two_halves(tmp_path):
    """The first nine tenths of the text have other words than the last."""
    path = tmp_path / "text.txt"
    path.write_text("ab ba " * 450 + "cd dc " * 50, encoding="utf-8")
    return path


def test_a_gpt_trains_on_the_first_nine_tenths_alone(two_halves):
    prepared = gpt.prepare(two_halves, gpt.PRESETS["tiny"])
    decode = prepared.trained.tokenizer.decode
    seen = {sign for index in range(60) for sign in decode(prepared.train(index)["targets"].reshape(-1))}
    held = {sign for batch in prepared.validation for sign in decode(batch["targets"].reshape(-1))}
    assert (seen, held) == (set("ab "), set("cd "))
    assert sum(batch["targets"].size for batch in prepared.validation) == 299, "each held-back character but the first"


def test_an_lstm_knows_and_trains_on_the_first_nine_tenths_alone(two_halves):
    prepared = lstm.prepare(two_halves, lstm.PRESETS["tiny"])
    known = prepared.trained.tokenizer.ids
    assert {"ab", "ba"} <= set(known) and not {"cd", "dc"} & set(known) and prepared.unknown > 0.9
    seen = {int(i) for index in range(prepared.epoch) for i in prepared.train(index)["targets"].reshape(-1)}
    assert seen <= {known["ab"], known["ba"]}


@pytest.mark.parametrize("columns", [2, 3])
def test_a_bert_trains_on_documents_that_are_not_held_back(tmp_path, monkeypatch, columns):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join("\t".join(f"{c}{i}" for c in "xyz"[:columns]) + "\n" for i in range(50)), encoding="utf-8")
    assert bert.read_documents(path)[7] == ["x7", "y7"], "of a third column nothing is read"
    parts, documents = [], bert.masked_tokens.Documents
    monkeypatch.setattr(bert.masked_tokens, "Documents", lambda found: parts.append(found) or documents(found))
    prepared = bert.prepare(path, bert.PRESETS["tiny"])
    held, train = ({tuple(document[0]) for document in part} for part in parts)
    assert (len(held), len(train)) == (5, 45) and not held & train
    assert prepared.documents == 50


@pytest.fixture(scope="module")
def a_bert(tmp_path_factory):
    path = tmp_path_factory.mktemp("bert") / "pairs.tsv"
    path.write_text("".join(f"one {i % 7} two\tthree {i % 5}\n" for i in range(60)), encoding="utf-8")
    return bert.prepare(path, bert.PRESETS["tiny"])


def test_the_loss_of_a_bert_is_that_of_its_masked_tokens(a_bert):
    model, batch = a_bert.masked_model, a_bert.validation[0]
    given = batch["inputs"], batch["segments"], batch["attend"], batch["mask"]
    logits = bert_model.forward(model.params, *given, config=model.config)[0]["masked"]
    wanted, _ = cross_entropy.forward(logits, batch["targets"][batch["mask"]])
    assert bert.validation_loss(a_bert, 1).loss == pytest.approx(float(wanted), rel=1e-6)


def test_the_share_of_pairs_that_a_bert_knows(a_bert):
    answers = np.concatenate([batch["next_sentence"] for batch in a_bert.validation])
    assert 0.3 < answers.mean() < 0.7
    for always in (0, 1):
        head = a_bert.masked_model.params["next_sentence"]
        head["weight"][:], head["bias"][:] = 0, [1 - always, always]
        assert bert.following(a_bert) == pytest.approx((answers == always).mean())


def test_an_lstm_carries_its_state_through_an_epoch_and_through_the_validation(tmp_path, monkeypatch):
    path = tmp_path / "text.txt"
    path.write_text("one two three four five six seven " * 120, encoding="utf-8")
    prepared = lstm.prepare(path, lstm.PRESETS["tiny"])
    begins, loss = [], Task.loss
    monkeypatch.setattr(
        Task, "loss", lambda self, p, batch, **more: begins.append("h" not in batch) or loss(self, p, batch, **more)
    )
    assert prepared.steps == 2 * prepared.epoch > 2
    for _ in lstm.train(prepared):
        pass
    per_step = [set(begins[2 * step : 2 * step + 2]) for step in range(prepared.steps)]  # two shards a step
    assert per_step == [{step % prepared.epoch == 0} for step in range(prepared.steps)]
    model = prepared.trained
    carried = evaluate.evaluate(Task(lstm_lm), model.config, model.params, prepared.validation, carried=True).loss
    assert len(prepared.validation) > 1
    assert lstm.validation_loss(prepared).loss == carried
    assert carried != evaluate.evaluate(Task(lstm_lm), model.config, model.params, prepared.validation).loss


def test_weights_begin_as_wide_as_the_width_asks(two_halves, a_bert):
    for model in (gpt.prepare(two_halves, gpt.PRESETS["tiny"]).trained, a_bert.trained):
        table = dict(tree.leaves(model.params))["embedding.tokens.weight"]
        assert table.std() == pytest.approx(model.config.width**-0.5, rel=0.2)
