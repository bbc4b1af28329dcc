"""PyTorch as an outside witness of layers, blocks and whole models, written once more in its functional form.

The same tree of parameters goes into both, as float64; each output and each gradient agrees to 1e-12 of its tensor's
largest entry (or of one). Sizes are random; there are padded rows, and rows of nothing but padding, which may attend
to nothing: PyTorch's attention gives zeros there too.
"""

import numpy as np
import pytest

from minilm import tree
from minilm.blocks import post_norm, post_norm_cross, pre_norm
from minilm.layers import feed_forward, masked_head, multi_head_attention, pooler, token_positions
from minilm.models import bert, encoder_decoder, gpt, gpt2
from minilm.ops import dropout, gelu_exact, gelu_tanh, positions, relu, tanh, tied_head
from minilm.tasks import language_modelling, masked_tokens, next_sentence, pretraining, translation

torch = pytest.importorskip("torch")
F = torch.nn.functional
ACTIVATIONS = {relu: F.relu, gelu_exact: F.gelu, gelu_tanh: lambda x: F.gelu(x, approximate="tanh")}


@pytest.fixture(params=range(3))
def rng(request):
    return np.random.default_rng(request.param)


@pytest.fixture(autouse=True)
def plain_attention():
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        yield


def leaf(array):
    return torch.tensor(array, requires_grad=True) if array.dtype.kind == "f" else torch.tensor(array)


def random_like(rng, params, scale=0.7):
    return tree.map(lambda array: scale * rng.standard_normal(np.shape(array)) + 0.1, params)


def lengths(rng, rows, most):
    """(rows, most) bool: a full row, a row of nothing, random ones."""
    return np.arange(most) < np.r_[most, 0, rng.integers(1, most + 1, rows - 2)][:, None]


def close(ours, theirs, what):
    theirs = theirs.detach().numpy()
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype == np.float64, what
    atol = 1e-12 * max(1.0, np.abs(theirs).max(initial=0))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=atol, err_msg=what)


def agree(rng, forward, backward, theirs, params, inputs, settings=None, backward_settings=None):
    """Outputs (an array or a dict of them), the gradients of the inputs of floats, and those of all parameters."""
    given = [params] if params is not None else []
    y, cache = forward(*given, *inputs, **(settings or {}))
    dy = tree.map(lambda array: rng.standard_normal(np.shape(array)), y)
    gradients = backward(*given, cache, dy, **(backward_settings or {}))
    gradients = list(gradients) if isinstance(gradients, tuple) else [gradients]
    their_params, their_inputs = tree.map(leaf, params) if given else None, [leaf(array) for array in inputs]
    their_y = theirs(*([their_params] if given else []), *their_inputs)
    sum((b * torch.tensor(tree.flatten(dy)[name])).sum() for name, b in tree.leaves(their_y)).backward()
    for name, b in tree.leaves(their_y):
        close(np.asarray(tree.flatten(y)[name]), b, f"output {name}")
    if given:
        dparams = tree.flatten(gradients.pop())
        for name, b in tree.leaves(their_params):
            close(dparams[name], torch.zeros_like(b) if b.grad is None else b.grad, name)
    floats = [array for array in their_inputs if array.requires_grad]
    for place, (a, b) in enumerate(zip(gradients, floats, strict=True)):
        close(a, b.grad, f"input {place}")
    return cache


def agree_in_loss(rng, task, batch, config, theirs, params):
    """The same of a task's loss: its value, and the gradients of all parameters."""
    forward = lambda p: task.loss(p, batch, config=config)
    agree(rng, forward, task.loss_backward, theirs, params, [], backward_settings={"config": config})


# In PyTorch ------------------------------------------------------------------------------------------------------------


def linear_(p, x):
    return x @ p["weight"] + p["bias"]


def norm_(p, x, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], p["gain"], p["bias"], eps)


def attention_(p, x, memory, heads, mask):
    q, k, v = (linear_(p[name], array).unflatten(-1, (heads, -1)).transpose(1, 2)
               for name, array in (("query", x), ("key", memory), ("value", memory)))  # fmt: skip
    return linear_(p["output"], F.scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).flatten(2))


def feed_forward_(p, x, activation):
    return linear_(p["contract"], ACTIVATIONS[activation](linear_(p["expand"], x)))


def post_norm_(p, x, heads, mask, activation=relu, eps=1e-5):
    a = norm_(p["attention_norm"], x + attention_(p["attention"], x, x, heads, mask), eps)
    return norm_(p["feed_forward_norm"], a + feed_forward_(p["feed_forward"], a, activation), eps)


def pre_norm_(p, x, heads, mask, activation=gelu_tanh, eps=1e-5):
    n = norm_(p["attention_norm"], x, eps)
    a = x + attention_(p["attention"], n, n, heads, mask)
    return a + feed_forward_(p["feed_forward"], norm_(p["feed_forward_norm"], a, eps), activation)


