"""The lines of a file that are nearest in meaning to a query: the vectors of all lines, made once and kept in a file.

    score(line) = cos(vector(line), vector(query))        the lines with the largest scores, of equal ones the first

The file of vectors is a safetensors file beside the text, memory-mapped when it is used: {"vectors": (N, D) of length
one, a row for each distinct text; "text_of_line": (M), a line's row, -1 for an empty line; "starts": (M + 1), the byte
at which each line begins}. Its notes hold a name for the text and the model that it was made of; where one of them has
changed it is made again.
"""

import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np

from minilm.errors import InputError
from minilm.storage import safetensors
from minilm.tasks.sentence_vectors import unit

ENDING = ".vectors.safetensors"
NOTE = "made of"
CHUNK = 1 << 16  # texts whose ids are held at once
FORM = "1"  # of the file; another one is made again


class Index:
    """The lines of a file and their vectors. `build` makes one, or opens the one that is there."""

    def __init__(self, encoder, path, column, vectors, text_of_line, starts):
        self.encoder, self.path, self.column = encoder, Path(path), column
        self.vectors, self.text_of_line, self.starts = vectors, text_of_line, starts
        self.number = int((text_of_line >= 0).sum())  # of lines that can be found

    def nearest(self, query, number=10, distinct=False):
        """[(score, line number from 1, text), ...] of the `number` nearest lines; `distinct`: each text once.

        Raises InputError for an empty query and for a number below one.
        """
        return self.nearest_to([query], number, distinct)[0]

    def nearest_to(self, queries, number=10, distinct=False):
        """`nearest` for each of a list of queries."""
        if number < 1:
            raise InputError(f"the {number} nearest lines are asked for; ask for 1 or more")
        asked = unit(self.encoder.embed(list(queries)).astype(self.vectors.dtype))     # (Q, D)
        scores = asked @ self.vectors.T if len(asked) > 1 else (self.vectors @ asked[0])[None]  # (Q, N)
        return [self.best(row, number, distinct) for row in scores]

    def best(self, scores, number, distinct):
        """scores (N) of the distinct texts -> the nearest lines."""
        if number < len(scores):
            least = np.partition(scores, len(scores) - number)[len(scores) - number]
            chosen = np.flatnonzero(scores >= least)
        else:
            chosen = np.arange(len(scores))
        lines = np.flatnonzero(np.isin(self.text_of_line, chosen))
        if distinct:
            lines = lines[np.sort(np.unique(self.text_of_line[lines], return_index=True)[1])]
        of_lines = scores[self.text_of_line[lines]]
        order = np.argsort(-of_lines, kind="stable")[:number]
        with open(self.path, "rb") as file:
            return [(float(of_lines[i]), int(lines[i]) + 1, self.line(file, int(lines[i]))) for i in order]

    def line(self, file, index):
        """The text of a line, from 0."""
        begin, end = (int(self.starts[place]) for place in (index, index + 1))
        file.seek(begin)
        return text_of(file.read(end - begin), self.column, f"{self.path}:{index + 1}")


def build(encoder, path, column=None, index=None, progress=None):
    """The Index of a UTF-8 file, a text a line, or its `column` (from 1) of tab-separated ones.

    `index`: the file of vectors, by default beside the text. `progress(done, all)` is told while vectors are made.
    Raises InputError, naming the file and the line, for bytes that are not UTF-8 and a line without that column.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; give a text file, a line for each text") from None
    vectors_path = Path(index) if index else path.with_name(path.name + ENDING)
    key = hashlib.sha256(repr((FORM, column, encoder.fingerprint)).encode() + data).hexdigest()[:32]
    found = opened(vectors_path, key, encoder.width, len(data), index is not None)
    if found is None:
        texts, text_of_line, starts = distinct_texts(data, column, path)
        folder = vectors_path.parent
        if not os.access(folder, os.W_OK):
            raise InputError(f"{folder}: cannot be written, and the vectors are kept there; name a file with --index")
        with tempfile.TemporaryFile(dir=folder) as file:
            vectors = np.memmap(file, np.float32, "w+", shape=(len(texts), encoder.width))
            fill(vectors, encoder, texts, progress)
            tensors = {"vectors": vectors, "text_of_line": text_of_line, "starts": starts}
            safetensors.write(vectors_path, tensors, {NOTE: key})
            del tensors, vectors
        found = opened(vectors_path, key, encoder.width, len(data), False)
    return Index(encoder, path, column, found["vectors"], found["text_of_line"], found["starts"])


def opened(path, key, width, size, named):
    """The tensors of a file of vectors; None where it is missing, damaged, or of another text or model.

    `size`: the bytes of the text. `named`: a person has named the file; then it is not written over unless it is one of
    these. Raises InputError.
    """
    if not path.exists():
        return None
    try:
        note = safetensors.metadata(path).get(NOTE)
        tensors = safetensors.read(path) if note == key else {}
    except InputError:
        note, tensors = None, {}
    if note is None and named:
        raise InputError(f"{path}: is no file of vectors; name another with --index")
    shapes = {name: (array.ndim, array.dtype.kind) for name, array in tensors.items()}
    if shapes != {"vectors": (2, "f"), "text_of_line": (1, "i"), "starts": (1, "i")}:
        return None
    vectors, text_of_line, starts = (tensors[name] for name in ("vectors", "text_of_line", "starts"))
    fits = vectors.shape[1] == width and len(starts) == len(text_of_line) + 1 and len(text_of_line)
    if not fits or text_of_line.min() < -1 or text_of_line.max() >= len(vectors):
        return None
    if starts[0] != 0 or starts[-1] != size or (starts[1:] < starts[:-1]).any():
        return None
    return tensors


def distinct_texts(data, column, path):
    """The texts of a file, each once, in order; the text of each line, -1 for an empty one; where the lines begin."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10) + 1
    if not len(ends) or ends[-1] < len(data):
        ends = np.append(ends, len(data))
    starts = np.concatenate([[0], ends]).astype(np.int64)                  # (M + 1)
    known: dict[str, int] = {}
    text_of_line = np.full(len(starts) - 1, -1, np.int64)                  # (M)
    for number, (begin, end) in enumerate(zip(starts.tolist(), starts[1:].tolist(), strict=False)):
        text = text_of(data[begin:end], column, f"{path}:{number + 1}")
        if text:
            text_of_line[number] = known.setdefault(text, len(known))
    if not known:
        raise InputError(f"{path}: no text in it; give a text file, a line for each text")
    return list(known), text_of_line, starts


def text_of(line, column, place):
    """The text of a line's bytes, or of its column."""
    try:
        text = line.decode("utf-8").removeprefix("\ufeff").strip()
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: not UTF-8 at byte {error.start + 1}; save the file as UTF-8") from None
    if column is None or not text:
        return text
    columns = text.split("\t")
    if len(columns) < column:
        raise InputError(f"{place}: column {column} is asked for, and the line has {len(columns)}; name another")
    return columns[column - 1].strip()


def fill(vectors, encoder, texts, progress=None):
    """Write the texts' vectors, of length one, into `vectors` (N, D)."""
    done = 0

    def told(number):
        nonlocal done
        done = min(done + number, len(texts))
        if progress:
            progress(done, len(texts))

    for first in range(0, len(texts), CHUNK):
        part = texts[first : first + CHUNK]
        vectors[first : first + len(part)] = unit(encoder.embed(part, told))
