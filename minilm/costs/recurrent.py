"""The work of the LSTM language model, layer by layer."""

from minilm import tree
from minilm.costs import gpt, parts
from minilm.costs.blocks import part
from minilm.costs.subject import Subject
from minilm.costs.work import Part
from minilm.models import lstm_lm

batch = gpt.batch
LENGTH = 35  # of a row, where nobody says: it has no limit


def of_preset(title, preset, vocabulary):
    """The Subject of a preset."""
    config = lstm_lm.Config(
        vocabulary=vocabulary or preset.vocabulary, embedding=preset.embedding, hidden=preset.hidden,
        layers=preset.layers, dropout=preset.dropout,
    )  # fmt: skip
    return Subject(title, lstm_lm, config, preset.rows, preset.length, clip=preset.clip)


def shortest(length):
    """The length that leaves the number of calls what it is: positions come one after the other."""
    return length


def step(subject, shapes, rows):
    """A shard's forward and backward; `rows` are the shard's."""
    config, places, table = subject.config, rows * subject.length, shapes["embedding"]
    dropped = parts.dropout(places, config.embedding, config.dropout)
    yield part("embedding", table, parts.embedding(table, places), dropped)
    for number, params in enumerate(shapes["encoder"]):
        dropped = parts.dropout(places, config.hidden, config.dropout)
        yield part(f"encoder.{number}", params, parts.lstm(params, rows, subject.length), dropped)
    turned = parts.passes(places, config.hidden, copy=1)  # time first becomes batch first
    loss = parts.cross_entropy(places, config.vocabulary)
    yield part("output and loss", shapes["output"], (turned, []), parts.linear(shapes["output"], places), loss)


def token(subject, shapes, context):
    """One token: its cost does not depend on how many came before."""
    table = shapes["embedding"]
    yield Part("embedding", tree.size(table), parts.embedding(table, 1)[0])
    for number, params in enumerate(shapes["encoder"]):
        yield Part(f"encoder.{number}", tree.size(params), parts.lstm(params, 1, 1)[0])
    yield Part("output", tree.size(shapes["output"]), parts.linear(shapes["output"], 1)[0])
