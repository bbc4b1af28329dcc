"""BERT (Devlin et al. 2019, section 3): an encoder of post-norm blocks.

    x      = dropout(norm(tokens[ids] + positions + segments[segment]))
    hidden = blocks(x)
    pooled = tanh(hidden[:, 0] W + b)

What is special in it:

- it reads the text in both directions: every position attends to all that is not padding
- three embeddings are added and normed before the first block; GELU in its exact form
- the masked head's last matrix is the table of the tokens, transposed; the table has two gradients, added in `backward`
- heads, each there if its name is among the parameters:

    masked                which token stood there? on hidden          (the masked-token objective, section 3.1)
    next_sentence         0 = the second segment follows the first, 1 = it does not; on pooled
    sequence_classifier   on pooled       token_classifier   on hidden
    question_answering    on hidden: two logits a position, where the answer begins and where it ends
"""

from dataclasses import dataclass

import numpy as np

from minilm import tree
from minilm.arrays import scatter
from minilm.blocks import post_norm, stack
from minilm.fast import embedding as tied_embedding
from minilm.fast import gelu_exact
from minilm.layers import classifier, masked_head, pooler, token_positions
from minilm.models import outline as shape_of
from minilm.ops import dropout, embedding, layer_norm

CLASSIFIERS = {  # the head: what it reads
    "next_sentence": "pooled",
    "sequence_classifier": "pooled",
    "token_classifier": "hidden",
    "question_answering": "hidden",
}
HEADS = ("masked", *CLASSIFIERS)


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of a BERT; the defaults are the base model's (110M)."""

    vocabulary: int = 30522
    max_positions: int = 512
    segments: int = 2
    width: int = 768
    heads: int = 12
    inner: int = 3072
    layers: int = 12
    labels: int = 2
    attention_dropout: float = 0.1
    dropout: float = 0.1
    classifier_dropout: float = 0.1
    eps: float = 1e-12


def outline(config, heads=("masked", "next_sentence"), with_pooler=None):
    """The tree of the parameters, in shapes alone. `with_pooler` None: if a head wants it."""
    width, vocabulary = config.width, config.vocabulary
    body = {
        "embedding": {
            "tokens": shape_of.table(vocabulary, width),
            "positions": shape_of.table(config.max_positions, width),
        },
        "segments": shape_of.table(config.segments, width),
        "embedding_norm": shape_of.norm(width),
        "blocks": [shape_of.block(width, config.inner) for _ in range(config.layers)],
    }
    wanted = any(CLASSIFIERS.get(head) == "pooled" for head in heads) if with_pooler is None else with_pooler
    on_top = {
        "masked": {
            "transform": shape_of.linear(width, width), "norm": shape_of.norm(width), "bias": shape_of.array(vocabulary)
        },
        "next_sentence": shape_of.linear(width, 2),
        "sequence_classifier": shape_of.linear(width, config.labels),
        "token_classifier": shape_of.linear(width, config.labels),
        "question_answering": shape_of.linear(width, 2),
    }  # fmt: skip
    return body | ({"pooler": shape_of.linear(width, width)} if wanted else {}) | {head: on_top[head] for head in heads}


def optional(names):
    """What a file with tensors of these names has of what a BERT may have: keywords of `outline`."""
    heads = tuple(head for head in HEADS if any(name.startswith(f"{head}.") for name in names))
    return {"heads": heads, "with_pooler": "pooler.weight" in names}


def init(rng, config, dtype=np.float32, heads=("masked", "next_sentence"), deviation=0.02):
    """Random parameters, as in the released code. A narrow model learns sooner from a deviation of width^-0.5."""
    return shape_of.draw(rng, outline(config, heads), dtype, deviation)


def of_blocks(config):
    """The settings that the blocks take in forward and in backward."""
    return {
        "heads": config.heads, "activation": gelu_exact, "rate": config.dropout,
        "attention_rate": config.attention_dropout,
    }  # fmt: skip


def rate_of(head, config):
    """The dropout before a classifier: none where the pre-training has none."""
    return config.classifier_dropout if head.endswith("classifier") else 0.0


def forward(params, inputs, segments=None, attend=None, places=None, *, config, rng=None):
    """inputs (B, T) of ids -> ({"hidden": (B, T, D), "pooled": (B, D), and a head's name: its logits}, cache).

    segments (B, T) of 0 ... ; None means 0. attend (B, T), True = may be attended to; None means all. places (B, T),
    True where the masked head is wanted: its logits are then (N, V) for those N places alone, not (B, T, V).
    """
    hidden, cache = encode(params, inputs, segments, attend, config=config, rng=rng)       # (B, T, D)
    pooled, pooler_cache = pooler.forward(params["pooler"], hidden) if "pooler" in params else (None, None)    # (B, D)
    masked, masked_cache = masked_logits(params, hidden, places, config) if "masked" in params else (None, None)
    sources = {"hidden": hidden, "pooled": pooled}
    classified = {
        head: classifier.forward(params[head], sources[source], rate_of(head, config), rng)
        for head, source in CLASSIFIERS.items() if head in params
    }  # fmt: skip
    outputs = sources | {"masked": masked} | {head: logits for head, (logits, _) in classified.items()}
    caches = {"pooler": pooler_cache, "masked": masked_cache} | {head: each for head, (_, each) in classified.items()}
    return there(outputs), cache | there(caches) | {"places": places}


def masked_logits(params, hidden, places, config):
    """hidden (B, T, D) -> the logits (N, V) of the places, or (B, T, V) of all."""
    rows = hidden if places is None else hidden[places]                                    # (..., D)
    return masked_head.forward(params["masked"], params["embedding"]["tokens"], rows, gelu_exact, config.eps)


