"""A corpus written for minilm: everyday Chinese sentences, each with its one right English translation.

A grammar draws sentences from the lexicon: what a first textbook teaches (HSK 1 and 2), the common words and
structures more often than the rare ones. Both languages are built side by side from the same choices, so the
translation follows from the Chinese sentence alone. The parts share no sentence, in either language.

Rules that a reader of the English should know: a bare countable noun is a plural (我吃苹果, I eat apples) except
after "not have, want, need" (我没有狗, I do not have a dog); what is owned is one (我的书, my book); a profession alone is
definite (老师, the teacher), and one's parents are one's own (妈妈, my mother); "not" is never shortened; 会 is "will"
with a time of the future and "can" without; 要 and a verb "want to"; 在 and 正在 "is doing"; 了 at the end, without a time,
"has done". A sentence carries the same mark at its end, or none, in both languages.
"""

import hashlib
from collections import Counter
from functools import cache

from minilm.data import everyday_sentences as everyday
from minilm.data import joined_sentences as joined
from minilm.data import sentences_of_action as act
from minilm.data import sentences_of_asking as asking
from minilm.data import sentences_of_manner as manner
from minilm.data import sentences_of_number as number
from minilm.data import sentences_of_place as place
from minilm.data import sentences_of_state as state
from minilm.data.choices import Choices
from minilm.data.sentences import Sentence

SENTENCES = 46_000
TEST, VALIDATION = 1_000, 1_000  # the rest trains
LONGEST = 11  # Chinese words, without the mark at the end
HELD_OUT = (("我", "喜欢", "编程"), "I like programming")  # the article's sentence: always in the test part

PATTERNS = (  # how often, what
    *[act.habit] * 4, *[act.not_habit] * 2, *[act.ask_habit] * 2, *[act.past] * 5, *[act.future] * 4, *[act.today] * 2,
    *[act.progress] * 4, *[act.experience] * 2, *[act.by_now] * 2, *[act.modal] * 6, *[act.skill] * 2, act.all_of_us,
    act.leaving_home, *[act.request] * 5, act.letting,
    asking.who, *[asking.what] * 2, asking.what_kind, asking.name, asking.this, *[asking.where] * 3,
    *[asking.when_or_why] * 3, asking.what_time, *[asking.how] * 2, *[asking.choice] * 2, asking.which, asking.and_you,
    *[state.liking] * 4, *[state.owning] * 3, state.having_time, *[state.being_something] * 2, state.called,
    *[state.this_is] * 2, state.whose, *[state.feeling] * 3, state.being_well, *[state.comparing] * 3,
    *[state.quality] * 4, state.body, *[state.thinking] * 2, *[state.knowing] * 2,
    *[place.being_somewhere] * 3, place.living, *[place.distance] * 2, *[place.existence] * 2,
    *[place.thing_somewhere] * 2, *[place.weather] * 3,
    number.time_of_day, *[number.at_a_time] * 2, *[number.date] * 2, number.on_a_day, number.age, *[number.price] * 2,
    *[number.how_many] * 2, number.family, number.how_long, number.ordinal,
    *[manner.how_well] * 2, manner.staying, manner.way_of_going, manner.where_from,
    *[joined.because] * 3, joined.although, joined.and_you, joined.when_clause,
    everyday.greeting, everyday.wish,
)  # fmt: skip

Words = tuple[str, ...]


@cache
def sentences() -> tuple[tuple[Words, str], ...]:
    """All drawn sentences as (Chinese words, English); each side occurs once. HELD_OUT is the first.

    The others stand in the order of their SHA-256, so that no part gets the short ones, which are drawn early.
    """
    pick = Choices(2017)
    taken = [HELD_OUT, *everyday_sentences()]
    chinese = {key("".join(words)) for words, _ in taken}
    english = {key(text) for _, text in taken}
    drawn: list[tuple[Words, str]] = []
    seen: dict[str, int] = {}  # how often each word of either language was drawn

    def rarest(sentence: Sentence) -> int:
        return min([seen.get(word, 0) for word in (*sentence[0], *sentence[1].split())])

    while len(drawn) < SENTENCES - 1:
        sentence = pick.one(PATTERNS)(pick)
        if pick.chance(40):  # of four, the one with the rarest word, that all are often enough to be learnt
            sentence = min(sentence, *(pick.one(PATTERNS)(pick) for _ in range(3)), key=rarest)
        words, text, _ = sentence
        joined_words = key("".join(words))
        if joined_words in chinese or key(text) in english or len(words) > LONGEST:
            continue
        for word in (*words, *text.split()):
            seen[word] = seen.get(word, 0) + 1
        chinese.add(joined_words)
        english.add(key(text))
        drawn.append(marked(sentence, pick.below(100)))
    drawn.sort(key=lambda sentence: hashlib.sha256(sentence[1].encode()).digest())
    return (HELD_OUT, *drawn)


def key(text: str) -> str:
    """What makes two sentences the same: not case, nor marks."""
    return text.lower().replace(",", "").replace("，", "")


def marked(sentence: Sentence, chance: int) -> tuple[Words, str]:
    """The sentence with a capital and, as chance has it, with its mark at the end: people type it or do not."""
    words, text, asks = sentence
    text = text[0].upper() + text[1:]
    if asks and chance < 60:
        return (*words, "？"), f"{text}?"
    if not asks and chance < 12:
        return (*words, "。"), f"{text}."
    if not asks and chance < 15:
        return (*words, "！"), f"{text}!"
    return words, text


@cache
def everyday_sentences() -> tuple[tuple[Words, str], ...]:
    """The fixed ones, each as (Chinese words, English), without a mark."""
    fixed = []
    for chinese, english in everyday.FIXED:
        asks = chinese.endswith(" ？")
        words = chinese.removesuffix(" ？")
        fixed.append(marked((tuple(words.split()), english, asks), 99))
    return tuple(fixed)


def pairs() -> list[tuple[str, str]]:
    """All drawn pairs (Chinese, English) as texts."""
    return [("".join(words), english) for words, english in sentences()]


def everyday_pairs() -> list[tuple[str, str]]:
    """The fixed pairs, as often as the training reads them: half of them with a mark at the end."""
    texts: list[tuple[str, str]] = []
    for (words, english), (chinese, _) in zip(everyday_sentences(), everyday.FIXED, strict=True):
        plain = "".join(words)
        marks = [("", ""), ("？", "?")] if chinese.endswith("？") else [("", ""), ("", ""), ("。", "."), ("！", "!")]
        turns = everyday.TIMES // len(marks)
        texts += [(plain + mark, english + sign) for mark, sign in marks for _ in range(turns)]
    return texts


def split() -> dict[str, list[tuple[str, str]]]:
    """The parts "train", "validation" and "test": no sentence, on either side, is in two of them.

    "train" ends with the everyday sentences, each several times.
    """
    every = pairs()
    edge = TEST + VALIDATION
    return {"train": every[edge:] + everyday_pairs(), "validation": every[TEST:edge], "test": every[:TEST]}


def word_frequencies() -> dict[str, int]:
    """How often each Chinese word occurs: what the segmentation weighs its paths by."""
    counts = Counter(word for words, _ in sentences() for word in words)
    for words, _ in everyday_sentences():
        counts.update(dict.fromkeys(words, everyday.TIMES))
    return dict(counts)
