"""Known mistakes of layers.multi_head_attention."""

from minilm.checking.mistakes.mistake import Mistake, Plant, one

HERE = "layers.multi_head_attention"
FORWARD, BACKWARD, SPLIT, MERGE = (f"{HERE}:{name}" for name in ("forward", "backward", "split", "merge"))
HEADS, BACK = "x.reshape(batch, positions, heads, width // heads).swapaxes(1, 2)", "x.swapaxes(1, 2).reshape(batch, positions, heads * width)"
ATTENDED = "split(query, heads), split(key, heads), split(value, heads), mask, rate, rng"


def mistakes():
    return [
        one(SPLIT, "heads and positions are swapped", "reshape(B, H, T, K) without the transposition: a head gets pieces of several positions.",
            HEADS, "x.reshape(batch, heads, positions, width // heads)"),
        Mistake("the heads are interleaved", "The width is split as (K, H) and not as (H, K): column h of each group of H belongs to head h.",
                (Plant(SPLIT, HEADS, "x.reshape(batch, positions, width // heads, heads).transpose(0, 3, 1, 2)"),
                 Plant(MERGE, BACK, "x.transpose(0, 2, 3, 1).reshape(batch, positions, heads * width)"))),
        one(MERGE, "the heads are put together without the transposition", "reshape(B, T, D) of (B, H, T, K): positions and heads are mixed up.",
            BACK, "x.reshape(batch, positions, heads * width)"),
        one(MERGE, "the heads are put together interleaved", "(K, H) in place of (H, K).", BACK, "x.transpose(0, 2, 3, 1).reshape(batch, positions, heads * width)"),
        one(FORWARD, "queries and keys are each in the other's place", "The projections are handed over in the wrong order.",
            ATTENDED, "split(key, heads), split(query, heads), split(value, heads), mask, rate, rng"),
        one(FORWARD, "keys and values are each in the other's place", "The projections are handed over in the wrong order.",
            ATTENDED, "split(query, heads), split(value, heads), split(key, heads), mask, rate, rng"),
        one(FORWARD, "keys stand for the values too", "The value projection is never used.", ATTENDED, "split(query, heads), split(key, heads), split(key, heads), mask, rate, rng"),
        one(FORWARD, "the mask is not handed on", "The layer takes a mask and its attention gets none.", "split(value, heads), mask,", "split(value, heads), None,"),
        one(FORWARD, "the mask is inverted", "True is taken for 'may not attend'.", "split(value, heads), mask,", "split(value, heads), None if mask is None else ~mask,"),
        one(FORWARD, "the values are read from the queries' side", "value(x) in place of value(memory).", 'params["value"], memory', 'params["value"], x'),
        one(FORWARD, "the keys are read from the queries' side", "key(x) in place of key(memory).", 'params["key"], memory', 'params["key"], x'),
        one(FORWARD, "self-attention in place of cross-attention", "Keys and values are read from x, not from the memory.",
            'params["key"], memory', 'params["key"], x', ('params["value"], memory', 'params["value"], x')),
        one(FORWARD, "the output projection is forgotten", "The heads, put together, are returned as they are.",
            'linear.forward(params["output"], merge(heads_y))', 'merge(heads_y), linear.forward(params["output"], merge(heads_y))[1]'),
        one(FORWARD, "the weight of the query projection is transposed", "(out, in) in place of (in, out): square, so no shape complains.",
            'linear.forward(params["query"], x)', 'linear.forward(params["query"] | {"weight": params["query"]["weight"].T}, x)'),
        one(FORWARD, "the weight of the output projection is transposed", "(out, in) in place of (in, out): square, so no shape complains.",
            'linear.forward(params["output"], merge(heads_y))', 'linear.forward(params["output"] | {"weight": params["output"]["weight"].T}, merge(heads_y))'),
        one(BACKWARD, "the keys' path is lost", "= for +=: of the memory's two gradients only the values' stays.", "dmemory = dmemory_key + dmemory_value", "dmemory = dmemory_value + 0.0"),
        one(BACKWARD, "the values' path is lost", "= for +=: of the memory's two gradients only the keys' stays.", "dmemory = dmemory_key + dmemory_value", "dmemory = dmemory_key + 0.0"),
        one(BACKWARD, "the gradients of query and key projection are each in the other's place", "They are returned in the wrong order.",
            '{"query": dquery, "key": dkey,', '{"query": dkey, "key": dquery,'),
        one(BACKWARD, "the gradients of key and value projection are each in the other's place", "They are returned in the wrong order.",
            '"key": dkey, "value": dvalue,', '"key": dvalue, "value": dkey,'),
        one(BACKWARD, "heads and positions are swapped on the way back", "reshape(B, H, T, K) of the gradient without the transposition.",
            "split(dmerged, heads)", "dmerged.reshape(len(dmerged), heads, dmerged.shape[1], -1)"),
        one(BACKWARD, "the heads' gradients are put together without the transposition", "reshape(B, T, D) of (B, H, T, K) for the queries.",
            "merge(dq)", "dq.reshape(dy.shape)"),
    ]  # fmt: skip
