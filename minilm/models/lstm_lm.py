"""The article's language model (its section 5.2): embedding, LSTM, linear map to the vocabulary.

    x = embedding[ids]      h = LSTM(x, state)      logits = h W + b

What is special in it: a state h and c, which is zero where a text begins and is carried from a window to the next
(`carry`), while the gradient stops at the window's edge; an output map of its own, not tied to the embedding;
no dropout unless asked for. The sizes are the article's: vocabulary 10,000, embedding 256, hidden 512.

The article's listing does not run, for three reasons:

- its second LSTM, `decoder`, has the vocabulary as its hidden size (10,000 units: 420 million weights) and is never
  called. It is left out; `fc` alone maps the encoder's output to the vocabulary, as the listing's forward does;
- `train` calls `model(data)`, but forward wants the state too;
- its loss gets both sides flattened to one axis, so that logits of B T V numbers meet B T targets. Here the logits
  keep their last axis: one row of V numbers for each target.
"""

from dataclasses import dataclass

import numpy as np

from minilm.layers import lstm_stack
from minilm.models import outline as shape_of
from minilm.ops import dropout, embedding, linear


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of an LSTM language model; the defaults are the article's."""

    vocabulary: int = 10_000
    embedding: int = 256
    hidden: int = 512
    layers: int = 1
    dropout: float = 0.0


def outline(config):
    """The tree of the parameters, in shapes alone."""
    gates = 4 * config.hidden
    inputs = [config.embedding] + [config.hidden] * (config.layers - 1)
    return {
        "embedding": shape_of.table(config.vocabulary, config.embedding),
        "encoder": [
            {"input": shape_of.array(size, gates), "recurrent": shape_of.array(config.hidden, gates),
             "bias": shape_of.array(gates)}
            for size in inputs
        ],
        "output": shape_of.linear(config.hidden, config.vocabulary),
    }


def init(rng, config, dtype=np.float32):
    """Random parameters, named as in the article (`output` is its `fc`)."""
    return {
        "embedding": embedding.init(rng, config.vocabulary, config.embedding, dtype),
        "encoder": lstm_stack.init(rng, config.embedding, config.hidden, config.layers, dtype),
        "output": linear.init(rng, config.hidden, config.vocabulary, dtype),
    }


def forward(params, inputs, h=None, c=None, *, config, rng=None):
    """inputs (B, T) of ids, the state h and c (B, L, H) or None for zeros -> logits (B, T, V) of each next id.

    The cache's `h_last` and `c_last` (B, L, H) are the state after the last position.
    """
    zeros = lstm_stack.zero_state(params["encoder"], len(inputs))                          # (B, L, H)
    rows, embedding_cache = embedding.forward(params["embedding"], inputs)                 # (B, T, D)
    x, x_cache = dropout.forward(rows, config.dropout, rng)                                # (B, T, D)
    h0, c0 = zeros[0] if h is None else h, zeros[1] if c is None else c                    # (B, L, H)
    y, encoder_cache = lstm_stack.forward(params["encoder"], x, h0, c0, config.dropout, rng)
    top, top_cache = dropout.forward(y["h"], config.dropout, rng)                          # (B, T, H)
    logits, output_cache = linear.forward(params["output"], top)                           # (B, T, V)
    cache = {"embedding": embedding_cache, "embedding_dropout": x_cache, "encoder": encoder_cache}
    above = {"encoder_dropout": top_cache, "output": output_cache, "logits": logits}
    return logits, cache | above | {"h_last": y["h_last"], "c_last": y["c_last"]}


def backward(params, cache, dlogits, *, config, consume=False):
    """dlogits (B, T, V) -> dparams. The ids have no gradient, and the state of the window before gets none.

    `consume` empties the cache's list of layers.
    """
    dtop, doutput = linear.backward(params["output"], cache["output"], dlogits)            # (B, T, H)
    dh = dropout.backward(cache["encoder_dropout"], dtop, config.dropout)                  # (B, T, H)
    dx, _, _, dencoder = lstm_stack.backward(
        params["encoder"], cache["encoder"], {"h": dh}, config.dropout, consume
    )                                                                                      # (B, T, D)
    drows = dropout.backward(cache["embedding_dropout"], dx, config.dropout)               # (B, T, D)
    dembedding = embedding.backward(params["embedding"], cache["embedding"], drows)
    return {"embedding": dembedding, "encoder": dencoder, "output": doutput}


def carry(cache):
    """What the next window begins with: {"h": (B, L, H), "c": (B, L, H)}, merged into its batch."""
    return {"h": cache["h_last"], "c": cache["c_last"]}


def start(params, config, prompts, lengths):
    """Read prompts (B, T) of ids, of which row b's first lengths[b] count -> {"h": (B, L, H), "c": (B, L, H)}.

    With no positions (T = 0) that is the state before the first token, zeros.
    """
    rows, _ = embedding.forward(params["embedding"], prompts)                              # (B, T, D)
    states = [lstm_stack.zero_state(params["encoder"], len(prompts))]
    for position in range(prompts.shape[1]):
        h, c = states.pop()                                                                # (B, L, H)
        y, _ = lstm_stack.forward(params["encoder"], rows[:, position : position + 1], h, c)
        reads = (position < np.asarray(lengths))[:, None, None]                            # (B, 1, 1)
        states.append((np.where(reads, y["h_last"], h), np.where(reads, y["c_last"], c)))
    h_end, c_end = states.pop()                                                            # (B, L, H)
    return {"h": h_end, "c": c_end}


def step(params, config, state, tokens):
    """tokens (B) -> logits (B, V) of the next token, state. No buffer of `state` is written."""
    logits, cache = forward(params, tokens[:, None], state["h"], state["c"], config=config)    # (B, 1, V)
    return logits[:, 0], carry(cache)
