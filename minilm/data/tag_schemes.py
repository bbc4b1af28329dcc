"""Entities of a row of tokens as a tag for each token, in the schemes that files are written in.

    BIO      B-TYPE begins an entity, I-TYPE goes on with it, O is none              (Ramshaw and Marcus 1995)
    BIOES    and E-TYPE ends one, S-TYPE is one of a single token                    (Ratinov and Roth 2009)
    BMES     the same with M- for I-, as Chinese corpora are written

Whatever a file is written in, what a tagger learns is BIOES, numbered: O is 0, and type k has 1 + 4k ... 4 + 4k for its
B, I, E and S. What cannot follow what is then known before anything is learnt (`allowed`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

SCHEMES = {"BIO": "BI", "BIOES": "BIES", "BMES": "BMES"}
LETTERS = "BIMES"  # of all schemes
PARTS = "BIES"  # the order in which the tags of a type are numbered


class Entity(NamedTuple):
    """Tokens `start` up to but without `end`, of a type."""

    start: int
    end: int
    type: str


def scheme_of(rows: Sequence[Sequence[str]]) -> str:
    """The scheme in which these rows of tags are written: that which the fewest break, of equals the one that lacks the
    fewest of their letters, and of those the first.

    So one wrong tag of a file does not decide what all the others are.
    """

    def cost(name: str) -> tuple[int, int]:
        broken = sum(problem(row, name) is not None for row in rows)
        return broken, sum(parts(tag)[0] not in ("O", *SCHEMES[name]) for row in rows for tag in row)

    return min(SCHEMES, key=cost)


def problem(tags: Sequence[str], scheme: str) -> tuple[int, str] | None:
    """The place of the first tag that breaks its scheme and what is wrong with it; None where nothing is."""
    ends = "E" in SCHEMES[scheme]  # an entity says where it ends
    inside = "M" if scheme == "BMES" else "I"
    before, open_type = "the beginning", None  # the tag before, and the type of the entity that it leaves open
    for place, tag in enumerate(tags):
        letter, kind = parts(tag)
        if letter not in ("O", *SCHEMES[scheme]) or (letter == "O") != (kind == ""):
            known = ", ".join(f"{each}-TYPE" for each in SCHEMES[scheme])
            return place, f"the tag {tag!r} is none of {scheme}; write O, {known}"
        goes_on = letter in (inside, "E")
        if goes_on and kind != open_type:
            begins = f"B-{kind} or S-{kind}" if ends else f"B-{kind}"
            return place, f"{tag} follows {before}, where no {kind} is to go on; an entity begins with {begins}"
        if ends and open_type is not None and not goes_on:
            return place, f"{tag} follows {before}, and the {open_type} has not ended; {inside}-{open_type} goes on " \
                f"with it, E-{open_type} ends it"  # fmt: skip
        stays = letter in ("B", inside)
        before, open_type = tag, kind if stays else None
    if ends and open_type is not None:
        return len(tags) - 1, f"{before} is the last tag, and the {open_type} has not ended; end it with E-{open_type}"
    return None


def parts(tag: str) -> tuple[str, str]:
    """Letter and type of a tag, ("O", "") of none. A tag of another form comes back whole, with no type."""
    letter, hyphen, kind = tag.partition("-")
    return (letter, kind) if hyphen and kind and len(letter) == 1 else (tag, "")


def entities(tags: Sequence[str], scheme: str) -> list[Entity]:
    """The entities of a row of tags that keeps its scheme. Raises ValueError where it does not."""
    if found := problem(tags, scheme):
        raise ValueError(f"token {found[0] + 1}: {found[1]}")
    rows: list[Entity] = []
    for place, tag in enumerate(tags):
        letter, kind = parts(tag)
        if letter in ("B", "S"):
            rows.append(Entity(place, place + 1, kind))
        elif letter != "O":
            rows[-1] = rows[-1]._replace(end=place + 1)
    return rows


def repaired(tags: Sequence[str]) -> list[Entity]:
    """The entities of any row of tags, one that breaks its scheme too, as CoNLL's own script and seqeval read them.

    A tag of B or S begins an entity, and so does any tag of a type after O, another type, E or S. I, M and E go on with
    the entity that is open, of whatever letters it is.
    """
    rows: list[Entity] = []
    goes_on = False
    for place, tag in enumerate(tags):
        letter, kind = parts(tag)
        if letter != "O" and goes_on and letter not in ("B", "S") and rows[-1].type == kind:
            rows[-1] = rows[-1]._replace(end=place + 1)
        elif letter != "O":
            rows.append(Entity(place, place + 1, kind))
        goes_on = letter not in ("O", "E", "S")
    return rows


def tags(found: Sequence[Entity], length: int, scheme: str) -> list[str]:
    """The inverse of `entities`: a tag for each of `length` tokens."""
    row = ["O"] * length
    for start, end, kind in found:
        row[start:end] = [f"{letter}-{kind}" for letter in letters(end - start, scheme)]
    return row


def letters(length: int, scheme: str) -> str:
    """The letters of an entity of `length` tokens."""
    inside = "M" if scheme == "BMES" else "I"
    if scheme == "BIO":
        return "B" + inside * (length - 1)
    return "S" if length == 1 else "B" + inside * (length - 2) + "E"


# Numbered -------------------------------------------------------------------------------------------------------------


def numbered(found: Sequence[Entity], length: int, types: Sequence[str]) -> list[int]:
    """The tags of `length` tokens as a tagger learns them. Raises ValueError for a type that is not among `types`."""
    row = [0] * length
    for start, end, kind in found:
        first = 1 + len(PARTS) * types.index(kind)
        row[start:end] = [first + PARTS.index(letter) for letter in letters(end - start, "BIOES")]
    return row


def of_numbers(row: Sequence[int], types: Sequence[str]) -> list[Entity]:
    """The inverse of `numbered`, of a row in which nothing follows what it may not."""
    known = names(types)
    return entities([known[tag] for tag in row], "BIOES")


def names(types: Sequence[str]) -> list[str]:
    """The names of the tags, by number."""
    return ["O"] + [f"{part}-{kind}" for kind in types for part in PARTS]


def is_tag(name: str) -> bool:
    """Whether it is O, or a letter of some scheme and a type."""
    letter, kind = parts(name)
    return letter == "O" and not kind or letter in LETTERS and bool(kind)


def number_of_tags(types: int) -> int:
    """How many tags so many types have."""
    return 1 + len(PARTS) * types


def allowed(number: int) -> dict[str, np.ndarray]:
    """What can be among `number` tags, True where it can: "transitions" from row to column, "first" and "last".

    Raises ValueError for a number that no number of types has.
    """
    if number < 1 or (number - 1) % len(PARTS):
        raise ValueError(f"{number} tags are not O and the B, I, E and S of some types")
    tag = np.arange(number)
    kind, part = (tag - 1) // len(PARTS), (tag - 1) % len(PARTS)
    outside = tag == 0
    opens = ~outside & (part <= PARTS.index("I"))  # B and I leave an entity open
    goes_on = ~outside & (part >= 1) & (part <= PARTS.index("E"))  # I and E go on with one
    same = kind[:, None] == kind
    return {
        "transitions": np.where(opens[:, None], goes_on & same, ~goes_on), "first": ~goes_on, "last": ~opens,
    }  # fmt: skip
