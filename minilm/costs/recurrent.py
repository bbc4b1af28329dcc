"""The work of the LSTM language model, layer by layer."""

from minilm import tree
from minilm.costs import parts
from minilm.costs.transformers import part
from minilm.costs.work import Part


def step(name, shapes, config, batch, positions):
    """A shard's forward and backward of models.lstm_lm."""
    rows = batch * positions
    table = shapes["embedding"]
    dropped = parts.dropout(rows, config.embedding, config.dropout)
    yield part("embedding", table, parts.embedding(table, rows), dropped)
    for number, params in enumerate(shapes["encoder"]):
        dropped = parts.dropout(rows, config.hidden, config.dropout)
        yield part(f"encoder.{number}", params, parts.lstm(params, batch, positions), dropped)
    turned = parts.passes(rows, config.hidden, copy=1)  # time first becomes batch first
    loss = parts.cross_entropy(rows, config.vocabulary)
    yield part("output and loss", shapes["output"], (turned, []), parts.linear(shapes["output"], rows), loss)


def token(name, shapes, config):
    """One token: its cost does not depend on how many came before."""
    table = shapes["embedding"]
    yield Part("embedding", tree.size(table), parts.embedding(table, 1)[0])
    for number, params in enumerate(shapes["encoder"]):
        yield Part(f"encoder.{number}", tree.size(params), parts.lstm(params, 1, 1)[0])
    yield Part("output", tree.size(shapes["output"]), parts.linear(shapes["output"], 1)[0])
