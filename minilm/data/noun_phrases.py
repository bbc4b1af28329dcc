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

    @property
    def zh(self) -> str:
        """The Chinese words with spaces between them, as the patterns write them."""
        return " ".join(self.words)


def article(noun: str) -> str:
    """a book, an egg. (No word of the lexicon is spelt with a vowel that is not spoken as one.)"""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


# People ---------------------------------------------------------------------------------------------------------------


def phrase(chinese: str, english: str, person: int = 3) -> Phrase:
    """One English for subject and object."""
    return Phrase(tuple(chinese.split()), english, english, person)


def pronoun(pick: Choices) -> Phrase:
    chinese, subject, obj, _, number = pick.common(lex.PRONOUNS)
    return Phrase((chinese,), subject, obj, number)


def owner(pick: Choices) -> tuple[str, str]:
    """(Chinese, my your his ...)"""
    chinese, _, _, possessive, _ = pick.common(lex.PRONOUNS)
    return chinese, possessive


def relative(pick: Choices) -> Phrase:
    """我 妈妈 or 我 的 妈妈, my mother; 妈妈 alone too."""
    if pick.chance(25):
        chinese, english = pick.one(lex.ELDERS)
        return phrase(chinese, f"my {english}")
    whose, possessive = owner(pick)
    chinese, english = pick.common(lex.RELATIVES)
    while possessive not in lex.MARRIED.get(chinese, possessive) or whose == "你们" and chinese in lex.MARRIED:
        chinese, english = pick.common(lex.RELATIVES)
    of = "的 " if pick.chance(40) else ""
    return phrase(f"{whose} {of}{chinese}", f"{possessive} {english}")


def profession(pick: Choices) -> Phrase:
    """老师, the teacher; 老师 们, the teachers; 我 的 老师, my teacher."""
    chinese, english = pick.common(lex.PROFESSIONS)
    way = pick.below(100)
    if way < 20:
        return phrase(f"{chinese} 们", f"the {english}s", 4)
    if way < 35 and chinese in ("老师", "学生", "医生"):
        whose, possessive = owner(pick)
        return phrase(f"{whose} 的 {chinese}", f"{possessive} {english}")
    return phrase(chinese, f"the {english}")


def human(pick: Choices) -> Phrase:
    """这 个 女孩, this girl; 那 个 人, that person."""
    chinese, english, _ = pick.common(lex.HUMANS)
    pointer, this = pick.one((("这", "this"), ("那", "that")))
    return phrase(f"{pointer} 个 {chinese}", f"{this} {english}")


def name(pick: Choices) -> Phrase:
    chinese, english = pick.common(lex.NAMES)
    return phrase(chinese, english)


PEOPLE = (
    *[pronoun] * 12, *[relative] * 8, *[profession] * 3, *[name] * 3, human,
)  # fmt: skip


def somebody(pick: Choices) -> Phrase:
    return pick.one(PEOPLE)(pick)


def somebody_else(pick: Choices, subject: Phrase) -> Phrase:
    """Somebody who is not the subject: neither "I help me" nor "I help us"."""

    def root(phrase: Phrase) -> tuple[str, ...]:
        return tuple(ROOTS.get(word, word) for word in phrase.words if word not in ("的", "们"))

    other = somebody(pick)
    while root(other) == root(subject):
        other = somebody(pick)
    return other


ROOTS = {"我们": "我", "您": "你", "你们": "你", "他们": "他", "她们": "她"}


def several(pick: Choices) -> Phrase:
    """More than one: 我们; 老师 们; 我 和 小明, Xiaoming and I."""
    if pick.chance(35):
        return pick_several(pick)
    first = somebody(pick)
    if pick.chance(40):
        first = Phrase(("我",), "I", "me", 1)
    second = somebody_else(pick, first)
    words = (*first.words, "和", *second.words)
    if first.words == ("我",):
        return Phrase(words, f"{second.subject} and I", f"{second.object} and me", 4)
    if second.words == ("我",):
        return Phrase(words, f"{first.subject} and I", f"{first.object} and me", 4)
    return Phrase(words, f"{first.subject} and {second.subject}", f"{first.object} and {second.object}", 4)


def pick_several(pick: Choices) -> Phrase:
    """我们, they, the teachers: one word or two."""
    who = somebody(pick)
    while who.person != 4:
        who = somebody(pick)
    return who


