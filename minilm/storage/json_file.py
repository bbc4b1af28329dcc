"""JSON from outside: no key twice, no NaN, and no more memory than a bound, whatever the file holds.

Python's objects take far more room than their spelling: `[],` is 3 bytes in a file and 64 in memory. So what would be
made is reckoned from the commas, colons and brackets before anything is.
"""

import json
from collections import Counter
from pathlib import Path

from minilm.errors import InputError, bare, said

PAIR, ITEM, HOLDER = 220, 60, 100  # bytes of memory, at most, that a colon, a comma, a bracket stand for
# What settings, a run's settings with the counts of its words, and vocabularies may take where four times the file is
# less. The largest vocabulary of a BERT that we know (half a million tokens) takes 150 MB.
SMALL, MIDDLE, LARGE = 16 * 2**20, 64 * 2**20, 256 * 2**20


def read(path, room=LARGE):
    """The content of a JSON file. Raises InputError, naming the file."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    return parse(data, path, max(room, 4 * len(data)))


def parse(data, path, room):
    """The content of bytes of JSON, of which not more than `room` bytes of memory may be made."""
    needed = PAIR * data.count(b":") + ITEM * data.count(b",") + HOLDER * (data.count(b"[") + data.count(b"{"))
    if needed > room:
        raise InputError(f"{path}: so many entries that they would take {needed >> 20} MB of memory; it is damaged")

    def once(pairs):
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
            raise InputError(f"{path}: the key {said(twice)} stands in it twice")
        return found

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=once)
    except InputError:
        raise
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({bare(error, 80)}); it is damaged") from None


def read_object(path, room=SMALL):
    """The content of a JSON file that holds an object. Raises InputError, naming the file."""
    content = read(path, room)
    if not isinstance(content, dict):
        raise InputError(f"{path}: not an object of settings; download the folder again")
    return content
