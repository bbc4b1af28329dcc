"""Verb phrases of the corpus: a verb with its object, company and place, and its five English forms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from minilm.data import lexicon as lex
from minilm.data.choices import Choices
from minilm.data.noun_phrases import Phrase, somebody_else, thing

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
    chinese, forms, kinds = pick.one(lex.VERBS)
    what = thing(pick, pick.one(kinds), several=chinese not in lex.ONE_AT_A_TIME)
    gives = "to" if what.words[-1] == "信" and chinese == "写" else lex.GIVING.get(chinese)
    if gives and pick.chance(15):
        whom = somebody_else(pick, subject)
        return Action(("给", *whom.words), chinese, what.words, forms, f"{what.object} {gives} {whom.object}")
    return Action((), chinese, what.words, forms, what.object)


def with_person(pick: Choices, subject: Phrase) -> Action:
    """帮助 我们, help us."""
    chinese, *forms = pick.one(lex.PERSON_VERBS)
    whom = somebody_else(pick, subject)
    return Action((), chinese, whom.words, forms, whom.object)


def alone(pick: Choices, subject: Phrase) -> Action:
    """工作, work; 在 家 工作, work at home; 和 汤姆 一起 工作, work with Tom."""
    chinese, *forms = pick.one(lex.INTRANSITIVE)
    verb, *rest = chinese.split()
    way = pick.below(3)
    if way == 0:
        place, where, _ = pick.one(lex.PLACES)
        return Action(("在", place), verb, tuple(rest), forms, where)
    if way == 1:
        whom = somebody_else(pick, subject)
        return Action(("和", *whom.words, "一起"), verb, tuple(rest), forms, f"with {whom.object}")
    return Action((), verb, tuple(rest), forms)


def going(pick: Choices, subject: Phrase) -> Action:
    """去 北京, go to Beijing."""
    place, where = pick.one(lex.DESTINATIONS)
    return Action((), "去", (place,), ("go", "goes", "went", "been", "going"), where)


KINDS: tuple[Callable[[Choices, Phrase], Action], ...] = (
    with_thing, with_thing, with_thing, with_thing, with_person, alone, alone, going
)  # fmt: skip


def action(pick: Choices, subject: Phrase, never: frozenset[str] = frozenset()) -> Action:
    """A verb phrase of any kind, but with none of the verbs in `never`."""
    found = pick.one(KINDS)(pick, subject)
    while found.verb in never:
        found = pick.one(KINDS)(pick, subject)
    return found
