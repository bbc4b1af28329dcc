"""The work of GPT, GPT-2, BERT and the encoder-decoder, layer by layer: parts.py put together as the models are.

`shapes` is a model's parameters or their outline. A step's `rows` are those of one shard.
"""

from minilm import tree
from minilm.costs import parts
from minilm.costs.parts import passes, together
from minilm.costs.work import Part
from minilm.fast import long_prompts

ACTIVATION = {"gpt": "gelu_tanh", "gpt2": "gelu_tanh", "bert": "gelu_exact", "encoder_decoder": "relu"}


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
    """The same forward alone, for `positions` new tokens behind which `keys` are kept, their own among them."""
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


def gpt_step(name, shapes, config, batch, positions):
    """A shard's forward and backward of models.gpt and models.gpt2."""
    rows, width = batch * positions, config.width
    embedding = shapes["embedding"]
    yield part(
        "embedding", embedding, parts.embedding(embedding["tokens"], rows, tied=True), parts.residual(rows, width),
        parts.dropout(rows, width, config.embedding_dropout),
    )  # fmt: skip
    for number, params in enumerate(shapes["blocks"]):
        rates = (config.dropout, config.attention_dropout)
        yield from block(f"blocks.{number}", params, batch, config.heads, positions, ACTIVATION[name], *rates)
    if "norm" in shapes:
        yield part("norm", shapes["norm"], parts.layer_norm(shapes["norm"], rows))
    loss = parts.cross_entropy(rows, config.vocabulary)
    yield part("head (tied) and loss", [], parts.tied_head(embedding["tokens"], rows), loss)


def gpt_tokens(name, shapes, config, positions, keys):
    """`positions` tokens, all in one pass; `keys` positions are known after them. The head stands at the last alone."""
    embedding, width = shapes["embedding"], config.width
    yield Part("embedding", tree.size(embedding), passes(positions, width, gather=2, fresh=1))
    for number, params in enumerate(shapes["blocks"]):
        sizes = (1, config.heads, positions, keys, ACTIVATION[name])
        if name == "gpt2" and positions > 1 and number == config.layers - 1:
            yield from keeping_block(f"blocks.{number}", params, positions)
            continue
        long = name == "gpt2" and positions >= long_prompts.LONG
        yield from cached_block(f"blocks.{number}", params, *sizes, masked=positions > 1, blocked=long)
    if "norm" in shapes:
        yield Part("norm", tree.size(shapes["norm"]), parts.layer_norm(shapes["norm"], 1)[0])
    yield Part("head (tied)", 0, parts.tied_head(embedding["tokens"], 1)[0])


def bert_step(name, shapes, config, batch, positions, masked):
    """A shard's forward and backward of models.bert; `masked` places of the shard are asked for."""
    rows, width = batch * positions, config.width
    embedding = shapes["embedding"]
    yield part(
        "embedding", named(shapes, "embedding", "segments", "embedding_norm"),
        parts.embedding(embedding["tokens"], rows, tied=True), parts.embedding(shapes["segments"], rows),
        parts.residual(rows, width), parts.residual(rows, width),
        parts.layer_norm(shapes["embedding_norm"], rows), parts.dropout(rows, width, config.dropout),
    )  # fmt: skip
    for number, params in enumerate(shapes["blocks"]):
        rates = (config.dropout, config.attention_dropout)
        yield from block(f"blocks.{number}", params, batch, config.heads, positions, ACTIVATION[name], *rates)
    if "pooler" in shapes:
        yield part("pooler", shapes["pooler"], parts.linear(shapes["pooler"], batch))
    if "masked" in shapes:
        head = shapes["masked"]
        vocabulary = config.vocabulary
        yield part(
            "masked (tied) and loss", head, (passes(masked, width, gather=1), passes(rows, width, zeros=1, fresh=1)),
            parts.linear(head["transform"], masked), parts.gelu_exact(masked, width),
            parts.layer_norm(head["norm"], masked), parts.tied_head(embedding["tokens"], masked),
            (passes(masked, vocabulary, inplace=1), passes(masked, vocabulary, leading=1)),
            parts.cross_entropy(masked, vocabulary),
        )  # fmt: skip
    for name in ("next_sentence", "sequence_classifier", "token_classifier", "question_answering"):
        if name in shapes:
            trained = name == "next_sentence"
            yield part(name, shapes[name], parts.linear(shapes[name], batch) if trained else ([], []))


def encoder_decoder_step(name, shapes, config, batch, sources, targets):
    """A shard's forward and backward of models.encoder_decoder."""
    width, rate = config.width, config.dropout

    def embed(table, rows):
        scaled = (passes(rows, width, fresh=2), passes(rows, width, fresh=1))
        read = parts.embedding(shapes[table], rows, tied=table == "target_embedding")
        return part(table, shapes[table], read, scaled, parts.dropout(rows, width, rate))

    yield embed("source_embedding", batch * sources)
    for number, params in enumerate(shapes["encoder"]):
        yield from block(f"encoder.{number}", params, batch, config.heads, sources, ACTIVATION[name], rate, rate)
    yield embed("target_embedding", batch * targets)
    for number, params in enumerate(shapes["decoder"]):
        sizes = (batch, config.heads, targets, ACTIVATION[name], rate, rate)
        yield from block(f"decoder.{number}", params, *sizes, memory=sources)
    rows, vocabulary = batch * targets, config.target_vocabulary
    loss = parts.cross_entropy(rows, vocabulary, config.smoothing)
    yield part("head (tied) and loss", [], parts.tied_head(shapes["target_embedding"], rows), loss)


def encoder_decoder_tokens(name, shapes, config, sources, keys):
    """A token of one sentence: `sources` positions were read, `keys` are written, this one among them."""
    width, table = config.width, shapes["target_embedding"]
    yield Part("target_embedding", tree.size(table), passes(1, width, gather=1, fresh=2))
    for number, params in enumerate(shapes["decoder"]):
        sizes = (1, config.heads, 1, keys, ACTIVATION[name])
        yield from cached_block(f"decoder.{number}", params, *sizes, memory=sources)
    yield Part("head (tied)", 0, parts.tied_head(table, 1)[0])
