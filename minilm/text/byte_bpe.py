"""Byte-level byte-pair encoding (Sennrich et al. 2016, section 3.2; Radford et al. 2019, section 2.2: GPT-2).

    1. The text is split into pieces that no merge crosses: contractions, words, numbers, other signs, each with the
       space before it (gpt2_pieces.py).
    2. A piece is its UTF-8 bytes, so that every text can be said. Each byte is written as a printable character, which
       is how the vocabulary's files show it.
    3. Of all neighbouring pairs the one that was merged earliest in training is merged, until none is left.
"""

import json
import re
from collections import Counter
from functools import cache
from itertools import islice
from pathlib import Path

from minilm.errors import InputError
from minilm.storage import atomic, safetensors
from minilm.text.gpt2_pieces import pieces
from minilm.text.pair_merges import joined, learn

END_OF_TEXT = "<|endoftext|>"


@cache
def byte_characters():
    """The character of each byte: itself where it is printable, else the next one free from U+0100 on."""
    printable = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


class ByteBPE:
    """`ids` maps token to id, `merges` lists pairs in the order of training, `special` are added tokens.

    A special token in a text becomes its id as it stands, and no merge touches it.
    """

    def __init__(self, ids, merges, special=()):
        self.ids = dict(ids)
        self.merges = [tuple(pair) for pair in merges]
        self.special = tuple(special)
        self.tokens = in_order(self.ids)
        for line, (left, right) in enumerate(self.merges, start=1):
            for token in (left, right, left + right):
                if token not in self.ids:
                    raise InputError(f"merge {line}, {left!r} {right!r}: {token!r} is not in the vocabulary")
        self.ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        if len(self.ranks) != len(self.merges):
            twice = next(pair for pair, number in Counter(self.merges).items() if number > 1)
            raise InputError(f"the merge {' '.join(twice)!r} stands in the list twice")
        for character in byte_characters():
            if character not in self.ids:
                raise InputError(f"the vocabulary has no token for the byte {character!r}")
        for token in self.special:
            if token not in self.ids:
                raise InputError(f"the special token {token!r} has no id")
        alternatives = "|".join(re.escape(token) for token in sorted(self.special, key=len, reverse=True))
        self.special_rule = re.compile(f"({alternatives})") if alternatives else None
        self.bytes = {character: byte for byte, character in enumerate(byte_characters())}
        self.known = cache(self.merge)

    @property
    def size(self):
        return len(self.tokens)

    @classmethod
    def train(cls, text, merges=8000, special=(END_OF_TEXT,)):
        """Learn merges from a text (pair_merges.py)."""
        table = byte_characters()
        counts = Counter(pieces(text))
        words = [[table[byte] for byte in piece.encode()] for piece in counts]
        learned = list(islice(learn(words, list(counts.values()), str.__add__), merges))
        tokens = [*table, *(left + right for left, right in learned), *special]
        return cls({token: number for number, token in enumerate(dict.fromkeys(tokens))}, learned, special)

    def merge(self, piece):
        """The ids of one piece."""
        table = byte_characters()
        word = [table[byte] for byte in piece.encode("utf-8", "replace")]
        while len(word) > 1:
            best = min(zip(word, word[1:], strict=False), key=lambda pair: self.ranks.get(pair, len(self.ranks)))
            if best not in self.ranks:
                break
            word = joined(word, best, best[0] + best[1])
        return [self.ids[token] for token in word]

    def encode(self, text):
        """The ids of a text."""
        parts = self.special_rule.split(text) if self.special_rule else [text]
        ids = []
        for index, part in enumerate(parts):
            if index % 2:
                ids.append(self.ids[part])
            else:
                for piece in pieces(part):
                    ids += self.known(piece)
        return ids

    def decode(self, ids):
        """The text of ids; bytes that are no UTF-8 become U+FFFD. Raises InputError for an id out of range."""
        found = bytearray()
        for place, number in enumerate(ids):
            if not 0 <= number < len(self.tokens):
                raise InputError(f"id {number} at position {place} is not in 0 ... {len(self.tokens) - 1}")
            token = self.tokens[number]
            if token in self.special:
                found += token.encode()
            else:
                found += bytes(self.bytes[character] for character in token)
        return found.decode("utf-8", "replace")

    def save(self, folder):
        """Write vocab.json and merges.txt, as GPT-2's folders have them."""
        folder = Path(folder)
        atomic.write_text(folder / "vocab.json", json.dumps(self.ids, ensure_ascii=False) + "\n")
        lines = ["#version: 0.2", *(" ".join(pair) for pair in self.merges)]
        atomic.write_text(folder / "merges.txt", "\n".join(lines) + "\n")

    @classmethod
    def load(cls, folder, special=None):
        """Read vocab.json and merges.txt. Raises InputError, naming file and entry, where they contradict each other.

        Special tokens are by default those of the vocabulary that no byte and no merge makes.
        """
        folder = Path(folder)
        path = folder / "vocab.json"
        vocabulary = safetensors.read_json(path)
        if not isinstance(vocabulary, dict) or not all(type(number) is int for number in vocabulary.values()):
            raise InputError(f"{path}: not an object of tokens and ids; download the folder again")
        merges = read_merges(folder / "merges.txt")
        made = {*byte_characters(), *(left + right for left, right in merges)}
        try:
            return cls(vocabulary, merges, [t for t in vocabulary if t not in made] if special is None else special)
        except InputError as error:
            raise InputError(f"{folder}: {error}; vocab.json and merges.txt do not belong together") from None


def in_order(vocabulary):
    """The tokens by id. Raises InputError where ids have a gap or one is given twice."""
    tokens = sorted(vocabulary, key=lambda token: vocabulary[token])
    for number, token in enumerate(tokens):
        if vocabulary[token] != number:
            found = f"{token!r} has {vocabulary[token]}, not {number}"
            raise InputError(f"the ids are not 0 ... {len(tokens) - 1}, each once: {found}")
    return tokens


def read_merges(path):
    """The pairs of a merges.txt. Raises InputError, naming the line."""
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8; download the folder again") from None
    merges = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or (number == 1 and line.startswith("#version")):
            continue
        pair = line.rstrip("\r").split(" ")
        if len(pair) != 2 or not all(pair):
            raise InputError(f"{path}:{number}: a merge is two tokens and one space between them, not {line[:60]!r}")
        merges.append(tuple(pair))
    return merges
