"""Multi-head attention one step at a time, with the keys and values of earlier steps kept.

The parameters are multi_head_attention's. What a step adds is one key and one value a head; what it may attend to
is everything kept so far, so no causal mask is needed. There is no backward: this is for decoding alone.

The state is {"key": (B, H, C, K), "value": (B, H, C, K)} with room for C positions. It doubles when it is full, so
that a key is copied once on average, however long the text becomes; between doublings a step writes in place.
"""

import numpy as np

from minilm.fast import blocked_attention
from minilm.layers.multi_head_attention import merge, split
from minilm.ops import linear, scaled_dot_product


def start(batch, heads, width, dtype, capacity=16):
    """An empty state for `batch` rows."""
    shape = (batch, heads, capacity, width // heads)
    return {"key": np.zeros(shape, dtype), "value": np.zeros(shape, dtype)}


def project(params, memory, heads):
    """Keys and values of a memory (B, S, D) that stays what it is: the state of cross-attention."""
    projected = {name: linear.forward(params[name], memory)[0] for name in ("key", "value")}
    return {name: np.ascontiguousarray(split(array, heads)) for name, array in projected.items()}


def append(params, state, x, position, heads):
    """Keep the keys and values of x (B, T, D) as positions position ... position + T - 1. Consumes `state`.

    `position` is one number, or (B) of them where rows stand at positions of their own; T is then 1.
    """
    each = np.ndim(position) == 1
    end = (int(position.max()) if each else position) + x.shape[1]
    extended = {}
    for name in ("key", "value"):
        buffer = state[name]
        if end > buffer.shape[2]:
            batch, _, room, width = buffer.shape
            more = np.zeros((batch, heads, max(end - room, room), width), buffer.dtype)
            buffer = np.concatenate([buffer, more], axis=2)
        fresh = split(linear.forward(params[name], x)[0], heads)           # (B, H, T, K)
        if each:
            buffer[np.arange(len(x)), :, position] = fresh[:, :, 0]
        else:
            buffer[:, :, position:end] = fresh
        extended[name] = buffer
    return extended


def attend(params, state, x, heads, mask=None, length=None):
    """x (B, T, D) attends to the first `length` kept positions (None: all) -> y (B, T, D).

    `mask` is boolean as scaled_dot_product's, or blocked_attention.CAUSAL for a long prompt, x being the last of them.
    """
    q = split(linear.forward(params["query"], x)[0], heads)                # (B, H, T, K)
    k, v = state["key"][:, :, :length], state["value"][:, :, :length]
    if isinstance(mask, str):
        heads_y, _ = blocked_attention.forward(q, k, v, mask, first=k.shape[2] - q.shape[2])   # (B, H, T, K)
    else:
        heads_y, _ = scaled_dot_product.forward(q, k, v, mask)             # (B, H, T, K)
    return linear.forward(params["output"], merge(heads_y))[0]
