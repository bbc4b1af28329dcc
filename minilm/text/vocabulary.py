"""A vocabulary: words and their ids. The first four ids are padding, start, end and unknown."""

import json
from collections import Counter
from pathlib import Path

from minilm.errors import InputError
from minilm.storage import atomic

PAD, START, END, UNKNOWN = 0, 1, 2, 3
SPECIAL = ("<pad>", "<start>", "<end>", "<unknown>")


class Vocabulary:
    """`words[id]` is the word of an id, `ids[word]` the id of a word."""

    def __init__(self, words):
        self.words = list(words)
        self.ids = {word: number for number, word in enumerate(self.words)}
        if tuple(self.words[:4]) != SPECIAL:
            raise InputError(f"a vocabulary begins with {', '.join(SPECIAL)}, not {', '.join(self.words[:4])}")
        if len(self.ids) != len(self.words):
            twice = next(word for word, number in Counter(self.words).items() if number > 1)
            raise InputError(f"a vocabulary holds each word once, but {twice!r} stands in it twice")

    @classmethod
    def build(cls, texts, minimum=1, maximum=None):
        """The words of `texts` (lists of words) that occur at least `minimum` times, the most frequent first.

        Of equally frequent ones the first in Unicode order; at most `maximum` entries, the special ones included.
        """
        counts = Counter(word for text in texts for word in text if word not in SPECIAL)
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return cls([*SPECIAL, *(word for word, number in ranked if number >= minimum)][:maximum])

    def __len__(self):
        return len(self.words)

    def encode(self, words):
        """The ids of a list of words; UNKNOWN for those that are not in the vocabulary."""
        return [self.ids.get(word, UNKNOWN) if word not in SPECIAL else UNKNOWN for word in words]

    def decode(self, ids):
        """The words of a list of ids, without padding, start and end.

        Raises InputError for an id that the vocabulary does not have, negative ones among them.
        """
        for place, number in enumerate(ids):
            if not 0 <= number < len(self.words):
                raise InputError(f"id {number} at position {place} is not in 0 ... {len(self.words) - 1}")
        return [self.words[number] for number in ids if number not in (PAD, START, END)]

    def save(self, path):
        atomic.write_text(path, json.dumps(self.words, ensure_ascii=False, indent=0) + "\n")

    @classmethod
    def load(cls, path):
        """Read what `save` wrote. Raises InputError, naming the file, where it is missing or something else."""
        try:
            words = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}; the run folder is not whole, train again") from None
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
            raise InputError(f"{path}: not a vocabulary file (a JSON list of words); train again") from None
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise InputError(f"{path}: not a vocabulary file (a JSON list of words); train again")
        try:
            return cls(words)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
