"""A corpus written for minilm: everyday Chinese sentences, each with its one right English translation.

A small grammar draws sentences from the lexicon: a subject, a verb phrase in some tense, with negation, questions,
modal verbs, times, places, measure words, comparison. Both languages are built side by side from the same choices, so
the translation follows from the Chinese sentence alone. Choices come from integer arithmetic written here, so that
the corpus is the same on every machine and with every version of everything.

Rules that a reader of the English should know: a bare countable noun is a plural (我吃苹果, I eat apples); 不 is "do not"
and never "don't"; a profession alone is definite (老师, the teacher); statements carry no full stop.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache

from minilm.data import lexicon as lex

SENTENCES = 36_000
TEST, VALIDATION = 1_000, 1_000  # the rest trains
HELD_OUT = ("我喜欢编程", "I like programming")  # the article's sentence: always in the test part


class Choices:
    """A 64-bit linear congruential generator (Knuth's MMIX constants); its upper bits choose."""

    def __init__(self, seed):
        self.state = seed

    def below(self, number):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % number

    def one(self, items):
        return items[self.below(len(items))]

    def chance(self, percent):
        return self.below(100) < percent


@dataclass(frozen=True)
class Phrase:
    """A noun phrase: Chinese words, English as subject and as object, person (1, 2, 3; 4 for the plural)."""

    words: tuple
    english: str
    object: str
    person: int = 3


@dataclass(frozen=True)
class Action:
    """A verb phrase: Chinese words before the verb, the verb, after it; the five English forms and what follows."""

    before: tuple
    verb: str
    after: tuple
    base: str
    third: str
    past: str
    participle: str = ""
    ing: str = ""
    tail: str = ""

    def words(self, marker=()):
        return (*self.before, self.verb, *marker, *self.after)

    def say(self, form):
        return f"{getattr(self, form)} {self.tail}".strip()


def article(noun):
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def be(person):
    return {1: "am", 3: "is"}.get(person, "are")


def was(person):
    return "was" if person in (1, 3) else "were"


def do(person):
    return "does" if person == 3 else "do"


def have(person):
    return "has" if person == 3 else "have"


# Noun phrases ---------------------------------------------------------------------------------------------------------


def pronoun(pick):
    chinese, subject, obj, _, person = pick.one(lex.PRONOUNS)
    return Phrase((chinese,), subject, obj, person)


def relative(pick):
    owner, _, _, possessive, _ = pick.one(lex.PRONOUNS)
    chinese, english = pick.one(lex.RELATIVES)
    return Phrase((owner, chinese), f"{possessive} {english}", f"{possessive} {english}")


def profession(pick):
    chinese, english = pick.one(lex.PROFESSIONS)
    if pick.chance(30):
        return Phrase((chinese, "们"), f"the {english}s", f"the {english}s", 4)
    return Phrase((chinese,), f"the {english}", f"the {english}")


def name(pick):
    chinese, english = pick.one(lex.NAMES)
    return Phrase((chinese,), english, english)


def person(pick, other_than=None):
    """Somebody; never the pronoun of `other_than` again (we like us)."""
    kind = pick.one((pronoun, pronoun, pronoun, relative, relative, profession, name))
    phrase = kind(pick)
    return person(pick, other_than) if other_than and phrase.words[0] == other_than.words[0] else phrase


def counted(noun, number):
    """A number, a measure word and a noun: 三 杯 茶, three cups of tea."""
    chinese, singular, plural, measure = noun
    digits, english = number
    if plural:
        unit, units = singular, plural
    else:
        unit, units = (f"{vessel} of {singular}" for vessel in lex.VESSELS[measure])
    return (digits, measure, chinese), article(unit) if digits == "一" else f"{english} {units}"


def pointed(pick, noun):
    """这 本 书, this book."""
    chinese, singular, plural, measure = noun
    pointer, english = pick.one((("这", "this"), ("那", "that")))
    unit = singular if plural else f"{lex.VESSELS[measure][0]} of {singular}"
    return Phrase((pointer, measure, chinese), f"{english} {unit}", f"{english} {unit}")


def owned(pick, noun):
    """我 的 书, my book."""
    owner, _, _, possessive, _ = pick.one(lex.PRONOUNS)
    return Phrase((owner, "的", noun[0]), f"{possessive} {noun[1]}", f"{possessive} {noun[1]}")


def bare(noun):
    return Phrase((noun[0],), noun[2] or noun[1], noun[2] or noun[1], 4 if noun[2] else 3)


def thing(pick, kind):
    """A noun phrase for an object of the class `kind`."""
    noun = pick.one(lex.NOUNS[kind])
    way = pick.below(100)
    if not noun[3] or way < 30:
        return bare(noun)
    if way < 50:
        words, english = counted(noun, pick.one(lex.NUMBERS))
        return Phrase(words, english, english)
    if way < 65:
        return pointed(pick, noun)
    if way < 75 and noun[2]:
        return owned(pick, noun)
    if way < 90 and noun[2] and kind in ("thing", "clothes", "vehicle"):
        adjective, english = pick.one(lex.ADJECTIVES)
        phrase = article(f"{english} {noun[1]}")
        return Phrase(("一", noun[3], adjective, "的", noun[0]), phrase, phrase)
    english = f"a lot of {noun[2] or noun[1]}"
    return Phrase(("很多", noun[0]), english, english)


# Verb phrases ---------------------------------------------------------------------------------------------------------


def with_thing(pick, subject):
    chinese, *forms, kinds = pick.one(lex.VERBS)
    what = thing(pick, pick.one(kinds))
    if pick.chance(15) and chinese in ("买", "写", "画", "借", "找"):
        whom = person(pick, subject)
        return Action(("给", *whom.words), chinese, what.words, *forms, f"{what.object} for {whom.object}")
    return Action((), chinese, what.words, *forms, what.object)


def with_person(pick, subject):
    chinese, *forms = pick.one(lex.PERSON_VERBS)
    whom = person(pick, subject)
    return Action((), chinese, whom.words, *forms, whom.object)


def alone(pick, subject):
    chinese, *forms = pick.one(lex.INTRANSITIVE)
    verb, _, after = chinese.partition(" ")
    rest = (after,) if after else ()
    way = pick.below(3)
    if way == 0:
        place, where, _ = pick.one(lex.PLACES)
        return Action(("在", place), verb, rest, *forms, where)
    if way == 1:
        whom = person(pick, subject)
        return Action(("和", *whom.words, "一起"), verb, rest, *forms, f"with {whom.object}")
    return Action((), verb, rest, *forms)


def going(pick, subject):
    place, _, where = pick.one(lex.PLACES)
    return Action((), "去", (place,), "go", "goes", "went", "been", "going", where)


def action(pick, subject):
    kind = pick.one((with_thing, with_thing, with_thing, with_thing, with_person, alone, alone, going))
    return kind(pick, subject)


# Sentences: each returns Chinese words, English, and whether it is a question ---------------------------------------------


def habit(pick):
    subject = person(pick)
    act = action(pick, subject)
    form = act.say("third" if subject.person == 3 else "base")
    way = pick.below(3)
    if way == 0:
        time, when = pick.one(lex.HABIT_TIMES)
        return (*subject.words, time, *act.words()), f"{subject.english} {form} {when}", False
    if way == 1:
        often, english = pick.one(lex.FREQUENCIES)
        return (*subject.words, often, *act.words()), f"{subject.english} {english} {form}", False
    return (*subject.words, *act.words()), f"{subject.english} {form}", False


def not_habit(pick):
    subject = person(pick)
    act = action(pick, subject)
    return (*subject.words, "不", *act.words()), f"{subject.english} {do(subject.person)} not {act.say('base')}", False


def ask_habit(pick):
    subject = person(pick)
    act = action(pick, subject)
    return (*subject.words, *act.words(), "吗"), f"{do(subject.person)} {subject.english} {act.say('base')}", True


def past(pick):
    subject = person(pick)
    act = action(pick, subject)
    time, when = pick.one(lex.PAST_TIMES)
    way = pick.below(4)
    if way == 0:
        return (*subject.words, time, "没有", *act.words()), f"{subject.english} did not {act.say('base')} {when}", False
    words = (*subject.words, time, *act.words(("了",)))
    if way == 1:
        return (*words, "吗"), f"did {subject.english} {act.say('base')} {when}", True
    return words, f"{subject.english} {act.say('past')} {when}", False


def future(pick):
    subject = person(pick)
    act = action(pick, subject)
    time, when = pick.one(lex.FUTURE_TIMES)
    way = pick.below(4)
    if way == 0:
        return (*subject.words, time, "不", "会", *act.words()), f"{subject.english} will not {act.say('base')} {when}", False
    words = (*subject.words, time, "会", *act.words())
    if way == 1:
        return (*words, "吗"), f"will {subject.english} {act.say('base')} {when}", True
    return words, f"{subject.english} will {act.say('base')} {when}", False


def progress(pick):
    subject = person(pick)
    act = alone(pick, subject) if pick.chance(30) else with_thing(pick, subject)
    words = act.words()
    words = words[1:] if words[0] == "在" else words  # 正在 already says 在
    if pick.chance(20):
        return (*subject.words, "正在", *words, "吗"), f"{be(subject.person)} {subject.english} {act.say('ing')}", True
    return (*subject.words, "正在", *words), f"{subject.english} {be(subject.person)} {act.say('ing')}", False


def perfect(pick):
    subject = person(pick)
    act = action(pick, subject)
    if pick.chance(30):
        words = (*subject.words, "没有", *act.words(("过",)))
        return words, f"{subject.english} {have(subject.person)} not {act.say('participle')}", False
    return (*subject.words, *act.words(("过",))), f"{subject.english} {have(subject.person)} {act.say('participle')}", False


def modal(pick):
    subject = person(pick)
    act = action(pick, subject)
    chinese, base, third, negative, third_negative = pick.one(lex.MODALS)
    way = pick.below(4)
    if way == 0 and negative:
        english = third_negative if subject.person == 3 else negative
        return (*subject.words, "不", chinese, *act.words()), f"{subject.english} {english} {act.say('base')}", False
    if way == 1:
        words = (*subject.words, chinese, *act.words(), "吗")
        if base.endswith(" to"):
            return words, f"{do(subject.person)} {subject.english} {base} {act.say('base')}", True
        return words, f"{base} {subject.english} {act.say('base')}", True
    english = third if subject.person == 3 else base
    return (*subject.words, chinese, *act.words()), f"{subject.english} {english} {act.say('base')}", False


def liking(pick):
    subject = person(pick)
    chinese, base, third, _ = pick.one(lex.STATE_VERBS)
    what = pick.below(5)
    if what < 3:
        activity, english = pick.one(lex.ACTIVITIES)
        target = Phrase((activity,), english, english)
    elif what == 3:
        target = bare(pick.one(lex.NOUNS[pick.one(("food", "drink", "subject", "animal", "shown"))]))
    else:
        target = person(pick, subject)
    way = pick.below(6)
    form = third if subject.person == 3 else base
    if way == 0:
        words = (*subject.words, "不", chinese, *target.words)
        return words, f"{subject.english} {do(subject.person)} not {base} {target.object}", False
    if way == 1:
        words = (*subject.words, chinese, *target.words, "吗")
        return words, f"{do(subject.person)} {subject.english} {base} {target.object}", True
    if way == 2:
        words = (*subject.words, "非常", chinese, *target.words)
        return words, f"{subject.english} really {form} {target.object}", False
    if way == 3:
        words = (*subject.words, "为什么", chinese, *target.words)
        return words, f"why {do(subject.person)} {subject.english} {base} {target.object}", True
    return (*subject.words, chinese, *target.words), f"{subject.english} {form} {target.object}", False


def owning(pick):
    subject = person(pick)
    chinese, base, third = pick.one(lex.OWN_VERBS)
    noun = pick.one(lex.NOUNS[pick.one(("thing", "clothes", "text", "animal", "food", "drink"))])
    words, english = counted(noun, pick.one(lex.NUMBERS))
    if pick.chance(25):
        single = article(noun[1]) if noun[2] else noun[1]
        no = ("没有",) if chinese == "有" else ("不", chinese)
        return (*subject.words, *no, noun[0]), f"{subject.english} {do(subject.person)} not {base} {single}", False
    if pick.chance(25):
        return (*subject.words, chinese, *words, "吗"), f"{do(subject.person)} {subject.english} {base} {english}", True
    form = third if subject.person == 3 else base
    return (*subject.words, chinese, *words), f"{subject.english} {form} {english}", False


def being_somewhere(pick):
    subject = person(pick)
    place, where, _ = pick.one(lex.PLACES)
    verb = be(subject.person)
    way = pick.below(5)
    if way == 0:
        return (*subject.words, "不", "在", place), f"{subject.english} {verb} not {where}", False
    if way == 1:
        return (*subject.words, "在", place, "吗"), f"{verb} {subject.english} {where}", True
    if way == 2:
        time, when = pick.one(lex.PAST_TIMES)
        return (*subject.words, time, "在", place), f"{subject.english} {was(subject.person)} {where} {when}", False
    if way == 3:
        return (*subject.words, "现在", "在", place), f"{subject.english} {verb} {where} now", False
    return (*subject.words, "在", place), f"{subject.english} {verb} {where}", False


def feeling(pick):
    subject = person(pick)
    chinese, english, comparative = pick.one(lex.FEELINGS)
    verb = be(subject.person)
    way = pick.below(7)
    if way == 0:
        return (*subject.words, "不", chinese), f"{subject.english} {verb} not {english}", False
    if way == 1:
        return (*subject.words, chinese, "吗"), f"{verb} {subject.english} {english}", True
    if way < 4:
        other = person(pick, subject)
        if way == 2:
            words = (*subject.words, "比", *other.words, chinese)
            return words, f"{subject.english} {verb} {comparative} than {other.object}", False
        words = (*subject.words, "没有", *other.words, chinese)
        return words, f"{subject.english} {verb} not as {english} as {other.object}", False
    degree, how = pick.one(lex.DEGREES)
    if way == 4:
        time, when = pick.one(lex.PAST_TIMES)
        return (*subject.words, time, degree, chinese), f"{subject.english} {was(subject.person)} {how} {english} {when}", False
    if way == 5:
        return (*subject.words, "今天", degree, chinese), f"{subject.english} {verb} {how} {english} today", False
    return (*subject.words, degree, chinese), f"{subject.english} {verb} {how} {english}", False


def quality(pick):
    noun = pick.one(lex.NOUNS[pick.one(("thing", "clothes", "vehicle", "text"))])
    subject = pointed(pick, noun) if pick.chance(50) else owned(pick, noun)
    chinese, english = pick.one(lex.PREDICATES)
    way = pick.below(4)
    if way == 0:
        return (*subject.words, "不", chinese), f"{subject.english} is not {english}", False
    if way == 1:
        return (*subject.words, chinese, "吗"), f"is {subject.english} {english}", True
    degree, how = pick.one(lex.DEGREES)
    return (*subject.words, degree, chinese), f"{subject.english} is {how} {english}", False


def existence(pick):
    furniture, english = pick.one(lex.FURNITURE)
    side, where = pick.one(lex.SIDES)
    noun = pick.one(lex.NOUNS[pick.one(("text", "clothes", "food", "drink"))])
    number = pick.one(lex.NUMBERS)
    words, what = counted(noun, number)
    verb = "is" if number[0] == "一" else "are"
    if pick.chance(25):
        return (furniture, side, "有", *words, "吗"), f"{verb} there {what} {where} the {english}", True
    return (furniture, side, "有", *words), f"there {verb} {what} {where} the {english}", False


def profession_of(pick):
    subject = person(pick)
    if subject.words[0] in {chinese for chinese, _ in lex.PROFESSIONS}:
        return profession_of(pick)
    chinese, english = pick.one(lex.PROFESSIONS)
    what = f"{english}s" if subject.person == 4 else article(english)
    verb = be(subject.person)
    way = pick.below(4)
    if way == 0:
        return (*subject.words, "不", "是", chinese), f"{subject.english} {verb} not {what}", False
    if way == 1:
        return (*subject.words, "是", chinese, "吗"), f"{verb} {subject.english} {what}", True
    return (*subject.words, "是", chinese), f"{subject.english} {verb} {what}", False


def question_word(pick):
    subject = person(pick)
    way = pick.below(4)
    if way == 0:
        act = action(pick, None)
        return ("谁", *act.words()), f"who {act.say('third')}", True
    if way == 1:
        chinese, *forms, _ = pick.one(lex.VERBS)
        modal_words, base = pick.one((((), ""), (("想",), "want to "), (("应该",), None)))
        if base is None:
            return (*subject.words, *modal_words, chinese, "什么"), f"what should {subject.english} {forms[0]}", True
        return (*subject.words, *modal_words, chinese, "什么"), f"what {do(subject.person)} {subject.english} {base}{forms[0]}", True
    if way == 2:
        chinese, base, *_ = pick.one(lex.INTRANSITIVE)
        return (*subject.words, "在", "哪里", *chinese.split()), f"where {do(subject.person)} {subject.english} {base}", True
    act = action(pick, subject)
    if pick.chance(50):
        return (*subject.words, "什么时候", *act.words()), f"when will {subject.english} {act.say('base')}", True
    return (*subject.words, "为什么", *act.words()), f"why {do(subject.person)} {subject.english} {act.say('base')}", True


def request(pick):
    act = action(pick, Phrase(("你",), "you", "you", 2))
    if pick.chance(50):
        return ("请", *act.words()), f"please {act.say('base')}", False
    return ("不要", *act.words()), f"do not {act.say('base')}", False


TEMPLATES = (
    habit, habit, habit, not_habit, not_habit, ask_habit, past, past, past, future, future, progress, progress, perfect,
    modal, modal, modal, liking, liking, liking, owning, being_somewhere, feeling, feeling, quality, existence, profession_of,
    question_word, question_word, request,
)  # fmt: skip


@cache
def sentences():
    """All sentences as (Chinese words, English), in their fixed order; each side occurs once."""
    pick = Choices(2017)
    chinese, english, drawn = {HELD_OUT[0]}, {HELD_OUT[1].lower()}, [(("我", "喜欢", "编程"), HELD_OUT[1])]
    while len(drawn) < SENTENCES:
        words, text, asks = pick.one(TEMPLATES)(pick)
        joined = "".join(words)
        if joined in chinese or text.lower() in english or len(words) > 11:
            continue
        chinese.add(joined)
        english.add(text.lower())
        text = text[0].upper() + text[1:]
        drawn.append(((*words, "？"), text + "?") if asks else (words, text))
    return tuple(drawn)


def pairs():
    """All pairs (Chinese, English) as texts."""
    return [("".join(words), english) for words, english in sentences()]


def split():
    """The parts "train", "validation" and "test": no sentence, on either side, is in two of them."""
    every = pairs()
    edge = TEST + VALIDATION
    return {"test": every[:TEST], "validation": every[TEST:edge], "train": every[edge:]}


def word_frequencies():
    """How often each Chinese word occurs: what the segmentation weighs its paths by."""
    return dict(Counter(word for words, _ in sentences() for word in words))
