"""Tokens that are found in a text as they stand, before it is split: <|endoftext|>, [CLS], [MASK] and such.

The flags are those of a tokenizer.json. Where two tokens begin at the same place the longer one is taken.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

WHITE_SPACE = "".join(map(chr, [*range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F]))
WHITE_SPACE += "\u205f\u3000"
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
        tokens = [token for token in tokens if token.content]
        self.normalise = normalise
        self.plain = Rule({token.content: token for token in tokens if not token.normalized})
        self.cleaned = Rule({clean: t for t in tokens if t.normalized and (clean := normalise(t.content))})

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
        self.pattern = re.compile("|".join(re.escape(key) for key in sorted(tokens, key=len, reverse=True)))

    def split(self, text: str) -> list[tuple[AddedToken | None, str]]:
        """`text` parted at the tokens; no part is empty."""
        parts: list[tuple[AddedToken | None, str]] = []
        used = 0
        for match in self.pattern.finditer(text) if self.tokens else ():
            token, start, end = self.tokens[match[0]], match.start(), match.end()
            if token.single_word and (in_word(text[max(start - 1, 0) : start]) or in_word(text[end : end + 1])):
                continue
            if token.lstrip:
                start = max(used, len(text[:start].rstrip(WHITE_SPACE)))
            if token.rstrip:
                end = len(text) - len(text[end:].lstrip(WHITE_SPACE))
            if used < start:
                parts.append((None, text[used:start]))
            parts.append((token, text[start:end]))
            used = end
        if used < len(text):
            parts.append((None, text[used:]))
        return parts


def in_word(character: str) -> bool:
    """A letter, mark, digit, underscore or joiner of letters; "" is the edge of the text."""
    return bool(character) and (unicodedata.category(character) in WORD or character in "\u200c\u200d")
