"""JAX as an outside witness: outputs and all gradients in float64, shapes drawn by hypothesis, to 1e-12.

JAX differentiates by itself what is written down here once more, in its own functions, from the papers' formulas.
"""

import os

import numpy as np
import pytest

from minilm import tree
from minilm.blocks import pre_norm, pre_rms
from minilm.layers import lstm, multi_head_attention
from minilm.models import gpt2
from minilm.ops import (
    conditional_random_field,
    cross_entropy,
    gelu_exact,
    gelu_tanh,
    layer_norm,
    linear,
    lstm_cell,
    relu,
    rms_norm,
    rotary,
    scaled_dot_product,
    softmax,
    tanh,
)
from minilm.tasks import language_modelling

os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")  # each shape is compiled, and runs once
jax = pytest.importorskip("jax")
hypothesis = pytest.importorskip("hypothesis")
jax.config.update("jax_enable_x64", True)
st, jnp = hypothesis.strategies, jax.numpy
sizes = st.integers(2, 6)


def drawn(examples=3, **more):
    """Random sizes b, t, s, d from 2 to 6 and a seed, a few examples: JAX compiles each shape anew."""

    def wrap(test):
        given = hypothesis.given(b=sizes, t=sizes, s=sizes, d=sizes, seed=st.integers(0, 999), **more)
        return hypothesis.settings(max_examples=examples, deadline=None, derandomize=True)(given(test))

    return wrap


def close(ours, theirs, what):
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype == np.float64, what
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12 * max(1.0, np.abs(theirs).max(initial=0)), err_msg=what)


def agree(rng, module, theirs, params, inputs, settings=None, back=None):
    """Output, gradients of the inputs that are differentiated, gradients of the parameters."""
    given = [params] if params is not None else []
    y, cache = module.forward(*given, *inputs.values(), **(settings or {}))
    dy = tree.map(lambda leaf: rng.standard_normal(np.shape(leaf)), y)
    gradients = module.backward(*given, cache, dy, **(back or {}))
    gradients = list(gradients) if isinstance(gradients, tuple) else [gradients]
    floats = [key for key, value in inputs.items() if value.dtype.kind == "f"]

    def function(params, *arrays):
        return theirs(*([params] if given else []), **{**inputs, **dict(zip(floats, arrays, strict=True))})

    @jax.jit
    def there_and_back(dy, *arguments):
        y, pull = jax.vjp(function, *arguments)
        return y, pull(dy)

    their_y, (their_dparams, *their_gradients) = there_and_back(dy, params, *(inputs[key] for key in floats))
    for name, leaf in tree.leaves(their_y):
        close(np.asarray(tree.flatten(y)[name]), leaf, f"output {name}")
    if given:
        dparams = tree.flatten(gradients.pop())
        for name, leaf in tree.leaves(their_dparams):
            close(dparams[name], leaf, name)
    for key, ours, leaf in zip(floats, gradients, their_gradients, strict=True):
        close(np.asarray(ours), leaf, key)


def random_like(rng, params, scale=0.7):
    return tree.map(lambda leaf: scale * rng.standard_normal(leaf.shape) + 0.1, params)


# In JAX -----------------------------------------------------------------------------------------------------------------


def linear_(p, x):
    return x @ p["weight"] + p["bias"]


def norm_(p, x, eps=1e-5):
    return (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + eps) * p["gain"] + p["bias"]


def rms_(p, x, eps=1e-5):
    return x / jnp.sqrt((x * x).mean(-1, keepdims=True) + eps) * p["gain"]


def softmax_(x, mask):
    """Zeros where a row may attend to nothing."""
    seen = mask.any(-1, keepdims=True)
    return jnp.where(seen, jax.nn.softmax(jnp.where(mask | ~seen, x, -jnp.inf)), 0)


def attend_(q, k, v, mask):
    return softmax_(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]), np.broadcast_to(mask, (*q.shape[:-1], k.shape[-2]))) @ v


def split_(x, heads):
    return x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2)


def merge_(x):
    return x.swapaxes(1, 2).reshape(x.shape[0], x.shape[2], -1)


def attention_(p, x, memory, heads, mask, turn=lambda x: x):
    q, k, v = (split_(linear_(p[name], a), heads) for name, a in (("query", x), ("key", memory), ("value", memory)))
    return linear_(p["output"], merge_(attend_(turn(q), turn(k), v, mask)))


