"""A tagger: embeddings, a bidirectional LSTM, and the potentials of a conditional random field (Huang, Xu and Yu 2015;
of Chinese characters and their pairs, Zhang and Yang 2018, section 3.1).

    x = [tokens[inputs], features[pairs]]     h = BiLSTM(x)     emissions = h W + b     transitions, first, last

What is special in it: each position is read with all of its text, from both ends. It has two tables, one of the tokens
and one of a second thing that is known of each position (of a character, itself and the next one; of a word, its
spelling's ending). Its output is not a choice at each position but the potentials of a field over whole sequences of
tags: the field's own weights are parameters that no input reaches, and stand in the output as they are. What is done
with them is a task's: their loss is ops.conditional_random_field, the best sequence decoding.viterbi.

Dropout stands before and after the LSTM, as in Ma and Hovy 2016, section 3.2. Before it some tokens are dropped whole,
and some of their seconds (Gal and Ghahramani 2016, section 4.2, drop words): what is known of a position by one table
alone has to do, as it will where a text brings what was never seen.
"""

from dataclasses import dataclass

import numpy as np

from minilm.layers import bidirectional_lstm
from minilm.models import outline as shape_of
from minilm.ops import conditional_random_field, dropout, embedding, linear


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of a tagger: two tables (rows and width of each), H units in either direction, and K tags."""

    vocabulary: int
    features: int
    tags: int
    embedding: int = 50
    feature_embedding: int = 50
    hidden: int = 128
    dropout: float = 0.5
    token_dropout: float = 0.0


def outline(config):
    """The tree of the parameters, in shapes alone."""
    gates, inputs = 4 * config.hidden, config.embedding + config.feature_embedding
    lstm = {
        "input": shape_of.array(inputs, gates), "recurrent": shape_of.array(config.hidden, gates),
        "bias": shape_of.array(gates),
    }  # fmt: skip
    return {
        "embedding": {
            "tokens": shape_of.table(config.vocabulary, config.embedding),
            "features": shape_of.table(config.features, config.feature_embedding),
        },
        "encoder": {"forward": lstm, "backward": dict(lstm)},
        "output": shape_of.linear(2 * config.hidden, config.tags),
        "field": {
            "transitions": shape_of.array(config.tags, config.tags), "first": shape_of.array(config.tags),
            "last": shape_of.array(config.tags),
        },
    }  # fmt: skip


def init(rng, config, dtype=np.float32):
    """Random parameters."""
    inputs = config.embedding + config.feature_embedding
    return {
        "embedding": {
            "tokens": embedding.init(rng, config.vocabulary, config.embedding, dtype),
            "features": embedding.init(rng, config.features, config.feature_embedding, dtype),
        },
        "encoder": bidirectional_lstm.init(rng, inputs, config.hidden, dtype),
        "output": linear.init(rng, 2 * config.hidden, config.tags, dtype),
        "field": conditional_random_field.init(rng, config.tags, dtype),
    }


def forward(params, inputs, features, lengths, *, config, rng=None):
    """inputs and features (B, T) of ids, lengths (B) -> {"emissions": (B, T, K), and the field's weights as they are:
    "transitions": (K, K), "first": (K), "last": (K)}."""
    tables = params["embedding"]
    tokens, tokens_cache = embedding.forward(tables["tokens"], inputs)                     # (B, T, D)
    seconds, features_cache = embedding.forward(tables["features"], features)              # (B, T, E)
    ones = np.ones((*inputs.shape, 1), tokens.dtype)                                       # (B, T, 1)
    tokens_kept, _ = dropout.forward(ones, config.token_dropout, rng)                      # (B, T, 1)
    seconds_kept, _ = dropout.forward(ones, config.token_dropout, rng)                     # (B, T, 1)
    rows = np.concatenate([tokens * tokens_kept, seconds * seconds_kept], -1)              # (B, T, D + E)
    x, x_cache = dropout.forward(rows, config.dropout, rng)                                # (B, T, D + E)
    h, encoder_cache = bidirectional_lstm.forward(params["encoder"], x, lengths)           # (B, T, 2H)
    top, top_cache = dropout.forward(h, config.dropout, rng)                               # (B, T, 2H)
    emissions, output_cache = linear.forward(params["output"], top)                        # (B, T, K)
    cache = {
        "embedding": {"tokens": tokens_cache, "features": features_cache}, "embedding_dropout": x_cache,
        "tokens_kept": tokens_kept, "seconds_kept": seconds_kept, "encoder": encoder_cache,
        "encoder_dropout": top_cache, "output": output_cache, "field": dict(params["field"]),
    }  # fmt: skip
    return {"emissions": emissions, **params["field"]}, cache


def backward(params, cache, dy, *, config, consume=False):
    """dy: the gradients of forward's output, by the same names -> dparams. The ids have no gradient.

    `consume` changes nothing: there is no list of blocks to be emptied.
    """
    dtop, doutput = linear.backward(params["output"], cache["output"], dy["emissions"])    # (B, T, 2H)
    dh = dropout.backward(cache["encoder_dropout"], dtop, config.dropout)                  # (B, T, 2H)
    dx, dencoder = bidirectional_lstm.backward(params["encoder"], cache["encoder"], dh)    # (B, T, D + E)
    drows = dropout.backward(cache["embedding_dropout"], dx, config.dropout)               # (B, T, D + E)
    dtokens = drows[..., : config.embedding] * cache["tokens_kept"]                        # (B, T, D)
    dseconds = drows[..., config.embedding :] * cache["seconds_kept"]                      # (B, T, E)
    tables = params["embedding"]
    return {
        "embedding": {
            "tokens": embedding.backward(tables["tokens"], cache["embedding"]["tokens"], dtokens),
            "features": embedding.backward(tables["features"], cache["embedding"]["features"], dseconds),
        },
        "encoder": dencoder,
        "output": doutput,
        "field": {name: dy[name] for name in params["field"]},
    }
