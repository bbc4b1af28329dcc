"""Byte-level byte-pair encoding (Sennrich et al. 2016, section 3.2; Radford et al. 2019, section 2.2: GPT-2).

    1. The text is split into pieces that no merge crosses: contractions, words, numbers, other signs, each with the
       space before it (gpt2_pieces.py).
    2. A piece is its UTF-8 bytes, so that every text can be said. Each byte is written as a printable character, which
       is how the vocabulary's files show it.
    3. Of all neighbouring pairs the one that was merged earliest in training is merged, the leftmost first, until none
       is left.
"""

import heapq
import json
import re
from collections import Counter
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path

from minilm.errors import InputError, said
from minilm.storage import atomic, json_file
from minilm.text import added_tokens, text_lines, token_ids, tokenizer_json
from minilm.text.byte_characters import byte_characters
from minilm.text.gpt2_pieces import pieces
from minilm.text.pair_merges import learn

END_OF_TEXT = "<|endoftext|>"
MARKS = dict.fromkeys(("unk_token", "bos_token", "eos_token"), END_OF_TEXT)
REMEMBERED = 2**16  # pieces whose ids are kept
SIGN = re.compile(r"<.+>|\[.+\]", re.DOTALL)  # how special tokens are spelt


class ByteBPE:
    """`ids` maps token to id, `merges` lists pairs in the order of training, `special` are added tokens.

    A special token in a text becomes its id as it stands, and no merge touches it (added_tokens.py). `added` are the
    ids of those that are not in `ids`. `prefix_space`: a text begins with a space whether it has one or not. A byte
    that the vocabulary does not have is left out.
    """

    def __init__(self, ids, merges, special=(), *, added=None, prefix_space=False, marks=None):
        self.pieces = dict(ids)  # what bytes and merges make; added tokens are none of it
        self.ids = {**self.pieces, **(added or {})}
        self.merges = [tuple(pair) for pair in merges]
        self.special = added_tokens.of(special)
        self.prefix_space, self.marks = prefix_space, dict(marks or {})
        self.tokens = token_ids.in_order(self.ids)
        for number, (left, right) in enumerate(self.merges, start=1):
            for token in (left, right, left + right):
                if not token or token not in self.pieces:
                    pair = f"merge {number}, {said(left)} {said(right)}"
                    raise InputError(f"{pair}: {said(token)} is not in the vocabulary")
        self.ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        if len(self.ranks) != len(self.merges):
            twice = next(pair for pair, number in Counter(self.merges).items() if number > 1)
            raise InputError(f"the merge {said(' '.join(twice))} stands in the list twice")
        if not self.pieces.keys() & set(byte_characters()):
            raise InputError("the vocabulary has no token for any byte")
        for token in self.special:
            if token.content not in self.ids:
                raise InputError(f"the special token {said(token.content)} has no id")
        self.splitter = added_tokens.Splitter(self.special)
        self.spelt = spelling(self.tokens, {token.content for token in self.special} - made(self.merges))
        self.known = lru_cache(REMEMBERED)(self.merge)

    @property
    def size(self):
        return len(self.tokens)

    @classmethod
    def train(cls, text, merges=8000, special=(END_OF_TEXT,)):
        """Learn merges from a text, or from several (pair_merges.py). No piece of a special token is learnt."""
        table = byte_characters()
        splitter = added_tokens.Splitter(added_tokens.of(special))
        counts: Counter = Counter()
        for one in [text] if isinstance(text, str) else text:
            for token, part in splitter.split(token_ids.check_text(one)):
                counts.update(pieces(part) if token is None else ())
        words = [[table[byte] for byte in piece.encode()] for piece in counts]
        learnt = list(islice(learn(words, list(counts.values()), str.__add__), merges))
        tokens = [*table, *(left + right for left, right in learnt), *(t.content for t in added_tokens.of(special))]
        return cls({token: number for number, token in enumerate(dict.fromkeys(tokens))}, learnt, special)

    def merge(self, piece):
        """The ids of one piece. A heap of (rank, place) finds the next pair, so that a long piece costs n log n."""
        table, ranks = byte_characters(), self.ranks
        word = [table[byte] for byte in piece.encode() if table[byte] in self.pieces]
        after = list(range(1, len(word) + 1))  # the place of the next symbol; one that was merged away is ""
        before = list(range(-1, len(word) - 1))
        heap = [(ranks[pair], place) for place, pair in enumerate(pairwise(word)) if pair in ranks]
        heapq.heapify(heap)
        while heap:
            rank, left = heapq.heappop(heap)
            right = after[left]
            if right == len(word) or ranks.get((word[left], word[right])) != rank:
                continue  # an old entry: one of the two was merged since
            word[left], word[right] = word[left] + word[right], ""
            after[left] = after[right]
            if after[left] < len(word):
                before[after[left]] = left
            for first in (before[left], left):
                if first >= 0 and after[first] < len(word):
                    pair = word[first], word[after[first]]
                    if pair in ranks:
                        heapq.heappush(heap, (ranks[pair], first))
        return [self.pieces[token] for token in word if token]

    def encode(self, text):
        """The ids of a text. Raises InputError for one that is not UTF-8."""
        ids = []
        for token, part in self.splitter.split(token_ids.check_text(text)):
            if token is not None:
                ids.append(self.ids[token.content])
            else:
                begun = f" {part}" if self.prefix_space and not part.startswith(" ") else part
                for piece in pieces(begun):
                    ids += self.known(piece)
        return ids

    def decode(self, ids):
        """The text of ids; bytes that are no UTF-8 become U+FFFD. Raises InputError for an id out of range."""
        spelt = [self.spelt[number] for number in token_ids.check_range(ids, self.size)]
        return b"".join(spelt).decode("utf-8", "replace")

    def save(self, folder):
        """Write vocab.json and merges.txt, as GPT-2's folders have them, and tokenizer.json, which says all of it."""
        folder = Path(folder)
        atomic.write_text(folder / "vocab.json", json.dumps(self.pieces, ensure_ascii=False) + "\n")
        lines = ["#version: 0.2", *(" ".join(pair) for pair in self.merges)]
        atomic.write_text(folder / "merges.txt", "\n".join(lines) + "\n")
        atomic.write_text(folder / tokenizer_json.FILE, tokenizer_json.spell_bpe(self))
        content = {"add_prefix_space": self.prefix_space} | tokenizer_json.spell_marks(self, MARKS, "GPT2Tokenizer")
        atomic.write_text(folder / "tokenizer_config.json", json.dumps(content, ensure_ascii=False, indent=2) + "\n")

    @classmethod
    def load(cls, folder, special=None, **settings):
        """Read vocab.json and merges.txt. Raises InputError, naming file and entry, where they contradict each other.

        Special tokens are by default those of the vocabulary that no byte and no merge makes, which are spelt <so> or
        [so]; another one has lost its merge.
        """
        folder = Path(folder)
        path = folder / "vocab.json"
        ids = tokenizer_json.vocabulary(json_file.read(path), path, "the file")
        merges = read_merges(folder / "merges.txt")
        given = {token.content for token in added_tokens.of(special or ())}
        cls.check_files(folder, ids, merges, given)
        try:
            return cls(ids, merges, sorted(ids.keys() - made(merges)) if special is None else special, **settings)
        except InputError as error:
            raise InputError(f"{folder}: {error}; vocab.json and merges.txt do not belong together") from None

    @staticmethod
    def check_files(folder, ids, merges, given):
        """Raise InputError for a token that no merge makes, unless it is `given` or spelt as special tokens are."""
        lost = [token for token in ids.keys() - made(merges) - given if token and not SIGN.fullmatch(token)]
        if lost:
            token = min(lost, key=lambda token: ids[token])
            found = f"no merge makes the token {said(token)}, id {said(ids[token])}"
            raise InputError(f"{folder}: {found}; vocab.json and merges.txt do not belong together")


def made(merges):
    """The tokens that bytes and merges make."""
    return {*byte_characters(), *(left + right for left, right in merges)}


def spelling(tokens, special):
    """The bytes of each token; a token that no bytes spell stands for itself."""
    values = {character: byte for byte, character in enumerate(byte_characters())}
    return [
        token.encode() if token in special or not values.keys() >= set(token) else bytes(values[c] for c in token)
        for token in tokens
    ]


def read_merges(path):
    """The pairs of a merges.txt. Raises InputError, naming the line."""
    lines = text_lines.read(path)
    merges = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or (number == 1 and line.startswith("#version")):
            continue
        pair = line.rstrip("\r").split(" ")
        if len(pair) != 2 or not all(pair):
            raise InputError(f"{path}:{number}: a merge is two tokens and one space between them, not {said(line)}")
        merges.append(tuple(pair))
    return merges
