"""Known mistakes of blocks.pre_rms."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "blocks.pre_rms:forward", "blocks.pre_rms:backward"


def mistakes():
    return [
        one(FORWARD, "the skip around the attention is forgotten", "a = attention(norm(x)).", "a = x + kept", "a = kept + 0.0"),
        one(FORWARD, "the skip around the feed-forward is forgotten", "y = feed_forward(norm(a)).", "y = a + fed_kept", "y = fed_kept + 0.0"),
        one(FORWARD, "the skip begins after the norm", "n + attention(n).", "a = x + kept", "a = n + kept"),
        one(FORWARD, "the second skip begins after the norm", "m + feed_forward(m).", "y = a + fed_kept", "y = m + fed_kept"),
        one(FORWARD, "the mask is not handed on", "The block takes a mask and its attention gets none.", "mask=mask", "mask=None"),
        one(FORWARD, "the base is 10000", "Another base is asked for, and the default is used.", "base=base", "base=10000.0"),
        one(BACKWARD, "the skip around the feed-forward is lost on the way back", "= for +=: two gradients join at a.", "da = dy + da_norm", "da = da_norm + 0.0"),
        one(BACKWARD, "the skip around the attention is lost on the way back", "= for +=: two gradients join at x.", "dx = da + dx_norm", "dx = dx_norm + 0.0"),
    ]  # fmt: skip
