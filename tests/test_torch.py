"""PyTorch as an outside witness: outputs and all gradients in float64, shared weights, to 1e-12."""

import numpy as np
import pytest

from minilm import tree
from minilm.blocks import post_norm, post_norm_cross, pre_norm
from minilm.layers import multi_head_attention
from minilm.models import encoder_decoder
from minilm.ops import (
    cross_entropy,
    embedding,
    gelu_exact,
    gelu_tanh,
    layer_norm,
    linear,
    positions,
    relu,
    scaled_dot_product,
    softmax,
)
from minilm.tasks import translation

torch = pytest.importorskip("torch")
F = torch.nn.functional


def tensor(array):
    return torch.tensor(array, requires_grad=np.asarray(array).dtype.kind == "f")


def close(ours, theirs, scale=None):
    """To 1e-12 of the tensor's largest entry (or of 1, where that is more)."""
    theirs = theirs.detach().numpy()
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12 * max(1.0, np.abs(theirs).max(initial=0)))


@pytest.fixture(params=range(5))
def rng(request):
    return np.random.default_rng(request.param)


def sizes(rng, *bounds):
    """Random sizes from 2 up."""
    return [int(rng.integers(2, bound + 1)) for bound in bounds]


def randomised(rng, params):
    return tree.map(lambda leaf: rng.standard_normal(leaf.shape), params)


# Operations ------------------------------------------------------------------------------------------------------------


def test_linear(rng):
    b, t, d, f = sizes(rng, 5, 6, 7, 8)
    params, x, dy = randomised(rng, linear.init(rng, d, f)), rng.standard_normal((b, t, d)), rng.standard_normal((b, t, f))
    y, cache = linear.forward(params, x)
    dx, dparams = linear.backward(params, cache, dy)
    w, bias, their_x = tensor(params["weight"]), tensor(params["bias"]), tensor(x)
    theirs = their_x @ w + bias
    theirs.backward(torch.tensor(dy))
    close(y, theirs)
    for ours, leaf in ((dx, their_x), (dparams["weight"], w), (dparams["bias"], bias)):
        close(ours, leaf.grad)


def test_embedding(rng):
    b, t, v, d = sizes(rng, 5, 9, 6, 7)
    params, ids = randomised(rng, embedding.init(rng, v, d)), rng.integers(0, v, (b, t))
    dy = rng.standard_normal((b, t, d))
    y, cache = embedding.forward(params, ids)
    weight = tensor(params["weight"])
    theirs = F.embedding(torch.tensor(ids), weight)
    theirs.backward(torch.tensor(dy))
    close(y, theirs)
    close(embedding.backward(params, cache, dy)["weight"], weight.grad)


def test_layer_norm(rng):
    shape = sizes(rng, 4, 5, 6)
    params, x, dy = randomised(rng, layer_norm.init(shape[-1])), 3 * rng.standard_normal(shape), rng.standard_normal(shape)
    y, cache = layer_norm.forward(params, x, 1e-5)
    dx, dparams = layer_norm.backward(params, cache, dy)
    gain, bias, their_x = tensor(params["gain"]), tensor(params["bias"]), tensor(x)
    theirs = F.layer_norm(their_x, shape[-1:], gain, bias, 1e-5)
    theirs.backward(torch.tensor(dy))
    close(y, theirs)
    for ours, leaf in ((dx, their_x), (dparams["gain"], gain), (dparams["bias"], bias)):
        close(ours, leaf.grad)


@pytest.mark.parametrize(
    ("module", "function"),
    [(softmax, lambda x: torch.softmax(x, -1)), (relu, F.relu), (gelu_exact, F.gelu),
     (gelu_tanh, lambda x: F.gelu(x, approximate="tanh"))],
    ids=["softmax", "relu", "gelu_exact", "gelu_tanh"],
)  # fmt: skip
def test_functions_of_x_alone(rng, module, function):
    shape = sizes(rng, 4, 5, 6)
    x, dy = 3 * rng.standard_normal(shape), rng.standard_normal(shape)
    y, cache = module.forward(x)
    their_x = tensor(x)
    theirs = function(their_x)
    theirs.backward(torch.tensor(dy))
    close(y, theirs)
    close(module.backward(cache, dy), their_x.grad)


