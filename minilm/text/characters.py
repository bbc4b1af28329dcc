"""Characters as tokens: the simplest tokenizer, which loses nothing of a text whose characters it knows."""

import json
from collections.abc import Iterable
from pathlib import Path

from minilm.errors import InputError
from minilm.storage import atomic, json_file
from minilm.text import token_ids

FILE = "characters.json"


class Characters:
    """`characters[id]` is the character of an id; they are in the order of Unicode."""

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = list(characters)
        self.ids = {character: number for number, character in enumerate(self.characters)}
        if not self.characters or len(self.ids) != len(self.characters) or any(len(c) != 1 for c in self.characters):
            raise InputError("a list of characters has each of them once, and at least one")
        if token_ids.half_character("".join(self.characters)) is not None:
            raise InputError("half a character is none: the text was not UTF-8")

    @classmethod
    def train(cls, text: str) -> "Characters":
        """All characters of a text."""
        return cls(sorted(set(text)))

    @property
    def size(self) -> int:
        return len(self.characters)

    def encode(self, text: str) -> list[int]:
        """The ids of a text. Raises InputError, naming the first character that is not known and its place."""
        try:
            return [self.ids[character] for character in text]
        except KeyError as error:
            unknown = error.args[0]
            place = text.index(unknown) + 1
            raise InputError(
                f"character {place}, {unknown!r}, never occurred in the training text; leave it out"
            ) from None

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids. Raises InputError for one that is out of range, negative ones among them."""
        found = []
        for place, number in enumerate(ids):
            if not 0 <= number < len(self.characters):
                raise InputError(f"id {number} at position {place} is not in 0 ... {len(self.characters) - 1}")
            found.append(self.characters[number])
        return "".join(found)

    def save(self, folder: str | Path) -> None:
        atomic.write_text(Path(folder) / FILE, json.dumps(self.characters, ensure_ascii=False) + "\n")

    @classmethod
    def load(cls, folder: str | Path) -> "Characters":
        """Read what `save` wrote. Raises InputError, naming the file."""
        path = Path(folder) / FILE
        content = json_file.read(path)
        if not isinstance(content, list) or not all(isinstance(c, str) for c in content):
            raise InputError(f"{path}: not a JSON list of characters; train again")
        try:
            return cls(content)
        except InputError as error:
            raise InputError(f"{path}: {error}; train again") from None
