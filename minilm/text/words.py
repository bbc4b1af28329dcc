"""Words as tokens: words, punctuation marks and line ends, and a text that comes back as it was.

White space is not written down where it is what one expects: one space before a word that follows a word or a mark like
"," or ".", none anywhere else. Where a text has something else, a token says so: each sign of white space is one, and
<join> says that there is none. So the ids of "Speak, speak." are those of four tokens, and every text whose tokens are
in the vocabulary comes back sign for sign. A token that is not becomes <unknown>.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from minilm.errors import InputError
from minilm.text import token_ids
from minilm.text.chinese import HAN, is_chinese
from minilm.text.vocabulary import SPECIAL, UNKNOWN, Vocabulary

FILE = "words.json"
JOIN = "<join>"
ALWAYS = (JOIN, " ", "\n")  # these are in every vocabulary
TOKEN = re.compile(f"[{HAN}]|[^\\W{HAN}]+(?:['’-][^\\W{HAN}]+)*|.", re.DOTALL)
CLOSING = frozenset(".,;:!?")  # marks that a space follows


class Words:
    """`vocabulary` begins with the four special ids and the tokens that are always there."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        for token in ALWAYS:
            if token not in vocabulary.ids:
                raise InputError(f"a vocabulary of words holds {token!r}, this one does not")

    @classmethod
    def train(cls, text: str | Iterable[str], size: int = 10_000, minimum: int = 1) -> "Words":
        """The most frequent tokens that occur `minimum` times or more, `size` with the special ones."""
        texts = [text] if isinstance(text, str) else text
        built = Vocabulary.build((spaced(TOKEN.findall(token_ids.check_text(one))) for one in texts), minimum)
        known = [token for token in built.words[len(SPECIAL) :] if token not in ALWAYS]
        if size < len(SPECIAL) + len(ALWAYS) + 1:
            raise InputError(f"a vocabulary of {size} tokens has no room for words; allow 8 or more")
        return cls(Vocabulary([*SPECIAL, *ALWAYS, *known][:size]))

    @property
    def ids(self) -> dict[str, int]:
        return self.vocabulary.ids

    @property
    def size(self) -> int:
        return len(self.vocabulary)

    def encode(self, text: str) -> list[int]:
        """The ids of a text. Raises InputError for one that is not UTF-8."""
        found = TOKEN.findall(token_ids.check_text(text))
        return self.vocabulary.encode(spaced([token if token in self.ids else SPECIAL[UNKNOWN] for token in found]))

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids, without padding, start and end. Raises InputError for an id out of range."""
        parts, last = [], JOIN
        for token in self.vocabulary.decode(list(ids)):
            parts.append(expected(last, token) + (token if token != JOIN else ""))
            last = token
        return "".join(parts)

    def save(self, folder: str | Path) -> None:
        self.vocabulary.save(Path(folder) / FILE)

    @classmethod
    def load(cls, folder: str | Path) -> "Words":
        """Read what `save` wrote. Raises InputError, naming the file."""
        path = Path(folder) / FILE
        vocabulary = Vocabulary.load(path)
        try:
            return cls(vocabulary)
        except InputError as error:
            raise InputError(f"{path}: {error}; train again") from None


def expected(left: str, right: str) -> str:
    """The white space that goes without saying between two tokens: a space or nothing."""
    follows = is_word(left) or left in CLOSING
    return " " if follows and is_word(right) else ""


def is_word(token: str) -> bool:
    """A word, or an unknown token, but no Chinese character: between those nothing stands."""
    return token == SPECIAL[UNKNOWN] or (token[-1].isalnum() or token[-1] == "_") and not is_chinese(token)


def spaced(found: list[str]) -> list[str]:
    """Tokens of a text without the white space that goes without saying, and with <join> where it is missing."""
    tokens: list[str] = []
    last = JOIN
    for place, token in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else JOIN
        if token == " " and expected(last, after):
            continue
        if expected(last, token) and found[place - 1] != " ":
            tokens.append(JOIN)
        tokens.append(token)
        last = token
    return tokens
