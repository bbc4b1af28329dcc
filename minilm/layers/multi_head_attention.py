"""Multi-head attention (Vaswani et al. 2017, section 3.2.2).

    q, k, v = query(x), key(memory), value(memory)     split into H heads of width K = D / H
    y = output(concatenation of scaled_dot_product(q_h, k_h, v_h) over the heads h)

Self-attention passes x as the memory too, and adds the two gradients that come back. What may be attended to is
the mask's business alone: causal, padded, or both. How it is computed is the business of `attention`, a module:
ops.scaled_dot_product, or fast.blocked_attention for long texts, whose cache holds no weights.
"""

import numpy as np

from minilm.ops import linear, scaled_dot_product


def init(rng, width, dtype=np.float32):
    """Four linear maps of D to D: {"query", "key", "value", "output"}."""
    return {name: linear.init(rng, width, width, dtype) for name in ("query", "key", "value", "output")}


def forward(params, x, memory, *, heads, mask=None, rate=0.0, rng=None, attention=scaled_dot_product):
    """x (B, T, D), memory (B, S, D) -> y (B, T, D).

    `mask` is boolean, True = may attend, and broadcasts against (B, H, T, S). Raises ValueError where the width
    is no multiple of the heads.
    """
    query, query_cache = linear.forward(params["query"], x)                # (B, T, D)
    key, key_cache = linear.forward(params["key"], memory)                 # (B, S, D)
    value, value_cache = linear.forward(params["value"], memory)           # (B, S, D)
    heads_y, attention_cache = attention.forward(
        split(query, heads), split(key, heads), split(value, heads), mask, rate, rng
    )                                                                      # (B, H, T, K)
    y, output_cache = linear.forward(params["output"], merge(heads_y))     # (B, T, D)
    cache = {"query": query_cache, "key": key_cache, "value": value_cache, "attention": attention_cache}
    shown = {name: attention_cache[name] for name in ("weights",) if name in attention_cache}
    return y, cache | {"output": output_cache} | shown


def backward(params, cache, dy, *, heads, rate=0.0, attention=scaled_dot_product):
    """dy (B, T, D) -> dx (B, T, D), dmemory (B, S, D), dparams."""
    dmerged, doutput = linear.backward(params["output"], cache["output"], dy)              # (B, T, D)
    dq, dk, dv = attention.backward(
        cache["attention"], split(dmerged, heads), rate
    )                                         # (B, H, T, K), (B, H, S, K), (B, H, S, K)
    dmemory_value, dvalue = linear.backward(params["value"], cache["value"], merge(dv))    # (B, S, D)
    dmemory_key, dkey = linear.backward(params["key"], cache["key"], merge(dk))            # (B, S, D)
    dx, dquery = linear.backward(params["query"], cache["query"], merge(dq))               # (B, T, D)
    dmemory = dmemory_key + dmemory_value                                                  # (B, S, D)
    return dx, dmemory, {"query": dquery, "key": dkey, "value": dvalue, "output": doutput}


def split(x, heads):
    """(B, T, D) -> (B, H, T, K), a view. Its own inverse is `merge`, which is also its backward."""
    batch, positions, width = x.shape
    if width % heads:
        raise ValueError(f"the width {width} is no multiple of {heads} heads")
    return x.reshape(batch, positions, heads, width // heads).swapaxes(1, 2)


def merge(x):
    """(B, H, T, K) -> (B, T, D)."""
    batch, heads, positions, width = x.shape
    return x.swapaxes(1, 2).reshape(batch, positions, heads * width)
