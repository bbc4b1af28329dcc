"""The article's own description, held against the code item by item.

Sections 3 and 4: the steps of inference and their formulas, for 我喜欢编程. Section 5.3: training is the forward pass, the
loss, backpropagation, the update, in that order; section 5.4: the loss falls.
"""

import numpy as np
import pytest

from minilm import gradcheck, tree
from minilm.data import grammar
from minilm.decoding.beam import log_softmax
from minilm.models import encoder_decoder as model
from minilm.ops import cross_entropy, embedding, linear, relu, scaled_dot_product
from minilm.recipes import translation
from minilm.training import adam, adamw, loop

SENTENCE = "我喜欢编程"


@pytest.fixture(scope="module")
def translator():
    """A translator with the shipped corpus's vocabularies and random weights: the formulas hold at any weights."""
    parts, languages = translation.shipped()
    parts = {part: pairs[:2000] for part, pairs in parts.items()}
    return translation.prepare(parts, languages, translation.PRESETS["tiny"], dtype=np.float64).translator


@pytest.fixture(scope="module")
def traced(translator):
    source = np.array([translator.encode(SENTENCE)])
    target = np.array([[1, 5, 6]])
    logits, cache = model.forward(translator.params, source, target, config=translator.config)
    return source, target, logits, cache


# Section 3: the steps of inference -------------------------------------------------------------------------------------


def test_step_1_input_is_cut_into_the_articles_words(translator):
    assert translator.source_language.split(SENTENCE) == ["我", "喜欢", "编程"]


def test_step_2_word_embedding_is_the_matrix_times_a_one_hot_index(translator, traced):
    """"Word Embedding = Embedding Matrix × Word Index": true of the index as a one-hot vector."""
    source, *_ = traced
    matrix = translator.params["source_embedding"]["weight"]
    one_hot = np.eye(len(matrix))[source[0]]
    looked_up, _ = embedding.forward({"weight": matrix}, source[0])
    np.testing.assert_array_equal(one_hot @ matrix, looked_up)


def test_step_3_the_encoder_gives_one_vector_a_token(translator, traced):
    """Not one of fixed length: a longer sentence gives more vectors."""
    _, _, _, cache = traced
    assert cache["memory"].shape == (1, 3, translator.config.width)
    longer = np.array([translator.encode("我非常喜欢编程")])
    memory, _ = model.encode(translator.params, longer, config=translator.config)
    assert memory.shape == (1, 4, translator.config.width)


def test_step_3_the_encoder_output_is_the_encoder_layer_of_the_embedding(translator, traced):
    """"Encoder Output = Encoder Layer(Word Embedding)", layer after layer."""
    from minilm.blocks import post_norm

    source, _, _, cache = traced
    x = cache["source_embedding"]["x"]
    for block in translator.params["encoder"]:
        x, _ = post_norm.forward(block, x, translator.config.heads)
    np.testing.assert_allclose(x, cache["memory"], rtol=0, atol=1e-12)


def test_step_4_attention_is_query_times_key_and_what_the_article_leaves_out(traced):
    """"Attention Score = Query · Key", then the scale, the softmax and the values."""
    attention = traced[3]["encoder"][0]["attention"]["attention"]
    q, k, v = attention["q"], attention["k"], attention["v"]
    score = np.array([[[sum(a * b for a, b in zip(x, y, strict=True)) for y in k[0, h]] for x in q[0, h]]
                      for h in range(q.shape[1])])  # fmt: skip
    weights = np.exp(score / np.sqrt(q.shape[-1]))
    weights /= weights.sum(-1, keepdims=True)
    np.testing.assert_allclose(attention["weights"][0], weights, rtol=1e-10)
    np.testing.assert_allclose(attention["weights"].sum(-1), 1, rtol=1e-12)
    y, _ = scaled_dot_product.forward(q, k, v)
    np.testing.assert_allclose(y[0], weights @ v[0], rtol=1e-10)


def test_step_5_feed_forward_is_relu_of_weight_times_input_plus_bias(translator, traced):
    """"Feedforward Output = ReLU(Weight · Input + Bias)": the first half; a second matrix leads back."""
    cache = traced[3]["encoder"][0]["feed_forward"]
    params = translator.params["encoder"][0]["feed_forward"]
    x = cache["expand"]["x"]
    hidden = np.maximum(0, x @ params["expand"]["weight"] + params["expand"]["bias"])
    np.testing.assert_allclose(cache["activation"]["y"], hidden, rtol=1e-12)
    again, _ = relu.forward(linear.forward(params["expand"], x)[0])
    np.testing.assert_allclose(again, hidden, rtol=1e-12)
    assert (hidden >= 0).all() and (hidden == 0).any(), "a non-linear change: something is cut off"


