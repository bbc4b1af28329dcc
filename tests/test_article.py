"""The article's own description, held against the code item by item.

Sections 3 and 4: the steps of inference and their formulas, for 我喜欢编程. Section 5.3: training is the forward pass, the
loss, backpropagation, the update, in that order; section 5.4: the loss falls.
"""

import numpy as np
import pytest

from minilm import tree
from minilm.checking import gradcheck
from minilm.data import grammar
from minilm.decoding.beam import log_softmax
from minilm.fast import cross_entropy
from minilm.models import encoder_decoder as model
from minilm.models import lstm_lm
from minilm.ops import embedding, linear, relu, scaled_dot_product
from minilm.recipes import translation
from minilm.tasks import language_modelling
from minilm.tasks.translation import Task
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
        x, _ = post_norm.forward(block, x, heads=translator.config.heads)
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
    unscaled = np.exp(score) / np.exp(score).sum(-1, keepdims=True)
    assert not np.allclose(attention["weights"][0], unscaled, atol=1e-3), "without the scale it is another attention"


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
    assert not np.allclose(y, cache["head"]["y"])
    y, _ = model.decode(translator.params, np.array([[1, 7, 6]]), cache["memory"], mask, config=translator.config)
    assert not np.allclose(y, cache["head"]["y"])


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


# Section 3: the five steps of training --------------------------------------------------------------------------------


def test_the_five_steps_of_training():
    """Data prepared, cut into words, words mapped to vectors, the model trained, the model scored."""
    parts, languages = translation.shipped()
    parts = {part: pairs[:400] for part, pairs in parts.items()}
    assert not {chinese for chinese, _ in parts["train"]} & {chinese for chinese, _ in parts["validation"]}
    prepared = translation.prepare(parts, languages, translation.PRESETS["tiny"])
    chinese = parts["train"][0][0]
    words = prepared.translator.source_language.split(chinese)
    assert "".join(words) == chinese and len(words) > 1
    ids = prepared.translator.source_vocabulary.encode(words)
    assert prepared.translator.source_vocabulary.decode(ids) == words
    table = prepared.translator.params["source_embedding"]["weight"]
    vectors, _ = embedding.forward({"weight": table}, np.array(ids))
    assert vectors.shape == (len(words), translation.PRESETS["tiny"].width)
    before = translation.validation_loss(prepared)
    for _ in translation.train(prepared, steps=12):
        pass
    after = translation.validation_loss(prepared)
    assert after.loss < before.loss and after.perplexity < before.perplexity
    scored = translation.score(prepared.translator, parts["test"][:5])
    assert scored["sentences"] == 5 and 0 <= scored["exact"] <= 1


# Section 5.2 and 5.3 of the article list an LSTM, the loss of each next word, Adam at 0.001 -----------------------------


def test_the_articles_own_listing_learns():
    """Embedding, LSTM, linear map; cross-entropy over the vocabulary of each next word; Adam; the loss falls."""
    config = lstm_lm.Config(vocabulary=12, embedding=8, hidden=16)
    params = lstm_lm.init(np.random.default_rng(0), config, np.float64)
    assert list(params) == ["embedding", "encoder", "output"]
    ids = np.tile(np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]), (4, 2))
    batch = {"inputs": ids[:, :-1], "targets": ids[:, 1:]}
    task = language_modelling.Task(lstm_lm)
    value, cache = task.loss(params, batch, config=config)
    total = 0.0
    for row, answers in zip(cache["logits"], batch["targets"], strict=True):
        for logits, answer in zip(row, answers, strict=True):
            total -= np.log(np.exp(logits[answer]) / np.exp(logits).sum())
    np.testing.assert_allclose(value, total / batch["targets"].size, rtol=1e-12)
    state = loop.start(params, adam)
    given = {"steps": 60, "schedule": lambda step: 0.001, "optimiser": adam, "shards": 1, "carry_resets_every": 1}
    losses = [step.loss for step in loop.run(task, config, state, lambda index: batch, **given)]
    np.testing.assert_allclose(losses[0], value, rtol=1e-12)
    assert (np.diff(losses) < 0).all(), "at this rate it falls with each step, as section 5.4 says"


# Section 5.3: forward pass, loss, backpropagation, update --------------------------------------------------------------

TASK = Task(model)
CONFIG = model.Config(
    source_vocabulary=7, target_vocabulary=9, width=6, heads=2, inner=8, encoder_layers=1, decoder_layers=1,
    max_positions=12, dropout=0.0, smoothing=0.0,
)  # fmt: skip
BATCH = {"source": np.array([[3, 4, 5], [6, 5, 0]]), "target": np.array([[1, 5, 6, 2], [1, 7, 2, 0]])}


