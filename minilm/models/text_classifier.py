"""A text classifier that is trained from nothing: a small Transformer encoder, the mean of its positions, a linear map.

    x      = dropout(tokens[ids] + positions)
    hidden = norm(blocks(x))        pooled = mean of hidden over the positions that count        logits = pooled W + b

What is special in it:

- pre-norm blocks (Radford et al. 2019, section 2.3) without a causal mask: every position attends to all but padding
- the mean in place of a first position: in a few thousand texts nothing teaches a model to gather a text in one place
- much dropout on what is read from the tables: most words of a small corpus occur a few times, and what little is
  learnt of each must hold without the others
- the outputs go by the names that a BERT's have, so that one task trains both
"""

from dataclasses import dataclass

import numpy as np

from minilm.blocks import pre_norm, stack
from minilm.fast import gelu_tanh
from minilm.layers import classifier, token_positions
from minilm.models import outline as shape_of
from minilm.ops import dropout, layer_norm, masked_mean


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of a text classifier."""

    vocabulary: int = 20_000
    max_positions: int = 128
    width: int = 128
    heads: int = 4
    inner: int = 512
    layers: int = 2
    labels: int = 2
    embedding_dropout: float = 0.5
    attention_dropout: float = 0.1
    dropout: float = 0.3
    classifier_dropout: float = 0.5
    eps: float = 1e-5


def outline(config):
    """The tree of the parameters, in shapes alone."""
    return {
        "embedding": {
            "tokens": shape_of.table(config.vocabulary, config.width),
            "positions": shape_of.table(config.max_positions, config.width),
        },
        "blocks": [shape_of.block(config.width, config.inner) for _ in range(config.layers)],
        "norm": shape_of.norm(config.width),
        "sequence_classifier": shape_of.linear(config.width, config.labels),
    }


def init(rng, config, dtype=np.float32, deviation=0.02):
    """Random parameters: gains one, biases zero, weights normal with `deviation` (Radford et al. 2019, section 2.3)."""
    return shape_of.draw(rng, outline(config), dtype, deviation, residual=deviation * (2 * config.layers) ** -0.5)


def of_blocks(config):
    """The settings that the blocks take in forward and in backward."""
    return {
        "heads": config.heads, "activation": gelu_tanh, "rate": config.dropout,
        "attention_rate": config.attention_dropout,
    }  # fmt: skip


def forward(params, inputs, segments=None, attend=None, places=None, *, config, rng=None):
    """inputs (B, T) of ids -> ({"hidden": (B, T, D), "pooled": (B, D), "sequence_classifier": (B, C)}, cache).

    attend (B, T), True = counts; None means all. `segments` and `places` are there for a BERT, and not read.
    """
    counts = np.ones(inputs.shape, bool) if attend is None else attend                     # (B, T)
    hidden, cache = encode(params, inputs, counts, config=config, rng=rng)                 # (B, T, D)
    pooled, pooled_cache = masked_mean.forward(hidden, counts)                             # (B, D)
    logits, classifier_cache = classifier.forward(
        params["sequence_classifier"], pooled, config.classifier_dropout, rng
    )                                                                                      # (B, C)
    outputs = {"hidden": hidden, "pooled": pooled, "sequence_classifier": logits}
    return outputs, cache | {"pooled": pooled_cache, "sequence_classifier": classifier_cache}


def encode(params, inputs, counts, *, config, rng=None):
    """inputs (B, T) of ids, counts (B, T), True = may be attended to -> hidden (B, T, D)."""
    summed, embedding_cache = token_positions.forward(params["embedding"], inputs)         # (B, T, D)
    x, dropout_cache = dropout.forward(summed, config.embedding_dropout, rng)              # (B, T, D)
    mask = None if counts.all() else counts[:, None, None, :]
    streamed, blocks_cache = stack.forward(
        pre_norm, params["blocks"], x, mask=mask, eps=config.eps, rng=rng, **of_blocks(config)
    )                                                                                      # (B, T, D)
    hidden, norm_cache = layer_norm.forward(params["norm"], streamed, config.eps)          # (B, T, D)
    return hidden, {"embedding": embedding_cache, "dropout": dropout_cache, "blocks": blocks_cache, "norm": norm_cache}


def backward(params, cache, doutputs, *, config, consume=False):
    """doutputs, a dict with the gradient of any of the outputs (what is missing has none) -> dparams.

    `consume` empties the cache's list of blocks.
    """
    dlogits = doutputs.get("sequence_classifier", np.zeros((), params["norm"]["gain"].dtype))
    dscored, dclassifier = scored_backward(params, cache, dlogits, config)                 # (B, D)
    dpooled = dscored + doutputs.get("pooled", 0)                                          # (B, D)
    dhidden = masked_mean.backward(cache["pooled"], dpooled) + doutputs.get("hidden", 0)   # (B, T, D)
    dstreamed, dnorm = layer_norm.backward(params["norm"], cache["norm"], dhidden)         # (B, T, D)
    dx, dblocks = stack.backward(
        pre_norm, params["blocks"], cache["blocks"], dstreamed, consume=consume, **of_blocks(config)
    )                                                                                      # (B, T, D)
    dsummed = dropout.backward(cache["dropout"], dx, config.embedding_dropout)             # (B, T, D)
    dembedding = token_positions.backward(params["embedding"], cache["embedding"], dsummed)
    return {"embedding": dembedding, "blocks": dblocks, "norm": dnorm, "sequence_classifier": dclassifier}


def scored_backward(params, cache, dlogits, config):
    """dlogits (B, C), or a zero where nothing was asked of the classifier -> dpooled (B, D), dparams."""
    rows, labels = len(cache["pooled"]["weights"]), config.labels
    dwhole = np.broadcast_to(dlogits, (rows, labels))                                      # (B, C)
    return classifier.backward(
        params["sequence_classifier"], cache["sequence_classifier"], dwhole, config.classifier_dropout
    )
