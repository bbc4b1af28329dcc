"""Labelled texts: a file of them, a part held back, and batches of texts of like length.

A file is tab-separated, a label and a text a line, or has a JSON object a line, {"text": "...", "label": ...}. What is
learnt of a text is one of PROBLEMS, by the names that config.json has for them:

    single_label_classification    one label of several
    multi_label_classification     any number of labels: a list in JSON, or separated by commas
    regression                     a number
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minilm.data import random_streams
from minilm.data.batches import pad
from minilm.errors import InputError, said
from minilm.storage import json_file

ONE, SEVERAL, NUMBER = PROBLEMS = ("single_label_classification", "multi_label_classification", "regression")
LABEL_NAMES = ("label", "labels", "class", "category", "intent", "sentiment", "topic", "target", "score", "rating")
TEXT_NAMES = ("text", "texts", "sentence", "utterance", "query", "review", "content", "document", "question")
HELD = 0.1  # of the texts of each label
WAY_OUT = 'give a label, a tab and a text a line, or a line of JSON such as {"label": "good", "text": "I like it"}'


class Example(NamedTuple):
    """A text, what is to be learnt of it (a label, a tuple of labels, or a float), and its line in the file, from 1."""

    text: str
    answer: Any
    line: int


class Labelled(NamedTuple):
    """The examples of a file, of what problem they are, and how it was read, in words."""

    path: Path
    examples: list[Example]
    problem: str
    form: str


def read(path: str | Path, label: str | None = None, text: str | None = None, problem: str | None = None) -> Labelled:
    """The examples of a UTF-8 file. `label` and `text`: their columns, from 1 (1 and 2), or the names that a header
    line or the objects have for them. `problem` None: several labels where a line has a list of them, else one.

    Lines end at "\\n" and nowhere else, empty lines are passed over. Raises InputError, naming file and line, for what
    is of another form, an empty text, a label that is missing or, in a regression, no number.
    """
    path = Path(path)
    try:
        lines = path.read_bytes().split(b"\n")
    except (OSError, ValueError) as error:
        found = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: {found}; give a file of labelled texts") from None
    rows = [(number, decoded(line, path, number)) for number, line in enumerate(lines, start=1)]
    filled = [(number, line) for number, line in rows if line.strip()]
    if not filled:
        raise InputError(f"{path}: no text in it; {WAY_OUT}")
    if filled[0][1].lstrip().startswith("{"):
        objects = [(number, of_object(line, f"{path}:{number}", label, text)) for number, line in filled]
        found = [(number, answer, said_text) for number, (answer, said_text) in objects]
        form = "lines of JSON"
    else:
        found, form = of_columns(filled, path, label, text)
    if problem is None:
        problem = SEVERAL if any(isinstance(answer, list) for _, answer, _ in found) else ONE
    examples = [example(number, answer, said_text, problem, path) for number, answer, said_text in found]
    return Labelled(path, examples, problem, form)


def decoded(line, path, number):
    """A line's text."""
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}:{number}: not UTF-8 at byte {error.start + 1}; save the file as UTF-8") from None


def of_object(line, place, label, text):
    """(answer, text) of a line of JSON."""
    content = json_file.parse(line.encode(), place, json_file.room(len(line), json_file.SMALL))
    if not isinstance(content, dict):
        raise InputError(f"{place}: not an object; {WAY_OUT}")
    names = [label] if label else [name for name in LABEL_NAMES if name in content]
    texts = [text] if text else [name for name in TEXT_NAMES if name in content]
    for wanted, found in (("label", names), ("text", texts)):
        if not found or found[0] not in content:
            asked = f"no {said(found[0])}" if found else f"no {wanted}"
            raise InputError(f"{place}: {asked} in the object; name its field with --{wanted} NAME")
    answer, read_text = content[names[0]], content[texts[0]]
    if not isinstance(read_text, str):
        raise InputError(f"{place}: the text is {said(read_text)}, not a text between quotes")
    kinds = (str, int, float)
    fits = all(isinstance(one, kinds) for one in answer) if isinstance(answer, list) else isinstance(answer, kinds)
    if not fits:
        raise InputError(f"{place}: the label is {said(answer)}; a text, a number or a list of texts is wanted")
    return answer, read_text


