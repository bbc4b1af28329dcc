"""JSON from outside: no key twice, no NaN, and no more memory than a bound, whatever the file holds.

Python's objects take far more room than their spelling: `[],` is 3 bytes in a file and 64 in memory. So what would be
made is reckoned from the commas, colons and brackets before anything is.
"""

import json
import os
from collections import Counter

from minilm.errors import InputError, bare, said

PAIR, ITEM, HOLDER = 220, 60, 100  # bytes of memory, at most, that a colon, a comma, a bracket stand for
# What settings, a run's settings with the counts of its words, and vocabularies may take at most, and how long their
# files may be. The largest vocabulary of a BERT that we know (half a million tokens) takes 150 MB.
SMALL, MIDDLE, LARGE = 16 * 2**20, 64 * 2**20, 256 * 2**20
# Whatever a file is, what a small one may take, and how many times its length: a token with its id stands in 12 bytes
# of a file (`"我": 123,`), and as two of Python's objects in a dict it takes PAIR + ITEM. Four times would read no
# vocabulary at all.
FLOOR, TIMES = 2 * 2**20, 32


def room(size, most=LARGE, times=TIMES):
    """The bytes of memory that the content of a file of `size` bytes may take, a file whose kind takes `most`."""
    return max(FLOOR, min(times * size, most), 4 * size)


def read(path, most=LARGE):
    """The content of a JSON file. Raises InputError, naming the file."""
    data = read_bytes(path, most)
    return parse(data, path, room(len(data), most))


def read_bytes(path, most):
    """A file's bytes. Raises InputError, naming it, where it cannot be read or has more than `most`."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > most:
                raise InputError(f"{path}: {size >> 20} MB, and its kind has at most {most >> 20}; it is damaged")
            data = file.read(size + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    if len(data) > size:  # a device that never ends, for instance
        raise InputError(f"{path}: no plain file, or one that grows while it is read; give a file that is whole")
    return data


def parse(data, path, bound):
    """The content of bytes of JSON, of which not more than `bound` bytes of memory may be made."""
    needed = PAIR * data.count(b":") + ITEM * data.count(b",") + HOLDER * (data.count(b"[") + data.count(b"{"))
    if needed > bound:
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


def read_object(path, most=SMALL):
    """The content of a JSON file that holds an object. Raises InputError, naming the file."""
    content = read(path, most)
    if not isinstance(content, dict):
        raise InputError(f"{path}: not an object of settings; download the folder again")
    return content
