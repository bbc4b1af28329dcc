"""GPT-2 (Radford et al. 2019, section 2.3): a decoder of pre-norm blocks, a norm behind the last, a tied head.

    x = tokens[ids] + positions      y = norm(blocks(x), causal)      logits = y tokensᵀ

GELU in its tanh form, as in the released code. Initialised as there: weights normal with deviation 0.02, those that
write to the residual stream with 0.02 / √(2 L), so that the stream's variance does not grow with the depth.
"""

from dataclasses import dataclass

import numpy as np

from minilm import tree
from minilm.blocks import pre_norm
from minilm.fast import blocked_attention, cross_entropy, gelu_tanh, sliced_cross_entropy
from minilm.layers import cached_attention, row_positions, token_positions
from minilm.models import outline as shape_of
from minilm.models import reading
from minilm.ops import dropout, layer_norm, scaled_dot_product, tied_head


@dataclass(frozen=True)
class Config:
    """The settings of a GPT-2; the defaults are the 124M model's."""

    vocabulary: int = 50257
    max_positions: int = 1024
    width: int = 768
    heads: int = 12
    inner: int = 3072
    layers: int = 12
    embedding_dropout: float = 0.1
    attention_dropout: float = 0.1
    dropout: float = 0.1
    eps: float = 1e-5
    blocked: bool = False  # attention in blocks: memory linear in the length, and no attention maps in the cache
    sliced: bool = False  # the loss in slices of the rows: never all logits at once, none in the cache


def outline(config):
    """The tree of the parameters, in shapes alone."""
    return {
        "embedding": {
            "tokens": shape_of.table(config.vocabulary, config.width),
            "positions": shape_of.table(config.max_positions, config.width),
        },
        "blocks": [shape_of.block(config.width, config.inner) for _ in range(config.layers)],
        "norm": shape_of.norm(config.width),
    }


def init(rng, config, dtype=np.float32, deviation=0.02):
    """Random parameters, as the released model was initialised. A narrow model learns sooner from width^-0.5."""
    return shape_of.draw(rng, outline(config), dtype, deviation, residual=deviation * (2 * config.layers) ** -0.5)


def forward(params, inputs, *, config, rng=None):
    """inputs (B, T) of ids -> logits (B, T, V) of the token after each. Raises IndexError for too many positions."""
    y, cache = encode(params, inputs, config=config, rng=rng)                              # (B, T, D)
    logits, head_cache = tied_head.forward(params["embedding"]["tokens"], y)               # (B, T, V)
    return logits, cache | {"head": head_cache, "logits": logits}


def encode(params, inputs, *, config, rng=None):
    """inputs (B, T) of ids -> y (B, T, D), from which the head makes logits."""
    summed, embedding_cache = token_positions.forward(params["embedding"], inputs)         # (B, T, D)
    x, dropout_cache = dropout.forward(summed, config.embedding_dropout, rng)              # (B, T, D)
    causal = blocked_attention.CAUSAL if config.blocked else np.tri(inputs.shape[1], dtype=bool)
    attention = blocked_attention if config.blocked else scaled_dot_product
    caches = []
    for block in params["blocks"]:
        x, cache = pre_norm.forward(
            block, x, config.heads, causal, gelu_tanh, config.eps, config.dropout, config.attention_dropout, rng,
            attention,
        )  # fmt: skip
        caches.append(cache)
    y, norm_cache = layer_norm.forward(params["norm"], x, config.eps)                      # (B, T, D)
    return y, {"embedding": embedding_cache, "dropout": dropout_cache, "blocks": caches, "norm": norm_cache}


def backward(params, cache, dlogits, *, config):
    """dlogits (B, T, V) -> dparams. The ids have no gradient."""
    dy, dhead = tied_head.backward(params["embedding"]["tokens"], cache["head"], dlogits)  # (B, T, D)
    return encode_backward(params, cache, dy, dhead, config=config)


def encode_backward(params, cache, dy, dhead, *, config):
    """dy (B, T, D) and the head's gradient of the table -> dparams."""
    dx, dnorm = layer_norm.backward(params["norm"], cache["norm"], dy)                     # (B, T, D)
    attention = blocked_attention if config.blocked else scaled_dot_product
    dblocks: list = []
    for block, block_cache in zip(reversed(params["blocks"]), reversed(cache["blocks"]), strict=True):
        dx, dblock = pre_norm.backward(
            block, block_cache, dx, config.heads, gelu_tanh, config.dropout, config.attention_dropout, attention
        )
        dblocks.insert(0, dblock)
    dsummed = dropout.backward(cache["dropout"], dx, config.embedding_dropout)             # (B, T, D)
    drows = token_positions.backward(params["embedding"], cache["embedding"], dsummed)
    # The two uses of the tied matrix: as the head, and the rows of the tokens.
    dtokens = {"weight": dhead["weight"] + drows["tokens"]["weight"]}
    return {"embedding": {"tokens": dtokens, "positions": drows["positions"]}, "blocks": dblocks, "norm": dnorm}


