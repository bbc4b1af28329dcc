"""Find out which tokenizer a folder holds, from its files, and load it.

    characters.json, words.json     ours: characters.py, words.py
    tokenizer.json                  byte-level BPE or WordPiece, in one file; of several kinds of files it counts first
    vocab.json and merges.txt       byte-level BPE (GPT-2)
    vocab.txt                       WordPiece (BERT)

What else such a folder says of its tokenizer, and in which of its files, is in hub_tokenizer.py.

Every tokenizer has encode(text) -> ids, decode(ids) -> text, size, ids (token: id), train(text, ...), save(folder) and
load(folder).
"""

from pathlib import Path

from minilm.text import characters, hub_tokenizer, words


def load_tokenizer(folder):
    """The tokenizer of a folder. Raises InputError where there is none, or one that is not supported or damaged."""
    folder = Path(folder)
    if (folder / characters.FILE).exists():
        return characters.Characters.load(folder)
    if (folder / words.FILE).exists():
        return words.Words.load(folder)
    return hub_tokenizer.load(folder)
