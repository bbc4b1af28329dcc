"""Pre-norm block (Radford et al. 2019, section 2.3: GPT-2's).

    a = x + dropout(attention(norm(x)))
    y = a + dropout(feed_forward(norm(a)))
"""

import numpy as np

from minilm.layers import cached_attention, feed_forward, multi_head_attention
from minilm.ops import dropout, gelu_tanh, layer_norm, scaled_dot_product


def init(rng, width, inner, dtype=np.float32):
    """{"attention", "attention_norm", "feed_forward", "feed_forward_norm"}, each as its module's init makes it."""
    return {
        "attention_norm": layer_norm.init(width, dtype),
        "attention": multi_head_attention.init(rng, width, dtype),
        "feed_forward_norm": layer_norm.init(width, dtype),
        "feed_forward": feed_forward.init(rng, width, inner, dtype),
    }


def forward(
    params, x, *, heads, mask=None, activation=gelu_tanh, eps=1e-5, rate=0.0, attention_rate=0.0, rng=None,
    attention=scaled_dot_product,
):  # fmt: skip
    """x (B, T, D) -> y (B, T, D). `mask` True = may attend, broadcasting against (B, H, T, T)."""
    n, attention_norm_cache = layer_norm.forward(params["attention_norm"], x, eps)         # (B, T, D)
    attended, attention_cache = multi_head_attention.forward(
        params["attention"], n, n, heads=heads, mask=mask, rate=attention_rate, rng=rng, attention=attention
    )                                                                                      # (B, T, D)
    kept, dropout_cache = dropout.forward(attended, rate, rng)                             # (B, T, D)
    a = x + kept                                                                           # (B, T, D)
    m, feed_forward_norm_cache = layer_norm.forward(params["feed_forward_norm"], a, eps)   # (B, T, D)
    fed, feed_forward_cache = feed_forward.forward(params["feed_forward"], m, activation)  # (B, T, D)
    fed_kept, feed_forward_dropout_cache = dropout.forward(fed, rate, rng)                 # (B, T, D)
    y = a + fed_kept                                                                       # (B, T, D)
    return y, {
        "attention_norm": attention_norm_cache,
        "attention": attention_cache,
        "attention_dropout": dropout_cache,
        "feed_forward_norm": feed_forward_norm_cache,
        "feed_forward": feed_forward_cache,
        "feed_forward_dropout": feed_forward_dropout_cache,
    }


def backward(
    params, cache, dy, *, heads, activation=gelu_tanh, rate=0.0, attention_rate=0.0, attention=scaled_dot_product
):
    """dy (B, T, D) -> dx (B, T, D), dparams."""
    dfed = dropout.backward(cache["feed_forward_dropout"], dy, rate)                       # (B, T, D)
    dm, dfeed_forward = feed_forward.backward(
        params["feed_forward"], cache["feed_forward"], dfed, activation
    )                                                                                      # (B, T, D)
    da_norm, dfeed_forward_norm = layer_norm.backward(
        params["feed_forward_norm"], cache["feed_forward_norm"], dm
    )                                                                                      # (B, T, D)
    da = dy + da_norm                                                                      # (B, T, D)
    dattended = dropout.backward(cache["attention_dropout"], da, rate)                     # (B, T, D)
    dn_query, dn_memory, dattention = multi_head_attention.backward(
        params["attention"], cache["attention"], dattended, heads=heads, rate=attention_rate, attention=attention
    )                                                                                      # (B, T, D)
    dx_norm, dattention_norm = layer_norm.backward(
        params["attention_norm"], cache["attention_norm"], dn_query + dn_memory
    )                                                                                      # (B, T, D)
    dx = da + dx_norm                                                                      # (B, T, D)
    return dx, {
        "attention_norm": dattention_norm,
        "attention": dattention,
        "feed_forward_norm": dfeed_forward_norm,
        "feed_forward": dfeed_forward,
    }


def step(params, state, x, *, position, heads, mask=None, length=None, activation=gelu_tanh, eps=1e-5):
    """More positions, x (B, T, D) -> y (B, T, D), state: `forward` without what earlier steps did.

    `state` holds the keys and values of earlier positions and is consumed; x stands at `position` (one number, or one
    a row where T is 1) and attends to the first `length` kept positions that `mask` allows.
    """
    n, extended = keep(params, state, x, position=position, heads=heads, eps=eps)
    y = attend(params, extended, x, n, heads=heads, mask=mask, length=length, activation=activation, eps=eps)
    return y, extended


def keep(params, state, x, *, position, heads, eps=1e-5):
    """A step's first half: the normed x (B, T, D), and the state with its keys and values. Consumes `state`."""
    n, _ = layer_norm.forward(params["attention_norm"], x, eps)
    return n, cached_attention.append(params["attention"], state, n, position, heads)


def attend(params, state, x, n, *, heads, mask=None, length=None, activation=gelu_tanh, eps=1e-5):
    """A step's second half: x and the normed x (B, T, D), whose keys and values the state holds -> y (B, T, D)."""
    a = x + cached_attention.attend(params["attention"], state, n, heads, mask, length)
    m, _ = layer_norm.forward(params["feed_forward_norm"], a, eps)
    fed, _ = feed_forward.forward(params["feed_forward"], m, activation)
    return a + fed
