"""minilm.load: find out what a folder holds, and load it."""

from minilm.errors import InputError
from minilm.storage import run_folder


def load(folder):
    """The object for a folder: a Translator for an encoder-decoder's run. Raises InputError for what it cannot be."""
    kind = run_folder.read_settings(folder).get("model")
    if kind == "encoder_decoder":
        from minilm.translator import Translator

        return Translator.load(folder)
    raise InputError(f"{folder}: holds a model of kind {kind!r}, which this version does not load")
