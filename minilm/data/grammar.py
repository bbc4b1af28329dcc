"""A corpus written for minilm: everyday Chinese sentences, each with its one right English translation.

A small grammar draws sentences from the lexicon: a subject, a verb phrase in some tense, with negation, questions,
modal verbs, times, places, measure words, comparison. Both languages are built side by side from the same choices, so
the translation follows from the Chinese sentence alone. The parts share no sentence, in either language.

Rules that a reader of the English should know: a bare countable noun is a plural (我吃苹果, I eat apples) except
after "not have, want, need" (我没有狗, I do not have a dog); what is owned is one (我的书, my book); a profession alone is
definite (老师, the teacher); 你 is one person; "not" is never shortened; statements carry no full stop.
"""

import hashlib
from collections import Counter
from functools import cache

from minilm.data import sentences_of_action as act
from minilm.data import sentences_of_state as state
from minilm.data.choices import Choices

SENTENCES = 40_000
TEST, VALIDATION = 1_000, 1_000  # the rest trains
LONGEST = 11  # Chinese words, without the question mark
HELD_OUT = (("我", "喜欢", "编程"), "I like programming")  # the article's sentence: always in the test part

PATTERNS = (  # as often as they stand here
    act.habit, act.habit, act.habit, act.not_habit, act.not_habit, act.ask_habit, act.past, act.past, act.past,
    act.future, act.future, act.progress, act.progress, act.perfect, act.modal, act.modal, act.modal,
    act.ask_who, act.ask_what, act.ask_where, act.ask_when_or_why, act.request,
    state.liking, state.liking, state.liking, state.owning, state.owning, state.being_somewhere, state.feeling,
    state.comparing, state.quality, state.quality, state.existence, state.being_something,
)  # fmt: skip

Words = tuple[str, ...]


@cache
def sentences() -> tuple[tuple[Words, str], ...]:
    """All sentences as (Chinese words, English); each side occurs once. HELD_OUT is the first.

    The others stand in the order of their SHA-256, so that no part gets the short ones, which are drawn early.
    """
    pick = Choices(2017)
    chinese, english = {"".join(HELD_OUT[0])}, {HELD_OUT[1].lower()}
    drawn: list[tuple[Words, str]] = []
    while len(drawn) < SENTENCES - 1:
        words, text, asks = pick.one(PATTERNS)(pick)
        joined = "".join(words)
        if joined in chinese or text.lower() in english or len(words) > LONGEST:
            continue
        chinese.add(joined)
        english.add(text.lower())
        text = text[0].upper() + text[1:]
        drawn.append(((*words, "？"), f"{text}?") if asks else (words, text))
    drawn.sort(key=lambda sentence: hashlib.sha256(sentence[1].encode()).digest())
    return (HELD_OUT, *drawn)


def pairs() -> list[tuple[str, str]]:
    """All pairs (Chinese, English) as texts."""
    return [("".join(words), english) for words, english in sentences()]


def split() -> dict[str, list[tuple[str, str]]]:
    """The parts "train", "validation" and "test": no sentence, on either side, is in two of them."""
    every = pairs()
    edge = TEST + VALIDATION
    return {"train": every[edge:], "validation": every[TEST:edge], "test": every[:TEST]}


def word_frequencies() -> dict[str, int]:
    """How often each Chinese word occurs: what the segmentation weighs its paths by."""
    return dict(Counter(word for words, _ in sentences() for word in words))
