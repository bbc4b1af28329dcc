"""Known mistakes of blocks.post_norm."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "blocks.post_norm:forward", "blocks.post_norm:backward"


def mistakes():
    return [
        one(FORWARD, "the skip around the attention is forgotten", "norm(attention(x)) in place of norm(x + attention(x)).", "x + kept, eps", "kept, eps"),
        one(FORWARD, "the skip around the feed-forward is forgotten", "norm(feed_forward(a)).", "a + fed_kept, eps", "fed_kept, eps"),
        one(FORWARD, "the second skip begins at the block's input", "norm(x + feed_forward(a)).", "a + fed_kept, eps", "x + fed_kept, eps"),
        one(FORWARD, "the norms are each in the other's place", "The weights of the two norms are exchanged.",
            'params["attention_norm"], x', 'params["feed_forward_norm"], x', ('params["feed_forward_norm"], a', 'params["attention_norm"], a')),
        one(FORWARD, "the mask is not handed on", "The block takes a mask and its attention gets none.", "mask=mask", "mask=None"),
        one(FORWARD, "the sum is not normed", "x + attention(x) goes on as it is.", "feed_forward.forward(params[\"feed_forward\"], a, activation)", "feed_forward.forward(params[\"feed_forward\"], x + kept, activation)"),
        one(BACKWARD, "the skip around the feed-forward is lost on the way back", "= for +=: two gradients join at a.", "da = dsum + da_fed", "da = da_fed + 0.0"),
        one(BACKWARD, "the feed-forward's gradient is lost on the way back", "= for +=: two gradients join at a.", "da = dsum + da_fed", "da = dsum + 0.0"),
        one(BACKWARD, "the skip around the attention is lost on the way back", "= for +=: three gradients join at x.", "dx = dx_sum + dx_query + dx_memory", "dx = dx_query + dx_memory"),
        one(BACKWARD, "x as the source of keys and values is lost on the way back", "= for +=: three gradients join at x.", "dx = dx_sum + dx_query + dx_memory", "dx = dx_sum + dx_query"),
        one(BACKWARD, "x as the source of the queries is lost on the way back", "= for +=: three gradients join at x.", "dx = dx_sum + dx_query + dx_memory", "dx = dx_sum + dx_memory"),
        one(BACKWARD, "the attention's gradients are lost on the way back", "= for +=: the skip alone stays.", "dx = dx_sum + dx_query + dx_memory", "dx = dx_sum + 0.0"),
        one(BACKWARD, "the skip is counted twice on the way back", "The gradient of the sum is added once more.", "dx = dx_sum + dx_query + dx_memory", "dx = 2 * dx_sum + dx_query + dx_memory"),
    ]  # fmt: skip
