"""Tokens that are found in a text as they stand, before it is split: <|endoftext|>, [CLS], [MASK] and such.

The flags are those of a tokenizer.json. Where two tokens begin at the same place the longer one is taken. A token that
is added to a vocabulary is no piece of it: a special `covid` is found as a whole, and never within a word.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from minilm.text.bert_words import code_points
from minilm.text.gpt2_pieces import ADDED
from minilm.text.longest_prefix import LongestPrefix

WHITE_SPACE = "".join(map(chr, [*range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F]))
WHITE_SPACE += "\u205f\u3000"
LATER = code_points(ADDED["L"] + ADDED["N"]) - code_points("1D2C0-1D2D3")  # letters and digits of Unicode 15 and 16
WORD = frozenset(["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"])  # categories: what words are of


@dataclass(frozen=True)
class AddedToken:
    """A token and where it may stand.

    `normalized`: looked for in the cleaned text, else in the text as it is. `lstrip`, `rstrip`: takes the white space
    beside it. `single_word`: not inside a word. `special`: a sign of the model, no text.
    """

    content: str
    single_word: bool = False
    lstrip: bool = False
    rstrip: bool = False
    normalized: bool = False
    special: bool = True


def of(tokens: Iterable["AddedToken | str"]) -> tuple[AddedToken, ...]:
    """Added tokens; one that is given by its content alone is special and found as it stands."""
    return tuple(AddedToken(token) if isinstance(token, str) else token for token in tokens)


class Splitter:
    """Parts a text at added tokens; `normalise` cleans what is between them."""

    def __init__(self, tokens: Iterable[AddedToken], normalise: Callable[[str], str] = str) -> None:
        tokens = sorted((token for token in tokens if token.content), key=lambda token: not token.special)
        self.normalise = normalise
        plain: dict[str, AddedToken] = {}
        cleaned: dict[str, AddedToken] = {}
        for token in tokens:
            if not token.normalized:
                plain.setdefault(token.content, token)
            elif clean := normalise(token.content):
                cleaned.setdefault(clean, token)
        self.plain, self.cleaned = Rule(plain), Rule(cleaned)

    def split(self, text: str) -> list[tuple[AddedToken | None, str]]:
        """(token, what it covers) and (None, cleaned text), in the order of the text."""
        parts: list[tuple[AddedToken | None, str]] = []
        for token, part in self.plain.split(text):
            if token is None:
                parts += self.cleaned.split(self.normalise(part))
            else:
                parts.append((token, part))
        return parts


class Rule:
    """Finds the keys of `tokens` in a text."""

    def __init__(self, tokens: dict[str, AddedToken]) -> None:
        self.tokens = tokens
        self.keys = LongestPrefix(tokens)
        signs = "".join(re.escape(key[0]) for key in tokens)
        self.first = re.compile(f"[{signs}]" if signs else "(?!)")

    def matches(self, text: str) -> Iterable[tuple[AddedToken, int, int]]:
        """(token, start, end) from left to right, none inside another."""
        start = 0
        while found := self.first.search(text, start):
            key = self.keys.find(text, found.start(), len(text))
            if key is None:
                start = found.start() + 1
            else:
                start = found.start() + len(key)
                yield self.tokens[key], found.start(), start

    def split(self, text: str) -> list[tuple[AddedToken | None, str]]:
        """`text` parted at the tokens; no part is empty."""
        parts: list[tuple[AddedToken | None, str]] = []
        used = 0
        for token, start, end in self.matches(text):
            if token.single_word and (in_word(text[max(start - 1, 0) : start]) or in_word(text[end : end + 1])):
                continue
            while token.lstrip and start > used and text[start - 1] in WHITE_SPACE:
                start -= 1
            end = max(end, used) if token.rstrip else end  # the white space that the token before it took
            while token.rstrip and end < len(text) and text[end] in WHITE_SPACE:
                end += 1
            if used < start:
                parts.append((None, text[used:start]))
            parts.append((token, text[max(start, used) : end]))
            used = end
        if used < len(text):
            parts.append((None, text[used:]))
        return parts


def in_word(character: str) -> bool:
    """A letter, mark, digit, underscore or joiner of letters; "" is the edge of the text."""
    return bool(character) and (
        unicodedata.category(character) in WORD or character in "\u200c\u200d" or character in LATER
    )
