"""Multi-head self-attention with rotary positions (Su et al. 2021, section 3.2.2): it knows where a token stands.

    q, k = rotary(query(x)), rotary(key(x))     v = value(x)     split into H heads of width K = D / H
    y = output(concatenation of scaled_dot_product(q_h, k_h, v_h) over the heads h)

The values are not turned. The parameters are multi_head_attention's, and how the attention is computed is the business
of `attention`, a module, as there.
"""

import numpy as np

from minilm.layers import multi_head_attention
from minilm.layers.multi_head_attention import merge, split
from minilm.ops import linear, rotary, scaled_dot_product

init = multi_head_attention.init


def forward(
    params, x, *, heads, mask=None, rate=0.0, rng=None, base=10000.0, layout="halves", attention=scaled_dot_product
):
    """x (B, T, D) -> y (B, T, D), at the positions 0 ... T - 1. `mask` as in multi_head_attention."""
    positions = np.arange(x.shape[1])                                      # (T)
    query, query_cache = linear.forward(params["query"], x)                # (B, T, D)
    key, key_cache = linear.forward(params["key"], x)                      # (B, T, D)
    value, value_cache = linear.forward(params["value"], x)                # (B, T, D)
    q, q_cache = rotary.forward(split(query, heads), positions, base, layout)      # (B, H, T, K)
    k, k_cache = rotary.forward(split(key, heads), positions, base, layout)        # (B, H, T, K)
    heads_y, attention_cache = attention.forward(q, k, split(value, heads), mask, rate, rng)   # (B, H, T, K)
    y, output_cache = linear.forward(params["output"], merge(heads_y))     # (B, T, D)
    cache = {"query": query_cache, "key": key_cache, "value": value_cache, "attention": attention_cache}
    return y, cache | {"query_rotary": q_cache, "key_rotary": k_cache, "output": output_cache}


def backward(params, cache, dy, *, heads, rate=0.0, layout="halves", attention=scaled_dot_product):
    """dy (B, T, D) -> dx (B, T, D), dparams."""
    dmerged, doutput = linear.backward(params["output"], cache["output"], dy)              # (B, T, D)
    dq, dk, dv = attention.backward(cache["attention"], split(dmerged, heads), rate)       # (B, H, T, K)
    dsplit_key = rotary.backward(cache["key_rotary"], dk, layout)                          # (B, H, T, K)
    dsplit_query = rotary.backward(cache["query_rotary"], dq, layout)                      # (B, H, T, K)
    dx_value, dvalue = linear.backward(params["value"], cache["value"], merge(dv))         # (B, T, D)
    dx_key, dkey = linear.backward(params["key"], cache["key"], merge(dsplit_key))         # (B, T, D)
    dx_query, dquery = linear.backward(params["query"], cache["query"], merge(dsplit_query))   # (B, T, D)
    dx = dx_query + dx_key + dx_value                                                      # (B, T, D)
    return dx, {"query": dquery, "key": dkey, "value": dvalue, "output": doutput}
