"""minilm.load: find out what a folder holds, and load it."""

from minilm import model_folder


def load(folder):
    """The object for a run folder or a folder of the hub. Raises InputError for what it cannot be.

    A Translator (translate) for an encoder-decoder, a MaskedModel (fill) for a BERT, a LanguageModel (generate, stream)
    for GPT, GPT-2 and LSTM.
    """
    _, name = model_folder.kind(folder)
    if name == "encoder_decoder":
        from minilm.tasks.translation import Translator

        return Translator.load(folder)
    if name == "bert":
        from minilm.tasks.masked_tokens import MaskedModel

        return MaskedModel.load(folder)
    from minilm.tasks.language_modelling import LanguageModel

    return LanguageModel.load(folder)
