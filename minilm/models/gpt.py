"""GPT (Radford et al. 2018, sections 3.1 and 4.1): a decoder of post-norm blocks.

    x = tokens[ids] + positions      y = blocks(x, causal)      logits = y tokensᵀ

What is special in it:

- positions are learned, one vector each, and added to the tokens'
- each norm comes after its sum, so the last block's output is normed already and no norm follows it (against GPT-2)
- the head is the table of the tokens, transposed; the table has two gradients, added in `backward`
- GELU in its tanh form, as in the released code; weights normal with deviation 0.02
"""

from dataclasses import dataclass

import numpy as np

from minilm.blocks import post_norm, stack
from minilm.fast import gelu_tanh
from minilm.layers import cached_attention, row_positions, token_positions
from minilm.models import outline as shape_of
from minilm.ops import dropout, tied_head


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of a GPT; the defaults are the paper's."""

    vocabulary: int = 40478
    max_positions: int = 512
    width: int = 768
    heads: int = 12
    inner: int = 3072
    layers: int = 12
    embedding_dropout: float = 0.1
    attention_dropout: float = 0.1
    dropout: float = 0.1
    eps: float = 1e-5


def outline(config):
    """The tree of the parameters, in shapes alone."""
    return {
        "embedding": {
            "tokens": shape_of.table(config.vocabulary, config.width),
            "positions": shape_of.table(config.max_positions, config.width),
        },
        "blocks": [shape_of.block(config.width, config.inner) for _ in range(config.layers)],
    }


def init(rng, config, dtype=np.float32, deviation=0.02):
    """Random parameters. A narrow model learns sooner from a deviation of width^-0.5."""
    return shape_of.draw(rng, outline(config), dtype, deviation)


def of_blocks(config):
    """The settings that the blocks take in forward and in backward."""
    return {
        "heads": config.heads, "activation": gelu_tanh, "rate": config.dropout,
        "attention_rate": config.attention_dropout,
    }  # fmt: skip


def forward(params, inputs, *, config, rng=None):
    """inputs (B, T) of ids -> logits (B, T, V) of the token after each. Raises IndexError for too many positions."""
    summed, embedding_cache = token_positions.forward(params["embedding"], inputs)         # (B, T, D)
    x, dropout_cache = dropout.forward(summed, config.embedding_dropout, rng)              # (B, T, D)
    causal = np.tri(inputs.shape[1], dtype=bool)                                           # (T, T)
    y, blocks_cache = stack.forward(
        post_norm, params["blocks"], x, mask=causal, eps=config.eps, rng=rng, **of_blocks(config)
    )                                                                                      # (B, T, D)
    logits, head_cache = tied_head.forward(params["embedding"]["tokens"], y)               # (B, T, V)
    cache = {"embedding": embedding_cache, "dropout": dropout_cache, "blocks": blocks_cache}
    return logits, cache | {"head": head_cache, "logits": logits}


def backward(params, cache, dlogits, *, config, consume=False):
    """dlogits (B, T, V) -> dparams. The ids have no gradient. `consume` empties the cache's list of blocks."""
    dy, dhead = tied_head.backward(params["embedding"]["tokens"], cache["head"], dlogits)  # (B, T, D)
    dx, dblocks = stack.backward(
        post_norm, params["blocks"], cache["blocks"], dy, consume=consume, **of_blocks(config)
    )                                                                                      # (B, T, D)
    dsummed = dropout.backward(cache["dropout"], dx, config.embedding_dropout)             # (B, T, D)
    drows = token_positions.backward(params["embedding"], cache["embedding"], dsummed)
    # The two uses of the tied matrix: as the head, and the rows of the tokens.
    dtokens = {"weight": dhead["weight"] + drows["tokens"]["weight"]}
    return {"embedding": {"tokens": dtokens, "positions": drows["positions"]}, "blocks": dblocks}


def start(params, config, prompts, lengths):
    """Read prompts (B, T) of ids, of which row b's first lengths[b] count -> state; each leaf has leading axis B.

    All positions go through each product at once. What stands after a row's length is neither attended to later
    nor kept: the row's next positions are written over it. Raises IndexError for more positions than the model has.
    """
    positions = prompts.shape[1]
    dtype = params["embedding"]["tokens"]["weight"].dtype
    empty = [
        cached_attention.start(len(prompts), config.heads, config.width, dtype, positions + 16)
        for _ in params["blocks"]
    ]
    if not positions:
        return {"length": np.asarray(lengths, np.int64), "blocks": empty}
    x, _ = token_positions.forward(params["embedding"], prompts)                           # (B, T, D)
    _, blocks = stack.step(
        post_norm, params["blocks"], empty, x, position=0, heads=config.heads, mask=np.tri(positions, dtype=bool),
        length=positions, activation=gelu_tanh, eps=config.eps,
    )  # fmt: skip
    return {"length": np.asarray(lengths, np.int64), "blocks": blocks}


def step(params, config, state, tokens):
    """tokens (B) -> logits (B, V) of the next token, state. Consumes `state`: its buffers are written in place.

    Each row stands at a position of its own. Raises IndexError past the model's last position.
    """
    position, mask, length = row_positions.following(state["length"], config.max_positions)
    x, _ = token_positions.forward(params["embedding"], tokens[:, None], state["length"][:, None])     # (B, 1, D)
    y, blocks = stack.step(
        post_norm, params["blocks"], state["blocks"], x, position=position, heads=config.heads, mask=mask,
        length=length, activation=gelu_tanh, eps=config.eps,
    )  # fmt: skip
    logits, _ = tied_head.forward(params["embedding"]["tokens"], y[:, 0])                  # (B, V)
    return logits, {"length": state["length"] + 1, "blocks": blocks}
