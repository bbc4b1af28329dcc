"""The work of models.encoder_decoder, layer by layer."""

import numpy as np

from minilm import tree
from minilm.costs import blocks, parts
from minilm.costs.blocks import part
from minilm.costs.parts import passes
from minilm.costs.subject import Subject
from minilm.costs.work import Part
from minilm.models import encoder_decoder

ACTIVATION = "relu"
WORDS = 8000  # the vocabulary of presets that take it from the text
ROWS, LENGTH = 32, 20  # of a batch, where nobody says


def of_preset(title, preset, vocabulary):
    """The Subject of a preset."""
    config = encoder_decoder.Config(
        source_vocabulary=vocabulary or WORDS, target_vocabulary=vocabulary or WORDS, width=preset.width,
        heads=preset.heads, inner=preset.inner, encoder_layers=preset.layers, decoder_layers=preset.layers,
        max_positions=preset.max_positions, dropout=preset.dropout, smoothing=preset.smoothing,
    )  # fmt: skip
    return Subject(title, encoder_decoder, config, max(1, preset.tokens // (2 * LENGTH)), LENGTH, clip=None)


def batch(subject, rng):
    """A batch of random ids."""
    sizes = (subject.config.source_vocabulary, subject.config.target_vocabulary)
    source, target = (rng.integers(1, size, (subject.rows, subject.length + 1)) for size in sizes)
    return {"source": source[:, :-1], "target": target}


def step(subject, shapes, rows):
    """A shard's forward and backward; `rows` are the shard's."""
    config, positions = subject.config, subject.length
    width, rate, places = config.width, config.dropout, rows * positions

    def embed(table):
        scaled = (passes(places, width, fresh=2), passes(places, width, fresh=1))
        read = parts.embedding(shapes[table], places, tied=table == "target_embedding")
        return part(table, shapes[table], read, scaled, parts.dropout(places, width, rate))

    sizes = (rows, config.heads, positions, ACTIVATION, rate, rate)
    yield embed("source_embedding")
    for number, params in enumerate(shapes["encoder"]):
        yield from blocks.block(f"encoder.{number}", params, *sizes)
    yield embed("target_embedding")
    for number, params in enumerate(shapes["decoder"]):
        yield from blocks.block(f"decoder.{number}", params, *sizes, memory=positions)
    loss = parts.cross_entropy(places, config.target_vocabulary, config.smoothing)
    yield part("head (tied) and loss", [], parts.tied_head(shapes["target_embedding"], places), loss)


def token(subject, shapes, context):
    """A token of one sentence, as long as a row: `context` positions are written, this one among them."""
    config, table = subject.config, shapes["target_embedding"]
    yield Part("target_embedding", tree.size(table), passes(1, config.width, gather=1, fresh=2))
    for number, params in enumerate(shapes["decoder"]):
        sizes = (1, config.heads, 1, context, ACTIVATION)
        yield from blocks.cached_block(f"decoder.{number}", params, *sizes, memory=subject.length)
    yield Part("head (tied)", 0, parts.tied_head(table, 1)[0])


def generating(subject, params, context):
    """A run that makes one more token; `context` positions are written before the first."""
    rng = np.random.default_rng(1)
    source = rng.integers(1, subject.config.source_vocabulary, (1, subject.length))
    state = [encoder_decoder.start(params, subject.config, source)]
    last = [np.array([1])]

    def run():
        logits, state[0] = encoder_decoder.step(params, subject.config, state[0], last[0])
        last[0] = logits.argmax(-1)

    for _ in range(context - 1):
        run()
    return run
