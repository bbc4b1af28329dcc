"""The work of a Transformer's blocks, from parts.py: what the models' files here are put together from.

`params` are a block's parameters or their outline.
"""

from minilm import tree
from minilm.costs import parts
from minilm.costs.parts import passes, together
from minilm.costs.work import Part


def part(name, params, *pairs):
    return Part(name, tree.size(params), *together(*pairs))


def named(params, *names):
    return {name: params[name] for name in names}


def block(name, params, batch, heads, positions, activation, rate, attention_rate, memory=None):
    """A pre-norm or post-norm block (the same work), with cross-attention to `memory` positions where there are any."""
    rows, width = batch * positions, params["attention"]["query"]["weight"].shape[0]
    each = [parts.dropout(rows, width, rate), parts.residual(rows, width), parts.residual(rows, width)]
    yield part(
        f"{name}.attention", named(params, "attention", "attention_norm"),
        parts.layer_norm(params["attention_norm"], rows),
        parts.attention(params["attention"], batch, heads, positions, positions, attention_rate), *each,
    )  # fmt: skip
    if memory:
        yield part(
            f"{name}.cross_attention", named(params, "cross_attention", "cross_attention_norm"),
            parts.layer_norm(params["cross_attention_norm"], rows),
            parts.attention(params["cross_attention"], batch, heads, positions, memory, attention_rate), *each,
        )  # fmt: skip
    yield part(
        f"{name}.feed_forward", named(params, "feed_forward", "feed_forward_norm"),
        parts.layer_norm(params["feed_forward_norm"], rows),
        parts.feed_forward(params["feed_forward"], rows, activation), *each[:2],
    )  # fmt: skip


def keeping_block(name, params, positions):
    """The last block of a prompt: its keys and values alone."""
    rows, width = positions, params["attention"]["query"]["weight"].shape[0]
    forward = parts.layer_norm(params["attention_norm"], rows)[0] + passes(rows, width, copy=2)
    for projection in ("key", "value"):
        forward += parts.linear(params["attention"][projection], rows)[0]
    yield Part(f"{name}.attention", tree.size(named(params, "attention", "attention_norm")), forward)


def cached_block(name, params, batch, heads, positions, keys, activation, memory=None, masked=False, blocked=False):
    """The same forward alone, for `positions` new tokens, when `keys` are kept in all, their own among them."""
    rows, width = batch * positions, params["attention"]["query"]["weight"].shape[0]
    forward = parts.cached_attention(params["attention"], batch, heads, positions, keys, masked, blocked)[0]
    parameters = tree.size(named(params, "attention", "attention_norm"))
    yield Part(f"{name}.attention", parameters, around(params["attention_norm"], rows, width) + forward)
    if memory:
        cross = parts.cached_attention(params["cross_attention"], batch, heads, positions, memory, True)[0]
        unused = {"key": params["cross_attention"]["key"], "value": params["cross_attention"]["value"]}
        for projection in unused.values():  # the memory's were made once, when the source was read
            for work in parts.linear(projection, rows)[0]:
                cross.remove(work)
        parameters = tree.size(named(params, "cross_attention", "cross_attention_norm"))
        yield Part(f"{name}.cross_attention", parameters, around(params["cross_attention_norm"], rows, width) + cross)
    forward = parts.feed_forward(params["feed_forward"], rows, activation)[0]
    parameters = tree.size(named(params, "feed_forward", "feed_forward_norm"))
    yield Part(f"{name}.feed_forward", parameters, around(params["feed_forward_norm"], rows, width) + forward)


def around(norm, rows, width):
    """What stands around attention and feed-forward, forward: a norm and a sum."""
    return parts.layer_norm(norm, rows)[0] + passes(rows, width, fresh=1)
