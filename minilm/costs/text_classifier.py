"""The work of models.text_classifier, layer by layer."""

from minilm.costs import blocks, parts
from minilm.costs.blocks import named, part
from minilm.costs.parts import passes
from minilm.costs.subject import Subject
from minilm.models import text_classifier

ACTIVATION = "gelu_tanh"
LENGTH, LABELS = 32, 2  # of a text, where nobody says; a preset has no number of labels


def of_preset(title, preset, vocabulary):
    """The Subject of a preset."""
    config = text_classifier.Config(
        vocabulary=vocabulary or 8000, max_positions=preset.length, width=preset.width, heads=preset.heads,
        inner=2 * preset.width, layers=preset.layers, labels=LABELS, dropout=preset.dropout,
        embedding_dropout=preset.embedding_dropout, attention_dropout=min(0.1, preset.dropout),
        classifier_dropout=preset.classifier_dropout,
    )  # fmt: skip
    return Subject(title, text_classifier, config, preset.rows, min(LENGTH, preset.length))


def batch(subject, rng):
    """A batch of random ids, all rows whole, with random labels."""
    ids = rng.integers(1, subject.config.vocabulary, (subject.rows, subject.length))
    return {"inputs": ids, "label": rng.integers(0, subject.config.labels, subject.rows)}


def step(subject, shapes, rows):
    """A shard's forward and backward; `rows` are the shard's."""
    config, positions = subject.config, subject.length
    places, width, embedding = rows * positions, config.width, shapes["embedding"]
    yield part(
        "embedding", embedding, parts.embedding(embedding["tokens"], places), parts.residual(places, width),
        parts.dropout(places, width, config.embedding_dropout),
    )  # fmt: skip
    for number, params in enumerate(shapes["blocks"]):
        rates = (config.dropout, config.attention_dropout)
        yield from blocks.block(f"blocks.{number}", params, rows, config.heads, positions, ACTIVATION, *rates)
    yield part(
        "norm and mean", named(shapes, "norm"), parts.layer_norm(shapes["norm"], places),
        (passes(places, width, sum=1), passes(places, width, fresh=2)),
    )  # fmt: skip
    head = shapes["sequence_classifier"]
    yield part(
        "sequence_classifier and loss", head, parts.dropout(rows, width, config.classifier_dropout),
        parts.linear(head, rows), parts.cross_entropy(rows, config.labels),
    )  # fmt: skip
