"""How a BERT reads a text: [CLS] text [SEP], and of a pair [CLS] first [SEP] second [SEP], however its tokenizer spells
those two tokens."""

from minilm.errors import InputError, said

CLASS, SEPARATOR, MASK = "[CLS]", "[SEP]", "[MASK]"
MARKS = {CLASS: "cls_token", SEPARATOR: "sep_token", MASK: "mask_token"}  # by which a tokenizer says its own


def spelling(tokenizer, token):
    """How the tokenizer spells [CLS], [SEP] or [MASK]."""
    return getattr(tokenizer, "marks", {}).get(MARKS[token], token)


def id_of(tokenizer, token):
    """The id of [CLS], [SEP] or [MASK]. Raises InputError for a tokenizer that has none."""
    spelt = spelling(tokenizer, token)
    if spelt not in tokenizer.ids:
        raise InputError(f"the tokenizer has no {said(spelt)}; take the vocab.txt that belongs to the model")
    return tokenizer.ids[spelt]


def words(tokenizer, text, frame):
    """The ids of a text alone, whether or not the tokenizer frames it; a [SEP] that the text holds stays."""
    ids = list(tokenizer.encode(text))
    return ids[1:-1] if list(tokenizer.encode("")) == frame else ids


def framed(tokenizer, *texts):
    """One text or two -> (ids, segments), two lists of the same length; a text that is None is left out."""
    start, end = id_of(tokenizer, CLASS), id_of(tokenizer, SEPARATOR)
    parts = [words(tokenizer, text, [start, end]) for text in texts if text is not None]
    ids = [start] + [token for part in parts for token in [*part, end]]
    first = len(parts[0]) + 2
    return ids, [0] * first + [1] * (len(ids) - first)