def there(parts):
    """The dict without what there is none of."""
    return {name: part for name, part in parts.items() if part is not None}


def encode(params, inputs, segments=None, attend=None, *, config, rng=None):
    """inputs (B, T) of ids -> hidden (B, T, D): each position's vector, from its context on both sides."""
    numbers = np.zeros_like(inputs) if segments is None else segments                      # (B, T)
    placed, embedding_cache = token_positions.forward(params["embedding"], inputs)         # (B, T, D)
    of_segment, segments_cache = embedding.forward(params["segments"], numbers)            # (B, T, D)
    normed, norm_cache = layer_norm.forward(params["embedding_norm"], placed + of_segment, config.eps)     # (B, T, D)
    x, dropout_cache = dropout.forward(normed, config.dropout, rng)                        # (B, T, D)
    mask = None if attend is None or attend.all() else attend[:, None, None, :]
    hidden, blocks_cache = stack.forward(
        post_norm, params["blocks"], x, mask=mask, eps=config.eps, rng=rng, **of_blocks(config)
    )                                                                                      # (B, T, D)
    cache = {"embedding": embedding_cache, "segments": segments_cache, "embedding_norm": norm_cache}
    return hidden, cache | {"dropout": dropout_cache, "blocks": blocks_cache, "hidden": hidden}


def backward(params, cache, doutputs, *, config, consume=False, frozen=False):
    """doutputs, a dict with the gradient of any of the outputs (what is missing has none) -> dparams.

    `consume` empties the cache's list of blocks. `frozen`: the gradients of embeddings and blocks are not computed, and
    zero.
    """
    dclassified = {
        head: classifier.backward(params[head], cache[head], doutputs[head], rate_of(head, config))
        for head in reversed(CLASSIFIERS) if head in params and head in doutputs
    }  # fmt: skip
    asked = "masked" in params and "masked" in doutputs
    dhidden_masked, dtable_head, dmasked = masked_backward(params, cache, doutputs["masked"]) if asked else 3 * (None,)
    dpooled = added(doutputs.get("pooled"), *of_source("pooled", dclassified))             # (B, D)
    dhidden_pooled, dpooler = pooler_backward(params, cache, dpooled)                      # (B, T, D)
    dhidden = added(doutputs.get("hidden"), *of_source("hidden", dclassified), dhidden_masked, dhidden_pooled)
    del doutputs  # the gradient of all logits need not outlive the heads: a fifteenth of a step's memory
    dencoded = {} if frozen else encode_backward(params, cache, dhidden, dtable_head, config=config, consume=consume)
    dheads = there({"pooler": dpooler, "masked": dmasked}) | {head: dhead for head, (_, dhead) in dclassified.items()}
    dparams = dencoded | dheads
    return {part: dparams[part] if part in dparams else tree.map(np.zeros_like, params[part]) for part in params}


def of_source(source, dclassified):
    """The gradients of what the classifiers on that source read."""
    return [dsource for head, (dsource, _) in dclassified.items() if CLASSIFIERS[head] == source]


def added(*parts):
    """The sum of the gradients that are there; None where there is none."""
    found = [part for part in parts if part is not None]
    return sum(found[1:], start=found[0]) if found else None


def masked_backward(params, cache, dlogits):
    """dlogits (N, V) or (B, T, V) of the masked head -> dhidden (B, T, D), the table's gradient (V, D), dparams."""
    drows, dtable, dparams = masked_head.backward(
        params["masked"], params["embedding"]["tokens"], cache["masked"], dlogits, gelu_exact
    )                                                                                      # (..., D)
    return drows if cache["places"] is None else spread(drows, cache["places"]), dtable["weight"], dparams


def spread(drows, places):
    """drows (N, D) -> (B, T, D), zero elsewhere: the backward of hidden[places]."""
    dflat = scatter.add(np.flatnonzero(places), drows, places.size)                        # (N, D)
    return dflat.reshape(*places.shape, drows.shape[-1])


def pooler_backward(params, cache, dpooled):
    """dpooled (B, D) -> dhidden (B, T, D), dparams; None both where nothing was asked of the pooler."""
    return (None, None) if dpooled is None else pooler.backward(params["pooler"], cache["pooler"], dpooled)


def encode_backward(params, cache, dhidden, dtable_head, *, config, consume=False):
    """dhidden (B, T, D), and the head's gradient of the table (V, D) -> the gradients of embeddings and blocks.

    Either may be None, which stands for zero.
    """
    dtop = np.zeros_like(cache["hidden"]) if dhidden is None else dhidden                  # (B, T, D)
    dx, dblocks = stack.backward(
        post_norm, params["blocks"], cache["blocks"], dtop, consume=consume, **of_blocks(config)
    )                                                                                      # (B, T, D)
    dnormed = dropout.backward(cache["dropout"], dx, config.dropout)                       # (B, T, D)
    dsummed, dnorm = layer_norm.backward(params["embedding_norm"], cache["embedding_norm"], dnormed)   # (B, T, D)
    dsegments = embedding.backward(params["segments"], cache["segments"], dsummed)
    tables, tables_cache = params["embedding"], cache["embedding"]
    dpositions = token_positions.positions_backward(tables["positions"], tables_cache["positions"], dsummed)
    # The two uses of the tied matrix, as the head and as the rows of the tokens: dtable_head + the rows' gradient.
    dtokens = tied_embedding.backward(tables["tokens"], tables_cache["tokens"], dsummed, dtable_head)
    dembedding = {"tokens": dtokens, "positions": dpositions}
    return {"embedding": dembedding, "segments": dsegments, "embedding_norm": dnorm, "blocks": dblocks}
