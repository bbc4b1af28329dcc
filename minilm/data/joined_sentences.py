"""Sentences of the corpus made of two: 因为 ... 所以, 虽然 ... 但是, 但是, 我 很 好 ， 你 呢. The comma is said in both languages."""

from minilm.data import lexicon as lex
from minilm.data.choices import Choices
from minilm.data.noun_phrases import Phrase, again, gender, phrase, somebody, somebody_else
from minilm.data.sentences import Sentence, ask, say
from minilm.data.verb_phrases import action, alone, be, do, going, meal

Clause = tuple[str, str]


def mood(pick: Choices, who: Phrase) -> Clause:
    chinese, english, _ = pick.common(lex.MOODS)
    degree, very = pick.one((("很", "very"), ("很", "very"), ("非常", "extremely"), ("不", "not"), ("太", "too")))
    if degree == "太" and chinese not in lex.UNWELCOME:
        degree, very = "真", "really"
    end = " 了" if degree == "太" else ""
    return f"{who.zh} {degree} {chinese}{end}", f"{who.subject} {be(who.person)} {very} {english}"


def state(pick: Choices, who: Phrase) -> Clause:
    """What may be a reason."""
    way = pick.below(8)
    have = "has" if who.person == 3 else "have"
    if way < 3:
        return mood(pick, who)
    if way == 3:
        chinese, english = pick.one((("今天 下雨", "it is raining today"), ("下雨 了", "it is raining"), ("外面 下雨", "it is raining outside"),
                                     ("天气 很 好", "the weather is very good"), ("天气 不 好", "the weather is not good"), ("下雪 了", "it is snowing"),
                                     ("今天 很 冷", "it is very cold today"), ("今天 很 热", "it is very hot today"), ("下雨", "it is raining")))  # fmt: skip
        return chinese, english
    if way == 4:
        chinese, english = pick.one(lex.BECOME)
        return f"{who.zh} {chinese} 了", f"{who.subject} {be(who.person)} {english}"
    if way == 5:
        what, english = pick.one((("时间", "time"), ("钱", "money")))
        return f"{who.zh} 没有 {what}", f"{who.subject} {do(who.person)} not have {english}"
    if way == 6:
        what, english = pick.one((("考试", "an exam"), ("课", "class"), ("时间", "time")))
        return f"{who.zh} 有 {what}", f"{who.subject} {have} {english}"
    chinese, english = pick.common(lex.ACTIVITIES)
    like = "likes" if who.person == 3 else "like"
    return f"{who.zh} 喜欢 {chinese}", f"{who.subject} {like} {english}"


def outcome(pick: Choices, who: Phrase) -> Clause:
    """What may follow from it."""
    act = pick.one((alone, alone, going, going, meal, action))(pick, who)
    chinese = " ".join(act.words())
    base, third = act.say("base"), act.now(who.person)
    verbs = [
        (f"想 {chinese}", f"{'wants' if who.person == 3 else 'want'} to {base}"), (f"不 想 {chinese}", f"{do(who.person)} not want to {base}"),
        (f"不 能 {chinese}", f"cannot {base}"), (f"没 {chinese}", f"did not {base}"), (f"不 {chinese}", f"{do(who.person)} not {base}"),
        (f"要 {chinese}", f"{'wants' if who.person == 3 else 'want'} to {base}"), (chinese, third), (f"没有 {chinese}", f"did not {base}"),
    ]  # fmt: skip
    words, english = pick.one(verbs)
    return f"{who.zh} {words}", f"{who.subject} {english}"


def because(pick: Choices) -> Sentence:
    """因为 我 很 累 ， 所以 我 想 睡觉: because I am very tired, I want to sleep."""
    who = somebody(pick)
    if pick.chance(50):
        who = phrase("我", "I", 1)
    (reason, why), (result, so) = state(pick, who), outcome(pick, again(who))
    if pick.chance(15):
        reason, why = outcome(pick, who)
        result, so = mood(pick, again(who))
    comma, mark = (" ，", ",") if pick.chance(65) else ("", "")
    way = pick.below(6)
    if way == 0:
        return say(f"{reason}{comma or ' ，'} 所以 {result}", f"{why}, so {so}")
    if way == 1 and again(who) == who:
        return say(f"{result}{comma} 因为 {reason}", f"{so}{mark} because {why}")
    return say(f"因为 {reason}{comma} 所以 {result}", f"because {why}{mark} {so}")


def although(pick: Choices) -> Sentence:
    """虽然 ... 但是, although; 但是, but."""
    who = somebody(pick)
    (first, english), (second, then) = state(pick, who), outcome(pick, again(who))
    if pick.chance(40):
        who_else = somebody_else(pick, who)
        chinese, quality, _ = pick.common(lex.TRAITS)
        no = pick.chance(50)
        second = f"{who_else.zh} {'不' if no else '很'} {chinese}"
        then = f"{who_else.subject} {be(who_else.person)} {'not' if no else 'very'} {quality}"
        first = f"{who.zh} {'很' if no else '不'} {chinese}"
        english = f"{who.subject} {be(who.person)} {'very' if no else 'not'} {quality}"
    if pick.chance(55):
        return say(f"虽然 {first} ， 但是 {second}", f"although {english}, {then}")
    return say(f"{first} ， 但是 {second}", f"{english}, but {then}")


def and_you(pick: Choices) -> Sentence:
    """我 很 好 ， 你 呢: I am very well, what about you."""
    who = somebody(pick)
    other = phrase("你", "you", 2)
    if who.words[0] in ("你", "您", "你们") or pick.chance(30):
        other = somebody_else(pick, who)
        while other.words in (("我",), ("我们",)):
            other = somebody_else(pick, who)
    chinese, english = pick.one((
        mood(pick, who), (f"{who.zh} 很 好", f"{who.subject} {be(who.person)} very well"), state_of_liking(pick, who), outcome(pick, who),
    ))  # fmt: skip
    return ask(f"{chinese} ， {other.zh} 呢", f"{english}, what about {other.object}")


def state_of_liking(pick: Choices, who: Phrase) -> Clause:
    chinese, english = pick.common(lex.ACTIVITIES)
    like = "likes" if who.person == 3 else "like"
    return f"{who.zh} 喜欢 {chinese}", f"{who.subject} {like} {english}"


def pronoun(who: Phrase) -> str:
    """What English says of somebody a second time; of a person of unknown sex the name again."""
    if who.person == 3 and gender(who) not in ("male", "female"):
        return who.subject
    return again(who).subject


def when_clause(pick: Choices) -> Sentence:
    """我 吃饭 的 时候 不 说话: when I eat, I do not talk. 以后, after, would need another tense: left out."""
    who = somebody(pick)
    first, second = alone(pick, who), alone(pick, who)
    while first.before or second.before or first.verb == second.verb:
        first, second = alone(pick, who), alone(pick, who)
    a, b = " ".join(first.words()), " ".join(second.words())
    no, not_ = pick.one((("不 ", f"{do(who.person)} not {second.say('base')}"), ("喜欢 ", f"{'likes' if who.person == 3 else 'like'} to {second.say('base')}"),
                         ("常常 ", f"often {second.now(who.person)}")))  # fmt: skip
    return say(f"{who.zh} {a} 的 时候 {no}{b}", f"{who.subject} {not_} when {pronoun(who)} {first.now(who.person)}")
