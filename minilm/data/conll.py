"""Labelled tokens, one a line, as CoNLL's shared tasks have them (Tjong Kim Sang and De Meulder 2003).

    token  ...  tag        separated by tabs, or by spaces; the first and the last column count
                           an empty line ends a sentence

Lines end at "\\n" and nowhere else. A line of -DOCSTART- is passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from minilm.data import tag_schemes
from minilm.data.tag_schemes import Entity
from minilm.errors import InputError, said

LONGEST = 2000  # tokens of a sentence: the field's marginals take memory for each of them
BLANK = " \t\r"  # not U+3000 or U+00A0, which may be tokens
WAY_OUT = "give a token and its tag a line, as in 'Paris B-LOC', and an empty line after each sentence"


@dataclass(frozen=True)
class Sentence:
    """Tokens and their entities; `line` is where the first stands in its file, from 1."""

    tokens: list[str]
    entities: list[Entity]
    line: int = 1


@dataclass(frozen=True)
class Labelled:
    """The sentences of a file, and the scheme that they were written in; `broken`: what was wrong with those that
    break it, by file and line, and was read nevertheless."""

    sentences: list[Sentence]
    scheme: str
    broken: list[str] = field(default_factory=list)

    @property
    def types(self) -> list[str]:
        """The types of entities, in the order of the alphabet."""
        return sorted({entity.type for sentence in self.sentences for entity in sentence.entities})


def read(path: str | Path, repair: bool = False) -> Labelled:
    """The sentences of a UTF-8 file. `repair`: a sentence whose tags break their scheme is read as CoNLL's own script
    reads it (tag_schemes.repaired), and named in `broken`.

    Raises InputError, naming file and line: for a file that is missing, empty or not UTF-8, a line without a token or
    a tag, a tag that breaks its scheme, and a sentence that is longer than LONGEST.
    """
    rows = split(path)
    scheme = tag_schemes.scheme_of([[tag for _, tag in pairs] for _, pairs in rows])
    sentences, broken = [], []
    for line, pairs in rows:
        tags = [tag for _, tag in pairs]
        if found := tag_schemes.problem(tags, scheme):
            broken.append(f"{path}:{line + found[0]}: {found[1]}")
            require_readable(tags, path, line)
        sentences.append(Sentence([token for token, _ in pairs], tag_schemes.repaired(tags), line))
    if broken and not repair:
        others = f", as {len(broken) - 1} more sentences do" if len(broken) > 1 else ""
        way_out = "mend the file, or --repair reads them as best it can"
        raise InputError(f"{broken[0]} (this breaks {scheme}{others}; {way_out})")
    return Labelled(sentences, scheme, broken)


def require_readable(tags: Sequence[str], path: str | Path, line: int) -> None:
    """Raise InputError, naming the line, for a tag that is none in any scheme."""
    for place, tag in enumerate(tags, start=line):
        if not tag_schemes.is_tag(tag):
            known = ", ".join(tag_schemes.LETTERS)
            raise InputError(f"{path}:{place}: {said(tag, 40)} is no tag; write O, or {known} and a hyphen and a type")


def split(path: str | Path) -> list[tuple[int, list[tuple[str, str]]]]:
    """[(line of its first token, [(token, tag), ...]), ...] of the sentences of a file."""
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a path with a zero byte in it
        problem = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: {problem}; {WAY_OUT}") from None
    rows: list[tuple[int, list[tuple[str, str]]]] = []
    begun = False
    for number, raw in enumerate(data.split(b"\n"), start=1):
        place = f"{path}:{number}"
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip(BLANK)
        except UnicodeDecodeError as error:
            raise InputError(f"{place}: not UTF-8 at byte {error.start + 1}; save the file as UTF-8") from None
        if not line or line.startswith("-DOCSTART-"):
            begun = False
            continue
        columns = line.split("\t") if "\t" in line else [column for column in line.split(" ") if column]
        if len(columns) < 2 or not columns[0].strip(BLANK) or line[0] in BLANK:
            problem = "one column" if len(columns) < 2 else "no token"
            raise InputError(f"{place}: {problem}, {said(line, 40)}; {WAY_OUT}")
        if not begun:
            rows.append((number, []))
        begun = True
        rows[-1][1].append((columns[0].strip(BLANK), columns[-1].strip(BLANK)))
        if len(rows[-1][1]) > LONGEST:
            problem = f"a sentence of more than {LONGEST} tokens, which begins in line {rows[-1][0]}"
            raise InputError(f"{place}: {problem}; end sentences with an empty line")
    if not rows:
        raise InputError(f"{path}: no sentence in it; {WAY_OUT}")
    return rows


def text(sentence: Sequence[str], tags: Sequence[str]) -> str:
    """A sentence as `read` reads it, without the empty line after it."""
    return "\n".join(f"{token}\t{tag}" for token, tag in zip(sentence, tags, strict=True))
