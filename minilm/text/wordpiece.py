"""WordPiece, as BERT uses it (Devlin et al. 2019, section 3; Wu et al. 2016, section 4.1).

    1. The text is cleaned: control characters go, white space becomes spaces, a Chinese character becomes a word of its
       own, and in uncased models accents go and letters become small.
    2. Words are parted by spaces, and each punctuation mark is a word.
    3. A word is cut from the left, each time the longest token of the vocabulary that fits; behind the first piece
       tokens begin with ##. A word that cannot be cut so, or of more than 100 characters, is [UNK] as a whole.

Hugging Face's tokenizers decide what a mark or a control is by an older Unicode: on some 560 rare characters that came
later the two differ.

Decoding gives the words back with single spaces; what cleaning took away is gone.
"""

import re
import unicodedata
from collections import Counter
from pathlib import Path

from minilm.errors import InputError
from minilm.storage import atomic
from minilm.text.pair_merges import learn

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LONGEST = 100  # characters in a word; a longer one is unknown
CHINESE = re.compile(  # the blocks that BERT's code calls Chinese characters
    "([\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002a6df\U0002a700-\U0002b73f\U0002b740-\U0002b81f"
    "\U0002b920-\U0002ceaf\uf900-\ufaff\U0002f800-\U0002fa1f])"
)
SPACES = frozenset("\t\n\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {chr(code) for code in range(0x2000, 0x200B)}


class WordPiece:
    """`ids` maps token to id; `lower` is for uncased models; special tokens in a text are read as they stand."""

    def __init__(self, ids, lower=True, special=SPECIAL):
        self.ids, self.lower = dict(ids), lower
        self.tokens = sorted(self.ids, key=lambda token: self.ids[token])
        if [self.ids[token] for token in self.tokens] != list(range(len(self.tokens))):
            raise InputError(f"the ids are not 0 ... {len(self.tokens) - 1}, each once")
        if "[UNK]" not in self.ids:
            raise InputError("the vocabulary has no [UNK]")
        self.special = tuple(token for token in special if token in self.ids)
        self.special_rule = re.compile("(" + "|".join(re.escape(token) for token in self.special) + ")")
        self.unknown = self.ids["[UNK]"]

    @property
    def size(self):
        return len(self.tokens)

    @classmethod
    def train(cls, text, size=8000, lower=True):
        """Learn a vocabulary: characters first, then the pairs of pieces that occur most, as in byte-pair encoding."""
        counts: Counter = Counter()
        for line in text.split("\n"):
            counts.update(word for word in words(clean(line, lower)) if len(word) <= LONGEST)
        pieces = [[word[0], *("##" + character for character in word[1:])] for word in counts]
        tokens = dict.fromkeys([*SPECIAL, *sorted({piece for word in pieces for piece in word})])
        for left, right in learn(pieces, list(counts.values()), fuse):
            if len(tokens) >= size:
                break
            tokens[fuse(left, right)] = None
        return cls({token: number for number, token in enumerate(tokens)}, lower)

    def encode(self, text):
        """The ids of a text, without [CLS] and [SEP]."""
        ids = []
        for index, part in enumerate(self.special_rule.split(text)):
            if index % 2:
                ids.append(self.ids[part])
            else:
                for word in words(clean(part, self.lower)):
                    ids += self.cut(word)
        return ids

    def cut(self, word):
        """The ids of one word: each time the longest token that fits."""
        found = []
        start = 0
        while start < len(word):
            if len(word) > LONGEST:
                return [self.unknown]
            for end in range(len(word), start, -1):
                token = ("##" if start else "") + word[start:end]
                if token in self.ids:
                    found.append(self.ids[token])
                    start = end
                    break
            else:
                return [self.unknown]
        return found

    def decode(self, ids):
        """The words of ids with single spaces. Raises InputError for an id out of range."""
        text = ""
        for place, number in enumerate(ids):
            if not 0 <= number < len(self.tokens):
                raise InputError(f"id {number} at position {place} is not in 0 ... {len(self.tokens) - 1}")
            token = self.tokens[number]
            text += token[2:] if token.startswith("##") else f" {token}" if text else token
        return text

    def save(self, folder):
        """Write vocab.txt, one token a line."""
        atomic.write_text(Path(folder) / "vocab.txt", "\n".join(self.tokens) + "\n")

    @classmethod
    def load(cls, folder, lower=True):
        """Read vocab.txt. Raises InputError, naming the line, for a token that stands there twice."""
        path = Path(folder) / "vocab.txt"
        try:
            lines = path.read_bytes().decode("utf-8").split("\n")
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: not UTF-8 at byte {error.start}; download the folder again") from None
        if lines and not lines[-1]:
            lines.pop()
        ids: dict[str, int] = {}
        for number, line in enumerate(lines):
            token = line.rstrip("\r")
            if token in ids:
                raise InputError(f"{path}:{number + 1}: {token!r} stands in line {ids[token] + 1} already")
            ids[token] = number
        try:
            return cls(ids, lower)
        except InputError as error:
            raise InputError(f"{path}: {error}; download the folder again") from None


def fuse(left, right):
    """The piece that two neighbouring pieces make; the second one's ## goes."""
    return left + right[2:]


def clean(text, lower):
    """Step 1 of the docstring above."""
    kept = []
    for character in text:
        if character in SPACES:
            kept.append(" ")
        elif character not in "\0\ufffd" and unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs"):
            kept.append(character)
    text = CHINESE.sub(r" \1 ", "".join(kept))
    if lower:
        decomposed = unicodedata.normalize("NFD", text)
        text = "".join(c for c in decomposed if unicodedata.category(c) != "Mn").lower()
    return text


def words(text):
    """Step 2: words parted at spaces, each punctuation mark by itself."""
    found = []
    for word in text.split(" "):
        start = 0
        for place, character in enumerate(word):
            if is_punctuation(character):
                if place > start:
                    found.append(word[start:place])
                found.append(character)
                start = place + 1
        if start < len(word):
            found.append(word[start:])
    return found


def is_punctuation(character):
    """Every ASCII sign that is no letter, digit or space, and Unicode's category P."""
    if character.isascii():
        return "!" <= character <= "~" and not character.isalnum()
    return unicodedata.category(character)[0] == "P"
