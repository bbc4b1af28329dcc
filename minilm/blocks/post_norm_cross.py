"""Post-norm block with cross-attention (Vaswani et al. 2017, section 3.1: the decoder's).

    a = norm(x + dropout(attention(x, x)))              self-attention, causal
    c = norm(a + dropout(cross_attention(a, memory)))   queries from the target, keys and values from the source
    y = norm(c + dropout(feed_forward(c)))
"""

import numpy as np

from minilm.layers import cached_attention, feed_forward, multi_head_attention
from minilm.ops import dropout, layer_norm, relu


def init(rng, width, inner, dtype=np.float32):
    """As post_norm's, with a cross_attention and its norm: each part as its module's init makes it."""
    return {
        "attention": multi_head_attention.init(rng, width, dtype),
        "attention_norm": layer_norm.init(width, dtype),
        "cross_attention": multi_head_attention.init(rng, width, dtype),
        "cross_attention_norm": layer_norm.init(width, dtype),
        "feed_forward": feed_forward.init(rng, width, inner, dtype),
        "feed_forward_norm": layer_norm.init(width, dtype),
    }


def forward(
    params, x, memory, *, heads, mask=None, memory_mask=None,
    activation=relu, eps=1e-5, rate=0.0, attention_rate=0.0, rng=None,
):  # fmt: skip
    """x (B, T, D), memory (B, S, D) -> y (B, T, D).

    `mask` broadcasts against (B, H, T, T), `memory_mask` against (B, H, T, S); True = may attend.
    """
    attended, attention_cache = multi_head_attention.forward(
        params["attention"], x, x, heads=heads, mask=mask, rate=attention_rate, rng=rng
    )                                                                                      # (B, T, D)
    kept, dropout_cache = dropout.forward(attended, rate, rng)                             # (B, T, D)
    a, attention_norm_cache = layer_norm.forward(params["attention_norm"], x + kept, eps)  # (B, T, D)
    crossed, cross_cache = multi_head_attention.forward(
        params["cross_attention"], a, memory, heads=heads, mask=memory_mask, rate=attention_rate, rng=rng
    )                                                                                      # (B, T, D)
    crossed_kept, cross_dropout_cache = dropout.forward(crossed, rate, rng)                # (B, T, D)
    c, cross_norm_cache = layer_norm.forward(params["cross_attention_norm"], a + crossed_kept, eps)    # (B, T, D)
    fed, feed_forward_cache = feed_forward.forward(params["feed_forward"], c, activation)  # (B, T, D)
    fed_kept, feed_forward_dropout_cache = dropout.forward(fed, rate, rng)                 # (B, T, D)
    y, norm_cache = layer_norm.forward(params["feed_forward_norm"], c + fed_kept, eps)     # (B, T, D)
    return y, {
        "attention": attention_cache,
        "attention_dropout": dropout_cache,
        "attention_norm": attention_norm_cache,
        "cross_attention": cross_cache,
        "cross_attention_dropout": cross_dropout_cache,
        "cross_attention_norm": cross_norm_cache,
        "feed_forward": feed_forward_cache,
        "feed_forward_dropout": feed_forward_dropout_cache,
        "feed_forward_norm": norm_cache,
    }


def backward(params, cache, dy, *, heads, activation=relu, rate=0.0, attention_rate=0.0):
    """dy (B, T, D) -> dx (B, T, D), dmemory (B, S, D), dparams."""
    dc_sum, dnorm = layer_norm.backward(params["feed_forward_norm"], cache["feed_forward_norm"], dy)
    dfed = dropout.backward(cache["feed_forward_dropout"], dc_sum, rate)                   # (B, T, D)
    dc_fed, dfeed_forward = feed_forward.backward(
        params["feed_forward"], cache["feed_forward"], dfed, activation
    )                                                                                      # (B, T, D)
    dc = dc_sum + dc_fed                                                                   # (B, T, D)
    da_sum, dcross_norm = layer_norm.backward(params["cross_attention_norm"], cache["cross_attention_norm"], dc)
    dcrossed = dropout.backward(cache["cross_attention_dropout"], da_sum, rate)            # (B, T, D)
    da_cross, dmemory, dcross = multi_head_attention.backward(
        params["cross_attention"], cache["cross_attention"], dcrossed, heads=heads, rate=attention_rate
    )                                                                                      # (B, T, D), (B, S, D)
    da = da_sum + da_cross                                                                 # (B, T, D)
    dx_sum, dattention_norm = layer_norm.backward(params["attention_norm"], cache["attention_norm"], da)
    dattended = dropout.backward(cache["attention_dropout"], dx_sum, rate)                 # (B, T, D)
    dx_query, dx_memory, dattention = multi_head_attention.backward(
        params["attention"], cache["attention"], dattended, heads=heads, rate=attention_rate
    )                                                                                      # (B, T, D)
    dx = dx_sum + dx_query + dx_memory                                                     # (B, T, D)
    return dx, dmemory, {
        "attention": dattention,
        "attention_norm": dattention_norm,
        "cross_attention": dcross,
        "cross_attention_norm": dcross_norm,
        "feed_forward": dfeed_forward,
        "feed_forward_norm": dnorm,
    }


def start(params, memory, heads):
    """The state before the first target position: no keys and values of the target, and those of memory (B, S, D)."""
    return {
        "attention": cached_attention.start(len(memory), heads, memory.shape[-1], memory.dtype),
        "cross_attention": cached_attention.project(params["cross_attention"], memory, heads),
    }


def step(params, state, x, *, position, heads, memory_mask=None, activation=relu, eps=1e-5):
    """One more target position, x (B, 1, D) -> y (B, 1, D), state: `forward` without what earlier steps did.

    `state` holds the keys and values of both attentions; the self-attention's are consumed.
    """
    extended = cached_attention.append(params["attention"], state["attention"], x, position, heads)
    attended = cached_attention.attend(params["attention"], extended, x, heads, length=position + 1)
    a, _ = layer_norm.forward(params["attention_norm"], x + attended, eps)
    crossed = cached_attention.attend(params["cross_attention"], state["cross_attention"], a, heads, memory_mask)
    c, _ = layer_norm.forward(params["cross_attention_norm"], a + crossed, eps)
    fed, _ = feed_forward.forward(params["feed_forward"], c, activation)
    y, _ = layer_norm.forward(params["feed_forward_norm"], c + fed, eps)
    return y, {"attention": extended, "cross_attention": state["cross_attention"]}
