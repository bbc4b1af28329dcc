"""WordPiece, as BERT uses it (Devlin et al. 2019, section 3; Wu et al. 2016, section 4.1).

    1. The text is cleaned and split into words (bert_words.py).
    2. A word is cut from the left, each time the longest token of the vocabulary that fits; after the first piece
       tokens begin with ##. A word that cannot be cut so, or of more than 100 characters, is [UNK] as a whole.

Decoding gives the words back with single spaces; what cleaning took away is gone.
"""

import json
from collections import Counter
from functools import lru_cache
from pathlib import Path

from minilm.errors import InputError, said
from minilm.storage import atomic
from minilm.text import added_tokens, bert_words, text_lines, token_ids, tokenizer_json
from minilm.text.added_tokens import WHITE_SPACE
from minilm.text.longest_prefix import LongestPrefix
from minilm.text.pair_merges import learn

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
MARKS = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True))
LONGEST = 100  # characters in a word; a longer one is unknown
REMEMBERED = 2**16  # words whose ids are kept


class WordPiece:
    """`ids` maps token to id; `special` are found in a text as they stand (added_tokens.py).

    `lower` is for uncased models, `accents` says whether they go (None: where letters become small), `chinese` whether
    each Chinese character is a word, `longest` how many characters a word may have, `unknown` what stands for others.
    `added` are the ids of special tokens that are not in `ids`; `marks` says what stands for [CLS] and such, by
    Transformers' names: {"cls_token": "[CLS]", ...}.
    """

    def __init__(
        self, ids, lower=True, special=SPECIAL, *, accents=None, chinese=True, longest=LONGEST, unknown="[UNK]",
        added=None, marks=None,
    ):  # fmt: skip
        self.pieces = dict(ids)  # what words are cut into; added tokens are none of it
        self.ids = {**self.pieces, **(added or {})}
        self.lower, self.accents, self.chinese, self.longest = lower, accents, chinese, longest
        self.tokens = token_ids.in_order(self.ids)
        if unknown not in self.pieces:
            raise InputError(f"the vocabulary has no {said(unknown)}")
        self.unknown, self.marks = unknown, dict(marks or {})
        self.special = tuple(token for token in added_tokens.of(special) if token.content in self.ids)
        self.splitter = added_tokens.Splitter(self.special, self.clean)
        self.first = LongestPrefix(self.pieces)
        self.later = LongestPrefix(token[2:] for token in self.pieces if token.startswith("##"))
        self.known = lru_cache(REMEMBERED)(self.cut)

    @property
    def size(self):
        return len(self.tokens)

    @classmethod
    def train(cls, text, size=8000, lower=True, *, accents=None, chinese=True):
        """Learn a vocabulary: characters first, then the pairs of pieces that occur most, as in byte-pair encoding."""
        counts: Counter = Counter()
        for line in text.split("\n") if isinstance(text, str) else text:
            found = bert_words.words(bert_words.clean(token_ids.check_text(line), lower, accents, chinese))
            counts.update(word for word in found if len(word) <= LONGEST)
        pieces = [[word[0], *("##" + character for character in word[1:])] for word in counts]
        tokens = dict.fromkeys([*SPECIAL, *sorted({piece for word in pieces for piece in word})])
        for left, right in learn(pieces, list(counts.values()), fuse):
            if len(tokens) >= size:
                break
            tokens[fuse(left, right)] = None
        ids = {token: number for number, token in enumerate(tokens)}
        return cls(ids, lower, accents=accents, chinese=chinese)

    def clean(self, text):
        """The text as words are taken from it."""
        return bert_words.clean(text, self.lower, self.accents, self.chinese)

    def encode(self, text):
        """The ids of a text, without [CLS] and [SEP]. Raises InputError for a text that is not UTF-8."""
        ids = []
        for token, part in self.splitter.split(token_ids.check_text(text)):
            if token is not None:
                ids.append(self.ids[token.content])
            else:
                for word in bert_words.words(part):
                    ids += self.known(word)
        return ids

    def cut(self, word):
        """The ids of one word: each time the longest token that fits."""
        unknown = [self.pieces[self.unknown]]
        if len(word) > self.longest:
            return unknown
        found = []
        start = 0
        while start < len(word):
            piece = (self.later if start else self.first).find(word, start, len(word))
            if piece is None:
                return unknown
            found.append(self.pieces[f"##{piece}" if start else piece])
            start += len(piece)
        return found

    def decode(self, ids):
        """The words of ids with single spaces. Raises InputError for an id out of range."""
        tokens = filter(None, (self.tokens[number] for number in token_ids.check_range(ids, self.size)))
        spelt = [token[2:] if token.startswith("##") else f" {token}" for token in tokens]
        return "".join(spelt).removeprefix(" ")

    def save(self, folder):
        """Write tokenizer.json, which says all of it, tokenizer_config.json, and vocab.txt, one token a line.

        Ids that no token has cannot stand in a vocab.txt; such a vocabulary is in tokenizer.json alone.
        """
        pieces = token_ids.in_order(self.pieces)
        for number, token in enumerate(pieces):
            if "\n" in token or token.endswith("\r"):
                raise InputError(f"token {number}, {said(token)}, has a line's end in it, which vocab.txt cannot hold")
        folder = Path(folder)
        if len(pieces) == len(self.pieces) and all(pieces):
            atomic.write_text(folder / "vocab.txt", "\n".join(pieces) + "\n")
        content = {"do_lower_case": self.lower, "strip_accents": self.accents, "tokenize_chinese_chars": self.chinese}
        named = not self.marks or self.marks.get("unk_token") == self.unknown
        usual = "BertTokenizer" if named and self.longest == LONGEST else tokenizer_json.GENERAL
        content |= tokenizer_json.spell_marks(self, MARKS | {"unk_token": self.unknown}, usual)
        atomic.write_text(folder / "tokenizer_config.json", json.dumps(content, ensure_ascii=False, indent=2) + "\n")
        atomic.write_text(folder / tokenizer_json.FILE, tokenizer_json.spell_wordpiece(self))

    @classmethod
    def load(cls, folder, lower=True, **settings):
        """Read vocab.txt. Raises InputError, naming the line, where it is none.

        A token's id is its line's number; of a token that stands there twice the last line counts, as in Transformers.
        """
        path = Path(folder) / "vocab.txt"
        ids = read_lines(path)
        try:
            return cls(ids, lower, **settings)
        except InputError as error:
            raise InputError(f"{path}: {error}; take the vocab.txt that belongs to the model") from None


def read_lines(path):
    """{token: number of its line} of a vocab.txt. Raises InputError, naming the file."""
    lines = text_lines.read(path)
    if lines and not lines[-1]:
        lines.pop()
    return {line.rstrip(WHITE_SPACE): number for number, line in enumerate(lines)}


def fuse(left, right):
    """The piece that two neighbouring pieces make; the second one's ## goes."""
    return left + right[2:]
