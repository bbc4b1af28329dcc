"""Post-norm block (Vaswani et al. 2017, section 3.1: the encoder's; GPT 2018's and BERT's too).

    a = norm(x + dropout(attention(x)))
    y = norm(a + dropout(feed_forward(a)))
"""

import numpy as np

from minilm.layers import cached_attention, feed_forward, multi_head_attention
from minilm.ops import dropout, layer_norm, relu


def init(rng, width, inner, dtype=np.float32):
    """{"attention", "attention_norm", "feed_forward", "feed_forward_norm"}, each as its module's init makes it."""
    return {
        "attention": multi_head_attention.init(rng, width, dtype),
        "attention_norm": layer_norm.init(width, dtype),
        "feed_forward": feed_forward.init(rng, width, inner, dtype),
        "feed_forward_norm": layer_norm.init(width, dtype),
    }


def forward(params, x, *, heads, mask=None, activation=relu, eps=1e-5, rate=0.0, attention_rate=0.0, rng=None):
    """x (B, T, D) -> y (B, T, D). `mask` True = may attend, broadcasting against (B, H, T, T)."""
    attended, attention_cache = multi_head_attention.forward(
        params["attention"], x, x, heads=heads, mask=mask, rate=attention_rate, rng=rng
    )                                                                                      # (B, T, D)
    kept, dropout_cache = dropout.forward(attended, rate, rng)                             # (B, T, D)
    a, attention_norm_cache = layer_norm.forward(params["attention_norm"], x + kept, eps)  # (B, T, D)
    fed, feed_forward_cache = feed_forward.forward(params["feed_forward"], a, activation)  # (B, T, D)
    fed_kept, feed_forward_dropout_cache = dropout.forward(fed, rate, rng)                 # (B, T, D)
    y, norm_cache = layer_norm.forward(params["feed_forward_norm"], a + fed_kept, eps)     # (B, T, D)
    return y, {
        "attention": attention_cache,
        "attention_dropout": dropout_cache,
        "attention_norm": attention_norm_cache,
        "feed_forward": feed_forward_cache,
        "feed_forward_dropout": feed_forward_dropout_cache,
        "feed_forward_norm": norm_cache,
    }


def backward(params, cache, dy, *, heads, activation=relu, rate=0.0, attention_rate=0.0):
    """dy (B, T, D) -> dx (B, T, D), dparams."""
    dsum, dnorm = layer_norm.backward(params["feed_forward_norm"], cache["feed_forward_norm"], dy)
    dfed = dropout.backward(cache["feed_forward_dropout"], dsum, rate)                     # (B, T, D)
    da_fed, dfeed_forward = feed_forward.backward(
        params["feed_forward"], cache["feed_forward"], dfed, activation
    )                                                                                      # (B, T, D)
    da = dsum + da_fed                                                                     # (B, T, D)
    dx_sum, dattention_norm = layer_norm.backward(params["attention_norm"], cache["attention_norm"], da)
    dattended = dropout.backward(cache["attention_dropout"], dx_sum, rate)                 # (B, T, D)
    dx_query, dx_memory, dattention = multi_head_attention.backward(
        params["attention"], cache["attention"], dattended, heads=heads, rate=attention_rate
    )                                                                                      # (B, T, D)
    dx = dx_sum + dx_query + dx_memory                                                     # (B, T, D)
    return dx, {
        "attention": dattention,
        "attention_norm": dattention_norm,
        "feed_forward": dfeed_forward,
        "feed_forward_norm": dnorm,
    }


def step(params, state, x, *, position, heads, mask=None, length=None, activation=relu, eps=1e-5):
    """More positions, x (B, T, D) -> y (B, T, D), state: `forward` without what earlier steps did.

    `state` holds the keys and values of earlier positions and is consumed; x stands at `position` (one number, or one
    a row where T is 1) and attends to the first `length` kept positions that `mask` allows.
    """
    extended = cached_attention.append(params["attention"], state, x, position, heads)
    attended = cached_attention.attend(params["attention"], extended, x, heads, mask, length)
    a, _ = layer_norm.forward(params["attention_norm"], x + attended, eps)
    fed, _ = feed_forward.forward(params["feed_forward"], a, activation)
    y, _ = layer_norm.forward(params["feed_forward_norm"], a + fed, eps)
    return y, extended
