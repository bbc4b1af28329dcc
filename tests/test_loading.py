"""minilm.load on every kind of folder; generating and filling with a small tokenizer."""

import json

import numpy as np
import pytest

import minilm
from minilm import tree
from minilm.errors import InputError
from minilm.models import bert, gpt, gpt2, lstm_lm
from minilm.storage import hub_bert, hub_gpt2
from minilm.tasks.language_modelling import LanguageModel
from minilm.tasks.masked_tokens import MaskedModel
from minilm.text.characters import Characters

GPT2 = gpt2.Config(vocabulary=300, max_positions=16, width=8, heads=2, inner=12, layers=2)
BERT = bert.Config(vocabulary=9, max_positions=12, width=8, heads=2, inner=12, layers=2)


class Bytes:
    """A tokenizer of UTF-8's bytes."""

    def encode(self, text):
        return list(text.encode("utf-8"))

    def decode(self, ids):
        return bytes(i for i in ids if i < 256).decode("utf-8", errors="replace")

    def save(self, folder):
        pass


class Words:
    ids = {token: i for i, token in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d"])}

    def encode(self, text):
        return [2, *(self.ids.get(word, 1) for word in text.split()), 3]

    def save(self, folder):
        pass


def randomised(outline, dtype=np.float32):
    rng = np.random.default_rng(0)
    return tree.map(lambda leaf: rng.standard_normal(leaf.shape).astype(dtype), outline)


def language_model(model=gpt2, **marks):
    if model is lstm_lm:
        config = lstm_lm.Config(vocabulary=300, embedding=4, hidden=6)
        return LanguageModel(model, randomised(lstm_lm.init(np.random.default_rng(0), config)), config, Bytes(), **marks)
    config = model.Config(vocabulary=300, max_positions=16, width=8, heads=2, inner=12, layers=2)
    return LanguageModel(model, randomised(model.outline(config)), config, Bytes(), **marks)


@pytest.mark.parametrize("model", [gpt, gpt2, lstm_lm])
def test_a_run_folder_comes_back(tmp_path, model):
    first = language_model(model, start=1, end=2)
    first.save(tmp_path, {"seed": 3})
    second = minilm.load(tmp_path)
    assert second.model is model and second.config == first.config and (second.start, second.end) == (1, 2)
    second.tokenizer = Bytes()
    assert second.generate("go", 20, seed=4) == first.generate("go", 20, seed=4)


def test_hub_folders_come_back(tmp_path):
    language_model(gpt2).export(tmp_path / "gpt2")
    loaded = minilm.load(tmp_path / "gpt2")
    assert loaded.model is gpt2 and loaded.end is None and loaded.config == GPT2
    hub_bert.save(tmp_path / "bert", randomised(bert.outline(BERT)), BERT)
    assert isinstance(minilm.load(tmp_path / "bert"), MaskedModel)


def test_a_bert_run_folder_comes_back_with_its_heads(tmp_path):
    params = randomised(bert.outline(BERT, ("masked",)))
    MaskedModel(params, BERT, Words()).save(tmp_path)
    back = minilm.load(tmp_path)
    tree.require_same(back.params, params)
    with pytest.raises(InputError, match="no head 'next_sentence'; its heads: masked"):
        back.tokenizer = Words()
        back.follows("a", "b")


def test_a_run_folder_of_characters_brings_its_tokenizer(tmp_path):
    tokenizer = Characters.train("to be or not to be")
    config = gpt2.Config(vocabulary=tokenizer.size, max_positions=6, width=8, heads=2, inner=12, layers=2)
    first = LanguageModel(gpt2, randomised(gpt2.outline(config)), config, tokenizer)
    first.save(tmp_path)
    text = minilm.load(tmp_path).generate("to b", 20, seed=1)
    assert len(text) == 20 and text == first.generate("to b", 20, seed=1) and set(text) <= set(tokenizer.characters)


def test_streaming_gives_the_text_of_generate():
    model = language_model()
    for seed in range(5):  # random bytes: characters that are never completed are among them
        pieces = list(model.stream("Zwölf", 30, seed=seed))
        assert "".join(pieces) == model.generate("Zwölf", 30, seed=seed)
    assert model.generate(["ab", "c"], 5, seed=7)[1] == model.generate("c", 5, seed=8)


def test_prompts_that_cannot_be_are_named():
    model = language_model()
    with pytest.raises(InputError, match="prompt 1 is empty"):
        model.generate("")
    with pytest.raises(InputError, match="text 2 has 17 tokens, the model reads at most 16"):
        model.generate(["a", "b" * 17])
    with pytest.raises(InputError, match="token id 300"):
        model.generate_ids([[300]])
    assert len(language_model(start=5).generate_ids(language_model(start=5).encode([""]), 3, stop=False)[0]) == 3


def test_filling_and_following():
    model = MaskedModel(randomised(bert.outline(BERT)), BERT, Words())
    first, second = model.fill("a [MASK] c [MASK]", top=3)
    assert len(first) == len(second) == 3 and first[0][1] >= first[1][1] >= first[2][1]
    logits = bert.forward(model.params, np.array([[2, 5, 4, 7, 4, 3]]), config=BERT)[0]["masked"][0, 2]
    p = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    assert Words.ids[first[0][0]] == p.argmax() and abs(first[0][1] - p.max()) < 1e-5
    inputs, segments = model.encode("a b", "c")
    assert inputs.tolist() == [[2, 5, 6, 3, 7, 3]] and segments.tolist() == [[0, 0, 0, 0, 1, 1]]
    assert 0 < model.follows("a b", "c") < 1
    with pytest.raises(InputError, match=r"no \[MASK\]"):
        model.fill("a b")
    with pytest.raises(InputError, match="at most 12"):
        model.fill("[MASK] " * 12)


@pytest.mark.parametrize(
    ("field", "value"),
    [("layers", 10**9), ("width", 10**12), ("vocabulary", 10**12), ("heads", 3), ("width", 0), ("inner", -1), ("heads", 0)],
)
@pytest.mark.parametrize("model", [gpt2, lstm_lm])
def test_a_run_folder_that_asks_for_too_much_is_named(tmp_path, model, field, value):
    field = {"width": "hidden", "inner": "embedding", "heads": "vocabulary"}.get(field, field) if model is lstm_lm else field
    language_model(model).save(tmp_path)
    path = tmp_path / "settings.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["config"][field] = value
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        minilm.load(tmp_path)
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("content", [{"model_type": "llama"}, {"model_type": ["gpt2"]}, {}, []])
def test_an_unknown_model_type_is_named(tmp_path, content):
    hub_gpt2.save(tmp_path, randomised(gpt2.outline(GPT2)), GPT2)
    (tmp_path / "config.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="config.json: model_type is .* gpt2 and bert"):
        minilm.load(tmp_path)


def test_a_folder_of_neither_kind_is_named(tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InputError, match="folder"):
            minilm.load(folder)


@pytest.mark.parametrize("folder", [None, 3, b"x", [], {}, "\0", "a\0b", "x" * 5000, "", "\ud800", float("nan"), ["a"], object()])
def test_anything_that_is_no_folder_is_named(folder):
    with pytest.raises(InputError, match="folder"):
        minilm.load(folder)


@pytest.mark.parametrize("name", ["settings.json", "config.json", "config.json/model.safetensors"])
def test_folders_in_the_place_of_files_are_named(tmp_path, name):
    if "/" in name:
        (tmp_path / "config.json").write_text('{"model_type": "gpt2"}', encoding="utf-8")
    (tmp_path / name.rpartition("/")[2]).mkdir()
    with pytest.raises(InputError, match=name.rpartition("/")[2]):
        minilm.load(tmp_path)
