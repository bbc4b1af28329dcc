"""What the patterns of the corpus return: a sentence in both languages, and whether it is a question."""

from minilm.data.choices import Choices
from minilm.data.noun_phrases import Phrase

Sentence = tuple[tuple[str, ...], str, bool]


def say(chinese: str, english: str) -> Sentence:
    """A statement; the Chinese words are parted by spaces."""
    return tuple(chinese.split()), english, False


def ask(chinese: str, english: str) -> Sentence:
    """A question."""
    return tuple(chinese.split()), english, True


def at(pick: Choices, who: Phrase, time: str) -> str:
    """我 明天 or 明天 我: a time stands after the subject or before it."""
    return f"{time} {who.zh}" if pick.chance(30) else f"{who.zh} {time}"
