"""minilm: language models in plain NumPy, each forward pass with its backward pass written by hand.

    import minilm
    translator = minilm.load("runs/demo")        # what `minilm demo` left; a folder of the Hugging Face hub loads too
    translator.translate("我喜欢编程")

THE CONTRACT. Everything differentiable, from ReLU to a whole model, is a module with the same functions:

    init(rng, sizes..., dtype)               -> params            # where there are parameters
    forward(params, x, ..., settings)        -> (y, cache)
    backward(params, cache, dy, settings)    -> (dx, ..., dparams)

`params` is a tree (nested dicts and lists of arrays), `cache` what backward needs, on its paths, `dparams` the tree
of `params` again. Settings are arguments of both, and a model's are one Config; none is handed on in a cache. No
function writes to its arguments, but a model's `step`, which consumes the state, and a model's backward where the
trainer asks it to `consume` the cache: its lists of blocks are then emptied on the way, so that memory is freed.

THE ROOMS (imports only run downwards):

    cli                      one file a command
    costs                    what a model takes before it runs: parameters, operations, bytes, time
    benchmarks               minilm beside its peers, and beside what the machine could do
    showing                  pictures, the walkthrough of the article, the pages that are made from the source
    recipes                  a model, its text and its training put together
    checking                 proofs of every gradient, and the cases that they run on
    tasks                    one file an application: its batch, its loss over a model's outputs, text in and text out
    loading                  which model a folder holds, a run's or the hub's, its weights and its tokenizer
    training  decoding       loops that know the contract, not the model
    tracing                  every named array of a run, with its address
    models                   encoder_decoder ...: Config, outline, init, forward, backward; start and step
    blocks                   post_norm, post_norm_cross, pre_norm, pre_rms: how layers are wired; stack: in turn
    layers                   operations composed: multi_head_attention, feed_forward ...
    fast                     twins of operations, in another order of memory or time
    metrics                  bleu, exact match, F1 of entities
    data                     corpora, masks, batches
    ops                      one formula a file
    text  storage            from characters to ids and back; files, read as if hostile
    arrays  machine          what NumPy does slowly, without derivative; this computer and process
    catalogue                the one list of models: what belongs to each, by name, imported when asked for
    tree  errors             know nobody

THE LETTERS of the shape comments:

    B batch      T positions of the query or target      S positions of the key or source
    D width      H heads      K width of a head      F width inside the feed-forward
    V vocabulary      L layers      N rows, all leading axes flattened
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minilm.tasks.classification import Classifier
    from minilm.tasks.language_modelling import LanguageModel
    from minilm.tasks.masked_tokens import MaskedModel
    from minilm.tasks.sentence_vectors import SentenceEncoder
    from minilm.tasks.tagging import Tagger
    from minilm.tasks.translation import Translator

__version__ = "0.1.0"

__all__ = ["__version__", "load"]


def load(
    folder: "str | os.PathLike[str]",
) -> "Translator | LanguageModel | MaskedModel | SentenceEncoder | Classifier | Tagger":
    """Load a run folder, or one of the Hugging Face hub; what comes back knows its model, weights and vocabulary.

    The folder decides which of these it is:

        Translator       encoder-decoder      translate(text, beam=1, length_penalty=0.6) -> text
        LanguageModel    GPT, GPT-2, LSTM     generate(prompt, tokens=100, *, temperature, top_k, top_p, seed) -> text
                                              stream(...), the same piece by piece
        SentenceEncoder  BERT, with a file    embed(text) -> vector; embed([text, ...]) -> vectors
                         for its vectors
        MaskedModel      BERT                 fill(text, top=5) -> [[(token, probability), ...], ...] of each [MASK]
                                              follows(first, second), classify(text)
        Classifier       text classifier,     classify(text) -> {label: probability}
                         fine-tuned BERT      predict([text, ...]) -> [label, ...]
        Tagger           BiLSTM and random    tag(text) -> [(start, end, type, text), ...], its entities
                         field
        PieceTagger      BERT that labels     the same
                         tokens

    All have params, config and save(folder). isinstance tells them apart: the classes are those of
    minilm.tasks.translation, minilm.tasks.language_modelling, minilm.tasks.masked_tokens, minilm.tasks.tagging,
    minilm.tasks.classification and minilm.tasks.sentence_vectors.

    Raises minilm.errors.InputError where the folder is missing, damaged or of another version.
    """
    from minilm.loading import load as load_folder  # so that `import minilm` costs little more than NumPy

    loaded: Translator | LanguageModel | MaskedModel | SentenceEncoder | Classifier | Tagger = load_folder(folder)
    return loaded
