"""The work of the tagger, layer by layer."""

from minilm.costs import parts
from minilm.costs.blocks import part
from minilm.costs.parts import passes
from minilm.costs.subject import Subject
from minilm.data import tag_schemes
from minilm.models import lstm_tagger

LENGTH = 32  # of a sentence, where nobody says
TYPES, PAIRS = 8, 6  # types of entities, and different pairs of characters for each character, where a preset has none


def of_preset(title, preset, vocabulary):
    """The Subject of a preset."""
    known = vocabulary or 2000
    config = lstm_tagger.Config(
        vocabulary=known, features=PAIRS * known, tags=tag_schemes.number_of_tags(TYPES), embedding=preset.embedding,
        feature_embedding=preset.feature_embedding, hidden=preset.hidden, dropout=preset.dropout,
        token_dropout=preset.token_dropout,
    )  # fmt: skip
    return Subject(title, lstm_tagger, config, preset.rows, LENGTH, clip=preset.clip)


def shortest(length):
    """The length that leaves the number of calls what it is: positions come one after the other."""
    return length


def batch(subject, rng):
    """A batch of random ids, all rows whole, without an entity."""
    config, shape = subject.config, (subject.rows, subject.length)
    ids = {"inputs": rng.integers(1, config.vocabulary, shape), "features": rng.integers(1, config.features, shape)}
    return {**ids, "tags": 0 * ids["inputs"], "lengths": 0 * ids["inputs"][:, 0] + subject.length}


def step(subject, shapes, rows):
    """A shard's forward and backward; `rows` are the shard's."""
    config, places, tables = subject.config, rows * subject.length, shapes["embedding"]
    width = config.embedding + config.feature_embedding
    yield part(
        "embedding", tables, parts.embedding(tables["tokens"], places), parts.embedding(tables["features"], places),
        both_ways(places, width, copy=1, temporary=1), parts.dropout(places, width, config.dropout),
    )  # fmt: skip
    for direction, params in shapes["encoder"].items():
        turned = both_ways(places, width + config.hidden, copy=2)
        yield part(f"encoder.{direction}", params, turned, parts.lstm(params, rows, subject.length))
    yield part(
        "output", shapes["output"], parts.dropout(places, 2 * config.hidden, config.dropout),
        parts.linear(shapes["output"], places),
    )  # fmt: skip
    yield part("field and loss", shapes["field"], field(rows, subject.length, config.tags))


def both_ways(rows, columns, **times):
    """The same passes forward and backward."""
    return passes(rows, columns, **times), passes(rows, columns, **times)


def field(batch, positions, tags):
    """A field of `tags`: sums over all pairs of them, a position at a time; and back the marginals of all at once."""
    pairs, each = (batch * tags, tags), positions - 1
    a_sum = {"temporary": 2 * each, "exp": each, "max": each, "sum": each}
    forward = passes(*pairs, **a_sum) + passes(batch, tags, temporary=4 * each)
    every = passes(each * batch * tags, tags, temporary=7, exp=1, compare=2, sum=1)
    return forward, passes(*pairs, **a_sum) + passes(batch, tags, temporary=4 * each) + every