@pytest.mark.parametrize("masked", [False, True])
def test_scaled_dot_product(rng, masked):
    b, h, t, s, k = sizes(rng, 3, 4, 5, 6, 7)
    arrays = [rng.standard_normal((b, h, n, k)) for n in (t, s, s)]
    dy = rng.standard_normal((b, h, t, k))
    mask = rng.random((b, 1, t, s)) < 0.6 if masked else None
    if masked:
        mask[..., 0] = True
    y, cache = scaled_dot_product.forward(*arrays, mask)
    q, key, v = map(tensor, arrays)
    theirs = F.scaled_dot_product_attention(q, key, v, torch.tensor(mask) if masked else None)
    theirs.backward(torch.tensor(dy))
    close(y, theirs)
    for ours, leaf in zip(scaled_dot_product.backward(cache, dy), (q, key, v), strict=True):
        close(ours, leaf.grad)


def test_a_fully_masked_row_of_attention(rng):
    """PyTorch's math defines it too, as zeros, for a boolean mask."""
    b, h, t, s, k = 2, 3, 4, 5, 2
    arrays = [rng.standard_normal((b, h, n, k)) for n in (t, s, s)]
    mask = rng.random((b, 1, t, s)) < 0.6
    mask[0, 0, 1] = False
    y, cache = scaled_dot_product.forward(*arrays, mask)
    assert not y[0, :, 1].any()
    q, key, v = map(tensor, arrays)
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        theirs = F.scaled_dot_product_attention(q, key, v, torch.tensor(mask))
    if torch.isnan(theirs).any():
        pytest.skip("this PyTorch does not define a fully masked row")
    dy = rng.standard_normal(y.shape)
    theirs.backward(torch.tensor(dy))
    close(y, theirs)
    for ours, leaf in zip(scaled_dot_product.backward(cache, dy), (q, key, v), strict=True):
        close(ours, leaf.grad)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy(rng, smoothing):
    b, t, v = sizes(rng, 4, 6, 9)
    logits, targets = 3 * rng.standard_normal((b, t, v)), rng.integers(0, v, (b, t))
    counts = rng.random((b, t)) < 0.7
    counts[0, 0] = True
    value, cache = cross_entropy.forward(logits, targets, counts, smoothing)
    their_logits = tensor(logits)
    theirs = F.cross_entropy(
        their_logits.reshape(-1, v), torch.tensor(np.where(counts, targets, -100)).reshape(-1), label_smoothing=smoothing
    )
    (theirs * 1.7).backward()
    close(value, theirs)
    close(cross_entropy.backward(cache, 1.7, smoothing), their_logits.grad)


# Layers, blocks and the model ------------------------------------------------------------------------------------------


def attention_weights(module, params):
    """Our four linear maps into nn.MultiheadAttention."""
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.tensor(np.concatenate([params[n]["weight"].T for n in ("query", "key", "value")])))
        module.in_proj_bias.copy_(torch.tensor(np.concatenate([params[n]["bias"] for n in ("query", "key", "value")])))
        module.out_proj.weight.copy_(torch.tensor(params["output"]["weight"].T))
        module.out_proj.bias.copy_(torch.tensor(params["output"]["bias"]))


def attention_gradients(module):
    weights, biases = module.in_proj_weight.grad.chunk(3), module.in_proj_bias.grad.chunk(3)
    found = {n: {"weight": w.T, "bias": b} for n, w, b in zip(("query", "key", "value"), weights, biases, strict=True)}
    return found | {"output": {"weight": module.out_proj.weight.grad.T, "bias": module.out_proj.bias.grad}}


