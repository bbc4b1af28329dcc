"""What every tokenizer asks of its ids and of the texts that it is given."""

from collections.abc import Iterable, Mapping

from minilm.errors import InputError, said

HOLES = 2**16  # ids below the largest that no token has: padding of a vocabulary, not more


def in_order(ids: Mapping[str, int]) -> list[str]:
    """The tokens by id; "" stands where no token has the id, and of several the first counts.

    Raises InputError for an id below zero or far above the number of tokens, and for half a character.
    """
    size = max(ids.values(), default=-1) + 1
    if size > 2 * len(ids) + HOLES:
        token = max(ids, key=lambda token: ids[token])
        raise InputError(f"{said(token)} has the id {said(size - 1)}, and there are only {len(ids)} tokens")
    tokens = [""] * size
    for token, number in ids.items():
        if number < 0:
            raise InputError(f"{said(token)} has the id {said(number)}; an id is 0 or more")
        if half_character(token) is not None:
            raise InputError(f"token {number}, {said(token)}, holds half a character, which no file can")
        tokens[number] = tokens[number] or token
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
