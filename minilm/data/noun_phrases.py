"""Noun phrases of the corpus: people and things, in Chinese words and in English."""

from dataclasses import dataclass

from minilm.data import lexicon as lex
from minilm.data.choices import Choices


@dataclass(frozen=True)
class Phrase:
    """Chinese words; English as subject and as object; person (1, 2, 3; 4 for the plural, which agrees as "we")."""

    words: tuple[str, ...]
    subject: str
    object: str
    person: int = 3


def article(noun: str) -> str:
    """a book, an egg. (No word of the lexicon is spelt with a vowel that is not spoken as one.)"""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


# People ---------------------------------------------------------------------------------------------------------------


def pronoun(pick: Choices) -> Phrase:
    chinese, subject, obj, _, number = pick.one(lex.PRONOUNS)
    return Phrase((chinese,), subject, obj, number)


def relative(pick: Choices) -> Phrase:
    """我 妈妈, my mother."""
    owner, _, _, possessive, _ = pick.one(lex.PRONOUNS)
    chinese, english = pick.one(lex.RELATIVES)
    return Phrase((owner, chinese), f"{possessive} {english}", f"{possessive} {english}")


def profession(pick: Choices) -> Phrase:
    """老师, the teacher; 老师 们, the teachers."""
    chinese, english = pick.one(lex.PROFESSIONS)
    if pick.chance(30):
        return Phrase((chinese, "们"), f"the {english}s", f"the {english}s", 4)
    return Phrase((chinese,), f"the {english}", f"the {english}")


def name(pick: Choices) -> Phrase:
    chinese, english = pick.one(lex.NAMES)
    return Phrase((chinese,), english, english)


PEOPLE = (pronoun, pronoun, pronoun, relative, relative, profession, name)


def somebody(pick: Choices) -> Phrase:
    return pick.one(PEOPLE)(pick)


def somebody_else(pick: Choices, subject: Phrase) -> Phrase:
    """Somebody who is not the subject: neither "I help me" nor "I help us"."""

    def root(phrase: Phrase) -> tuple[str, ...]:
        return (phrase.words[0].removesuffix("们"), *phrase.words[1:]) if phrase.words else ()

    other = somebody(pick)
    while root(other) == root(subject):
        other = somebody(pick)
    return other


def somebody_asked_about(pick: Choices) -> Phrase:
    """Nobody asks whether he himself drinks tea."""
    subject = somebody(pick)
    while subject.words in (("我",), ("我们",)):
        subject = somebody(pick)
    return subject


# Things ---------------------------------------------------------------------------------------------------------------


def counted(noun: lex.Noun, number: tuple[str, str]) -> Phrase:
    """三 本 书, three books; 三 杯 茶, three cups of tea; 一 is the article."""
    chinese, singular, plural, measure = noun
    digits, many = number
    if plural:
        unit, units = singular, plural
    else:
        unit, units = (f"{vessel} of {singular}" for vessel in lex.VESSELS[measure])
    english = article(unit) if digits == "一" else f"{many} {units}"
    return Phrase((digits, measure, chinese), english, english, 3 if digits == "一" else 4)


def pointed(pick: Choices, noun: lex.Noun) -> Phrase:
    """这 本 书, this book."""
    chinese, singular, plural, measure = noun
    pointer, this = pick.one((("这", "this"), ("那", "that")))
    unit = singular if plural else f"{lex.VESSELS[measure][0]} of {singular}"
    return Phrase((pointer, measure, chinese), f"{this} {unit}", f"{this} {unit}")


def owned(pick: Choices, noun: lex.Noun) -> Phrase:
    """我 的 书, my book."""
    owner, _, _, possessive, _ = pick.one(lex.PRONOUNS)
    return Phrase((owner, "的", noun[0]), f"{possessive} {noun[1]}", f"{possessive} {noun[1]}")


def described(pick: Choices, noun: lex.Noun) -> Phrase:
    """一 件 红色 的 衬衫, a red shirt."""
    adjective, english = pick.one((*lex.ADJECTIVES, *lex.COLOURS))
    phrase = article(f"{english} {noun[1]}")
    return Phrase(("一", noun[3], adjective, "的", noun[0]), phrase, phrase)


def bare(noun: lex.Noun) -> Phrase:
    """书, books; 茶, tea."""
    english = noun[2] or noun[1]
    return Phrase((noun[0],), english, english, 4 if noun[2] else 3)


def many(noun: lex.Noun) -> Phrase:
    """很多 书, a lot of books."""
    english = f"a lot of {noun[2] or noun[1]}"
    return Phrase(("很多", noun[0]), english, english, 4 if noun[2] else 3)


def thing(pick: Choices, kind: str, several: bool = True) -> Phrase:
    """An object of the class `kind`; where not `several`, no number and no "a lot of"."""
    noun = pick.one(lex.NOUNS[kind])
    way = pick.below(100)
    if not noun[3] or way < 30:
        return bare(noun)
    if way < 50 and several:
        return counted(noun, pick.one(lex.NUMBERS))
    if way < 65 or not (noun[2] or several):
        return pointed(pick, noun)
    if way < 75 and noun[2]:
        return owned(pick, noun)
    if (way < 90 or not several) and kind in lex.DESCRIBED:
        return described(pick, noun)
    return many(noun) if several else owned(pick, noun)
