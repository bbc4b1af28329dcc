"""The work of models.bert, layer by layer."""

import numpy as np

from minilm.costs import blocks, parts
from minilm.costs.blocks import named, part
from minilm.costs.parts import passes
from minilm.costs.subject import Subject
from minilm.models import bert

ACTIVATION = "gelu_exact"
MASKED = 0.15  # of a row
TRAINED = ("next_sentence",)  # of the classifiers, by pre-training


def of_preset(title, preset, vocabulary):
    """The Subject of a preset."""
    config = bert.Config(
        vocabulary=vocabulary or preset.vocabulary, max_positions=preset.length, width=preset.width,
        heads=preset.heads, inner=4 * preset.width, layers=preset.layers, attention_dropout=preset.dropout,
        dropout=preset.dropout,
    )  # fmt: skip
    return Subject(title, bert, config, preset.rows, preset.length)


def given(params):
    """What init is told beyond the settings, for a model with these parameters: its heads."""
    return {"heads": tuple(head for head in bert.HEADS if head in params)}


def heads(subject):
    """The heads that are trained."""
    return (subject.given or {"heads": bert.HEADS[:2]})["heads"]


def masked(subject):
    """Places of a row that are asked for."""
    return max(1, round(MASKED * subject.length))


def batch(subject, rng):
    """A batch of random ids, with what the heads are asked."""
    ids = rng.integers(1, subject.config.vocabulary, (subject.rows, subject.length + 1))
    found = {"inputs": ids[:, :-1]}
    if "masked" in heads(subject):  # a BERT for sentence vectors has none: its step is that of its blocks
        places = np.arange(subject.length) < masked(subject) + np.zeros((subject.rows, 1))
        found |= {"targets": ids[:, 1:], "mask": rng.permuted(places, axis=1)}
    if "next_sentence" in heads(subject):
        found["next_sentence"] = rng.integers(0, 2, subject.rows)
        found["next_sentence_weight"] = np.full(subject.rows, 1 / subject.rows)
    return found


def step(subject, shapes, rows):
    """A shard's forward and backward; `rows` are the shard's."""
    config, positions, asked = subject.config, subject.length, rows * masked(subject)
    places, width, embedding = rows * positions, config.width, shapes["embedding"]
    yield part(
        "embedding", named(shapes, "embedding", "segments", "embedding_norm"),
        parts.embedding(embedding["tokens"], places, tied=True), parts.embedding(shapes["segments"], places),
        parts.residual(places, width), parts.residual(places, width),
        parts.layer_norm(shapes["embedding_norm"], places), parts.dropout(places, width, config.dropout),
    )  # fmt: skip
    for number, params in enumerate(shapes["blocks"]):
        rates = (config.dropout, config.attention_dropout)
        yield from blocks.block(f"blocks.{number}", params, rows, config.heads, positions, ACTIVATION, *rates)
    if "pooler" in shapes:
        yield part("pooler", shapes["pooler"], parts.linear(shapes["pooler"], rows))
    if "masked" in shapes:
        head, vocabulary = shapes["masked"], config.vocabulary
        yield part(
            "masked (tied) and loss", head, (passes(asked, width, gather=1), passes(places, width, zeros=1, fresh=1)),
            parts.linear(head["transform"], asked), parts.gelu_exact(asked, width),
            parts.layer_norm(head["norm"], asked), parts.tied_head(embedding["tokens"], asked),
            (passes(asked, vocabulary, inplace=1), passes(asked, vocabulary, leading=1)),
            parts.cross_entropy(asked, vocabulary),
        )  # fmt: skip
    for name in bert.CLASSIFIERS:
        if name in shapes:
            yield part(name, shapes[name], parts.linear(shapes[name], rows) if name in TRAINED else ([], []))
