"""Sentences of the corpus in which somebody does something: tenses, modal verbs, questions, requests.

Each pattern returns the Chinese words, the English, and whether it is a question.
"""

from minilm.data import lexicon as lex
from minilm.data.choices import Choices
from minilm.data.noun_phrases import Phrase, somebody, somebody_asked_about
from minilm.data.verb_phrases import action, alone, be, do, have

Sentence = tuple[tuple[str, ...], str, bool]
NOBODY = Phrase((), "", "")


def habit(pick: Choices) -> Sentence:
    who = somebody(pick)
    act = action(pick, who)
    way = pick.below(3)
    if way == 0:
        time, when = pick.one(lex.HABIT_TIMES)
        return (*who.words, time, *act.words()), f"{who.subject} {act.now(who.person)} {when}", False
    if way == 1:
        often, english = pick.one(lex.FREQUENCIES)
        return (*who.words, often, *act.words()), f"{who.subject} {english} {act.now(who.person)}", False
    return (*who.words, *act.words()), f"{who.subject} {act.now(who.person)}", False


def not_habit(pick: Choices) -> Sentence:
    who = somebody(pick)
    act = action(pick, who)
    return (*who.words, "不", *act.words()), f"{who.subject} {do(who.person)} not {act.say('base')}", False


def ask_habit(pick: Choices) -> Sentence:
    who = somebody_asked_about(pick)
    act = action(pick, who)
    return (*who.words, *act.words(), "吗"), f"{do(who.person)} {who.subject} {act.say('base')}", True


def past(pick: Choices) -> Sentence:
    way = pick.below(4)
    who = somebody_asked_about(pick) if way == 1 else somebody(pick)
    act = action(pick, who)
    time, when = pick.one(lex.PAST_TIMES)
    if way == 0:
        words = (*who.words, time, "没有", *act.words())
        return words, f"{who.subject} did not {act.say('base')} {when}", False
    words = (*who.words, time, *act.words("了"))
    if way == 1:
        return (*words, "吗"), f"did {who.subject} {act.say('base')} {when}", True
    return words, f"{who.subject} {act.say('past')} {when}", False


def future(pick: Choices) -> Sentence:
    way = pick.below(4)
    who = somebody_asked_about(pick) if way == 1 else somebody(pick)
    act = action(pick, who)
    time, when = pick.one(lex.FUTURE_TIMES)
    if way == 0:
        words = (*who.words, time, "不", "会", *act.words())
        return words, f"{who.subject} will not {act.say('base')} {when}", False
    words = (*who.words, time, "会", *act.words())
    if way == 1:
        return (*words, "吗"), f"will {who.subject} {act.say('base')} {when}", True
    return words, f"{who.subject} will {act.say('base')} {when}", False


def progress(pick: Choices) -> Sentence:
    asks = pick.chance(20)
    who = somebody_asked_about(pick) if asks else somebody(pick)
    act = alone(pick, who) if pick.chance(30) else action(pick, who, lex.NOT_IN_PROGRESS)
    words = act.words()
    words = words[1:] if words[0] == "在" else words  # 正在 already says 在
    if asks:
        return (*who.words, "正在", *words, "吗"), f"{be(who.person)} {who.subject} {act.say('ing')}", True
    return (*who.words, "正在", *words), f"{who.subject} {be(who.person)} {act.say('ing')}", False


def perfect(pick: Choices) -> Sentence:
    who = somebody(pick)
    act = action(pick, who, lex.SEPARABLE)  # 睡过觉, not 睡觉过: left out
    if pick.chance(30):
        words = (*who.words, "没有", *act.words("过"))
        return words, f"{who.subject} {have(who.person)} not {act.say('participle')}", False
    return (*who.words, *act.words("过")), f"{who.subject} {have(who.person)} {act.say('participle')}", False


def modal(pick: Choices) -> Sentence:
    chinese, base, third, negative, third_negative = pick.one(lex.MODALS)
    way = pick.below(4)
    wants = base.endswith(" to")  # a full verb, asked about with "do"
    who = somebody_asked_about(pick) if way == 1 and wants else somebody(pick)
    act = action(pick, who)
    if way == 0 and negative:
        english = third_negative if who.person == 3 else negative
        return (*who.words, "不", chinese, *act.words()), f"{who.subject} {english} {act.say('base')}", False
    if way == 1:
        words = (*who.words, chinese, *act.words(), "吗")
        asked = f"{do(who.person)} {who.subject} {base}" if wants else f"{base} {who.subject}"
        return words, f"{asked} {act.say('base')}", True
    english = third if who.person == 3 else base
    return (*who.words, chinese, *act.words()), f"{who.subject} {english} {act.say('base')}", False


def ask_who(pick: Choices) -> Sentence:
    act = action(pick, NOBODY)
    return ("谁", *act.words()), f"who {act.say('third')}", True


def ask_what(pick: Choices) -> Sentence:
    who = somebody_asked_about(pick)
    chinese, (base, *_), _ = pick.one(lex.VERBS)
    way = pick.below(3)
    if way == 0:
        return (*who.words, "应该", chinese, "什么"), f"what should {who.subject} {base}", True
    if way == 1:
        return (*who.words, "想", chinese, "什么"), f"what {do(who.person)} {who.subject} want to {base}", True
    return (*who.words, chinese, "什么"), f"what {do(who.person)} {who.subject} {base}", True


def ask_where(pick: Choices) -> Sentence:
    who = somebody_asked_about(pick)
    chinese, base, *_ = pick.one(lex.INTRANSITIVE)
    return (*who.words, "在", "哪里", *chinese.split()), f"where {do(who.person)} {who.subject} {base}", True


def ask_when_or_why(pick: Choices) -> Sentence:
    who = somebody_asked_about(pick)
    act = action(pick, who)
    if pick.chance(50):
        return (*who.words, "什么时候", *act.words()), f"when will {who.subject} {act.say('base')}", True
    return (*who.words, "为什么", *act.words()), f"why {do(who.person)} {who.subject} {act.say('base')}", True


def request(pick: Choices) -> Sentence:
    act = action(pick, Phrase(("你",), "you", "you", 2), lex.NOT_REQUESTED)
    if pick.chance(50):
        return ("请", *act.words()), f"please {act.say('base')}", False
    return ("不要", *act.words()), f"do not {act.say('base')}", False