def block_weights(module, params, cross=False):
    """Our block into nn.TransformerEncoderLayer or nn.TransformerDecoderLayer; its norms are numbered in their order."""
    attention_weights(module.self_attn, params["attention"])
    if cross:
        attention_weights(module.multihead_attn, params["cross_attention"])
    with torch.no_grad():
        for ours, theirs in (("expand", module.linear1), ("contract", module.linear2)):
            theirs.weight.copy_(torch.tensor(params["feed_forward"][ours]["weight"].T))
            theirs.bias.copy_(torch.tensor(params["feed_forward"][ours]["bias"]))
        for ours, theirs in norms(module, cross):
            theirs.weight.copy_(torch.tensor(params[ours]["gain"]))
            theirs.bias.copy_(torch.tensor(params[ours]["bias"]))


def norms(module, cross):
    names = ["attention_norm", "cross_attention_norm", "feed_forward_norm"] if cross else ["attention_norm", "feed_forward_norm"]
    return list(zip(names, [module.norm1, module.norm2, *([module.norm3] if cross else [])], strict=True))


def block_gradients(module, cross=False):
    found = {"attention": attention_gradients(module.self_attn)}
    if cross:
        found["cross_attention"] = attention_gradients(module.multihead_attn)
    found["feed_forward"] = {
        name: {"weight": layer.weight.grad.T, "bias": layer.bias.grad}
        for name, layer in (("expand", module.linear1), ("contract", module.linear2))
    }
    return found | {name: {"gain": norm.weight.grad, "bias": norm.bias.grad} for name, norm in norms(module, cross)}


def all_close(ours, theirs):
    theirs = tree.flatten(theirs)
    flat = tree.flatten(ours)
    assert set(flat) == set(theirs)
    for name, leaf in flat.items():
        close(leaf, theirs[name])


def test_multi_head_attention(rng):
    heads, k, (b, t, s) = int(rng.integers(2, 4)), int(rng.integers(2, 5)), sizes(rng, 3, 5, 6)
    width = heads * k
    params = randomised(rng, multi_head_attention.init(rng, width))
    x, memory = rng.standard_normal((b, t, width)), rng.standard_normal((b, s, width))
    padded = np.arange(s) < rng.integers(1, s + 1, (b, 1))
    dy = rng.standard_normal((b, t, width))
    y, cache = multi_head_attention.forward(params, x, memory, heads=heads, mask=padded[:, None, None, :])
    dx, dmemory, dparams = multi_head_attention.backward(params, cache, dy, heads=heads)
    module = torch.nn.MultiheadAttention(width, heads, batch_first=True, dtype=torch.float64)
    attention_weights(module, params)
    their_x, their_memory = tensor(x), tensor(memory)
    theirs, weights = module(
        their_x, their_memory, their_memory, key_padding_mask=torch.tensor(~padded), average_attn_weights=False
    )
    theirs.backward(torch.tensor(dy))
    close(y, theirs)
    close(cache["weights"], weights)
    close(dx, their_x.grad)
    close(dmemory, their_memory.grad)
    all_close(dparams, attention_gradients(module))


@pytest.mark.parametrize(
    ("block", "norm_first", "activation"), [(post_norm, False, relu), (post_norm, False, gelu_exact), (pre_norm, True, gelu_exact)]
)
def test_encoder_blocks(rng, block, norm_first, activation):
    heads, (b, t, inner) = 2, sizes(rng, 3, 5, 9)
    params = randomised(rng, block.init(rng, 6, inner))
    x, dy = rng.standard_normal((b, t, 6)), rng.standard_normal((b, t, 6))
    padded = np.arange(t) < rng.integers(1, t + 1, (b, 1))
    y, cache = block.forward(params, x, heads=heads, mask=padded[:, None, None, :], activation=activation)
    dx, dparams = block.backward(params, cache, dy, heads=heads, activation=activation)
    module = torch.nn.TransformerEncoderLayer(
        6, heads, inner, 0.0, F.relu if activation is relu else F.gelu, batch_first=True, norm_first=norm_first,
        dtype=torch.float64,
    )  # fmt: skip
    block_weights(module, params)
    their_x = tensor(x)
    theirs = module(their_x, src_key_padding_mask=torch.tensor(~padded))
    theirs.backward(torch.tensor(dy))
    close(y, theirs)
    close(dx, their_x.grad)
    all_close(dparams, block_gradients(module))


