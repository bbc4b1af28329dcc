"""Pre-norm block with RMSNorm and rotary positions (Touvron et al. 2023, "LLaMA", section 2.2).

    a = x + dropout(attention(rms_norm(x)))        queries and keys turned by their positions
    y = a + dropout(feed_forward(rms_norm(a)))

As pre_norm, but that no table of positions is added to the tokens: where a token stands is seen in the attention alone.
"""

import numpy as np

from minilm.layers import feed_forward, rotary_self_attention
from minilm.ops import dropout, gelu_tanh, rms_norm, scaled_dot_product


def init(rng, width, inner, dtype=np.float32):
    """{"attention", "attention_norm", "feed_forward", "feed_forward_norm"}, each as its module's init makes it."""
    return {
        "attention_norm": rms_norm.init(width, dtype),
        "attention": rotary_self_attention.init(rng, width, dtype),
        "feed_forward_norm": rms_norm.init(width, dtype),
        "feed_forward": feed_forward.init(rng, width, inner, dtype),
    }


def forward(
    params, x, *, heads, mask=None, activation=gelu_tanh, eps=1e-5, rate=0.0, attention_rate=0.0, rng=None,
    base=10000.0, layout="halves", attention=scaled_dot_product,
):  # fmt: skip
    """x (B, T, D) -> y (B, T, D). `mask` True = may attend, broadcasting against (B, H, T, T)."""
    n, attention_norm_cache = rms_norm.forward(params["attention_norm"], x, eps)           # (B, T, D)
    attended, attention_cache = rotary_self_attention.forward(
        params["attention"], n, heads=heads, mask=mask, rate=attention_rate, rng=rng, base=base, layout=layout,
        attention=attention,
    )                                                                                      # (B, T, D)
    kept, dropout_cache = dropout.forward(attended, rate, rng)                             # (B, T, D)
    a = x + kept                                                                           # (B, T, D)
    m, feed_forward_norm_cache = rms_norm.forward(params["feed_forward_norm"], a, eps)     # (B, T, D)
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
    params, cache, dy, *, heads, activation=gelu_tanh, rate=0.0, attention_rate=0.0, layout="halves",
    attention=scaled_dot_product,
):  # fmt: skip
    """dy (B, T, D) -> dx (B, T, D), dparams."""
    dfed = dropout.backward(cache["feed_forward_dropout"], dy, rate)                       # (B, T, D)
    dm, dfeed_forward = feed_forward.backward(
        params["feed_forward"], cache["feed_forward"], dfed, activation
    )                                                                                      # (B, T, D)
    da_norm, dfeed_forward_norm = rms_norm.backward(
        params["feed_forward_norm"], cache["feed_forward_norm"], dm
    )                                                                                      # (B, T, D)
    da = dy + da_norm                                                                      # (B, T, D)
    dattended = dropout.backward(cache["attention_dropout"], da, rate)                     # (B, T, D)
    dn, dattention = rotary_self_attention.backward(
        params["attention"], cache["attention"], dattended, heads=heads, rate=attention_rate, layout=layout,
        attention=attention,
    )                                                                                      # (B, T, D)
    dx_norm, dattention_norm = rms_norm.backward(params["attention_norm"], cache["attention_norm"], dn)    # (B, T, D)
    dx = da + dx_norm                                                                      # (B, T, D)
    return dx, {
        "attention_norm": dattention_norm,
        "attention": dattention,
        "feed_forward_norm": dfeed_forward_norm,
        "feed_forward": dfeed_forward,
    }
