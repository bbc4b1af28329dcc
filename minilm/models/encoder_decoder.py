"""The encoder-decoder Transformer (Vaswani et al. 2017).

    memory = encoder(√D · source_embedding[source] + positions)
    y      = decoder(√D · target_embedding[target] + positions, memory)
    logits = y target_embeddingᵀ

The output head is the target embedding itself, transposed (section 3.4: "we share the same weight matrix"); so that
matrix has two gradients, one from each use, and they are added in `backward`. There are two vocabularies here, so
the source has an embedding of its own. Id 0 is padding: it may not be attended to, and is never an answer.
"""

from dataclasses import dataclass

import numpy as np

from minilm import tree
from minilm.blocks import post_norm, post_norm_cross
from minilm.fast import cross_entropy
from minilm.layers import cached_attention
from minilm.models import outline as shape_of
from minilm.ops import dropout, embedding, positions

PAD = 0


@dataclass(frozen=True)
class Config:
    """The settings of an encoder-decoder; the defaults are the paper's base model (table 3)."""

    source_vocabulary: int
    target_vocabulary: int
    width: int = 512
    heads: int = 8
    inner: int = 2048
    encoder_layers: int = 6
    decoder_layers: int = 6
    max_positions: int = 512
    dropout: float = 0.1
    smoothing: float = 0.1
    eps: float = 1e-5


def outline(config):
    """The tree of the parameters, in shapes alone."""
    block, attention = shape_of.block(config.width, config.inner), shape_of.block(config.width, 1)["attention"]
    cross = block | {"cross_attention": attention, "cross_attention_norm": shape_of.norm(config.width)}
    return {
        "source_embedding": shape_of.table(config.source_vocabulary, config.width),
        "target_embedding": shape_of.table(config.target_vocabulary, config.width),
        "encoder": [block for _ in range(config.encoder_layers)],
        "decoder": [cross for _ in range(config.decoder_layers)],
    }


def init(rng, config, dtype=np.float32):
    """Random parameters: a tree whose paths are the model's parts."""
    sizes = (config.width, config.inner, dtype)
    return {
        "source_embedding": embedding.init(rng, config.source_vocabulary, config.width, dtype),
        "target_embedding": embedding.init(rng, config.target_vocabulary, config.width, dtype),
        "encoder": [post_norm.init(rng, *sizes) for _ in range(config.encoder_layers)],
        "decoder": [post_norm_cross.init(rng, *sizes) for _ in range(config.decoder_layers)],
    }


def forward(params, source, target, *, config, rng=None):
    """source (B, S) and target (B, T) of ids -> logits (B, T, V) of the word after each target position."""
    memory, encode_cache = encode(params, source, config=config, rng=rng)                  # (B, S, D)
    y, decode_cache = decode(params, target, memory, source != PAD, config=config, rng=rng)    # (B, T, D)
    table = params["target_embedding"]["weight"]                                           # (V, D)
    logits = (y.reshape(-1, config.width) @ table.T).reshape(*target.shape, len(table))    # (B, T, V)
    return logits, {**encode_cache, **decode_cache, "memory": memory, "y": y, "logits": logits}


def encode(params, source, *, config, rng=None):
    """source (B, S) of ids -> memory (B, S, D): one vector a token, not one of fixed length."""
    x, input_cache = embed(params["source_embedding"], source, config, rng)                # (B, S, D)
    mask = (source != PAD)[:, None, None, :]                                               # (B, 1, 1, S)
    caches = []
    for block in params["encoder"]:
        x, cache = post_norm.forward(
            block, x, config.heads, mask, eps=config.eps, rate=config.dropout, attention_rate=config.dropout, rng=rng
        )
        caches.append(cache)
    return x, {"source_embedding": input_cache, "encoder": caches}


def decode(params, target, memory, source_mask, *, config, rng=None):
    """target (B, T) of ids, memory (B, S, D), source_mask (B, S) -> y (B, T, D)."""
    x, input_cache = embed(params["target_embedding"], target, config, rng)                # (B, T, D)
    causal = np.tri(target.shape[1], dtype=bool)                                           # (T, T)
    # Padding stands at the end of a target, so the causal mask already hides it from every position that counts.
    memory_mask = source_mask[:, None, None, :]                                            # (B, 1, 1, S)
    caches = []
    for block in params["decoder"]:
        x, cache = post_norm_cross.forward(
            block, x, memory, config.heads, causal, memory_mask,
            eps=config.eps, rate=config.dropout, attention_rate=config.dropout, rng=rng,
        )  # fmt: skip
        caches.append(cache)
    return x, {"target_embedding": input_cache, "decoder": caches}


def embed(params, ids, config, rng):
    """√D · embedding + positions, then dropout (section 5.4): ids (B, T) -> x (B, T, D)."""
    if ids.shape[1] > config.max_positions:
        raise IndexError(f"{ids.shape[1]} positions are more than the model's {config.max_positions}")
    rows, embedding_cache = embedding.forward(params, ids)                                 # (B, T, D)
    x = rows * config.width**0.5 + positions.table(ids.shape[1], config.width, rows.real.dtype)    # (B, T, D)
    kept, dropout_cache = dropout.forward(x, config.dropout, rng)                          # (B, T, D)
    return kept, {"embedding": embedding_cache, "dropout": dropout_cache, "x": x}


