"""What a BERT says of a text, beside Transformers' pipelines: labels by problem_type, masks, [SEP] in a text, damage."""

import json

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.cli.main import main
from minilm.errors import InputError
from minilm.models import bert
from minilm.storage import hub_bert
from minilm.tasks.masked_tokens import MaskedModel
from minilm.text.wordpiece import WordPiece

TEXT = "the cat sat on the mat . a dog sees the cats and it likes them , yes !"
TOKENIZER = WordPiece.train(TEXT, 70)
CONFIG = bert.Config(vocabulary=TOKENIZER.size, max_positions=24, segments=2, width=8, heads=2, inner=12, layers=2, labels=3)
TEXTS = ["the cat sat", "a dog [SEP] the mat", "[CLS] yes", "", "[MASK] and [MASK] .", "unknownword é"]


def drawn(config=CONFIG, heads=("masked", "sequence_classifier", "next_sentence")):
    rng = np.random.default_rng(3)
    return tree.map(lambda leaf: rng.standard_normal(leaf.shape).astype(np.float32), bert.outline(config, heads))


def folder_of(tmp_path, labels=3, heads=("sequence_classifier",), **fields):
    config = bert.Config(vocabulary=TOKENIZER.size, max_positions=24, segments=2, width=8, heads=2, inner=12, layers=2, labels=labels)
    names = {"architectures": ["BertForMaskedLM" if "masked" in heads else "BertForSequenceClassification"]}
    hub_bert.save(tmp_path, drawn(config, heads), config, names | fields)
    TOKENIZER.save(tmp_path)
    return tmp_path


def flat(answer):
    """What a pipeline says of one text, which is a list within a list or not."""
    return answer[0] if isinstance(answer[0], list) else answer


PROBLEMS = [None, "single_label_classification", "multi_label_classification", "regression"]


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("labels", [1, 2, 3])
def test_labels_are_scored_as_the_pipeline_does(tmp_path, labels, problem):
    transformers = pytest.importorskip("transformers")
    if labels == 1 and problem == "single_label_classification":
        pytest.skip("Transformers refuses it")
    folder = folder_of(tmp_path, labels, problem_type=problem, id2label={str(i): f"name {i}" for i in range(labels)})
    pipeline = transformers.pipeline("text-classification", model=str(folder), top_k=None)
    ours = minilm.load(folder)
    for text in TEXTS:
        theirs = {entry["label"]: entry["score"] for entry in flat(pipeline(text))}
        mine = ours.classify(text)
        assert mine.keys() == theirs.keys() and max(abs(mine[name] - theirs[name]) for name in mine) < 1e-5
    pair = flat(pipeline({"text": "a cat", "text_pair": "the dog"}))
    mine = ours.classify("a cat", "the dog")
    assert max(abs(mine[entry["label"]] - entry["score"]) for entry in pair) < 1e-5


def test_masks_are_filled_as_the_pipeline_does(tmp_path):
    transformers = pytest.importorskip("transformers")
    folder = folder_of(tmp_path, heads=("masked",))
    pipeline = transformers.pipeline("fill-mask", model=str(folder), top_k=5)
    ours = minilm.load(folder)
    for text in ("the [MASK] sat", "a [SEP] [MASK] dog [SEP] the", "[CLS] [MASK]", "the[MASK]cat"):
        theirs = [(entry["token"], entry["score"]) for entry in pipeline(text)]
        (mine,) = ours.fill(text)
        assert [TOKENIZER.ids[token] for token, _ in mine] == [token for token, _ in theirs]
        assert max(abs(a[1] - b[1]) for a, b in zip(mine, theirs, strict=True)) < 1e-5


def test_signs_of_the_model_in_a_users_text_stay():
    model = MaskedModel(drawn(), CONFIG, TOKENIZER)
    ids = {name: TOKENIZER.ids[name] for name in ("[CLS]", "[SEP]")}
    inputs, segments = model.encode("a [SEP] the", "[CLS] cat")
    a, the, cat = (TOKENIZER.encode(word)[0] for word in ("a", "the", "cat"))
    assert inputs.tolist() == [[ids["[CLS]"], a, ids["[SEP]"], the, ids["[SEP]"], ids["[CLS]"], cat, ids["[SEP]"]]]
    assert segments.tolist() == [[0, 0, 0, 0, 0, 1, 1, 1]]
    assert model.classify("a [SEP] the") != model.classify("a the")
    assert model.follows("a [SEP] the", "cat") != model.follows("a the", "cat")
    assert model.fill("a [SEP] [MASK]") != model.fill("a [MASK]")


