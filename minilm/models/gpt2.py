"""GPT-2 (Radford et al. 2019, section 2.3): a decoder of pre-norm blocks.

    x = tokens[ids] + positions      y = norm(blocks(x, causal))      logits = y tokensᵀ

What is special in it:

- each norm comes before its layer, so the residual stream is never normed, and one more norm follows the last block
- weights normal with deviation 0.02, those that write to the residual stream with 0.02 / √(2 L), so that the stream's
  variance does not grow with the depth
- the head is the table of the tokens, transposed; the table has two gradients, added in `encode_backward`
- GELU in its tanh form, as in the released code
- attention in blocks where the config asks for it; a long prompt is read by several threads (fast.long_prompts)
"""

from dataclasses import dataclass

import numpy as np

from minilm.blocks import pre_norm, stack
from minilm.fast import blocked_attention, gelu_tanh, long_prompts
from minilm.layers import cached_attention, row_positions, token_positions
from minilm.models import outline as shape_of
from minilm.ops import dropout, layer_norm, scaled_dot_product, tied_head


@dataclass(frozen=True, kw_only=True)
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


def of_blocks(config):
    """The settings that the blocks take in forward and in backward."""
    return {
        "heads": config.heads, "activation": gelu_tanh, "rate": config.dropout,
        "attention_rate": config.attention_dropout,
        "attention": blocked_attention if config.blocked else scaled_dot_product,
    }  # fmt: skip


def forward(params, inputs, *, config, rng=None):
    """inputs (B, T) of ids -> logits (B, T, V) of the token after each. Raises IndexError for too many positions."""
    y, cache = encode(params, inputs, config=config, rng=rng)                              # (B, T, D)
    logits, head_cache = tied_head.forward(head(params), y)                                # (B, T, V)
    return logits, cache | {"head": head_cache, "logits": logits}


def encode(params, inputs, *, config, rng=None):
    """inputs (B, T) of ids -> y (B, T, D), from which the head makes logits."""
    summed, embedding_cache = token_positions.forward(params["embedding"], inputs)         # (B, T, D)
    x, dropout_cache = dropout.forward(summed, config.embedding_dropout, rng)              # (B, T, D)
    causal = blocked_attention.CAUSAL if config.blocked else np.tri(inputs.shape[1], dtype=bool)
    streamed, blocks_cache = stack.forward(
        pre_norm, params["blocks"], x, mask=causal, eps=config.eps, rng=rng, **of_blocks(config)
    )                                                                                      # (B, T, D)
    y, norm_cache = layer_norm.forward(params["norm"], streamed, config.eps)               # (B, T, D)
    return y, {"embedding": embedding_cache, "dropout": dropout_cache, "blocks": blocks_cache, "norm": norm_cache}


def head(params):
    """The parameters of the tied head."""
    return params["embedding"]["tokens"]


def backward(params, cache, dlogits, *, config, consume=False):
    """dlogits (B, T, V) -> dparams. The ids have no gradient. `consume` empties the cache's list of blocks."""
    dy, dhead = tied_head.backward(head(params), cache["head"], dlogits)                   # (B, T, D)
    return encode_backward(params, cache, dy, dhead, config=config, consume=consume)


def encode_backward(params, cache, dy, dhead, *, config, consume=False):
    """dy (B, T, D) and the head's gradient of the table -> dparams."""
    dstreamed, dnorm = layer_norm.backward(params["norm"], cache["norm"], dy)              # (B, T, D)
    dx, dblocks = stack.backward(
        pre_norm, params["blocks"], cache["blocks"], dstreamed, consume=consume, **of_blocks(config)
    )                                                                                      # (B, T, D)
    dsummed = dropout.backward(cache["dropout"], dx, config.embedding_dropout)             # (B, T, D)
    drows = token_positions.backward(params["embedding"], cache["embedding"], dsummed)
    # The two uses of the tied matrix: as the head, and the rows of the tokens.
    dtokens = {"weight": dhead["weight"] + drows["tokens"]["weight"]}
    return {"embedding": {"tokens": dtokens, "positions": drows["positions"]}, "blocks": dblocks, "norm": dnorm}


def start(params, config, prompts, lengths):
    """Read prompts (B, T) of ids, of which row b's first lengths[b] count -> state; each leaf has leading axis B.

    What stands after a row's length is neither attended to later nor kept: the row's next positions are written over
    it. Raises IndexError for more positions than the model has.
    """
    dtype = params["embedding"]["tokens"]["weight"].dtype
    empty = [
        cached_attention.start(len(prompts), config.heads, config.width, dtype, prompts.shape[1] + 16)
        for _ in params["blocks"]
    ]
    x, _ = token_positions.forward(params["embedding"], prompts)                           # (B, T, D)
    blocks = long_prompts.read(pre_norm, params["blocks"], empty, x, heads=config.heads, eps=config.eps)
    return {"length": np.asarray(lengths, np.int64), "blocks": blocks}


def step(params, config, state, tokens):
    """tokens (B) -> logits (B, V) of the next token, state. Consumes `state`: its buffers are written in place.

    Each row stands at a position of its own. Raises IndexError past the model's last position.
    """
    position, mask, length = row_positions.following(state["length"], config.max_positions)
    x, _ = token_positions.forward(params["embedding"], tokens[:, None], state["length"][:, None])     # (B, 1, D)
    streamed, blocks = stack.step(
        pre_norm, params["blocks"], state["blocks"], x, position=position, heads=config.heads, mask=mask,
        length=length, activation=gelu_tanh, eps=config.eps,
    )  # fmt: skip
    y, _ = layer_norm.forward(params["norm"], streamed[:, 0], config.eps)                  # (B, D)
    logits, _ = tied_head.forward(head(params), y)                                         # (B, V)
    return logits, {"length": state["length"] + 1, "blocks": blocks}
