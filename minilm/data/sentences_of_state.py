"""Sentences of the corpus about what is: liking, owning, being somewhere or somehow, people and things.

Each pattern returns the Chinese words, the English, and whether it is a question.
"""

from minilm.data import lexicon as lex
from minilm.data.choices import Choices
from minilm.data.noun_phrases import (
    Phrase,
    article,
    bare,
    counted,
    described,
    owned,
    pointed,
    somebody,
    somebody_asked_about,
    somebody_else,
)
from minilm.data.sentences_of_action import Sentence
from minilm.data.verb_phrases import be, do, was


def degree_of(pick: Choices, adjective: str) -> tuple[str, str]:
    """很, very, and the like; 有点, a little, goes with what one would rather not be."""
    return pick.one([degree for degree in lex.DEGREES if degree[0] != "有点" or adjective in lex.UNWELCOME])


def liking(pick: Choices) -> Sentence:
    way = pick.below(6)
    asks = way in (1, 3)
    who = somebody_asked_about(pick) if asks else somebody(pick)
    chinese, base, third = pick.one(lex.STATE_VERBS)
    what = pick.below(5)
    if what < 3:
        activity, english = pick.one(lex.ACTIVITIES)
        target = Phrase((activity,), english, english)
    elif what == 3:
        target = bare(pick.one(lex.NOUNS[pick.one(("food", "drink", "subject", "animal", "shown"))]))
    else:
        target = somebody_else(pick, who)
    form = third if who.person == 3 else base
    if way == 0:
        words = (*who.words, "不", chinese, *target.words)
        return words, f"{who.subject} {do(who.person)} not {base} {target.object}", False
    if way == 1:
        words = (*who.words, chinese, *target.words, "吗")
        return words, f"{do(who.person)} {who.subject} {base} {target.object}", True
    if way == 2:
        return (*who.words, "非常", chinese, *target.words), f"{who.subject} really {form} {target.object}", False
    if way == 3:
        words = (*who.words, "为什么", chinese, *target.words)
        return words, f"why {do(who.person)} {who.subject} {base} {target.object}", True
    return (*who.words, chinese, *target.words), f"{who.subject} {form} {target.object}", False


def owning(pick: Choices) -> Sentence:
    way = pick.below(4)
    who = somebody_asked_about(pick) if way == 1 else somebody(pick)
    chinese, base, third = pick.one(lex.OWN_VERBS)
    kind = pick.one(("thing", "clothes", "text", "animal", "food", "drink"))
    noun = pick.one(lex.NOUNS[kind])
    if way == 0:
        single = article(noun[1]) if noun[2] else noun[1]
        no = ("没有",) if chinese == "有" else ("不", chinese)
        return (*who.words, *no, noun[0]), f"{who.subject} {do(who.person)} not {base} {single}", False
    if kind in lex.DESCRIBED and pick.chance(40):
        what = described(pick, noun)
    else:
        what = counted(noun, pick.one(lex.NUMBERS))
    if way == 1:
        return (*who.words, chinese, *what.words, "吗"), f"{do(who.person)} {who.subject} {base} {what.object}", True
    form = third if who.person == 3 else base
    return (*who.words, chinese, *what.words), f"{who.subject} {form} {what.object}", False


def being_somewhere(pick: Choices) -> Sentence:
    way = pick.below(5)
    who = somebody_asked_about(pick) if way == 1 else somebody(pick)
    place, where, _ = pick.one(lex.PLACES)
    verb = be(who.person)
    if way == 0:
        return (*who.words, "不", "在", place), f"{who.subject} {verb} not {where}", False
    if way == 1:
        return (*who.words, "在", place, "吗"), f"{verb} {who.subject} {where}", True
    if way == 2:
        time, when = pick.one(lex.PAST_TIMES)
        return (*who.words, time, "在", place), f"{who.subject} {was(who.person)} {where} {when}", False
    if way == 3:
        return (*who.words, "现在", "在", place), f"{who.subject} {verb} {where} now", False
    return (*who.words, "在", place), f"{who.subject} {verb} {where}", False


