"""Known mistakes of blocks.pre_norm."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "blocks.pre_norm:forward", "blocks.pre_norm:backward"


def mistakes():
    return [
        one(FORWARD, "the skip around the attention is forgotten", "a = attention(norm(x)).", "a = x + kept", "a = kept + 0.0"),
        one(FORWARD, "the skip around the feed-forward is forgotten", "y = feed_forward(norm(a)).", "y = a + fed_kept", "y = fed_kept + 0.0"),
        one(FORWARD, "the skip begins after the norm", "n + attention(n): the stream itself is normed.", "a = x + kept", "a = n + kept"),
        one(FORWARD, "the second skip begins after the norm", "m + feed_forward(m).", "y = a + fed_kept", "y = m + fed_kept"),
        one(FORWARD, "the second skip begins at the block's input", "x + feed_forward(m): the attention is lost.", "y = a + fed_kept", "y = x + fed_kept"),
        one(FORWARD, "the mask is not handed on", "The block takes a mask and its attention gets none.", "mask=mask", "mask=None"),
        one(FORWARD, "the attention is not normed before", "attention(x) in place of attention(norm(x)).", 'params["attention"], n, n,', 'params["attention"], x, x,'),
        one(FORWARD, "keys and values are not normed before", "attention(norm(x), x).", 'params["attention"], n, n,', 'params["attention"], n, x,'),
        one(FORWARD, "the norms are each in the other's place", "The weights of the two norms are exchanged.",
            'params["attention_norm"], x', 'params["feed_forward_norm"], x', ('params["feed_forward_norm"], a', 'params["attention_norm"], a')),
        one(FORWARD, "the feed-forward reads the stream of before the attention", "A parallel block, as GPT-J's.", 'params["feed_forward_norm"], a, eps', 'params["feed_forward_norm"], x, eps'),
        one(BACKWARD, "the skip around the feed-forward is lost on the way back", "= for +=: two gradients join at a.", "da = dy + da_norm", "da = da_norm + 0.0"),
        one(BACKWARD, "the feed-forward's gradient is lost on the way back", "= for +=: the skip alone stays.", "da = dy + da_norm", "da = dy + 0.0"),
        one(BACKWARD, "the skip around the attention is lost on the way back", "= for +=: two gradients join at x.", "dx = da + dx_norm", "dx = dx_norm + 0.0"),
        one(BACKWARD, "the attention's gradient is lost on the way back", "= for +=: the skip alone stays.", "dx = da + dx_norm", "dx = da + 0.0"),
        one(BACKWARD, "the skip around the attention begins at the block's output", "dy + ... in place of da + ...", "dx = da + dx_norm", "dx = dy + dx_norm"),
        one(BACKWARD, "the normed stream as source of keys and values is lost on the way back", "= for +=: n is read as queries and as memory.", "dn_query + dn_memory", "dn_query + 0 * dn_memory"),
        one(BACKWARD, "the normed stream as source of the queries is lost on the way back", "= for +=: n is read as queries and as memory.", "dn_query + dn_memory", "0 * dn_query + dn_memory"),
    ]  # fmt: skip