def count(batch):
    """The number of targets that count."""
    return int(batch["mask"].sum()) if "mask" in batch else int(batch["targets"].size)


def loss(params, batch, *, config, rng=None, count=None):
    """batch {"inputs", "targets": (B, T)} (and "mask" (B, T), True = counts) -> the mean loss of a token."""
    if config.sliced:
        y, cache = encode(params, batch["inputs"], config=config, rng=rng)                 # (B, T, D)
        value, loss_cache = sliced_cross_entropy.forward(
            params["embedding"]["tokens"], y, batch["targets"], batch.get("mask"), count=count
        )
        return value, cache | {"sliced_loss": loss_cache, "config": config}
    logits, cache = forward(params, batch["inputs"], config=config, rng=rng)
    value, loss_cache = cross_entropy.forward(logits, batch["targets"], batch.get("mask"), count=count)
    return value, cache | {"loss": loss_cache, "config": config}


def loss_backward(params, cache, dloss=1.0):
    """The gradient of the loss -> dparams."""
    if "sliced_loss" in cache:
        table = params["embedding"]["tokens"]
        dy, dhead = sliced_cross_entropy.backward(table, cache["sliced_loss"], dloss)      # (B, T, D)
        return encode_backward(params, cache, dy, dhead, config=cache["config"])
    dlogits = cross_entropy.backward(cache["loss"], dloss, consume=tree.is_spent(cache))   # (B, T, V)
    return backward(params, cache, dlogits, config=cache["config"])


def start(params, config, prompts, lengths):
    """Read prompts (B, T) of ids, of which row b's first lengths[b] count -> state; each leaf has leading axis B.

    The positions of a thread (reading.py) go through each product at once. What stands behind a row's length is neither
    attended to later nor kept: the row's next positions are written over it. Raises IndexError for more positions than
    the model has.
    """
    positions = prompts.shape[1]
    dtype = params["embedding"]["tokens"]["weight"].dtype
    sizes = (len(prompts), config.heads, config.width, dtype, positions + 16)
    state = [cached_attention.start(*sizes) for _ in params["blocks"]]
    lengths = np.asarray(lengths, np.int64)
    if not positions:
        return {"length": lengths, "blocks": state}
    if positions > config.max_positions:
        raise IndexError(f"{positions} positions are more than the model's {config.max_positions}")

    causal = blocked_attention.CAUSAL if positions >= reading.LONG else np.tri(positions, dtype=bool)

    def run(part, wait):
        """The positions of `part` through all layers, into the buffers of `state`, which have room for them."""
        x, _ = token_positions.forward(params["embedding"], prompts[:, part], np.arange(part.start, part.stop))
        for block, kept in zip(params["blocks"][:-1], state, strict=False):
            x, _ = pre_norm.step(
                block, kept, x, part.start, config.heads, causal, part.stop, gelu_tanh, config.eps, wait
            )
        for block, kept in zip(params["blocks"][-1:], state[-1:], strict=True):
            # What the last block would put out nobody reads: the next token goes through all blocks on its own.
            pre_norm.keep(block, kept, x, part.start, config.heads, config.eps)

    reading.read(positions, config.width, run)
    return {"length": lengths, "blocks": state}


def step(params, config, state, tokens):
    """tokens (B) -> logits (B, V) of the next token, state. Consumes `state`: its buffers are written in place.

    Each row stands at a position of its own. Raises IndexError past the model's last position.
    """
    position, mask, length = row_positions.following(state["length"], config.max_positions)
    x, _ = token_positions.forward(params["embedding"], tokens[:, None], state["length"][:, None])
    blocks = []
    for block, kept in zip(params["blocks"], state["blocks"], strict=True):
        x, extended = pre_norm.step(block, kept, x, position, config.heads, mask, length, gelu_tanh, config.eps)
        blocks.append(extended)
    y, _ = layer_norm.forward(params["norm"], x[:, 0], config.eps)                         # (B, D)
    logits, _ = tied_head.forward(params["embedding"]["tokens"], y)                        # (B, V)
    return logits, {"length": state["length"] + 1, "blocks": blocks}