def test_the_decoder_block(rng):
    heads, (b, t, s, inner) = 3, sizes(rng, 3, 5, 6, 9)
    params = randomised(rng, post_norm_cross.init(rng, 6, inner))
    x, memory, dy = (rng.standard_normal((b, n, 6)) for n in (t, s, t))
    padded = np.arange(s) < rng.integers(1, s + 1, (b, 1))
    causal = np.tri(t, dtype=bool)
    y, cache = post_norm_cross.forward(
        params, x, memory, heads=heads, mask=causal, memory_mask=padded[:, None, None, :]
    )
    dx, dmemory, dparams = post_norm_cross.backward(params, cache, dy, heads=heads)
    module = torch.nn.TransformerDecoderLayer(6, heads, inner, 0.0, batch_first=True, dtype=torch.float64)
    block_weights(module, params, cross=True)
    their_x, their_memory = tensor(x), tensor(memory)
    theirs = module(
        their_x, their_memory, tgt_mask=torch.tensor(~causal), memory_key_padding_mask=torch.tensor(~padded)
    )
    theirs.backward(torch.tensor(dy))
    close(y, theirs)
    close(dx, their_x.grad)
    close(dmemory, their_memory.grad)
    all_close(dparams, block_gradients(module, cross=True))


def test_the_whole_encoder_decoder(rng):
    b, s, t = sizes(rng, 4, 6, 7)
    config = encoder_decoder.Config(
        source_vocabulary=9, target_vocabulary=11, width=8, heads=2, inner=12, encoder_layers=2, decoder_layers=3,
        max_positions=20, dropout=0.0, smoothing=0.0,
    )  # fmt: skip
    params = tree.map(lambda leaf: 0.5 * leaf, randomised(rng, encoder_decoder.init(rng, config)))
    source, target = rng.integers(1, 9, (b, s)), rng.integers(1, 11, (b, t + 1))
    for row in range(1, b):  # padding at the end, in all rows but the first
        source[row, int(rng.integers(1, s)) :] = 0
        target[row, int(rng.integers(2, t + 1)) :] = 0
    task = translation.Task(encoder_decoder)
    value, cache = task.loss(params, {"source": source, "target": target}, config=config)
    dparams = task.loss_backward(params, cache, config=config)

    body = torch.nn.Transformer(8, 2, 2, 3, 12, 0.0, batch_first=True, dtype=torch.float64)
    body.encoder.norm, body.decoder.norm = None, None  # the paper's post-norm has no norm after the stack
    for module, block in zip(body.encoder.layers, params["encoder"], strict=True):
        block_weights(module, block)
    for module, block in zip(body.decoder.layers, params["decoder"], strict=True):
        block_weights(module, block, cross=True)
    tables = [tensor(params[f"{side}_embedding"]["weight"]) for side in ("source", "target")]

    def embed(table, ids):
        return F.embedding(torch.tensor(ids), table) * 8**0.5 + torch.tensor(positions.table(ids.shape[1], 8, np.float64))

    padded = torch.tensor(source == 0)
    y = body(
        embed(tables[0], source), embed(tables[1], target[:, :-1]), tgt_mask=torch.tensor(~np.tri(t, dtype=bool)),
        src_key_padding_mask=padded, memory_key_padding_mask=padded,
    )  # fmt: skip
    logits = y @ tables[1].T
    theirs = F.cross_entropy(logits.reshape(-1, 11), torch.tensor(target[:, 1:]).reshape(-1), ignore_index=0)
    theirs.backward()
    close(cache["logits"], logits)
    close(value, theirs)
    all_close(
        dparams,
        {
            "source_embedding": {"weight": tables[0].grad},
            "target_embedding": {"weight": tables[1].grad},
            "encoder": [block_gradients(module) for module in body.encoder.layers],
            "decoder": [block_gradients(module, cross=True) for module in body.decoder.layers],
        },
    )
