"""Known mistakes of blocks.post_norm_cross."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "blocks.post_norm_cross:forward", "blocks.post_norm_cross:backward"


def mistakes():
    return [
        one(FORWARD, "the causal mask is not handed on", "Self-attention sees what comes after.", "mask=mask, rate", "mask=None, rate"),
        one(FORWARD, "the memory's mask is not handed on", "The source's padding is attended to.", "mask=memory_mask", "mask=None"),
        one(FORWARD, "cross-attention reads the target", "Keys and values from a and not from the memory.", 'params["cross_attention"], a, memory, heads=heads, mask=memory_mask', 'params["cross_attention"], a, a, heads=heads, mask=mask'),
        one(FORWARD, "the skip around the self-attention is forgotten", "norm(attention(x)).", "x + kept, eps", "kept, eps"),
        one(FORWARD, "the skip around the cross-attention is forgotten", "norm(cross_attention(a)).", "a + crossed_kept, eps", "crossed_kept, eps"),
        one(FORWARD, "the skip around the feed-forward is forgotten", "norm(feed_forward(c)).", "c + fed_kept, eps", "fed_kept, eps"),
    ]  # fmt: skip