@pytest.fixture
def params():
    rng = np.random.default_rng(0)
    return tree.map(lambda leaf: rng.standard_normal(leaf.shape), model.init(rng, CONFIG, np.float64))


def train(params, steps, **settings):
    settings = {"schedule": lambda step: 0.01, "shards": 1} | settings
    state = loop.start(params, settings.get("optimiser", adamw))
    return state, loop.run(TASK, CONFIG, state, lambda index: BATCH, steps=steps, **settings)


def test_the_order_is_forward_loss_backpropagation_update(monkeypatch, params):
    called = []

    def note(owner, name, what):
        original = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *a, **k: (called.append(what), original(*a, **k))[1])

    note(model, "forward", "forward pass")
    note(cross_entropy, "forward", "loss")
    note(Task, "loss_backward", "backpropagation")
    note(adamw, "update_in_place", "update")
    for number, _ in enumerate(train(params, 3)[1], start=1):
        assert called == ["forward pass", "loss", "backpropagation", "update"] * number


def test_the_loss_is_the_sum_written_out(params):
    value, cache = TASK.loss(params, BATCH, config=CONFIG)
    total = 0.0
    for row, answers in enumerate(([5, 6, 2], [7, 2])):
        for position, answer in enumerate(answers):
            logits = cache["logits"][row, position]
            total -= np.log(np.exp(logits[answer]) / sum(np.exp(x) for x in logits))
    np.testing.assert_allclose(value, total / 5, rtol=1e-12)


def test_backpropagation_is_the_derivative(params):
    rows = gradcheck.check(
        "loss", TASK.loss, TASK.loss_backward, params, {"batch": BATCH}, {"config": CONFIG},
        backward_settings={"config": CONFIG},
    )  # fmt: skip
    assert rows and all(row.passed for row in rows)


def numeric_gradient(params):
    """The gradient without any backward: each entry by the complex step through the whole model."""
    changed = tree.map(lambda leaf: leaf.astype(complex), params)
    grads = tree.map(np.zeros_like, params)
    for (_, leaf), (_, grad) in zip(tree.leaves(changed), tree.leaves(grads), strict=True):
        for index in np.ndindex(leaf.shape):
            value = leaf[index]
            leaf[index] = value + 1e-30j
            grad[index] = TASK.loss(changed, BATCH, config=CONFIG)[0].imag / 1e-30
            leaf[index] = value
    return grads


def test_two_steps_of_the_loop_are_these_four_by_hand(params):
    """Forward, loss, a gradient from no backward at all, Adam written out: nothing of step 1 is left in step 2's gradient."""
    state, steps = train(params, 2, optimiser=adam, clip=None)
    losses = [step.loss for step in steps]
    by_hand = tree.map(np.array, params)
    first, second = tree.map(np.zeros_like, params), tree.map(np.zeros_like, params)
    for number in (1, 2):
        value, _ = TASK.loss(by_hand, BATCH, config=CONFIG)
        np.testing.assert_allclose(losses[number - 1], value, rtol=1e-10)
        grads = numeric_gradient(by_hand)
        first = tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, grads)
        second = tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, grads)
        by_hand = tree.map(
            lambda p, m, v, t=number: p - 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8),
            by_hand, first, second,
        )  # fmt: skip
    moved = tree.flatten(state.params)
    for name, leaf in tree.leaves(by_hand):
        if not name.endswith("key.bias"):  # its gradient is zero, and Adam divides a rounding error by itself
            np.testing.assert_allclose(moved[name], leaf, rtol=0, atol=1e-8, err_msg=name)


def test_the_update_is_adams(params):
    """One step by hand (Kingma and Ba 2015, algorithm 1): the first step of Adam is the learning rate times the sign."""
    _, cache = TASK.loss(params, BATCH, config=CONFIG)
    grads = TASK.loss_backward(params, cache, config=CONFIG)
    moved, _ = adam.update(params, grads, adam.init(params), 0.001)
    for name, leaf in tree.leaves(moved):
        g, before = tree.flatten(grads)[name], tree.flatten(params)[name]
        m, v = 0.1 * g / (1 - 0.9), 0.001 * g * g / (1 - 0.999)
        np.testing.assert_allclose(leaf, before - 0.001 * m / (np.sqrt(v) + 1e-8), rtol=1e-12, atol=1e-15)


def test_the_loss_falls(params):
    """Section 5.4: "the model's loss decreases step by step". Over blocks of ten steps, it does each time."""
    losses = [step.loss for step in train(tree.map(lambda leaf: 0.3 * leaf, params), 50)[1]]
    blocks = np.array(losses).reshape(5, 10).mean(1)
    assert (np.diff(blocks) < 0).all() and losses[-1] < losses[0] / 2
