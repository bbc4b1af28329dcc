"""The encoder-decoder Transformer (Vaswani et al. 2017).

    memory = encoder(√D · source_embedding[source] + positions)
    y      = decoder(√D · target_embedding[target] + positions, memory)
    logits = y target_embeddingᵀ

What is special in it:

- every block of the decoder reads the same memory, so the memory's gradient is the sum over the blocks
- the head is the target embedding itself, transposed (section 3.4: "we share the same weight matrix"); that matrix has
  two gradients, added in `backward`. There are two vocabularies here, so the source has an embedding of its own
- embeddings are scaled by √D, and positions are sines, which nobody learns (sections 3.4 and 3.5)
- id 0 is padding: it may not be attended to, and is never an answer
"""

from dataclasses import dataclass

import numpy as np

from minilm.blocks import post_norm, post_norm_cross, stack
from minilm.models import outline as shape_of
from minilm.ops import dropout, embedding, positions, tied_head
from minilm.text.marks import PAD


@dataclass(frozen=True, kw_only=True)
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


def of_blocks(config):
    """The settings that the blocks take in forward and in backward."""
    return {"heads": config.heads, "rate": config.dropout, "attention_rate": config.dropout}


def forward(params, source, target, *, config, rng=None):
    """source (B, S) and target (B, T) of ids -> logits (B, T, V) of the word after each target position."""
    memory, encode_cache = encode(params, source, config=config, rng=rng)                  # (B, S, D)
    y, decode_cache = decode(params, target, memory, source != PAD, config=config, rng=rng)    # (B, T, D)
    logits, head_cache = tied_head.forward(params["target_embedding"], y)                  # (B, T, V)
    return logits, {**encode_cache, **decode_cache, "memory": memory, "head": head_cache, "logits": logits}


def encode(params, source, *, config, rng=None):
    """source (B, S) of ids -> memory (B, S, D): a vector for each token, not one of fixed length for all."""
    x, embed_cache = embed(params["source_embedding"], source, config, rng)                # (B, S, D)
    mask = (source != PAD)[:, None, None, :]                                               # (B, 1, 1, S)
    memory, blocks_cache = stack.forward(
        post_norm, params["encoder"], x, mask=mask, eps=config.eps, rng=rng, **of_blocks(config)
    )                                                                                      # (B, S, D)
    return memory, {"source_embedding": embed_cache, "encoder": blocks_cache}


def decode(params, target, memory, source_mask, *, config, rng=None):
    """target (B, T) of ids, memory (B, S, D), source_mask (B, S) -> y (B, T, D)."""
    x, embed_cache = embed(params["target_embedding"], target, config, rng)                # (B, T, D)
    causal = np.tri(target.shape[1], dtype=bool)                                           # (T, T)
    # Padding stands at the end of a target, so the causal mask already hides it from every position that counts.
    memory_mask = source_mask[:, None, None, :]                                            # (B, 1, 1, S)
    y, blocks_cache = stack.forward(
        post_norm_cross, params["decoder"], x, memory, mask=causal, memory_mask=memory_mask, eps=config.eps, rng=rng,
        **of_blocks(config),
    )  # fmt: skip
    return y, {"target_embedding": embed_cache, "decoder": blocks_cache}


def embed(params, ids, config, rng):
    """√D · embedding + positions, then dropout (section 5.4): ids (B, T) -> x (B, T, D)."""
    if ids.shape[1] > config.max_positions:
        raise IndexError(f"{ids.shape[1]} positions are more than the model's {config.max_positions}")
    rows, rows_cache = embedding.forward(params, ids)                                      # (B, T, D)
    x = rows * config.width**0.5 + positions.table(ids.shape[1], config.width, rows.real.dtype)    # (B, T, D)
    kept, dropout_cache = dropout.forward(x, config.dropout, rng)                          # (B, T, D)
    return kept, rows_cache | {"dropout": dropout_cache, "x": x}


def backward(params, cache, dlogits, *, config, consume=False):
    """dlogits (B, T, V) -> dparams. The ids have no gradient. `consume` empties the cache's lists of blocks."""
    dy, dhead = tied_head.backward(params["target_embedding"], cache["head"], dlogits)     # (B, T, D)
    dtarget, dmemory, ddecoder = decode_backward(params, cache, dy, config=config, consume=consume)
    dsource, dencoder = encode_backward(params, cache, dmemory, config=config, consume=consume)
    # The two uses of the tied matrix: as the head, and the rows of the words.
    dtable = dhead["weight"] + dtarget["weight"]                                           # (V, D)
    return {
        "source_embedding": dsource,
        "target_embedding": {"weight": dtable},
        "encoder": dencoder,
        "decoder": ddecoder,
    }


def decode_backward(params, cache, dy, *, config, consume=False):
    """dy (B, T, D) -> the target embedding's gradient, dmemory (B, S, D), the decoder's gradients."""
    dx, dmemory, ddecoder = stack.backward(
        post_norm_cross, params["decoder"], cache["decoder"], dy, consume=consume, **of_blocks(config)
    )                                                                                      # (B, T, D), (B, S, D)
    return embed_backward(params["target_embedding"], cache["target_embedding"], dx, config), dmemory, ddecoder


def encode_backward(params, cache, dmemory, *, config, consume=False):
    """dmemory (B, S, D) -> the source embedding's gradient, the encoder's gradients."""
    dx, dencoder = stack.backward(
        post_norm, params["encoder"], cache["encoder"], dmemory, consume=consume, **of_blocks(config)
    )                                                                                      # (B, S, D)
    return embed_backward(params["source_embedding"], cache["source_embedding"], dx, config), dencoder


def embed_backward(params, cache, dkept, config):
    """dkept (B, T, D) -> dparams."""
    dx = dropout.backward(cache["dropout"], dkept, config.dropout)                         # (B, T, D)
    drows = dx * config.width**0.5                                                         # (B, T, D)
    return embedding.backward(params, cache, drows)


def start(params, config, source):
    """Encode source (B, S) and return the state from which `step` decodes; each leaf has a leading axis B."""
    memory, _ = encode(params, source, config=config)                                      # (B, S, D)
    return {
        "length": np.zeros(len(source), np.int64),
        "source_mask": source != PAD,
        "decoder": [post_norm_cross.start(block, memory, config.heads) for block in params["decoder"]],
    }


def step(params, config, state, tokens):
    """tokens (B) -> logits (B, V) of the next word, state. Consumes `state`: its buffers are written in place.

    All rows stand at the same position. Raises IndexError past the model's last position.
    """
    position = int(state["length"][0]) if len(state["length"]) else 0
    if position >= config.max_positions:
        raise IndexError(f"the model has {config.max_positions} positions, and all are used")
    rows, _ = embedding.forward(params["target_embedding"], tokens[:, None])               # (B, 1, D)
    x = rows * config.width**0.5 + positions.table(1, config.width, rows.dtype, first=position)    # (B, 1, D)
    y, decoder = stack.step(
        post_norm_cross, params["decoder"], state["decoder"], x, position=position, heads=config.heads,
        memory_mask=state["source_mask"][:, None, None, :], eps=config.eps,
    )  # fmt: skip
    logits, _ = tied_head.forward(params["target_embedding"], y[:, 0])                     # (B, V)
    return logits, {**state, "length": state["length"] + 1, "decoder": decoder}
