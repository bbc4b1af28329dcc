"""English words, and the exact way back.

A token is a run of letters or digits (with what an apostrophe or a point joins: don't, 3.5) or one other character.
A token that follows another without a space carries JOIN in front, except where that is what one expects anyway:
a closing mark after a word, as in "tea?". So the tokens give back the text exactly, up to runs of white space.
"""

import re

JOIN = "￭"  # as in OpenNMT's tokenizer: this token is joined to the one before
CLOSING = frozenset(".,!?;:%)")
TOKENS = re.compile(r"[^\W_]+(?:['’.,][^\W_]+)*|\S")


def split(text):
    """The tokens of `text`."""
    tokens = []
    end = None
    for match in TOKENS.finditer(text):
        token, joined = match.group(), match.start() == end
        if token == JOIN:
            token = "?"  # a character that text does not use; it must not be read as a joint
        usual = token in CLOSING
        if joined != usual:
            token = JOIN + token  # not what one expects: joined without a reason, or a mark that stands free
        tokens.append(token)
        end = match.end()
    return tokens


def join(tokens):
    """The text of the tokens."""
    text = ""
    for token in tokens:
        marked = token.startswith(JOIN) and len(token) > 1
        word = token[1:] if marked else token
        glued = (word in CLOSING) != marked
        text += word if glued or not text else f" {word}"
    return text