FEMALE = frozenset(("她", "她们", "妈妈", "姐姐", "妹妹", "女儿", "妻子", "奶奶", "女孩", "女人", "小姐", "王芳", "玛丽", "安娜"))
MALE = frozenset(("他", "他们", "爸爸", "哥哥", "弟弟", "儿子", "丈夫", "爷爷", "男孩", "男人", "先生", "汤姆", "杰克", "大卫"))


def gender(who: Phrase) -> str:
    """ "male", "female", or "" where the words do not say."""
    return "female" if who.words[-1] in FEMALE else "male" if who.words[-1] in MALE else ""


def again(who: Phrase) -> Phrase:
    """The pronoun that stands for somebody when he is said again; 他 where the sex is unknown."""
    if who.person in (1, 2) or who.words[0] in ROOTS and len(who.words) == 1:
        return who
    if "和" in who.words and "我" in who.words:
        return Phrase(("我们",), "we", "us", 4)
    if who.person == 4:
        return Phrase(("他们",), "they", "them", 4)
    return Phrase(("她",), "she", "her") if gender(who) == "female" else Phrase(("他",), "he", "him")


def somebody_asked_about(pick: Choices) -> Phrase:
    """Nobody asks whether he himself drinks tea."""
    subject = somebody(pick)
    while subject.words in (("我",), ("我们",)):
        subject = somebody(pick)
    return subject


# Things ---------------------------------------------------------------------------------------------------------------


def vessel(noun: lex.Noun) -> tuple[str, str]:
    """(cup of tea, cups of tea)"""
    chinese, singular, _, measure = noun
    one, many = ("glass", "glasses") if chinese in lex.IN_A_GLASS else lex.VESSELS[measure]
    return f"{one} of {singular}", f"{many} of {singular}"


def counted(noun: lex.Noun, number: tuple[str, str]) -> Phrase:
    """三 本 书, three books; 三 杯 茶, three cups of tea; 一 is the article."""
    chinese, singular, plural, measure = noun
    digits, many = number
    unit, units = (singular, plural) if plural else vessel(noun)
    units = "pieces of clothing" if plural == "clothes" else units  # clothes have no number
    english = article(unit) if digits == "一" else f"{many} {units}"
    return Phrase((digits, measure, chinese), english, english, 3 if digits == "一" else 4)


def pointed(pick: Choices, noun: lex.Noun) -> Phrase:
    """这 本 书, this book; sometimes 这些 书, these books."""
    chinese, singular, plural, measure = noun
    if plural and pick.chance(15):
        pointer, these = pick.one((("这些", "these"), ("那些", "those")))
        return phrase(f"{pointer} {chinese}", f"{these} {plural}", 4)
    pointer, this = pick.one((("这", "this"), ("那", "that")))
    return phrase(f"{pointer} {measure} {chinese}", f"{this} {singular if plural else vessel(noun)[0]}")


def owned(pick: Choices, noun: lex.Noun) -> Phrase:
    """我 的 书, my book."""
    whose, possessive = owner(pick)
    if noun[0] == "衣服":
        return phrase(f"{whose} 的 {noun[0]}", f"{possessive} clothes", 4)
    return phrase(f"{whose} 的 {noun[0]}", f"{possessive} {noun[1]}")


def described(pick: Choices, noun: lex.Noun) -> Phrase:
    """一 件 红色 的 衬衫, a red shirt."""
    if pick.chance(30):
        adjective, english = pick.one((("新", "new"), ("大", "big"), ("小", "small"), ("好", "good"), *lex.SHORT_COLOURS))
        return phrase(f"一 {noun[3]} {adjective} {noun[0]}", article(f"{english} {noun[1]}"))
    adjective, english = pick.one((*lex.ADJECTIVES, *lex.COLOURS))
    return phrase(f"一 {noun[3]} {adjective} 的 {noun[0]}", article(f"{english} {noun[1]}"))


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
    noun = pick.common(lex.NOUNS[kind])
    way = pick.below(100)
    if not noun[3] or way < 30:
        return bare(noun)
    if way < 55 and several:
        return counted(noun, lex.NUMBERS[0] if pick.chance(25) else pick.common(lex.NUMBERS))
    if way < 67 or not (noun[2] or several):
        return pointed(pick, noun)
    if way < 77 and noun[2]:
        return owned(pick, noun)
    if (way < 90 or not several) and kind in lex.DESCRIBED:
        return described(pick, noun)
    return many(noun) if several else owned(pick, noun)