def feeling(pick: Choices) -> Sentence:
    """He is tired, is he clever, he was very sad yesterday: only moods have a time."""
    way = pick.below(5)
    who = somebody_asked_about(pick) if way == 1 else somebody(pick)
    moods = way > 2 or pick.chance(35)
    chinese, english, _ = pick.one(lex.MOODS if moods else lex.TRAITS)
    verb = be(who.person)
    if way == 0:
        return (*who.words, "不", chinese), f"{who.subject} {verb} not {english}", False
    if way == 1:
        return (*who.words, chinese, "吗"), f"{verb} {who.subject} {english}", True
    degree, how = degree_of(pick, chinese)
    if way == 3:
        time, when = pick.one(lex.PAST_TIMES)
        return (*who.words, time, degree, chinese), f"{who.subject} {was(who.person)} {how} {english} {when}", False
    if way == 4:
        return (*who.words, "今天", degree, chinese), f"{who.subject} {verb} {how} {english} today", False
    return (*who.words, degree, chinese), f"{who.subject} {verb} {how} {english}", False


def comparing(pick: Choices) -> Sentence:
    who = somebody(pick)
    other = somebody_else(pick, who)
    chinese, english, comparative = pick.one((*lex.TRAITS, *lex.MOODS))
    verb = be(who.person)
    if pick.chance(60):
        words = (*who.words, "比", *other.words, chinese)
        return words, f"{who.subject} {verb} {comparative} than {other.object}", False
    words = (*who.words, "没有", *other.words, chinese)
    return words, f"{who.subject} {verb} not as {english} as {other.object}", False


def quality(pick: Choices) -> Sentence:
    kind = pick.one(("thing", "clothes", "vehicle", "text"))
    noun = pick.one(lex.NOUNS[kind])
    what = pointed(pick, noun) if pick.chance(50) else owned(pick, noun)
    words: tuple[str, ...]
    plain: tuple[str, ...]  # without an adverb
    if kind in lex.DESCRIBED and pick.chance(35):
        chinese, english = pick.one(lex.COLOURS)
        how, words, plain = "", ("是", chinese, "的"), ("是", chinese, "的")
    else:
        chinese, english = pick.one(lex.TEXT_QUALITIES if kind == "text" else lex.ADJECTIVES)
        word, adverb = degree_of(pick, chinese)
        how, words, plain = f"{adverb} ", (word, chinese), (chinese,)
    way = pick.below(4)
    if way == 0:
        return (*what.words, "不", *plain), f"{what.subject} is not {english}", False
    if way == 1:
        return (*what.words, *plain, "吗"), f"is {what.subject} {english}", True
    return (*what.words, *words), f"{what.subject} is {how}{english}", False


def existence(pick: Choices) -> Sentence:
    furniture, english = pick.one(lex.FURNITURE)
    side, where = pick.one(lex.SIDES)
    noun = pick.one(lex.NOUNS[pick.one(("text", "clothes", "food", "drink", "pet"))])
    what = counted(noun, pick.one(lex.NUMBERS[:5]))
    verb = be(what.person)
    if pick.chance(25):
        return (furniture, side, "有", *what.words, "吗"), f"{verb} there {what.object} {where} the {english}", True
    return (furniture, side, "有", *what.words), f"there {verb} {what.object} {where} the {english}", False


def being_something(pick: Choices) -> Sentence:
    way = pick.below(4)
    who = somebody_asked_about(pick) if way == 1 else somebody(pick)
    while who.words[0] in PROFESSIONS:  # not: the teacher is a nurse
        who = somebody_asked_about(pick)
    chinese, english = pick.one(lex.PROFESSIONS)
    what = f"{english}s" if who.person == 4 else article(english)
    verb = be(who.person)
    if way == 0:
        return (*who.words, "不", "是", chinese), f"{who.subject} {verb} not {what}", False
    if way == 1:
        return (*who.words, "是", chinese, "吗"), f"{verb} {who.subject} {what}", True
    return (*who.words, "是", chinese), f"{who.subject} {verb} {what}", False


PROFESSIONS = frozenset(chinese for chinese, _ in lex.PROFESSIONS)
