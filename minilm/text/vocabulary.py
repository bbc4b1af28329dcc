"""A vocabulary: words and their ids. The first four ids are padding, start, end and unknown."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from minilm.errors import InputError, said
from minilm.storage import atomic, json_file
from minilm.text.marks import END, PAD, START, UNKNOWN

SPECIAL = ("<pad>", "<start>", "<end>", "<unknown>")


class Vocabulary:
    """`words[id]` is the word of an id, `ids[word]` the id of a word.

    Raises InputError where the words do not begin with the special ones, or one is empty or stands there twice.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = list(words)
        self.ids = {word: number for number, word in enumerate(self.words)}
        if tuple(self.words[:4]) != SPECIAL:
            raise InputError(f"a vocabulary begins with {', '.join(SPECIAL)}, not with {said(self.words[:4])}")
        if "" in self.ids:
            raise InputError(f"a vocabulary holds no empty word, but id {self.ids['']} is one")
        if len(self.ids) != len(self.words):
            twice = next(word for word, number in Counter(self.words).items() if number > 1)
            raise InputError(f"a vocabulary holds each word once, but {said(twice)} stands in it twice")

    @classmethod
    def build(cls, texts: Iterable[Iterable[str]], minimum: int = 1, maximum: int | None = None) -> "Vocabulary":
        """The words of `texts` (lists of words) that occur at least `minimum` times, the most frequent first.

        Of equally frequent ones the first in Unicode order; at most `maximum` entries, the special ones included.
        Raises InputError where `maximum` leaves no room for a word.
        """
        if maximum is not None and maximum <= len(SPECIAL):
            raise InputError(f"a vocabulary of at most {maximum} entries has no room for words; allow 5 or more")
        counts = Counter(word for text in texts for word in text if word not in SPECIAL)
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        kept = [word for word, number in ordered if number >= minimum]
        return cls([*SPECIAL, *kept][:maximum])

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, words: Iterable[str]) -> list[int]:
        """The ids of a list of words; UNKNOWN for one that is not in the vocabulary, or spelt like a special one."""
        return [max(self.ids.get(word, UNKNOWN), UNKNOWN) for word in words]

    def decode(self, ids: Sequence[int]) -> list[str]:
        """The words of a list of ids, without padding, start and end.

        Raises InputError for an id that the vocabulary does not have, negative ones among them.
        """
        for place, number in enumerate(ids):
            if not 0 <= number < len(self.words):
                has = f"the vocabulary has 0 ... {len(self.words) - 1}; use the one that the ids were made with"
                raise InputError(f"id {number} at position {place}: {has}")
        return [self.words[number] for number in ids if number not in (PAD, START, END)]

    def save(self, path: str | Path) -> None:
        """Write the words as a JSON list, in the order of their ids, one a line."""
        atomic.write_text(path, json.dumps(self.words, ensure_ascii=False, indent=0) + "\n")

    @classmethod
    def load(cls, path: str | Path) -> "Vocabulary":
        """Read what `save` wrote. Raises InputError, naming the file, where it is missing or something else."""
        way_out = "take the file of the run again, or train again"
        try:
            words = json_file.read(path)
        except InputError as error:
            raise InputError(f"{error}; {way_out}") from None
        if not isinstance(words, list) or not all(isinstance(word, str) and _writable(word) for word in words):
            raise InputError(f"{path}: not a vocabulary file (a JSON list of words); {way_out}")
        try:
            return cls(words)
        except InputError as error:
            raise InputError(f"{path}: {error}; {way_out}") from None


def _writable(word: str) -> bool:
    """JSON can spell half a character, which no file or terminal takes."""
    return not any("\ud800" <= letter <= "\udfff" for letter in word)