def of_columns(rows, path, label, text):
    """([(line number, answer, text), ...], how it was read) of tab-separated lines."""
    first = [cell.strip() for cell in rows[0][1].split("\t")]
    label_name, text_name = label or "1", text or "2"
    lower = [cell.lower() for cell in first]
    header: list[str] | None = None
    if label_name.isdecimal() and text_name.isdecimal():
        places: list[int] = [int(label_name) - 1, int(text_name) - 1]
        if min(places) < 0 or places[0] == places[1]:
            raise InputError(f"--label {label_name} --text {text_name}: two different columns, counted from 1")
        cells = [lower[place] if place < len(lower) else "" for place in places]
        if cells[0] in LABEL_NAMES and cells[1] in TEXT_NAMES:
            header = first
    else:
        for name in (label_name, text_name):
            if not name.isdecimal() and name not in first:
                raise InputError(f"{path}:{rows[0][0]}: no column {said(name)} in this line; name one that is there")
        header = first
        places = [int(name) - 1 if name.isdecimal() else first.index(name) for name in (label_name, text_name)]
    found = []
    for number, line in rows[1:] if header else rows:
        cells = line.split("\t")
        if len(cells) <= max(places):
            problem = "no tab" if len(cells) == 1 else f"only {len(cells)} columns"
            raise InputError(f"{path}:{number}: {problem}, and column {max(places) + 1} is wanted; {WAY_OUT}")
        found.append((number, cells[places[0]].strip(), cells[places[1]].strip()))
    if not found:
        raise InputError(f"{path}: a header line and no text; {WAY_OUT}")
    named = f"; its first line, {' and '.join(first[place] for place in places)}, is a header" if header else ""
    return found, f"tab-separated, labels in column {places[0] + 1}, texts in column {places[1] + 1}{named}"


def example(number, answer, text, problem, path):
    """An Example of what stands in a line."""
    place = f"{path}:{number}"
    if not text.strip():
        raise InputError(f"{place}: the text is empty; fill it in or take the line out")
    if problem == NUMBER:
        try:
            value = math.nan if isinstance(answer, list) else float(answer)
        except (ValueError, OverflowError):
            value = math.nan
        if not math.isfinite(value):
            raise InputError(f"{place}: {said(answer)} is no number, and a regression learns numbers; correct it there")
        return Example(text, value, number)
    if problem == SEVERAL:
        parts = answer if isinstance(answer, list) else str(answer).split(",")
        return Example(text, tuple(dict.fromkeys(str(one).strip() for one in parts if str(one).strip())), number)
    if isinstance(answer, list):
        raise InputError(f"{place}: a list of labels, and one is wanted; --problem several learns several")
    if not str(answer).strip():
        raise InputError(f"{place}: the label is empty; fill it in or take the line out")
    return Example(text, str(answer).strip(), number)


def labels_of(examples: Sequence[Example], problem: str) -> list[str]:
    """The labels that occur, in the order of the alphabet; of a regression none."""
    if problem == NUMBER:
        return []
    return sorted({label for each in examples for label in (each.answer if problem == SEVERAL else (each.answer,))})


def times(examples: Sequence[Example], problem: str) -> Counter:
    """How often each label occurs."""
    if problem == NUMBER:
        return Counter()
    return Counter(label for each in examples for label in (each.answer if problem == SEVERAL else (each.answer,)))


