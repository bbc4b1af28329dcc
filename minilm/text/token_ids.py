"""What every tokenizer asks of its ids and of the texts that it is given."""

from collections.abc import Iterable, Mapping

from minilm.errors import InputError


def in_order(ids: Mapping[str, int]) -> list[str]:
    """The tokens by id. Raises InputError where ids have a gap or one is given twice, and for half a character."""
    tokens = sorted(ids, key=lambda token: ids[token])
    for number, token in enumerate(tokens):
        if ids[token] != number:
            found = f"{token[:60]!r} has {ids[token]}, where {number} is next"
            raise InputError(f"the ids are not 0 ... {len(tokens) - 1}, each once: {found}")
        if half_character(token) is not None:
            raise InputError(f"token {number}, {token[:60]!r}, holds half a character, which no file can")
    return tokens


def half_character(text: str) -> int | None:
    """The place of the first surrogate: what Python makes of bytes that are not UTF-8, and JSON of a lone \\ud800."""
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


def check_text(text: str) -> str:
    """The text. Raises InputError, naming the place, where it is not UTF-8."""
    place = half_character(text)
    if place is not None:
        raise InputError(f"character {place + 1} of the text, {text[place]!r}, is not UTF-8; convert the text")
    return text


def check_range(ids: Iterable[int], size: int) -> list[int]:
    """The ids. Raises InputError for one that is not in 0 ... size - 1, negative ones among them."""
    found_ids = list(ids)
    for place, number in enumerate(found_ids):
        if not 0 <= number < size:
            found = f"id {number} at position {place} is not in 0 ... {size - 1}"
            raise InputError(f"{found}; take the tokenizer that made the ids")
    return found_ids