def test_step_6_the_decoder_reads_the_encoder_output(translator, traced):
    """"Decoder Output = Decoder Layer(Encoder Output)": it changes with it, and with the target so far."""
    source, target, logits, cache = traced
    other = cache["memory"] + 0.1
    mask = np.ones(source.shape, bool)
    y, _ = model.decode(translator.params, target, other, mask, config=translator.config)
    assert not np.allclose(y, cache["y"])
    y, _ = model.decode(translator.params, np.array([[1, 7, 6]]), cache["memory"], mask, config=translator.config)
    assert not np.allclose(y, cache["y"])


def test_step_7_the_output_is_the_most_probable_word_at_each_place(translator):
    ids = translator.search([translator.encode(SENTENCE)])[0]
    logits, _ = model.forward(
        translator.params, np.array([translator.encode(SENTENCE)]), np.array([[1, *ids]]), config=translator.config
    )
    allowed = log_softmax(logits[0])
    allowed[:, [0, 1, 3]] = -np.inf
    assert list(allowed.argmax(-1))[: len(ids)] == ids


def test_the_sentence_is_in_no_part_that_trains():
    parts = grammar.split()
    assert (SENTENCE, "I like programming") in parts["test"]
    for part in ("train", "validation"):
        assert all(chinese != SENTENCE and english != "I like programming" for chinese, english in parts[part])


# Section 5.3: forward pass, loss, backpropagation, update --------------------------------------------------------------

CONFIG = model.Config(7, 9, 6, 2, 8, 1, 1, 12, dropout=0.0, smoothing=0.0)
BATCH = {"source": np.array([[3, 4, 5], [6, 5, 0]]), "target": np.array([[1, 5, 6, 2], [1, 7, 2, 0]])}


@pytest.fixture
def params():
    rng = np.random.default_rng(0)
    return tree.map(lambda leaf: rng.standard_normal(leaf.shape), model.init(rng, CONFIG, np.float64))


def test_the_order_is_forward_loss_backpropagation_update(monkeypatch, params):
    called = []

    def note(owner, name):
        original = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *a, **k: (called.append(name), original(*a, **k))[1])

    note(model, "forward")
    note(cross_entropy, "forward")
    called_loss = cross_entropy.forward
    monkeypatch.setattr(cross_entropy, "forward", lambda *a, **k: (called.append("loss"), called_loss(*a, **k))[1])
    note(model, "loss_backward")
    note(adamw, "update_in_place")
    steps = loop.run(
        model, CONFIG, loop.start(params), lambda index: BATCH, steps=1, schedule=lambda step: 0.01, shards=1
    )
    next(steps)
    assert [name for i, name in enumerate(called) if name != "forward" or i == 0] == [
        "forward", "loss", "loss_backward", "update_in_place",
    ]  # fmt: skip


def test_the_loss_is_the_sum_written_out(params):
    value, cache = model.loss(params, BATCH, config=CONFIG)
    total = 0.0
    for row, answers in enumerate(([5, 6, 2], [7, 2])):
        for position, answer in enumerate(answers):
            logits = cache["logits"][row, position]
            total -= np.log(np.exp(logits[answer]) / sum(np.exp(x) for x in logits))
    np.testing.assert_allclose(value, total / 5, rtol=1e-12)


def test_backpropagation_is_the_derivative(params):
    rows = gradcheck.check("loss", model.loss, model.loss_backward, params, {"batch": BATCH}, {"config": CONFIG})
    assert rows and all(row.passed for row in rows)


def test_the_update_is_adams(params):
    """One step by hand (Kingma and Ba 2015, algorithm 1): the first step of Adam is the learning rate times the sign."""
    _, cache = model.loss(params, BATCH, config=CONFIG)
    grads = model.loss_backward(params, cache)
    moved, _ = adam.update(params, grads, adam.init(params), 0.001)
    for name, leaf in tree.leaves(moved):
        g, before = tree.flatten(grads)[name], tree.flatten(params)[name]
        m, v = 0.1 * g / (1 - 0.9), 0.001 * g * g / (1 - 0.999)
        np.testing.assert_allclose(leaf, before - 0.001 * m / (np.sqrt(v) + 1e-8), rtol=1e-12, atol=1e-15)


def test_the_loss_falls(params):
    """Section 5.4: "the model's loss decreases step by step". Over blocks of ten steps, it does each time."""
    state = loop.start(tree.map(lambda leaf: 0.3 * leaf, params))
    losses = [
        step.loss
        for step in loop.run(model, CONFIG, state, lambda index: BATCH, steps=50, schedule=lambda step: 0.01, shards=1)
    ]
    blocks = np.array(losses).reshape(5, 10).mean(1)
    assert (np.diff(blocks) < 0).all() and losses[-1] < losses[0] / 2