def rotated_(x, positions, base, layout):
    """Each pair as a complex number, times e^{i t ω}."""
    width = x.shape[-1]
    angle = positions[:, None] * base ** (-2.0 * np.arange(width // 2) / width)
    a, b = (x[..., : width // 2], x[..., width // 2 :]) if layout == "halves" else (x[..., ::2], x[..., 1::2])
    z = (a + 1j * b) * np.exp(1j * angle)
    return jnp.concatenate([z.real, z.imag], -1) if layout == "halves" else jnp.stack([z.real, z.imag], -1).reshape(x.shape)


def gates_(z, c):
    i, f, g, o = jnp.split(z, 4, -1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return {"h": jax.nn.sigmoid(o) * jnp.tanh(c), "c": c}


def cell_(p, x, h, c):
    return gates_(x @ p["input"] + h @ p["recurrent"] + p["bias"], c)


def lstm_(p, x, h0, c0):
    def step(state, x):
        following = cell_(p, x, *state)
        return (following["h"], following["c"]), following["h"]

    (h, c), every = jax.lax.scan(step, (h0, c0), x.swapaxes(0, 1))
    return {"h": every.swapaxes(0, 1), "h_last": h, "c_last": c}


def gelu_(x):
    return jax.nn.gelu(x, approximate=True)


def pre_norm_(p, x, heads, mask):
    n = norm_(p["attention_norm"], x)
    a = x + attention_(p["attention"], n, n, heads, mask)
    m = norm_(p["feed_forward_norm"], a)
    return a + linear_(p["feed_forward"]["contract"], gelu_(linear_(p["feed_forward"]["expand"], m)))


# Operations -------------------------------------------------------------------------------------------------------------

ELEMENTWISE = {
    relu: jax.nn.relu, tanh: lambda x: jnp.tanh(x), gelu_tanh: gelu_, gelu_exact: lambda x: jax.nn.gelu(x, approximate=False)
}  # fmt: skip


@pytest.mark.parametrize("module", ELEMENTWISE, ids=lambda module: module.__name__.rpartition(".")[2])
@drawn()
def test_elementwise(module, b, t, s, d, seed):
    rng = np.random.default_rng(seed)
    agree(rng, module, ELEMENTWISE[module], None, {"x": 3 * rng.standard_normal((b, t, d))})


@drawn()
def test_linear_and_norms(b, t, s, d, seed):
    rng = np.random.default_rng(seed)
    x = {"x": 3 * rng.standard_normal((b, t, d))}
    agree(rng, linear, linear_, random_like(rng, linear.init(rng, d, s)), x)
    agree(rng, layer_norm, lambda p, x: norm_(p, x, 1e-3), random_like(rng, layer_norm.init(d)), x, {"eps": 1e-3})
    agree(rng, rms_norm, lambda p, x: rms_(p, x, 1e-3), random_like(rng, rms_norm.init(d)), x, {"eps": 1e-3})


@drawn()
def test_softmax_and_attention_with_rows_that_see_nothing(b, t, s, d, seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((b, 1, t, s)) < 0.6
    mask[0, 0, 0] = False
    agree(rng, softmax, lambda x: softmax_(x, np.broadcast_to(mask, x.shape)), None,
          {"x": 2 * rng.standard_normal((b, 2, t, s))}, {"mask": mask})  # fmt: skip
    arrays = {name: rng.standard_normal((b, 2, n, d)) for name, n in (("q", t), ("k", s), ("v", s))}
    agree(rng, scaled_dot_product, lambda q, k, v: attend_(q, k, v, mask), None, arrays, {"mask": mask})


@drawn(smoothing=st.sampled_from([0.0, 0.1, 0.3]))
def test_cross_entropy(b, t, s, d, seed, smoothing):
    rng = np.random.default_rng(seed)
    targets, mask = rng.integers(1, d, (b, t)), rng.random((b, t)) < 0.7

    def theirs(logits):
        log_p = jax.nn.log_softmax(logits)
        chosen = jnp.take_along_axis(log_p, targets[..., None], -1)[..., 0]
        costs = -(1 - smoothing) * chosen - smoothing * log_p[..., 1:].mean(-1)  # class 0 is never an answer
        return jnp.where(mask, costs, 0).sum() / max(mask.sum(), 1)

    logits = 3 * rng.standard_normal((b, t, d))
    settings = {"smoothing": smoothing, "never": (0,)}
    loss, cache = cross_entropy.forward(logits, targets, mask, **settings)
    value, gradient = jax.jit(jax.value_and_grad(theirs))(logits)
    close(np.asarray(loss), value, "loss")
    close(cross_entropy.backward(cache, 1.7, **settings), 1.7 * gradient, "logits")


@drawn(layout=st.sampled_from(["halves", "adjacent"]), base=st.sampled_from([100.0, 10000.0]))
def test_rotary(b, t, s, d, seed, layout, base):
    rng = np.random.default_rng(seed)
    positions = rng.integers(0, 1000, t)
    agree(rng, rotary, lambda x: rotated_(x, positions, base, layout), None, {"x": rng.standard_normal((b, s, t, 2 * d))},
          {"positions": positions, "base": base, "layout": layout}, {"layout": layout})  # fmt: skip


@drawn(examples=2)
def test_the_lstm_step_and_through_time(b, t, s, d, seed):
    rng = np.random.default_rng(seed)
    params = random_like(rng, lstm_cell.init(rng, d, s))
    states = {"h": rng.standard_normal((b, s)), "c": rng.standard_normal((b, s))}
    agree(rng, lstm_cell, cell_, params, {"x": rng.standard_normal((b, d)), **states})
    agree(rng, lstm, lstm_, params, {"x": rng.standard_normal((b, t, d)), "h0": states["h"], "c0": states["c"]})


@drawn(examples=2)
def test_the_random_field(b, t, s, d, seed):
    rng = np.random.default_rng(seed)
    tags, lengths = rng.integers(0, d, (b, t)), rng.integers(1, t + 1, b)
    mask = np.arange(t) < lengths[:, None]

    def theirs(p, emissions):
        total = 0.0
        for row, length in enumerate(lengths):
            y, alpha = tags[row], p["first"] + emissions[row, 0]
            score = p["first"][y[0]] + emissions[row, 0, y[0]] + p["last"][y[length - 1]]
            for k in range(1, length):
                alpha = emissions[row, k] + jax.nn.logsumexp(alpha[:, None] + p["transitions"], 0)
                score += p["transitions"][y[k - 1], y[k]] + emissions[row, k, y[k]]
            total += jax.nn.logsumexp(alpha + p["last"]) - score
        return total / lengths.sum()

    params, emissions = random_like(rng, conditional_random_field.init(rng, d)), 2 * rng.standard_normal((b, t, d))
    loss, cache = conditional_random_field.forward(params, emissions, tags, mask)
    demissions, dparams = conditional_random_field.backward(params, cache)
    value, (their_dparams, their_demissions) = jax.jit(jax.value_and_grad(theirs, (0, 1)))(params, emissions)
    close(np.asarray(loss), value, "loss")
    close(demissions, their_demissions, "emissions")
    for name, leaf in their_dparams.items():
        close(dparams[name], leaf, name)


# Layers, blocks, a model ------------------------------------------------------------------------------------------------


@drawn(examples=2)
def test_multi_head_attention(b, t, s, d, seed):
    rng = np.random.default_rng(seed)
    heads, mask = 3, rng.random((b, 1, t, s)) < 0.6
    agree(rng, multi_head_attention, lambda p, x, memory: attention_(p, x, memory, heads, mask),
          random_like(rng, multi_head_attention.init(rng, heads * d)),
          {"x": rng.standard_normal((b, t, heads * d)), "memory": rng.standard_normal((b, s, heads * d))},
          {"heads": heads, "mask": mask}, {"heads": heads})  # fmt: skip


@drawn(examples=2)
def test_blocks(b, t, s, d, seed):
    rng = np.random.default_rng(seed)
    heads, width, mask = 2, 4 * d, np.tri(t, dtype=bool)
    x = {"x": rng.standard_normal((b, t, width))}
    given = {"heads": heads, "mask": mask}, {"heads": heads}
    agree(rng, pre_norm, lambda p, x: pre_norm_(p, x, heads, mask), random_like(rng, pre_norm.init(rng, width, s), 0.4), x, *given)

    def with_positions(p, x):
        turn = lambda a: rotated_(a, np.arange(t), 10000.0, "halves")
        n = rms_(p["attention_norm"], x)
        a = x + attention_(p["attention"], n, n, heads, mask, turn)
        expanded = linear_(p["feed_forward"]["expand"], rms_(p["feed_forward_norm"], a))
        return a + linear_(p["feed_forward"]["contract"], gelu_(expanded))

    agree(rng, pre_rms, with_positions, random_like(rng, pre_rms.init(rng, width, s), 0.4), x, *given)


@drawn(examples=2)
def test_gpt2(b, t, s, d, seed):
    rng = np.random.default_rng(seed)
    sizes = {"vocabulary": 11, "max_positions": 9, "width": 2 * d, "heads": 2, "inner": s, "layers": 2}
    config = gpt2.Config(**sizes, embedding_dropout=0.0, attention_dropout=0.0, dropout=0.0)
    ids, targets, mask = rng.integers(0, 11, (b, t)), rng.integers(0, 11, (b, t)), rng.random((b, t)) < 0.7
    mask[0, 0] = True

    def theirs(p):
        tokens = p["embedding"]["tokens"]["weight"]
        x = tokens[ids] + p["embedding"]["positions"]["weight"][:t]
        for block in p["blocks"]:
            x = pre_norm_(block, x, 2, np.tri(t, dtype=bool))
        log_p = jax.nn.log_softmax(norm_(p["norm"], x) @ tokens.T)
        return -jnp.where(mask, jnp.take_along_axis(log_p, targets[..., None], -1)[..., 0], 0).sum() / mask.sum()

    params, task = random_like(rng, gpt2.init(rng, config), 0.5), language_modelling.Task(gpt2)
    loss, cache = task.loss(params, {"inputs": ids, "targets": targets, "mask": mask}, config=config)
    dparams = tree.flatten(task.loss_backward(params, cache, config=config))
    value, gradients = jax.jit(jax.value_and_grad(theirs))(params)
    close(np.asarray(loss), value, "loss")
    for name, leaf in tree.leaves(gradients):
        close(dparams[name], leaf, name)


def test_the_witness_notices_a_wrong_gradient():
    class Wrong:
        forward = staticmethod(tanh.forward)
        backward = staticmethod(lambda cache, dy: tanh.backward(cache, dy) + 1e-10)

    rng = np.random.default_rng(0)
    with pytest.raises(AssertionError, match="x"):
        agree(rng, Wrong, lambda x: jnp.tanh(x), None, {"x": rng.standard_normal((3, 4))})