def hold_back(labelled: Labelled, seed: int) -> tuple[list[Example], list[Example]]:
    """(to train on, to validate with): a tenth of the different texts of each label, by chance, none in both.

    What is held back follows from the texts and the seed, not from the order of the file. A label of a single text
    stays in training. Raises InputError where nothing can be held back.
    """

    def chance(text):
        return hashlib.sha256(f"{seed}\t{text}".encode("utf-8", "surrogatepass")).digest()

    groups: dict[Any, set[str]] = {}
    for each in labelled.examples:
        groups.setdefault(each.answer if labelled.problem == ONE else None, set()).add(each.text)
    held: set[str] = set()
    for texts in groups.values():
        if len(texts) > 1:
            held |= set(sorted(texts, key=chance)[: max(1, round(HELD * len(texts)))])
    train = [each for each in labelled.examples if each.text not in held]
    validation = [each for each in labelled.examples if each.text in held]
    there = set(labels_of(train, labelled.problem))
    back = [each for each in validation if not set(labels_of([each], labelled.problem)) <= there]
    texts = {each.text for each in back}
    train += [each for each in validation if each.text in texts]
    validation = [each for each in validation if each.text not in texts]
    if not train or not validation:
        number = len(labelled.examples)
        raise InputError(f"{labelled.path}: of {number} texts none can be held back; give more, or --validation FILE")
    return train, validation


def require_known(labelled: Labelled, labels: Sequence[str], where: str) -> None:
    """Raise InputError, naming file and line, for a label that is not among `labels`; `where` they were looked for."""
    known = set(labels)
    for each in labelled.examples:
        for label in labels_of([each], labelled.problem):
            if label not in known:
                place = f"{labelled.path}:{each.line}"
                found = f"the label {said(label)} never occurs in {where}"
                raise InputError(f"{place}: {found}; correct it, or train with it")


def answers(examples: Sequence[Example], labels: Sequence[str], problem: str) -> dict[str, np.ndarray]:
    """What a batch says of these examples: {"label": (B)}, {"labels": (B, C)} or {"values": (B, 1)}."""
    if problem == NUMBER:
        return {"values": np.array([[each.answer] for each in examples], np.float32)}
    place = {label: number for number, label in enumerate(labels)}
    if problem == ONE:
        return {"label": np.array([place[each.answer] for each in examples], np.int64)}
    there = np.zeros((len(examples), len(labels)), bool)
    for row, each in zip(there, examples, strict=True):
        row[[place[label] for label in each.answer]] = True
    return {"labels": there}


class TextBatches:
    """Batches of `rows` rows of ids with what is to be learnt of each: {"inputs": (B, T), and the answers' arrays}.

    Calling it with an index from 0 walks through the epochs; its length is an epoch's. In epoch e the rows are shuffled
    by (seed, e), sorted by length, so that chance decides among equals, cut into batches, and the batches shuffled. A
    share `forgotten` of the tokens, but those in `kept`, is replaced by `unknown`, by (seed, index): what a model
    learns must then not hang on any one word.
    """

    def __init__(
        self, ids: Sequence[Sequence[int]], answers: dict[str, np.ndarray], *, seed: int, rows: int,
        forgotten: float = 0.0, unknown: int = 0, kept: Sequence[int] = (),
    ) -> None:  # fmt: skip
        self.ids, self.answers, self.seed, self.rows = ids, answers, seed, rows
        self.forgotten, self.unknown, self.kept = forgotten, unknown, list(kept)
        self.lengths = np.array([len(row) for row in ids])                 # (N)
        self._order = lru_cache(maxsize=2)(self._compute_order)

    def __len__(self) -> int:
        return -(-len(self.ids) // self.rows)

    def __call__(self, index: int) -> dict[str, np.ndarray]:
        epoch, k = divmod(index, len(self))
        order, turns = self._order(epoch)
        chosen = order[turns[k] * self.rows :][: self.rows]
        inputs = pad([self.ids[i] for i in chosen])                        # (B, T)
        if self.forgotten:
            rng = random_streams.generator(random_streams.FORGOTTEN_TOKENS, self.seed, index)
            drawn = rng.random(inputs.shape) < self.forgotten              # (B, T)
            inputs = np.where(drawn & ~np.isin(inputs, self.kept), self.unknown, inputs)
        return {"inputs": inputs, **{name: array[chosen] for name, array in self.answers.items()}}

    def _compute_order(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        rng = random_streams.generator(random_streams.ORDER_OF_TEXTS, self.seed, epoch)
        shuffled = rng.permutation(len(self.ids))
        by_length = np.argsort(self.lengths[shuffled], kind="stable")
        return shuffled[by_length], rng.permutation(len(self))


def as_json(content: dict) -> str:
    """A line of JSON."""
    return json.dumps(content, ensure_ascii=False)
