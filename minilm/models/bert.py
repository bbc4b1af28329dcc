"""BERT (Devlin et al. 2019, section 3): an encoder of post-norm blocks that reads the text in both directions.

    x      = dropout(norm(tokens[ids] + positions + segments[segment]))
    hidden = blocks(x)                       every position attends to all that is not padding; exact GELU
    pooled = tanh(hidden[:, 0] W + b)

and on them the heads, each there if its name is among the parameters:

    masked                which token stood there? on hidden          (the masked-token objective, section 3.1)
    next_sentence         0 = the second segment follows the first, 1 = it does not; on pooled
    sequence_classifier   on pooled       token_classifier   on hidden
    question_answering    on hidden: two logits a position, where the answer begins and where it ends
"""

from dataclasses import dataclass

import numpy as np

from minilm import tree
from minilm.blocks import post_norm
from minilm.fast import cross_entropy, gelu_exact
from minilm.fast import embedding as tied_embedding
from minilm.layers import masked_head, pooler, token_positions
from minilm.models import outline as shape_of
from minilm.ops import dropout, embedding, layer_norm, linear

PAD = 0
HEADS = ("masked", "next_sentence", "sequence_classifier", "token_classifier", "question_answering")
POOLED = ("next_sentence", "sequence_classifier")


@dataclass(frozen=True)
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
    parts = {
        "embedding": {
            "tokens": shape_of.table(vocabulary, width),
            "positions": shape_of.table(config.max_positions, width),
        },
        "segments": shape_of.table(config.segments, width),
        "embedding_norm": shape_of.norm(width),
        "blocks": [shape_of.block(width, config.inner) for _ in range(config.layers)],
    }
    if any(head in POOLED for head in heads) if with_pooler is None else with_pooler:
        parts["pooler"] = shape_of.linear(width, width)
    on_top = {
        "masked": {
            "transform": shape_of.linear(width, width), "norm": shape_of.norm(width), "bias": shape_of.array(vocabulary)
        },
        "next_sentence": shape_of.linear(width, 2),
        "sequence_classifier": shape_of.linear(width, config.labels),
        "token_classifier": shape_of.linear(width, config.labels),
        "question_answering": shape_of.linear(width, 2),
    }  # fmt: skip
    return parts | {head: on_top[head] for head in heads}


def init(rng, config, dtype=np.float32, heads=("masked", "next_sentence"), deviation=0.02):
    """Random parameters, as in the released code. A narrow model learns sooner from a deviation of width^-0.5."""
    return shape_of.draw(rng, outline(config, heads), dtype, deviation)


def forward(params, inputs, segments=None, attend=None, places=None, *, config, rng=None):
    """inputs (B, T) of ids -> ({"hidden": (B, T, D), "pooled": (B, D), and a head's name: its logits}, cache).

    segments (B, T) of 0 ... ; None means 0. attend (B, T), True = may be attended to; None means all. places (B, T),
    True where the masked head is wanted: its logits are then (N, V) for those N places alone, not (B, T, V).
    """
    hidden, cache = encode(params, inputs, segments, attend, config=config, rng=rng)       # (B, T, D)
    outputs, caches = {"hidden": hidden}, {**cache, "places": places}
    if "pooler" in params:
        outputs["pooled"], caches["pooler"] = pooler.forward(params["pooler"], hidden)     # (B, D)
    if "masked" in params:
        rows = hidden if places is None else hidden[places]
        outputs["masked"], caches["masked"] = masked_head.forward(
            params["masked"], params["embedding"]["tokens"], rows, gelu_exact, config.eps
        )
    for head in HEADS[1:]:
        if head in params:
            source = outputs["pooled" if head in POOLED else "hidden"]
            rate = config.classifier_dropout if head.endswith("classifier") else 0.0
            kept, dropout_cache = dropout.forward(source, rate, rng)
            outputs[head], linear_cache = linear.forward(params[head], kept)
            caches[head] = {"dropout": dropout_cache, "linear": linear_cache}
    return outputs, caches


def encode(params, inputs, segments=None, attend=None, *, config, rng=None):
    """inputs (B, T) of ids -> hidden (B, T, D): each position's vector, from its context on both sides."""
    numbers = np.zeros_like(inputs) if segments is None else segments
    summed, embedding_cache = token_positions.forward(params["embedding"], inputs)         # (B, T, D)
    of_segment, segments_cache = embedding.forward(params["segments"], numbers)            # (B, T, D)
    normed, norm_cache = layer_norm.forward(params["embedding_norm"], summed + of_segment, config.eps)
    x, dropout_cache = dropout.forward(normed, config.dropout, rng)                        # (B, T, D)
    mask = None if attend is None or attend.all() else attend[:, None, None, :]
    caches = []
    for block in params["blocks"]:
        x, cache = post_norm.forward(
            block, x, config.heads, mask, gelu_exact, config.eps, config.dropout, config.attention_dropout, rng
        )
        caches.append(cache)
    cache = {"embedding": embedding_cache, "segments": segments_cache, "embedding_norm": norm_cache}
    return x, cache | {"dropout": dropout_cache, "blocks": caches, "hidden": x}


