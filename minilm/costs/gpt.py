"""The work of models.gpt (and of models.gpt2, where it is the same), layer by layer."""

from minilm import catalogue, tree
from minilm.costs import blocks, parts
from minilm.costs.blocks import part
from minilm.costs.parts import passes
from minilm.costs.subject import Subject
from minilm.costs.work import Part

ACTIVATION = "gelu_tanh"
CHARACTERS = 65  # the vocabulary of a preset that takes it from the text


def of_preset(title, preset, vocabulary):
    """The Subject of a preset, which says which of the two models it is."""
    model = catalogue.ROWS[preset.model].module
    config = model.Config(
        vocabulary=vocabulary or CHARACTERS, max_positions=preset.context, width=preset.width, heads=preset.heads,
        inner=4 * preset.width, layers=preset.layers, embedding_dropout=preset.dropout,
        attention_dropout=preset.dropout, dropout=preset.dropout,
    )  # fmt: skip
    return Subject(title, model, config, preset.rows, preset.context, clip=preset.clip)


def batch(subject, rng):
    """A batch of random ids."""
    ids = rng.integers(1, subject.config.vocabulary, (subject.rows, subject.length + 1))
    return {"inputs": ids[:, :-1], "targets": ids[:, 1:]}


def step(subject, shapes, rows):
    """A shard's forward and backward; `rows` are the shard's."""
    config, positions = subject.config, subject.length
    embedding, places = shapes["embedding"], rows * positions
    yield part(
        "embedding", embedding, parts.embedding(embedding["tokens"], places, tied=True),
        parts.residual(places, config.width), parts.dropout(places, config.width, config.embedding_dropout),
    )  # fmt: skip
    for number, params in enumerate(shapes["blocks"]):
        rates = (config.dropout, config.attention_dropout)
        yield from blocks.block(f"blocks.{number}", params, rows, config.heads, positions, ACTIVATION, *rates)
    if "norm" in shapes:
        yield part("norm", shapes["norm"], parts.layer_norm(shapes["norm"], places))
    loss = parts.cross_entropy(places, config.vocabulary)
    yield part("head (tied) and loss", [], parts.tied_head(embedding["tokens"], places), loss)


def token(subject, shapes, context):
    """One token; `context` positions are known after it."""
    return [*embedded(shapes, 1), *kept(subject, shapes, 1, context), *head(shapes)]


def prompt(subject, shapes, positions):
    """A prompt in one pass. The head is left to the token that follows."""
    return [*embedded(shapes, positions), *kept(subject, shapes, positions, positions)]


def embedded(shapes, positions):
    embedding = shapes["embedding"]
    width = embedding["tokens"]["weight"].shape[1]
    yield Part("embedding", tree.size(embedding), passes(positions, width, gather=2, fresh=1))


def kept(subject, shapes, positions, keys, blocked=False):
    """The blocks over new positions, when `keys` are kept in all, their own among them."""
    for number, params in enumerate(shapes["blocks"]):
        sizes = (1, subject.config.heads, positions, keys, ACTIVATION)
        yield from blocks.cached_block(f"blocks.{number}", params, *sizes, masked=positions > 1, blocked=blocked)


def head(shapes):
    if "norm" in shapes:
        yield Part("norm", tree.size(shapes["norm"]), parts.layer_norm(shapes["norm"], 1)[0])
    yield Part("head (tied)", 0, parts.tied_head(shapes["embedding"]["tokens"], 1)[0])
