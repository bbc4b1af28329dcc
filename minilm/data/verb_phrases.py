"""Verb phrases of the corpus: a verb with its object, company and place, and its five English forms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from minilm.data import lexicon as lex
from minilm.data.choices import Choices
from minilm.data.noun_phrases import Phrase, counted, somebody_else, thing

FORMS = ("base", "third", "past", "participle", "ing")


@dataclass(frozen=True)
class Action:
    """Chinese words before the verb, the verb, the words after it; the English FORMS, and what follows them."""

    before: tuple[str, ...]
    verb: str
    after: tuple[str, ...]
    forms: Sequence[str]
    tail: str = ""

    def words(self, *marker: str) -> tuple[str, ...]:
        """The Chinese words, with 了 or 过 after the verb."""
        return (*self.before, self.verb, *marker, *self.after)

    def say(self, form: str) -> str:
        """The English with the verb in one of the FORMS."""
        return f"{self.forms[FORMS.index(form)]} {self.tail}".strip()

    def now(self, person: int) -> str:
        """The English in the simple present."""
        return self.say("third" if person == 3 else "base")


# The auxiliaries agree with the person of the subject.


def be(person: int) -> str:
    return {1: "am", 3: "is"}.get(person, "are")


def was(person: int) -> str:
    return "was" if person in (1, 3) else "were"


def do(person: int) -> str:
    return "does" if person == 3 else "do"


def have(person: int) -> str:
    return "has" if person == 3 else "have"


# Kinds of verb phrases; `subject` is who acts, so that the others are other people.


def with_thing(pick: Choices, subject: Phrase) -> Action:
    """读 一 本 书, read a book; 给 妈妈 买 茶, buy tea for ..."""
    chinese, forms, kinds = pick.common(lex.VERBS)
    what = thing(pick, pick.one(kinds), several=chinese not in lex.ONE_AT_A_TIME)
    while (chinese, what.words) == ("看", ("书",)):  # that is reading: `alone`
        what = thing(pick, pick.one(kinds))
    gives = "to" if what.words[-1] == "信" and chinese == "写" else lex.GIVING.get(chinese)
    if gives and pick.chance(15):
        whom = somebody_else(pick, subject)
        return Action(("给", *whom.words), chinese, what.words, forms, f"{what.object} {gives} {whom.object}")
    return Action((), chinese, what.words, forms, what.object)


def with_person(pick: Choices, subject: Phrase) -> Action:
    """帮助 我们, help us."""
    chinese, *forms = pick.common(lex.PERSON_VERBS)
    whom = somebody_else(pick, subject)
    return Action((), chinese, whom.words, forms, whom.object)


def for_person(pick: Choices, subject: Phrase) -> Action:
    """给 妈妈 打 电话, call my mother; 给 我 做饭, cook for me; 教 我 汉语; 问 老师 问题; 送 他 一 本 书."""
    whom = somebody_else(pick, subject)
    way = pick.below(7)
    if way == 6:
        forms = ("tell", "tells", "told", "told", "telling")
        what, english = pick.one((("这 件 事情", "about this matter"), ("那 件 事情", "about that matter")))
        return Action((), "告诉", (*whom.words, *what.split()), forms, f"{whom.object} {english}")
    if way < 2:
        return Action(("给", *whom.words), "打", ("电话",), ("call", "calls", "called", "called", "calling"), whom.object)
    if way == 2:
        forms = ("cook", "cooks", "cooked", "cooked", "cooking")
        return Action(("给", *whom.words), "做饭", (), forms, f"for {whom.object}")
    if way == 3:
        chinese, english, *_ = pick.one(lex.NOUNS["language"])
        forms = ("teach", "teaches", "taught", "taught", "teaching")
        return Action((), "教", (*whom.words, chinese), forms, f"{whom.object} {english}")
    if way == 4:
        forms = ("ask", "asks", "asked", "asked", "asking")
        return Action((), "问", (*whom.words, "一", "个", "问题"), forms, f"{whom.object} a question")
    gift = counted(pick.common(lex.NOUNS[pick.one(("reading", "portable", "clothes"))]), lex.NUMBERS[0])
    forms = ("give", "gives", "gave", "given", "giving")
    return Action((), "送", (*whom.words, *gift.words), forms, f"{whom.object} {gift.object}")


def alone(pick: Choices, subject: Phrase) -> Action:
    """工作, work; 在 家 工作, work at home; 和 汤姆 一起 工作, work with Tom."""
    chinese, *forms = pick.common(lex.INTRANSITIVE)
    verb, *rest = chinese.split()
    way = pick.below(3)
    if way == 0 and chinese not in lex.NOT_AT_A_PLACE:
        place, where, *_ = pick.common(lex.PLACES)
        return Action(("在", place), verb, tuple(rest), forms, where)
    if way == 1 and chinese not in lex.NOT_TOGETHER:
        whom = somebody_else(pick, subject)
        return Action((pick.one(("和", "和", "跟")), *whom.words, "一起"), verb, tuple(rest), forms, f"with {whom.object}")
    return Action((), verb, tuple(rest), forms)


def expression(pick: Choices, subject: Phrase) -> Action:
    """吃 药, take medicine"""
    chinese, *forms = pick.one(lex.EXPRESSIONS)
    first, *rest = chinese.split()
    if first == "往":
        return Action(("往", rest[0]), "走", (), forms)
    return Action((), first, tuple(rest), forms)


def sitting(pick: Choices, subject: Phrase) -> Action:
    """坐 在 这儿, sit here: where one may and should. (了 and 过 would stand elsewhere: not among KINDS.)"""
    place, where = pick.one((("这儿", "here"), ("这里", "here"), ("那儿", "there"), ("椅子 上", "on the chair"), ("老师 旁边", "beside the teacher"),
                             ("前面", "in front"), ("外面", "outside")))  # fmt: skip
    on = () if place in ("这儿", "那儿", "这里") and pick.chance(40) else ("在",)
    return Action((), "坐", (*on, *place.split()), ("sit", "sits", "sat", "sat", "sitting"), where)


def meal(pick: Choices, subject: Phrase) -> Action:
    """吃 早饭, have breakfast; 做 晚饭, cook dinner."""
    chinese, english = pick.one(lex.MEALS)
    if pick.chance(65):
        return Action((), "吃", (chinese,), ("have", "has", "had", "had", "having"), english)
    return Action((), "做", (chinese,), ("cook", "cooks", "cooked", "cooked", "cooking"), english)


PURPOSES = frozenset(("买", "看", "吃", "喝", "学习", "学", "听", "找", "等", "帮助"))  # what one goes somewhere for


def going(pick: Choices, subject: Phrase) -> Action:
    """去 北京, go to Beijing; 坐 飞机 去 北京, by plane; 去 商店 买 苹果, to buy apples; 跟 他 一起 去 ..., with him."""
    if pick.chance(20):
        chinese, *motion = pick.one(lex.MOTIONS)
        verb, *rest = chinese.split()
        if not (rest and rest[0] == "我" and subject.words[:1] in (("我",), ("我们",))):
            return Action((), verb, tuple(rest), motion)
    place, where = pick.common(lex.DESTINATIONS)
    forms = ("go", "goes", "went", "been", "going")
    way = pick.below(10)
    if way == 0:
        by, how = pick.one(lex.WAYS[1:])
        if place in lex.CITIES:
            by, how = pick.one((lex.WAYS[0], lex.WAYS[3]))
        return Action(tuple(by.split()), "去", (place,), forms, f"{where} {how}")
    if way == 1:
        whom = somebody_else(pick, subject)
        return Action(("和", *whom.words, "一起"), "去", (place,), forms, f"{where} with {whom.object}")
    if way == 2:
        purpose = with_thing(pick, subject) if pick.chance(70) else with_person(pick, subject)
        while purpose.verb not in PURPOSES:
            purpose = with_thing(pick, subject) if pick.chance(70) else with_person(pick, subject)
        return Action((), "去", (place, *purpose.words()), forms, f"{where} to {purpose.say('base')}")
    if way == 3:
        purpose = alone(pick, subject) if pick.chance(60) else with_thing(pick, subject)
        if not purpose.before and purpose.verb != "上网":
            return Action(("去",), purpose.verb, purpose.after, forms, f"to {purpose.say('base')}")
    return Action((), "去", (place,), forms, where)


KINDS: tuple[Callable[[Choices, Phrase], Action], ...] = (
    *[with_thing] * 8, with_person, for_person, *[alone] * 5, *[expression] * 2, meal, *[going] * 4
)  # fmt: skip


def action(pick: Choices, subject: Phrase, never: frozenset[str] = frozenset()) -> Action:
    """A verb phrase of any kind, but with none of the verbs in `never`."""
    found = pick.one(KINDS)(pick, subject)
    while found.verb in never:
        found = pick.one(KINDS)(pick, subject)
    return found
