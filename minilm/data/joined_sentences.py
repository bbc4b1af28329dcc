"""Sentences of the corpus made of two: 因为 ... 所以, 虽然 ... 但是, 但是, 我 很 好 ， 你 呢. The comma is said in both languages."""

from minilm.data import lexicon as lex
from minilm.data.choices import Choices
from minilm.data.noun_phrases import Phrase, again, gender, phrase, somebody, somebody_else
from minilm.data.sentences import Sentence, ask, say
from minilm.data.verb_phrases import alone, be, do, going, meal, was, with_thing

Clause = tuple[str, str]


def mood(pick: Choices, who: Phrase, past: bool = False) -> Clause:
    chinese, english, _ = pick.common(lex.MOODS)
    degree, very = pick.one((("很", "very"), ("很", "very"), ("非常", "extremely"), ("不", "not"), ("太", "too")))
    if degree == "太" and chinese not in lex.UNWELCOME:
        degree, very = "真", "really"
    end = " 了" if degree == "太" else ""
    return f"{who.zh} {degree} {chinese}{end}", f"{who.subject} {(was if past else be)(who.person)} {very} {english}"


SKY = [  # Chinese, what it is, what it was
    ("下雨", "raining"), ("下雪", "snowing"), ("外面 下雨", "raining outside"), ("今天 很 冷", "very cold today"),
    ("天气 很 好", "good"), ("天气 不 好", "bad"), ("今天 很 热", "very hot today"),
]  # fmt: skip


def state(pick: Choices, who: Phrase, past: bool = False) -> Clause:
    """What may be a reason, now or then; the weather is nobody's."""
    way = pick.below(8)
    if way < 3:
        return mood(pick, who, past)
    if way == 3:
        chinese, english = pick.one(SKY)
        it = {"good": "the weather was very good", "bad": "the weather was not good"}.get(english, f"it was {english}")
        return chinese, it if past else it.replace(" was ", " is ")
    if way == 4:
        chinese, english = pick.one(lex.BECOME)
        return f"{who.zh} {chinese} 了", f"{who.subject} {(was if past else be)(who.person)} {english}"
    if way == 5:
        what, english = pick.one((("时间", "time"), ("钱", "money")))
        no = "did" if past else do(who.person)
        return f"{who.zh} 没有 {what}", f"{who.subject} {no} not have {english}"
    what, english = pick.one((("考试", "an exam"), ("课", "class"), ("时间", "time")))
    has = "had" if past else "has" if who.person == 3 else "have"
    return f"{who.zh} 有 {what}", f"{who.subject} {has} {english}"


def outcome(pick: Choices, who: Phrase) -> tuple[str, str, bool]:
    """What may follow from it, and whether it is past."""
    act = pick.one((alone, alone, going, meal, with_thing))(pick, who)
    while act.before or len(act.after) > 2:
        act = pick.one((alone, alone, going, meal, with_thing))(pick, who)
    chinese = " ".join(act.words())
    base = act.say("base")
    wants = "wants" if who.person == 3 else "want"
    words, english, past = pick.one((
        ("想 ", f"{wants} to {base}", False), ("想 ", f"{wants} to {base}", False), ("要 ", f"{wants} to {base}", False),
        ("不 想 ", f"{do(who.person)} not want to {base}", False), ("不 能 ", f"cannot {base}", False),
        ("不 ", f"{do(who.person)} not {base}", False), ("没 ", f"did not {base}", True), ("没有 ", f"did not {base}", True),
    ))  # fmt: skip
    return f"{who.zh} {words}{chinese}", f"{who.subject} {english}", past


def because(pick: Choices) -> Sentence:
    """因为 我 很 累 ， 所以 我 想 睡觉: because I am very tired, I want to sleep."""
    who = somebody(pick)
    if pick.chance(50):
        who = phrase("我", "I", 1)
    result, so, past = outcome(pick, again(who))
    if pick.chance(15):
        (result, so), past = mood(pick, again(who)), False
    reason, why = state(pick, who, past)
    if reason.split()[: len(who.words)] != list(who.words):  # the weather: then who was not said yet
        result, so = result.replace(again(who).zh, who.zh, 1), so.replace(again(who).subject, who.subject, 1)
    comma, mark = (" ，", ",") if pick.chance(80) else ("", "")
    way = pick.below(6)
    if way == 0:
        return say(f"{reason} ， 所以 {result}", f"{why}, so {so}")
    if way == 1 and again(who) == who:
        return say(f"{result}{comma} 因为 {reason}", f"{so}{mark} because {why}")
    return say(f"因为 {reason}{comma} 所以 {result}", f"because {why}{mark} {so}")


def although(pick: Choices) -> Sentence:
    """虽然 ... 但是, although; 但是, but."""
    who = somebody(pick)
    if pick.chance(50):
        second, then, past = outcome(pick, again(who))
        first, english = mood(pick, who, past)
    else:
        other = somebody_else(pick, who)
        chinese, quality, _ = pick.common(lex.TRAITS)
        (no, not_), (yes, very) = ("不", "not"), ("很", "very")
        if pick.chance(50):
            (no, not_), (yes, very) = (yes, very), (no, not_)
        first, english = f"{who.zh} {yes} {chinese}", f"{who.subject} {be(who.person)} {very} {quality}"
        second, then = f"{other.zh} {no} {chinese}", f"{other.subject} {be(other.person)} {not_} {quality}"
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
        mood(pick, who), (f"{who.zh} 很 好", f"{who.subject} {be(who.person)} very well"), state_of_liking(pick, who), outcome(pick, who)[:2],
    ))  # fmt: skip
    return ask(f"{chinese} ， {other.zh} 呢", f"{english}, what about {other.object}")


def state_of_liking(pick: Choices, who: Phrase) -> Clause:
    chinese, english = pick.common(lex.ACTIVITIES)
    like = "likes" if who.person == 3 else "like"
    return f"{who.zh} 喜欢 {chinese}", f"{who.subject} {like} {english}"


def when_clause(pick: Choices) -> Sentence:
    """我 吃饭 的 时候 不 说话: when I eat, I do not talk. 以后, after, would need another tense: left out."""
    who = somebody(pick)
    while who.person == 3 and not gender(who):  # English says he or she
        who = somebody(pick)
    first, second = alone(pick, who), alone(pick, who)
    while first.before or second.before or first.verb == second.verb:
        first, second = alone(pick, who), alone(pick, who)
    a, b = " ".join(first.words()), " ".join(second.words())
    no, not_ = pick.one((("不 ", f"{do(who.person)} not {second.say('base')}"), ("喜欢 ", f"{'likes' if who.person == 3 else 'like'} to {second.say('base')}"),
                         ("常常 ", f"often {second.now(who.person)}")))  # fmt: skip
    return say(f"{who.zh} {a} 的 时候 {no}{b}", f"{who.subject} {not_} when {again(who).subject} {first.now(who.person)}")
