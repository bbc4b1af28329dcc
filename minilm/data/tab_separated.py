"""Sentence pairs from a tab-separated file, and parts that share no sentence of one language."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from minilm.errors import InputError

Pair = tuple[str, str]


def read(path: str | Path, source: int = 1, target: int = 2) -> list[Pair]:
    """The pairs (source, target) of a file: `numbered` without the lines."""
    return [pair for _, pair in numbered(path, source, target)]


def numbered(path: str | Path, source: int = 1, target: int = 2) -> list[tuple[int, Pair]]:
    """The pairs (source, target) of a UTF-8 file, one a line, each with its line; columns are counted from 1.

    Lines end at "\\n" and nowhere else (a "\\r" before it is dropped), blank lines are passed over, other columns
    too. Raises InputError, naming file and line, for a missing or empty file, a line with too few columns, an empty
    side, bytes that are not UTF-8; and for columns that are not two different ones from 1 up.
    """
    if min(source, target) < 1 or source == target:
        raise InputError(f"columns {source} and {target}: give two different ones, counted from 1")
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a path with a zero byte in it
        problem = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: {problem}; give a tab-separated file of sentence pairs") from None
    pairs = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        place = f"{path}:{number}"
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").removesuffix("\r")
        except UnicodeDecodeError as error:
            raise InputError(f"{place}: not UTF-8 at byte {error.start + 1}; save the file as UTF-8") from None
        columns = text.split("\t")
        if len(columns) == 1 and not text.strip():
            continue
        if len(columns) < max(source, target):
            problem = "no tab" if len(columns) == 1 else f"only {len(columns)} columns"
            raise InputError(f"{place}: {problem}, but columns {source} and {target} are wanted; give one pair a line")
        pair = columns[source - 1].strip(), columns[target - 1].strip()
        if not all(pair):
            empty = target if pair[0] else source
            raise InputError(f"{place}: column {empty} is empty; fill it in or take the line out")
        pairs.append((number, pair))
    if not pairs:
        raise InputError(f"{path}: no sentence pair in it; give one pair a line, separated by a tab")
    return pairs


def split(
    pairs: Sequence[Pair], seed: int = 0, validation: float = 0.05, test: float = 0.05, side: int = 1
) -> dict[str, list[Pair]]:
    """{"train", "validation", "test"}: no sentence on `side` (0 source, 1 target) is in two of them.

    The distinct sentences of that side are dealt out in the order of their SHA-256 with the seed; `validation` and
    `test` are shares of them, at least one sentence each unless the share is 0. Within a part the pairs are shuffled
    in the same way. So the parts follow from the set of pairs and the seed alone, not from the machine or the order
    of the file. Raises InputError where no sentence is left to train on.
    """

    def chance(*texts: str) -> bytes:
        return hashlib.sha256("\t".join((str(seed), *texts)).encode()).digest()

    distinct = sorted({pair[side] for pair in pairs}, key=chance)
    tests, validations = (max(1, round(share * len(distinct))) if share else 0 for share in (test, validation))
    if tests + validations >= len(distinct):
        raise InputError(
            f"{len(distinct)} distinct sentences, {validations} to validate and {tests} to test: "
            "none is left to train on; give more sentence pairs"
        )
    part_of = dict.fromkeys(distinct, "train")
    part_of |= dict.fromkeys(distinct[:tests], "test")
    part_of |= dict.fromkeys(distinct[tests : tests + validations], "validation")
    parts: dict[str, list[Pair]] = {"train": [], "validation": [], "test": []}
    for pair in sorted(pairs, key=lambda pair: chance(*pair)):
        parts[part_of[pair[side]]].append(pair)
    return parts
