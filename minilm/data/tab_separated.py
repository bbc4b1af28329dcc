"""Sentence pairs from a tab-separated file, and parts that share no target sentence."""

import hashlib
from pathlib import Path

from minilm.errors import InputError


def read(path, source=1, target=2):
    """The pairs (source, target) of a UTF-8 file, one a line; `source` and `target` are columns counted from 1.

    Lines end at a newline and nowhere else; empty lines are passed over. Raises InputError, naming file and line,
    for a missing or empty file, a line with too few columns, an empty side, bytes that are not UTF-8.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; give a tab-separated file of sentence pairs") from None
    pairs = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r")
        except UnicodeDecodeError as error:
            raise InputError(f"{path}:{number}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None
        if not text.strip():
            continue
        columns = text.split("\t")
        if len(columns) < max(source, target):
            problem = "no tab" if len(columns) == 1 else f"{len(columns)} columns"
            wanted = f"columns {source} and {target} are wanted"
            raise InputError(f"{path}:{number}: {problem}, but {wanted}; put one pair on a line, a tab between")
        pair = columns[source - 1].strip(), columns[target - 1].strip()
        if not all(pair):
            raise InputError(f"{path}:{number}: an empty sentence; fill it in or take the line out")
        pairs.append(pair)
    if not pairs:
        raise InputError(f"{path}: no sentence pair in it; give one pair a line, separated by a tab")
    return pairs


def split(pairs, seed=0, validation=0.05, test=0.05, side=0):
    """{"train", "validation", "test"}: dealt by the sentence on `side` (0 or 1), so that no such sentence is in two.

    By default that is side 0, the file's first wanted column. A sentence's part follows from its text and the seed
    alone, by SHA-256: it is the same on every machine and whatever else the file holds. Within a part pairs are
    shuffled by the same token. A file of few pairs can leave a part empty.
    """

    def fraction(text):
        digest = hashlib.sha256(f"{seed}\t{text}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64

    parts = {"train": [], "validation": [], "test": []}
    for pair in pairs:
        where = fraction(pair[side])
        part = "validation" if where < validation else "test" if where < validation + test else "train"
        parts[part].append(pair)
    return {part: sorted(some, key=lambda pair: (fraction("\t".join(pair)), pair)) for part, some in parts.items()}