def embed_backward(params, cache, dkept, config):
    """dkept (B, T, D) -> dparams."""
    dx = dropout.backward(cache["dropout"], dkept, config.dropout)                         # (B, T, D)
    return embedding.backward(params, cache["embedding"], dx * config.width**0.5)


def backward(params, cache, dlogits, *, config):
    """dlogits (B, T, V) -> dparams. The ids have no gradient."""
    table, y = params["target_embedding"]["weight"], cache["y"]                            # (V, D), (B, T, D)
    drows = dlogits.reshape(-1, len(table))                                                # (N, V)
    dtable_head = drows.T @ y.reshape(-1, config.width)                                    # (V, D)
    dy = (drows @ table).reshape(y.shape)                                                  # (B, T, D)
    dtable_rows, dmemory, ddecoder = decode_backward(params, cache, dy, config=config)
    dtable = dtable_head + dtable_rows["weight"]  # the two uses of the tied matrix        # (V, D)
    dsource, dencoder = encode_backward(params, cache, dmemory, config=config)
    return {
        "source_embedding": dsource,
        "target_embedding": {"weight": dtable},
        "encoder": dencoder,
        "decoder": ddecoder,
    }


def decode_backward(params, cache, dy, *, config):
    """dy (B, T, D) -> the target embedding's gradient, dmemory (B, S, D), the decoder's gradients."""
    ddecoder: list[dict] = []
    dmemory = np.zeros_like(cache["memory"])                                               # (B, S, D)
    dx = dy
    for block, block_cache in zip(reversed(params["decoder"]), reversed(cache["decoder"]), strict=True):
        dx, dmemory_block, dblock = post_norm_cross.backward(
            block, block_cache, dx, config.heads, rate=config.dropout, attention_rate=config.dropout
        )
        dmemory = dmemory + dmemory_block  # every block reads the same memory
        ddecoder.insert(0, dblock)
    return embed_backward(params["target_embedding"], cache["target_embedding"], dx, config), dmemory, ddecoder


def encode_backward(params, cache, dmemory, *, config):
    """dmemory (B, S, D) -> the source embedding's gradient, the encoder's gradients."""
    dencoder: list[dict] = []
    dx = dmemory
    for block, block_cache in zip(reversed(params["encoder"]), reversed(cache["encoder"]), strict=True):
        dx, dblock = post_norm.backward(
            block, block_cache, dx, config.heads, rate=config.dropout, attention_rate=config.dropout
        )
        dencoder.insert(0, dblock)
    return embed_backward(params["source_embedding"], cache["source_embedding"], dx, config), dencoder


def count(batch):
    """The number of target tokens that count: every word and the end mark, not the padding."""
    return int((batch["target"][:, 1:] != PAD).sum())


def loss(params, batch, *, config, rng=None, count=None):
    """batch {"source": (B, S), "target": (B, T + 1) with start and end marks} -> the mean loss of a token.

    Teacher forcing: the decoder reads target[:, :-1] and is asked for target[:, 1:].
    """
    logits, cache = forward(params, batch["source"], batch["target"][:, :-1], config=config, rng=rng)
    answers = batch["target"][:, 1:]                                                       # (B, T)
    value, loss_cache = cross_entropy.forward(
        logits, answers, answers != PAD, config.smoothing, never=(PAD,), count=count
    )
    return value, cache | {"loss": loss_cache, "config": config}


def loss_backward(params, cache, dloss=1.0):
    """The gradient of the loss -> dparams."""
    config = cache["config"]
    dlogits = cross_entropy.backward(
        cache["loss"], dloss, config.smoothing, never=(PAD,), consume=tree.is_spent(cache)
    )                                                                                      # (B, T, V)
    return backward(params, cache, dlogits, config=config)


def start(params, config, source):
    """Encode source (B, S) and return the state from which `step` decodes; each leaf has a leading axis B."""
    memory, _ = encode(params, source, config=config)                                      # (B, S, D)
    sizes = (len(source), config.heads, config.width, memory.dtype)
    cross = [block["cross_attention"] for block in params["decoder"]]
    return {
        "length": np.zeros(len(source), np.int64),
        "source_mask": source != PAD,
        "decoder": [cached_attention.start(*sizes) for _ in cross],
        "memory": [cached_attention.project(attention, memory, config.heads) for attention in cross],
    }


def step(params, config, state, tokens):
    """tokens (B) -> logits (B, V) of the next word, state. Consumes `state`: its buffers are written in place.

    All rows stand at the same position. Raises IndexError past the model's last position.
    """
    position = int(state["length"][0]) if len(state["length"]) else 0
    if position >= config.max_positions:
        raise IndexError(f"the model has {config.max_positions} positions, and all are used")
    table = params["target_embedding"]["weight"]                                           # (V, D)
    rows, _ = embedding.forward(params["target_embedding"], tokens[:, None])               # (B, 1, D)
    x = rows * config.width**0.5 + positions.table(1, config.width, rows.dtype, first=position)
    memory_mask = state["source_mask"][:, None, None, :]                                   # (B, 1, 1, S)
    decoder = []
    for block, kept, memory in zip(params["decoder"], state["decoder"], state["memory"], strict=True):
        x, extended = post_norm_cross.step(
            block, kept, memory, x, position, config.heads, memory_mask, eps=config.eps
        )
        decoder.append(extended)
    logits = x[:, 0] @ table.T                                                             # (B, V)
    return logits, {**state, "length": state["length"] + 1, "decoder": decoder}