def test_a_tokenizer_with_other_names_for_its_signs():
    names = {"[CLS]": "<s>", "[SEP]": "</s>", "[MASK]": "<m>"}
    ids = {names.get(token, token): number for token, number in TOKENIZER.ids.items()}
    marks = {"cls_token": "<s>", "sep_token": "</s>", "mask_token": "<m>"}
    other = MaskedModel(drawn(), CONFIG, WordPiece(ids, special=["<s>", "</s>", "<m>"], marks=marks))
    assert other.fill("the <m> sat")[0][0][1] == MaskedModel(drawn(), CONFIG, TOKENIZER).fill("the [MASK] sat")[0][0][1]
    with pytest.raises(InputError, match="no <m> in the text"):
        other.fill("the [MASK] sat")


def test_a_problem_type_that_is_none_is_named(tmp_path):
    with pytest.raises(InputError, match="problem_type is 'guess'"):
        minilm.load(folder_of(tmp_path, problem_type="guess")).classify("a")


def test_a_pair_for_a_model_of_one_segment_type():
    config = bert.Config(vocabulary=TOKENIZER.size, max_positions=24, segments=1, width=8, heads=2, inner=12, layers=2, labels=3)
    model = MaskedModel(drawn(config), config, TOKENIZER)
    assert model.classify("the cat")
    with pytest.raises(InputError, match="reads no pairs; give one text"):
        model.follows("the cat", "a dog")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_noticed_by_every_command(tmp_path, capsys, value):
    config = bert.Config(vocabulary=TOKENIZER.size, max_positions=24, segments=2, width=8, heads=2, inner=12, layers=1, labels=3)
    params = drawn(config)
    params["blocks"][0]["attention"]["key"]["weight"][3, 2] = value
    model = MaskedModel(params, config, TOKENIZER)
    with np.errstate(all="ignore"):
        for ask in (lambda: model.fill("a [MASK]"), lambda: model.classify("a"), lambda: model.follows("a", "the")):
            with pytest.raises(InputError, match="not all finite"):
                ask()
    model.save(tmp_path / "run")
    model.export(tmp_path / "hub")
    for folder in ("run", "hub"):
        for command in (["fill", tmp_path / folder, "a [MASK]"], ["cost", tmp_path / folder]):
            capsys.readouterr()
            assert main([str(part) for part in command]) == 2
            assert "not finite (NaN)" in capsys.readouterr().err


def test_the_cost_of_a_bert_without_a_masked_head(tmp_path, capsys):
    config = bert.Config(vocabulary=TOKENIZER.size, max_positions=24, segments=2, width=8, heads=2, inner=12, layers=1, labels=3)
    params = tree.map(lambda leaf: np.zeros(leaf.shape, np.float32), bert.outline(config, (), with_pooler=True))
    hub_bert.save(tmp_path, params, config)
    assert json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))["architectures"] == ["BertModel"]
    assert main(["cost", str(tmp_path)]) == 0
    assert "training step" in capsys.readouterr().out


def test_a_bert_model_without_a_pooler_is_read(tmp_path):
    config = bert.Config(vocabulary=TOKENIZER.size, max_positions=24, segments=2, width=8, heads=2, inner=12, layers=1, labels=3)
    params = tree.map(lambda leaf: np.ones(leaf.shape, np.float32), bert.outline(config, ()))
    hub_bert.save(tmp_path, params, config)
    tree.require_same(minilm.load(tmp_path).params, params)


def test_a_text_longer_than_the_model_reads_is_said_to_be():
    model = MaskedModel(drawn(), CONFIG, TOKENIZER)
    for ask in (lambda text: model.fill(text), model.classify, lambda text: model.follows("the cat", text)):
        with pytest.raises(InputError, match="tokens, the model reads at most 24"):
            ask("[MASK] " * 23)
    assert len(model.fill("[MASK] " * 22)) == 22
