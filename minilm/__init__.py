"""minilm: language models in plain NumPy, each forward pass with its backward pass written by hand.

THE CONTRACT. Everything differentiable, from ReLU to a whole model, is a module with the same functions:

    init(rng, sizes..., dtype)            -> params            # where there are parameters
    forward(params, x, ..., settings)     -> (y, cache)
    backward(params, cache, dy)           -> (dx, ..., dparams)

`params` is a tree (nested dicts and lists of arrays), `cache` holds the named intermediates of one call
on the same paths, `dparams` is the tree of `params` again. No function writes to its arguments.

THE ROOMS (imports only run downwards):

    cli                      one file a command
    costs                    what a model takes before it runs: parameters, operations, bytes, time
    benchmarks               minilm beside its peers, and beside what the machine could do
    recipes  loading         a model, its text and its training put together; what a folder holds
    walkthrough  pictures    the article's seven steps with their arrays; loss curves and attention maps
    measuring                what this machine is, and how fast
    translator  language_model  masked_model
                             a trained encoder-decoder, GPT or LSTM, BERT with its vocabulary: text in, text out
    model_folder             which model a folder holds, a run's or the hub's, and its tokenizer
    training  decoding       loops that know the contract, not the model
    cases                    small random inputs for everything that keeps the contract: what `minilm check` runs
    models                   encoder_decoder ...: Config, init, forward, backward, loss
    blocks                   post_norm, post_norm_cross, pre_norm: how layers are wired
    layers                   operations composed: multi_head_attention, feed_forward ...
    ops                      one formula a file
    text  data  storage      from characters to ids and back; corpora and batches; files, read as if hostile
    tree  gradcheck  errors  memory  blas_threads
                             know nobody

THE LETTERS of the shape comments:

    B batch      T positions of the query or target      S positions of the key or source
    D width      H heads      K width of a head      F width inside the feed-forward
    V vocabulary      L layers      N rows, all leading axes flattened
"""

from typing import Any

from minilm.version import __version__

__all__ = ["__version__", "load"]


def load(folder: str) -> Any:
    """Load a run folder; the object that comes back knows its model, its weights and its vocabulary.

    Raises minilm.errors.InputError where the folder is missing, damaged or of another version.
    """
    from minilm.loading import load as load_folder  # so that `import minilm` costs little more than NumPy

    return load_folder(folder)
