"""The seven steps: the article's numbering, and numbers that are the model's own."""

import numpy as np
import pytest

from minilm.errors import InputError
from minilm.models import encoder_decoder
from minilm.ops import positions
from minilm.showing import walkthrough
from minilm.tasks.translation import Language, Translator
from minilm.text import columns
from minilm.text.vocabulary import END, START, Vocabulary


@pytest.fixture(scope="module")
def translator():
    languages = [Language("chinese", {"我": 5, "喜欢": 3, "编程": 1, "他": 4}), Language("spaced")]
    sides = ["我", "喜欢", "编程", "他"], ["I", "like", "programming", "he"]
    vocabularies = [Vocabulary.build([words]) for words in sides]
    config = encoder_decoder.Config(source_vocabulary=8, target_vocabulary=8, width=12, heads=3, inner=20, encoder_layers=2, decoder_layers=2, max_positions=9)
    params = encoder_decoder.init(np.random.default_rng(3), config, np.float64)
    return Translator(params, config, languages, vocabularies)


@pytest.fixture(scope="module")
def seven(translator):
    return list(walkthrough.steps(translator, "我喜欢编程"))


def test_numbering_and_titles_are_the_articles(seven):
    assert [step.number for step in seven] == [1, 2, 3, 4, 5, 6, 7]
    names = ["分词", "词嵌入", "编码器", "自注意力", "前馈神经网络", "解码器", "输出"]
    assert all(name in step.chinese for name, step in zip(names, seven, strict=True))
    formulas = ["Embedding Matrix", "Encoder Layer", "Query · Key", "ReLU(Weight · Input + Bias)", "Decoder Layer"]
    assert all(formula in step.article for formula, step in zip(formulas, seven[1:6], strict=True))


def test_each_loose_place_is_named(seven):
    words = ["by their prob", "looked up", "vector a token", "softmax and the values", "second", "so far", "input"]
    assert all(word in step.loose for word, step in zip(words, seven, strict=True))


def test_segmentation(translator, seven):
    assert seven[0].article == "我 / 喜欢 / 编程"
    assert list(seven[0].tables[0].values[0]) == translator.source_vocabulary.encode(["我", "喜欢", "编程"])
    np.testing.assert_allclose(seven[0].tables[1].values[0], np.log([5 / 13, 3 / 13, 1 / 13]), rtol=1e-12)


def test_arrays_are_the_models_own(translator, seven):
    ids = np.array(translator.encode("我喜欢编程"))
    rows = translator.params["source_embedding"]["weight"][ids]
    np.testing.assert_array_equal(seven[1].tables[0].values, rows[:, :5])
    x = rows * 12**0.5 + positions.table(3, 12, np.float64)
    np.testing.assert_allclose(seven[1].tables[1].values, x[:, :5], rtol=1e-12)
    memory, _ = encoder_decoder.encode(translator.params, ids[None], config=translator.config)
    np.testing.assert_array_equal(seven[2].tables[0].values, memory[0, :, :5])
    scores, weights = seven[3].tables[0].values, seven[3].tables[1].values
    exponentials = np.exp(scores / 2)  # a head's width is 4
    np.testing.assert_allclose(weights, exponentials / exponentials.sum(-1, keepdims=True), rtol=1e-12)
    layer = translator.params["encoder"][0]["attention"]
    value = (x @ layer["value"]["weight"] + layer["value"]["bias"])[:, :4]
    np.testing.assert_allclose(seven[3].tables[2].values, weights @ value, rtol=1e-12)
    active, hidden = seven[4].tables
    assert (hidden.values >= 0).all() and (hidden.values == 0).any()
    assert (active.values > 0).all() and (active.values < 1).all()


def test_decoder_and_output_agree_with_decoding(translator, seven):
    traced = walkthrough.trace(translator, "我喜欢编程")
    assert translator.decode(traced.target) == translator.translate("我喜欢编程")
    known = translator.target_vocabulary.words
    first = [row[0].rpartition(" ")[0] for row in seven[5].tables[0].values]
    assert first == [known[v] for v in [*traced.target, END]][: len(first)]
    logits, _ = encoder_decoder.forward(
        translator.params, np.array([traced.source]), np.array([[START, *traced.target][:9]]), config=translator.config
    )
    p = np.exp(logits[0] - logits[0].max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    answers = [*traced.target, END][: len(p)]
    np.testing.assert_allclose(seven[6].tables[0].values[0], p[np.arange(len(p)), answers], rtol=1e-10)
    np.testing.assert_allclose(seven[5].tables[1].values.sum(-1), 1, rtol=1e-12)
    assert f"“{translator.translate('我喜欢编程')}”" in seven[6].tables[0].caption


def test_candidates_are_those_that_decoding_may_choose(translator):
    """A model that would love to write padding, a start mark or <unknown>: none of them is offered."""
    traced = walkthrough.trace(translator, "我喜欢编程")
    logits = traced.cache["logits"].copy()
    logits[..., [0, 1, 3]] += 50
    tempted = traced._replace(cache=traced.cache | {"logits": logits})
    offered = " ".join(walkthrough.decoder(translator, tempted).tables[0].values.reshape(-1))
    assert "<pad>" not in offered and "<start>" not in offered and "<unknown>" not in offered


@pytest.mark.parametrize("text", ["我喜欢编程", "我", "我喜欢编程他喜欢编程我喜", "我爱\x1b[31m你"])
def test_rendered_for_a_terminal(translator, text):
    if len(translator.source_language.split(text)) > 9:
        text = text[:8]
    for step in walkthrough.steps(translator, text):
        shown = walkthrough.render(step)
        assert shown == str(step) and "\x1b" not in shown
        assert all(columns.width(line) <= 100 for line in shown.split("\n"))
        for table in step.tables:
            assert np.shape(table.values) == (len(table.rows), len(table.columns))


def test_nothing_to_translate(translator):
    with pytest.raises(InputError, match="empty"):
        next(walkthrough.steps(translator, "  "))