def post_norm_cross_(p, x, memory, heads, mask, memory_mask):
    a = norm_(p["attention_norm"], x + attention_(p["attention"], x, x, heads, mask))
    c = norm_(p["cross_attention_norm"], a + attention_(p["cross_attention"], a, memory, heads, memory_mask))
    return norm_(p["feed_forward_norm"], c + feed_forward_(p["feed_forward"], c, relu))


def learned_(p, ids):
    return p["tokens"]["weight"][ids] + p["positions"]["weight"][: ids.shape[1]]


def masked_head_(p, table, x, eps=1e-12):
    return norm_(p["norm"], F.gelu(linear_(p["transform"], x)), eps) @ table.T + p["bias"]


def causal(positions):
    return torch.ones(positions, positions).tril().bool()


# Operations and layers -------------------------------------------------------------------------------------------------


def test_small_operations(rng):
    b, t, d = (int(n) for n in rng.integers(2, 7, 3))
    x = rng.standard_normal((b, t, d))
    agree(rng, tanh.forward, tanh.backward, torch.tanh, None, [x])
    table = {"weight": rng.standard_normal((9, d))}
    agree(rng, tied_head.forward, tied_head.backward, lambda p, y: y @ p["weight"].T, table, [x])
    _, kept = dropout.forward(x, 0.4, np.random.default_rng(5))
    scaled = torch.tensor(kept["keep"] * (65536 / (65536 - dropout.dropped_parts(0.4))))
    settings = {"rate": 0.4, "rng": np.random.default_rng(5)}
    agree(rng, dropout.forward, dropout.backward, lambda x: x * scaled, None, [x], settings, {"rate": 0.4})


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_feed_forward(rng, activation):
    params, settings = random_like(rng, feed_forward.init(rng, 5, 7)), {"activation": activation}
    agree(rng, feed_forward.forward, feed_forward.backward, lambda p, x: feed_forward_(p, x, activation), params,
          [2 * rng.standard_normal((3, 4, 5))], settings, settings)  # fmt: skip


def test_attention_with_rows_that_may_attend_to_nothing(rng):
    mask = lengths(rng, 5, 7)[:, None, None, :] & (rng.random((5, 1, 4, 7)) < 0.7)
    agree(
        rng, multi_head_attention.forward, multi_head_attention.backward,
        lambda p, x, memory: attention_(p, x, memory, 3, torch.tensor(mask)),
        random_like(rng, multi_head_attention.init(rng, 6)),
        [rng.standard_normal((5, 4, 6)), rng.standard_normal((5, 7, 6))], {"heads": 3, "mask": mask}, {"heads": 3},
    )  # fmt: skip


def test_berts_and_gpts_layers(rng):
    params = random_like(rng, token_positions.init(rng, 8, 6, 5))
    agree(rng, token_positions.forward, token_positions.backward, learned_, params, [rng.integers(0, 8, (3, 4))])
    hidden = rng.standard_normal((3, 4, 5))
    agree(rng, pooler.forward, pooler.backward, lambda p, h: torch.tanh(linear_(p, h[:, 0])),
          random_like(rng, pooler.init(rng, 5)), [hidden])  # fmt: skip
    table = rng.standard_normal((8, 5))

    def backward(params, cache, dlogits):
        dx, dtable, dparams = masked_head.backward(params, {"weight": table}, cache, dlogits)
        return dtable["weight"], dx, dparams

    agree(rng, lambda p, table, x: masked_head.forward(p, {"weight": table}, x), backward, masked_head_,
          random_like(rng, masked_head.init(rng, 5, 8)), [table, hidden])  # fmt: skip


# Blocks and models -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda module: module.__name__.rpartition(".")[2])
@pytest.mark.parametrize(("block", "theirs"), [(post_norm, post_norm_), (pre_norm, pre_norm_)], ids=["post", "pre"])
def test_blocks(rng, block, theirs, activation):
    mask = lengths(rng, 5, 4)[:, None, None, :] & np.tri(4, dtype=bool)
    agree(
        rng, block.forward, block.backward, lambda p, x: theirs(p, x, 2, torch.tensor(mask), activation, 1e-3),
        random_like(rng, block.init(rng, 6, 7)), [rng.standard_normal((5, 4, 6))],
        {"heads": 2, "mask": mask, "activation": activation, "eps": 1e-3}, {"heads": 2, "activation": activation},
    )  # fmt: skip


