"""English words, and the exact way back.

A token is a run of letters or digits (with what an apostrophe joins, or a point between digits: don't, 3.5) or one
other character. A token that follows another without a space carries JOIN in front, except where that is what one
expects anyway: a closing mark after a word, as in "tea?". A closing mark that stands free carries it instead. So

    join(split(text)) == " ".join(text.split())

for every text: all comes back, save that a run of white space is one space and none stands at the ends.
"""

import re
from collections.abc import Iterable

JOIN = "￭"  # this token's spacing is not the usual one; the sign of OpenNMT's tokenizer
CLOSING = frozenset(".,!?;:%)")
TOKENS = re.compile(r"[^\W_]+(?:['’][^\W_]+|(?<=\d)[.,](?=\d)[^\W_]+)*|\S")


def split(text: str) -> list[str]:
    """The tokens of `text`: split("I don't.") is ["I", "don't", "."]."""
    tokens = []
    end = None
    for match in TOKENS.finditer(text):
        token, joined = match.group(), match.start() == end
        usual = token in CLOSING
        tokens.append(token if joined == usual else JOIN + token)
        end = match.end()
    return tokens


def join(tokens: Iterable[str]) -> str:
    """The text of the tokens, whoever made them."""
    text = ""
    for token in tokens:
        marked = token.startswith(JOIN) and len(token) > 1  # JOIN alone is that character, found in a text
        word = token[1:] if marked else token
        joined = (word in CLOSING) != marked
        text += word if joined or not text else f" {word}"
    return text
