"""What a tagger reads a text as: its characters or its words, each with its place, and a second thing known of each.

    characters    every character that is no white space; and the pair of it and the next one
    words         runs of letters and digits, every Chinese character and every other sign; and the ending of the
                  word, with its kind of letters

The second thing stands for what is rare: a pair says more than its characters, an ending is known where a word is not.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from minilm.text.chinese import HAN

CHARACTERS, WORDS = "characters", "words"
PATTERNS = {CHARACTERS: re.compile(r"\S"), WORDS: re.compile(f"[{HAN}]|[^\\W{HAN}]+(?:['’.-][^\\W{HAN}]+)*|[^\\w\\s]")}
ENDING = 3  # letters
SOME = 20


class Unit(NamedTuple):
    """A character or word, and where in the text it begins."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def cut(text: str, kind: str) -> list[Unit]:
    """The units of a text, in order."""
    return [Unit(found.group(), found.start()) for found in PATTERNS[kind].finditer(text)]


def kind_of(sentences: Sequence[Sequence[str]]) -> str:
    """What the tokens of these sentences are: characters where all but one in SOME are single ones, as numbers may be
    kept whole among Chinese characters; of words most are longer."""
    lengths = [len(token) for tokens in sentences for token in tokens]
    return CHARACTERS if SOME * sum(length > 1 for length in lengths) <= len(lengths) else WORDS


def features(tokens: Sequence[str], kind: str) -> list[str]:
    """The second thing that is known of each token."""
    if kind == CHARACTERS:
        return ["".join(tokens[place : place + 2]) for place in range(len(tokens))]
    return [f"{letters_of(token)} {token[-ENDING:].lower()}" for token in tokens]


def letters_of(word: str) -> str:
    """The kind of letters of a word: a, Aa, AA, 0 or a sign."""
    if any(c.isdigit() for c in word):
        return "0"
    if not word[0].isalpha():
        return "-"
    return "a" if word[0] == word[0].lower() else "AA" if len(word) > 1 and word == word.upper() else "Aa"