def test_the_decoders_block(rng):
    mask, memory_mask = np.tri(4, dtype=bool), lengths(rng, 5, 7)[:, None, None, :]
    agree(
        rng, post_norm_cross.forward, post_norm_cross.backward,
        lambda p, x, memory: post_norm_cross_(p, x, memory, 3, torch.tensor(mask), torch.tensor(memory_mask)),
        random_like(rng, post_norm_cross.init(rng, 6, 8)),
        [rng.standard_normal((5, 4, 6)), rng.standard_normal((5, 7, 6))],
        {"heads": 3, "mask": mask, "memory_mask": memory_mask}, {"heads": 3},
    )  # fmt: skip


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_encoder_decoder_with_a_sentence_of_nothing(rng, smoothing):
    config = encoder_decoder.Config(source_vocabulary=9, target_vocabulary=11, width=6, heads=3, inner=8, encoder_layers=2, decoder_layers=2, max_positions=20, dropout=0.0, smoothing=smoothing)
    source = np.where(lengths(rng, 4, 5), rng.integers(1, 9, (4, 5)), 0)
    ends = rng.integers(2, 9, 4)
    target = np.where(np.arange(8) < ends[:, None], rng.integers(1, 11, (4, 8)), 0)
    batch = {"source": source, "target": target}

    def theirs(p):
        x, y = (
            p[f"{side}_embedding"]["weight"][torch.tensor(ids)] * 6**0.5
            + torch.tensor(positions.table(ids.shape[1], 6, np.float64))
            for side, ids in (("source", source), ("target", target[:, :-1]))
        )
        mask = torch.tensor(source != 0)[:, None, None, :]
        for block in p["encoder"]:
            x = post_norm_(block, x, 3, mask)
        for block in p["decoder"]:
            y = post_norm_cross_(block, y, x, 3, causal(7), mask)
        log_p = torch.log_softmax(y @ p["target_embedding"]["weight"].T, -1)
        answers = torch.tensor(target[:, 1:])
        plain = log_p.gather(-1, answers[..., None])[..., 0]
        uniform = log_p[..., 1:].mean(-1)  # padding is never an answer
        return -((1 - smoothing) * plain + smoothing * uniform)[answers != 0].mean()

    params = random_like(rng, encoder_decoder.init(rng, config), 0.5)
    agree_in_loss(rng, translation.Task(encoder_decoder), batch, config, theirs, params)


@pytest.mark.parametrize("model", [gpt, gpt2])
def test_language_models(rng, model):
    config = model.Config(vocabulary=11, max_positions=9, width=6, heads=3, inner=8, layers=2, embedding_dropout=0.0, attention_dropout=0.0, dropout=0.0)
    ids, targets = rng.integers(0, 11, (2, 4, 5))
    mask = lengths(rng, 4, 5)

    def theirs(p):
        x = learned_(p["embedding"], torch.tensor(ids))
        for block in p["blocks"]:
            x = (post_norm_ if model is gpt else pre_norm_)(block, x, 3, causal(5), gelu_tanh)
        x = norm_(p["norm"], x) if model is gpt2 else x
        logits = x @ p["embedding"]["tokens"]["weight"].T
        return F.cross_entropy(logits[torch.tensor(mask)], torch.tensor(targets[mask]))

    batch = {"inputs": ids, "targets": targets, "mask": mask}
    params = random_like(rng, model.init(rng, config), 0.5)
    agree_in_loss(rng, language_modelling.Task(model), batch, config, theirs, params)


@pytest.mark.parametrize("objectives", [("masked",), ("next_sentence",), ("masked", "next_sentence")], ids=" and ".join)
def test_bert(rng, objectives):
    config = bert.Config(
        vocabulary=11, max_positions=9, width=6, heads=3, inner=8, layers=2, dropout=0.0, attention_dropout=0.0
    )
    ids = np.where(lengths(rng, 4, 5), rng.integers(1, 11, (4, 5)), 0)
    segments, answers = rng.integers(0, 2, (4, 5)), rng.integers(0, 2, 4)
    places, targets = (rng.random((4, 5)) < 0.5) & (ids != 0), rng.integers(1, 11, (4, 5))
    places[0, 0] = True
    batch = {"inputs": ids, "segments": segments}
    if "masked" in objectives:
        batch |= {"targets": targets, "mask": places}
    if "next_sentence" in objectives:
        batch |= {"next_sentence": answers}

    def theirs(p):
        x = learned_(p["embedding"], torch.tensor(ids)) + p["segments"]["weight"][torch.tensor(segments)]
        x = norm_(p["embedding_norm"], x, config.eps)
        for block in p["blocks"]:
            x = post_norm_(block, x, 3, torch.tensor(ids != 0)[:, None, None, :], gelu_exact, config.eps)
        loss = torch.zeros((), dtype=torch.float64)
        if "masked" in objectives:
            logits = masked_head_(p["masked"], p["embedding"]["tokens"]["weight"], x[torch.tensor(places)], config.eps)
            loss = loss + F.cross_entropy(logits, torch.tensor(targets[places]))
        if "next_sentence" in objectives:
            pooled = torch.tanh(linear_(p["pooler"], x[:, 0]))
            loss = loss + F.cross_entropy(linear_(p["next_sentence"], pooled), torch.tensor(answers))
        return loss

    params = random_like(rng, bert.init(rng, config), 0.5)
    objective = pretraining if len(objectives) == 2 else masked_tokens if "masked" in objectives else next_sentence
    agree_in_loss(rng, objective.Task(bert), batch, config, theirs, params)


def test_the_witness_notices_a_wrong_gradient(rng):
    wrong = lambda cache, dy: tanh.backward(cache, dy) + 1e-10
    with pytest.raises(AssertionError, match="input 0"):
        agree(rng, tanh.forward, wrong, torch.tanh, None, [rng.standard_normal((3, 4))])
