"""What `translate`, `generate`, `fill` and the like load, and what is to be said of it before it speaks."""


COMMANDS = {  # what an object can do: the command for it, and what such a model is called
    "translate": ("translate", "a translator"),
    "stream": ("generate", "a language model"),
    "fill": ("fill", "a BERT"),
    "tag": ("tag", "a tagger"),
    "predict": ("classify", "a classifier"),
}


def heed_unknown(ids, tokenizer, frame=()):
    """Say on standard error how many of the ids stand for words that the model has never seen; `frame` are ids that
    are no words. Raises InputError where all of them do."""
    import sys

    from minilm.errors import InputError

    mark = getattr(tokenizer, "unknown", "<unknown>")
    words = [number for number in ids if number not in frame]
    unknown = words.count(tokenizer.ids.get(mark))
    if unknown and unknown == len(words):
        raise InputError("the model has seen no word of this text in training; give one in the language that it learnt")
    if unknown:
        found = f"{unknown} of {len(words)} tokens are words that the model has never seen, and reads as {mark}"
        print(f"minilm: {found}", file=sys.stderr)


def sentence_encoder(folder):
    """The SentenceEncoder of a BERT's folder, whether or not it says how vectors are made. Raises InputError."""
    from minilm.tasks.sentence_vectors import SentenceEncoder

    return SentenceEncoder.load(folder)


def classifier(folder):
    """The Classifier of a folder, a run's or the hub's, and `load`'s line where its training has not come to its end.

    Raises InputError, naming the right command, for a model of another kind.
    """
    from minilm import catalogue, loading

    from_hub, row = loading.row_of(folder)
    if from_hub and "classification" in row.others:
        return catalogue.imported(row.others["classification"]).load(folder)
    return load(folder, "predict")


def load(folder, method):
    """minilm.load of a model that has `method`, and a line on standard error where the training of the run
    has not come to its end.

    Raises InputError, naming the right command, for a model of another kind.
    """
    import sys

    import minilm
    from minilm.errors import InputError

    loaded = minilm.load(folder)
    if method == "score" and hasattr(loaded, "predict"):
        method = "predict"
    if not hasattr(loaded, method):
        command, kind = next(COMMANDS[one] for one in COMMANDS if hasattr(loaded, one))
        example = ' "a text with a [MASK]"' if command == "fill" else ""
        raise InputError(
            f"{folder}: not {COMMANDS[method][1]} but {kind}; `minilm {command} {folder}{example}` is for it"
        )
    trained, planned = loaded.steps_trained, loaded.steps_planned
    if trained is not None and planned is not None and trained < planned:
        found = f"{folder} was stopped after {trained} of {planned} steps of its training"
        print(f"minilm: {found}; the same command with --resume goes on with it", file=sys.stderr)
    return loaded
