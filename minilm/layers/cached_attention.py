"""Multi-head attention one step at a time, with the keys and values of earlier steps kept.

The parameters are multi_head_attention's. What a step adds is one key and one value per head; what it may attend to
is everything kept so far, so no causal mask is needed. There is no backward: this is for decoding alone.

The state is {"key": (B, H, C, K), "value": (B, H, C, K)} with room for C positions. It doubles when it is full, so
that a key is copied once on average, however long the text becomes; between doublings a step writes in place.
"""

import numpy as np

from minilm.fast import blocked_attention
from minilm.layers.multi_head_attention import merge, split
from minilm.ops import linear, scaled_dot_product


def start(batch, heads, width, dtype, capacity=16):
    """An empty state for `batch` rows: {"key": (B, H, C, K), "value": (B, H, C, K)}."""
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
        projected, _ = linear.forward(params[name], x)                     # (B, T, D)
        fresh = split(projected, heads)                                    # (B, H, T, K)
        buffer = with_room(state[name], end)                               # (B, H, C, K)
        if each:
            buffer[np.arange(len(x)), :, position] = fresh[:, :, 0]
        else:
            buffer[:, :, position:end] = fresh
        extended[name] = buffer
    return extended


def with_room(buffer, end):
    """A buffer (B, H, C, K) that has room for `end` positions, as it is or twice as long."""
    room = buffer.shape[2]
    if end <= room:
        return buffer
    more = np.zeros_like(buffer, shape=(*buffer.shape[:2], max(end - room, room), buffer.shape[3]))
    return np.concatenate([buffer, more], axis=2)


def attend(params, state, x, heads, mask=None, length=None):
    """x (B, T, D) attends to the first `length` kept positions (None: all) -> y (B, T, D).

    `mask` is boolean as scaled_dot_product's, or blocked_attention.CAUSAL for a long prompt, x being the last of them.
    """
    query, _ = linear.forward(params["query"], x)                          # (B, T, D)
    q = split(query, heads)                                                # (B, H, T, K)
    k, v = state["key"][:, :, :length], state["value"][:, :, :length]      # (B, H, S, K)
    in_blocks = isinstance(mask, str)
    attention = blocked_attention if in_blocks else scaled_dot_product
    place = {"first": k.shape[2] - q.shape[2]} if in_blocks else {}
    heads_y, _ = attention.forward(q, k, v, mask, **place)                 # (B, H, T, K)
    y, _ = linear.forward(params["output"], merge(heads_y))                # (B, T, D)
    return y