def backward(params, cache, doutputs, *, config):
    """doutputs, a dict with the gradient of any of the outputs (what is missing has none) -> dparams."""
    dparams = {}
    dsources = {"hidden": doutputs.get("hidden", np.zeros_like(cache["hidden"])), "pooled": doutputs.get("pooled")}
    for head in reversed(HEADS[1:]):
        if head in params and head in doutputs:
            source = "pooled" if head in POOLED else "hidden"
            head_cache = cache[head]
            dkept, dparams[head] = linear.backward(params[head], head_cache["linear"], doutputs[head])
            rate = config.classifier_dropout if head.endswith("classifier") else 0.0
            dsource = dropout.backward(head_cache["dropout"], dkept, rate)
            dsources[source] = dsource if dsources[source] is None else dsources[source] + dsource
    dhidden = dsources["hidden"]                                                           # (B, T, D)
    dtable_head = None
    if "masked" in params and "masked" in doutputs:
        table = params["embedding"]["tokens"]
        drows, dtable, dparams["masked"] = masked_head.backward(
            params["masked"], table, cache["masked"], doutputs["masked"], gelu_exact
        )
        dtable_head = dtable["weight"]
        doutputs = None  # the gradient of all logits need not outlive the head: a fifteenth of a step's memory
        dhidden = dhidden + (drows if cache["places"] is None else spread(drows, cache["places"]))
    if dsources["pooled"] is not None:
        dfirst, dparams["pooler"] = pooler.backward(params["pooler"], cache["pooler"], dsources["pooled"])
        dhidden = dhidden + dfirst
    dparams |= encode_backward(params, cache, dhidden, dtable_head, config=config)
    return {part: dparams[part] if part in dparams else tree.map(np.zeros_like, params[part]) for part in params}


def encode_backward(params, cache, dhidden, dtable_head, *, config):
    """dhidden (B, T, D), the masked head's gradient of the tied table -> the gradients of embeddings and blocks."""
    dx = dhidden
    dblocks: list = []
    for block, block_cache in zip(reversed(params["blocks"]), reversed(cache["blocks"]), strict=True):
        dx, dblock = post_norm.backward(
            block, block_cache, dx, config.heads, gelu_exact, config.dropout, config.attention_dropout
        )
        dblocks.insert(0, dblock)
    dnormed = dropout.backward(cache["dropout"], dx, config.dropout)                       # (B, T, D)
    dsummed, dnorm = layer_norm.backward(params["embedding_norm"], cache["embedding_norm"], dnormed)
    dsegments = embedding.backward(params["segments"], cache["segments"], dsummed)
    table, tables_cache = params["embedding"], cache["embedding"]
    dpositions = token_positions.positions_backward(table["positions"], tables_cache["positions"], dsummed)
    # The two uses of the tied matrix, as the head and as the rows of the tokens: dtable_head + the rows' gradient.
    dtokens = tied_embedding.backward(table["tokens"], tables_cache["tokens"], dsummed, dtable_head)
    dembedding = {"tokens": dtokens, "positions": dpositions}
    return {"embedding": dembedding, "segments": dsegments, "embedding_norm": dnorm, "blocks": dblocks}


def spread(drows, places):
    """drows (N, D) -> (B, T, D), zero elsewhere: the backward of hidden[places]."""
    dhidden = np.zeros((*places.shape, drows.shape[-1]), drows.dtype)                      # (B, T, D)
    dhidden[places] = drows
    return dhidden


def count(batch):
    """The number of masked tokens that count; of a batch without them, the number of rows."""
    return int(batch["mask"].sum()) if "mask" in batch else len(batch["inputs"])


def loss(params, batch, *, config, rng=None, count=None):
    """The mean loss of a masked token plus the mean loss of a next-sentence answer; either may be absent.

    batch {"inputs": (B, T)} and, where there are any, "segments" (B, T), "attend" (B, T) (otherwise: all but id 0);
    for masked tokens "targets" and "mask" (B, T), True = counts; for next sentences "next_sentence" (B) of 0 and 1,
    and "next_sentence_weight" (B), one through the rows of the whole batch (otherwise: of this one). `count` divides
    the masked tokens' sum alone; so shards with the whole's count and weights add up to the whole.
    """
    attend = batch["attend"] if "attend" in batch else batch["inputs"] != PAD
    places = batch.get("mask", np.zeros(batch["inputs"].shape, bool))
    outputs, cache = forward(
        params, batch["inputs"], batch.get("segments"), attend, places, config=config, rng=rng
    )
    value, losses = 0.0, {}
    if "targets" in batch:
        value, losses["masked"] = cross_entropy.forward(outputs["masked"], batch["targets"][places], count=count)
    if "next_sentence" in batch:
        answers = batch["next_sentence"]
        weights = batch.get("next_sentence_weight", np.full(len(answers), 1 / max(len(answers), 1)))
        following, losses["next_sentence"] = cross_entropy.forward(
            outputs["next_sentence"], answers, weights.astype(outputs["hidden"].real.dtype), count=1
        )
        value = value + following
    return value, cache | {"loss": losses, "config": config}


def loss_backward(params, cache, dloss=1.0):
    """The gradient of the loss -> dparams."""
    consume = tree.is_spent(cache)
    # Handed over without names here, so that backward alone holds the gradient of all logits, and lets go of it.
    return backward(
        params, cache,
        {head: cross_entropy.backward(kept, dloss, consume=consume) for head, kept in cache["loss"].items()},
        config=cache["config"],
    )  # fmt: skip
