"""Sentences of the corpus about what is: liking, owning, feeling, comparing, people and things."""

from minilm.data import lexicon as lex
from minilm.data.choices import Choices
from minilm.data.noun_phrases import (
    Phrase,
    article,
    bare,
    counted,
    described,
    gender,
    many,
    owned,
    phrase,
    pointed,
    several,
    somebody,
    somebody_asked_about,
    somebody_else,
)
from minilm.data.sentences import Sentence, ask, at, say
from minilm.data.verb_phrases import be, do, was

PROFESSIONS = frozenset(chinese for chinese, _ in lex.PROFESSIONS) | {row[0] for row in lex.HUMANS} | {"们"}


def degree_of(pick: Choices, adjective: str) -> tuple[str, str]:
    """很, very, and the like; 有点, a little, goes with what one would rather not be."""
    return pick.common([degree for degree in lex.DEGREES if degree[1] != "a little" or adjective in lex.UNWELCOME])


# Liking, owning -------------------------------------------------------------------------------------------------------


def liked(pick: Choices, who: Phrase) -> Phrase:
    """What somebody likes: swimming, apples, to drink tea, my mother, films."""
    what = pick.below(10) - 1
    if what < 3:
        return phrase(*pick.common(lex.ACTIVITIES))
    if what < 6:
        verb, forms, kinds = pick.common(lex.VERBS)
        noun = bare(pick.common(lex.NOUNS[pick.one(kinds)]))
        if (verb, noun.words) == ("看", ("书",)):
            return phrase("看 书", "to read")
        return phrase(f"{verb} {noun.zh}", f"to {forms[0]} {noun.object}")
    if what < 8:
        kind = pick.one(("food", "drink", "subject", "animal", "shown", "heard", "reading", "clothes"))
        return bare(pick.common(lex.NOUNS[kind]))
    return somebody_else(pick, who)


def liking(pick: Choices) -> Sentence:
    way = pick.below(10)
    who = somebody_asked_about(pick) if way in (1, 3, 6) else several(pick) if way == 7 else somebody(pick)
    chinese, base, third = pick.common(lex.STATE_VERBS)
    target = liked(pick, who)
    form = third if who.person == 3 else base
    if way == 0:
        return say(f"{who.zh} 不 {chinese} {target.zh}", f"{who.subject} {do(who.person)} not {base} {target.object}")
    if way == 1:
        return ask(f"{who.zh} {chinese} {target.zh} 吗", f"{do(who.person)} {who.subject} {base} {target.object}")
    if way == 2:
        really, english = pick.one((("非常", "really"), ("很", "very much"), ("最", "most")))
        if english == "really":
            return say(f"{who.zh} 非常 {chinese} {target.zh}", f"{who.subject} really {form} {target.object}")
        return say(f"{who.zh} {really} {chinese} {target.zh}", f"{who.subject} {form} {target.object} {english}")
    if way == 3:
        return ask(f"{who.zh} 为什么 {chinese} {target.zh}", f"why {do(who.person)} {who.subject} {base} {target.object}")
    if way == 4:
        return say(f"{who.zh} 也 {chinese} {target.zh}", f"{who.subject} also {form} {target.object}")
    if way == 5:
        return say(f"{who.zh} 也 不 {chinese} {target.zh}", f"{who.subject} also {do(who.person)} not {base} {target.object}")
    if way == 6 and chinese == "喜欢":
        asked = pick.one(("喜欢 不 喜欢", "喜 不 喜欢"))
        return ask(f"{who.zh} {asked} {target.zh}", f"{do(who.person)} {who.subject} {base} {target.object}")
    if way == 7 and "和" not in who.words:
        return say(f"{who.zh} 都 {chinese} {target.zh}", f"{who.subject} all {form} {target.object}")
    return say(f"{who.zh} {chinese} {target.zh}", f"{who.subject} {form} {target.object}")


def possession(pick: Choices, people: bool) -> Phrase:
    """三 本 书, 很多 朋友, 一 个 儿子, 一 件 新 衣服."""
    way = pick.below(10) if people else 3 + pick.below(7)
    if way < 3:
        chinese, one, more = pick.common(lex.COUNTED_RELATIVES)
        return counted((chinese, one, more, "个"), pick.common(lex.NUMBERS))
    if way == 3 and people:
        chinese, one, more = pick.common(lex.COUNTED_RELATIVES)
        return many((chinese, one, more, "个"))
    kind = pick.common(("thing", "text", "animal", "clothes", "food", "drink"))
    noun = pick.common(lex.NOUNS[kind])
    if kind in lex.DESCRIBED and way < 6:
        return described(pick, noun)
    if way == 6 or not noun[3]:
        return many(noun)
    return counted(noun, pick.common(lex.NUMBERS))


def owning(pick: Choices) -> Sentence:
    way = pick.below(8)
    who = somebody_asked_about(pick) if way in (1, 2) else somebody(pick)
    chinese, base, third = pick.common(lex.OWN_VERBS)
    if way == 0 or way == 2:
        noun = owned_by_nobody(pick, chinese == "有")
        single = article(noun[1]) if noun[2] and noun[0] != "衣服" else noun[2] or noun[1]
        no = "没有" if chinese == "有" else f"不 {chinese}"
        if way == 0:
            return say(f"{who.zh} {no} {noun[0]}", f"{who.subject} {do(who.person)} not {base} {single}")
        doubled = {"有": "有 没有", "要": "要 不 要"}.get(chinese)
        if doubled:
            return ask(f"{who.zh} {doubled} {noun[0]}", f"{do(who.person)} {who.subject} {base} {single}")
        return ask(f"{who.zh} {chinese} {noun[0]} 吗", f"{do(who.person)} {who.subject} {base} {single}")
    what = possession(pick, chinese == "有")
    if way == 1:
        return ask(f"{who.zh} {chinese} {what.zh} 吗", f"{do(who.person)} {who.subject} {base} {what.object}")
    form = third if who.person == 3 else base
    also, too = pick.one((("也 ", "also "), ("还 ", "also "), *[("", "")] * 6))
    return say(f"{who.zh} {also}{chinese} {what.zh}", f"{who.subject} {too}{form} {what.object}")


def owned_by_nobody(pick: Choices, people: bool) -> lex.Noun:
    if people and pick.chance(30):
        chinese, one, more = pick.common(lex.COUNTED_RELATIVES)
        return chinese, one, more, "个"
    if pick.chance(25 if people else 10):
        return pick.one((("钱", "money", "", ""), ("时间", "time", "", ""), ("问题", "question", "questions", "个"),
                         ("课", "class", "", ""), ("考试", "exam", "exams", "个")))  # fmt: skip
    return pick.common(lex.NOUNS[pick.common(("thing", "text", "animal", "clothes", "food", "drink"))])


def having_time(pick: Choices) -> Sentence:
    """今天 没有 时间, has no time: what one has at some time."""
    way = pick.below(3)
    who = somebody_asked_about(pick) if way == 1 else somebody(pick)
    what, english = pick.one((("时间", "time"), ("课", "class"), ("考试", "an exam"), ("钱", "money"), ("事情", "something to do")))
    time, when = pick.one((("今天", "today"), ("现在", "now"), ("今天 下午", "this afternoon"), ("今天 晚上", "this evening"),
                           ("今天 上午", "this morning")))  # fmt: skip
    where = at(pick, who, time)
    if way == 0 and what != "事情":
        return say(f"{where} 没有 {what}", f"{who.subject} {do(who.person)} not have {english} {when}")
    if way == 1:
        return ask(f"{where} 有 {what} 吗", f"{do(who.person)} {who.subject} have {english} {when}")
    return say(f"{where} 有 {what}", f"{who.subject} {'has' if who.person == 3 else 'have'} {english} {when}")


# Being ----------------------------------------------------------------------------------------------------------------


def identity(pick: Choices, who: Phrase) -> tuple[str, str]:
    """老师, a teacher; 中国人, Chinese; 我 的 朋友, my friend; 一 个 好 老师, a good teacher."""
    many_ = who.person == 4
    way = pick.below(10)
    if way < 4:
        chinese, english = pick.common(lex.PROFESSIONS)
        return chinese, f"{english}s" if many_ else article(english)
    if way < 6:
        country, _, nationality = pick.common(lex.COUNTRIES)
        return f"{country} 人", nationality
    if way == 6:
        place, _, _, english = pick.one([row for row in lex.PLACES if row[0] in ("北京", "上海", "广州", "伦敦")])
        return f"{place} 人", f"from {english}"
    chinese, english, plural = pick.common(lex.COUNTED_RELATIVES)
    while {gender(who), gender(phrase(chinese, english))} == {"male", "female"}:  # not: she is my brother
        chinese, english, plural = pick.common(lex.COUNTED_RELATIVES)
    owner, _, _, possessive, _ = pick.common(lex.PRONOUNS)
    while owner == who.words[0] or owner.removesuffix("们") == who.words[0].removesuffix("们"):
        owner, _, _, possessive, _ = pick.common(lex.PRONOUNS)
    if pick.chance(35):
        chinese, english, plural = "朋友", "friend", "friends"
    if way in (7, 8) and chinese in ("朋友", "学生", "老师"):
        degree, good = pick.one((("好", "good"), ("好", "good"), ("最 好 的", "best")))
        return f"{owner} {'的 ' if pick.chance(70) or owner == '你' else ''}{degree} {chinese}", f"{possessive} {good} {plural if many_ else english}"
    return f"{owner} {'的 ' if pick.chance(70) else ''}{chinese}", f"{possessive} {plural if many_ else english}"


def being_something(pick: Choices) -> Sentence:
    way = pick.below(9)
    who = somebody_asked_about(pick) if way in (1, 2) else several(pick) if way == 3 else somebody(pick)
    while PROFESSIONS & set(who.words) or who.words[-1] in RELATED and pick.chance(50):
        who = somebody_asked_about(pick) if way in (1, 2) else several(pick) if way == 3 else somebody(pick)
    chinese, what = identity(pick, who)
    verb = be(who.person)
    if way == 0:
        return say(f"{who.zh} 不 是 {chinese}", f"{who.subject} {verb} not {what}")
    if way == 1:
        return ask(f"{who.zh} 是 {chinese} 吗", f"{verb} {who.subject} {what}")
    if way == 2:
        return ask(f"{who.zh} 是 不 是 {chinese}", f"{verb} {who.subject} {what}")
    if way == 3:
        if "和" in who.words:
            return say(f"{who.zh} 是 {chinese}", f"{who.subject} are {what}")
        return say(f"{who.zh} 都 是 {chinese}", f"{who.subject} are all {what}")
    if way == 4:
        return say(f"{who.zh} 也 是 {chinese}", f"{who.subject} {verb} also {what}")
    return say(f"{who.zh} 是 {chinese}", f"{who.subject} {verb} {what}")


RELATED = frozenset(row[0] for row in lex.RELATIVES)


def called(pick: Choices) -> Sentence:
    """我 叫 小明, my name is Xiaoming; 我 姓 王, my surname is Wang."""
    chinese, _, _, possessive, _ = pick.common([row for row in lex.PRONOUNS if row[4] != 4])
    if pick.chance(50):
        relative, english = pick.common(lex.RELATIVES)
        chinese, possessive = f"{chinese} {relative}", f"{possessive} {english}'s"
    if pick.chance(25):
        surname, english = pick.one(lex.SURNAMES)
        return say(f"{chinese} 姓 {surname}", f"{possessive} surname is {english}")
    name, english = pick.one([row for row in lex.NAMES if " " not in row[0]])
    while {gender(phrase(chinese, "")), gender(phrase(name, ""))} == {"male", "female"}:  # not: her name is Tom
        name, english = pick.one([row for row in lex.NAMES if " " not in row[0]])
    if pick.chance(20):
        return say(f"{chinese} 的 名字 叫 {name}", f"{possessive} name is {english}")
    no, not_ = ("不 ", "not ") if pick.chance(15) else ("", "")
    return say(f"{chinese} {no}叫 {name}", f"{possessive} name is {not_}{english}")


def this_is(pick: Choices) -> Sentence:
    """这 是 我 的 书, this is my book; 那 是 我 妈妈; 这些 是."""
    chinese, english = pick.one((("这", "this"), ("那", "that")))
    way = pick.below(8)
    no, not_ = ("不 ", "not ") if way == 0 else ("", "")
    if way < 4:
        noun = pick.common(lex.NOUNS[pick.one(("thing", "text", "clothes", "pet"))])
        what = owned(pick, noun) if pick.chance(65) else described(pick, noun) if noun in lex.NOUNS["thing"] else counted(noun, lex.NUMBERS[0])
        if what.person == 4:
            english = {"this": "these", "that": "those"}[english]
            return say(f"{chinese} {no}是 {what.zh}", f"{english} are {not_}{what.object}")
    elif way < 6:
        what = somebody(pick)
        while what.words[0] in PRONOUNS and len(what.words) == 1 or what.person != 3 or what.words[0] in ("大家", "这", "那"):
            what = somebody(pick)
    else:
        table = lex.NOUNS[pick.one(("food", "drink", "thing", "language"))]
        noun = pick.common(table)
        what = phrase(noun[0], article(noun[1]) if noun[2] else noun[1])
    if pick.chance(20):
        return ask(f"{chinese} 是 {what.zh} 吗", f"is {english} {what.object}")
    return say(f"{chinese} {no}是 {what.zh}", f"{english} is {not_}{what.object}")


PRONOUNS = frozenset(row[0] for row in lex.PRONOUNS)


def whose(pick: Choices) -> Sentence:
    """这 本 书 是 我 的, this book is mine."""
    mine = [("我", "mine"), ("你", "yours"), ("他", "his"), ("她", "hers"), ("我们", "ours"), ("他们", "theirs")]
    owner, english = pick.one(mine)
    if pick.chance(40):
        relative, english = pick.common(lex.RELATIVES)
        owner, _, _, possessive, _ = pick.common(lex.PRONOUNS)
        owner, english = f"{owner} {relative}", f"{possessive} {english}'s"
    noun = pick.common([row for row in lex.NOUNS[pick.one(("thing", "text", "clothes"))] if row[2]])
    what = pointed(pick, noun)
    if pick.chance(20):
        return ask(f"{what.zh} 是 {owner} 的 吗", f"{be(what.person)} {what.subject} {english}")
    no, not_ = ("不 ", "not ") if pick.chance(20) else ("", "")
    return say(f"{what.zh} {no}是 {owner} 的", f"{what.subject} {be(what.person)} {not_}{english}")


# Qualities ------------------------------------------------------------------------------------------------------------


def feeling(pick: Choices) -> Sentence:
    """He is tired, is he clever, he was very sad yesterday: only moods have a time."""
    way = pick.below(11)
    who = somebody_asked_about(pick) if way in (1, 7) else several(pick) if way == 8 else somebody(pick)
    moods = way > 2 or pick.chance(40)
    chinese, english, _ = pick.common(lex.MOODS if moods and pick.chance(70) or way in (3, 4) else lex.TRAITS)
    verb = be(who.person)
    if way == 0:
        return say(f"{who.zh} 不 {chinese}", f"{who.subject} {verb} not {english}")
    if way == 1:
        return ask(f"{who.zh} {chinese} 吗", f"{verb} {who.subject} {english}")
    degree, how_ = degree_of(pick, chinese)
    if way == 3:
        time, when = pick.common(lex.PAST_TIMES)
        where = at(pick, who, time)
        return say(f"{where} {degree} {chinese}", f"{who.subject} {was(who.person)} {how_} {english} {when}")
    if way == 4:
        time, when = pick.one((("今天", "today"), ("现在", "now")))
        return say(f"{at(pick, who, time)} {degree} {chinese}", f"{who.subject} {verb} {how_} {english} {when}")
    if way == 5:
        chinese, english = pick.one(lex.BECOME)
        return say(f"{who.zh} {chinese} 了", f"{who.subject} {verb} {english}")
    if way == 6:
        return say(f"{who.zh} 也 很 {chinese}", f"{who.subject} {verb} also very {english}")
    if way == 7 and len(chinese) == 1:
        return ask(f"{who.zh} {chinese} 不 {chinese}", f"{verb} {who.subject} {english}")
    if way == 8 and "和" not in who.words:
        return say(f"{who.zh} 都 很 {chinese}", f"{who.subject} {verb} all very {english}")
    if way == 9 and chinese in lex.UNWELCOME:
        return say(f"{who.zh} 太 {chinese} 了", f"{who.subject} {verb} too {english}")
    return say(f"{who.zh} {degree} {chinese}", f"{who.subject} {verb} {how_} {english}")


def being_well(pick: Choices) -> Sentence:
    """我 很 好, I am very well; 你 妈妈 好 吗, how is your mother; 身体 怎么样."""
    way = pick.below(6)
    who = somebody_asked_about(pick) if way < 3 else somebody(pick)
    verb = be(who.person)
    if way < 2:
        return ask(f"{who.zh} {pick.one(('好 吗', '好 吗', '怎么样', '身体 好 吗', '身体 怎么样'))}", f"how {verb} {who.subject}")
    if way == 2:
        time, when = pick.one((("今天", "today"), ("现在", "now")))
        return ask(f"{at(pick, who, time)} 怎么样", f"how {verb} {who.subject} {when}")
    also, too = pick.one((("也 ", "also "), ("都 ", "all "), ("", ""), ("", "")))
    if also == "都 ":
        who = several(pick)
        while "和" in who.words:
            who = several(pick)
        verb = be(who.person)
    body = pick.one(("", "", "身体 "))
    return say(f"{who.zh} {body}{also}很 好", f"{who.subject} {verb} {too}very well")


def comparing(pick: Choices) -> Sentence:
    way = pick.below(10)
    if way < 3:
        return comparing_things(pick)
    who = somebody(pick)
    other = somebody_else(pick, who)
    chinese, english, comparative = pick.common((*lex.TRAITS, *lex.MOODS))
    if pick.chance(30):
        chinese, english, comparative = pick.one((("高", "tall", "taller"), ("大", "old", "older"), ("小", "young", "younger")))
    verb = be(who.person)
    if way == 3:
        return say(f"{who.zh} 没有 {other.zh} {chinese}", f"{who.subject} {verb} not as {english} as {other.object}")
    if way == 4:
        with_ = pick.one(("和", "跟"))
        return say(f"{who.zh} {with_} {other.zh} 一样 {chinese}", f"{who.subject} {verb} as {english} as {other.object}")
    if way == 5:
        digits, number = pick.one(lex.NUMBERS)
        years = "year" if digits == "一" else "years"
        age, older = pick.one((("大", "older"), ("小", "younger")))
        return say(f"{who.zh} 比 {other.zh} {age} {digits} 岁", f"{who.subject} {verb} {number} {years} {older} than {other.object}")
    if way == 6:
        much, english = pick.one((("一点儿", "a little"), ("一点", "a little"), ("得 多", "much")))
        return say(f"{who.zh} 比 {other.zh} {chinese} {much}", f"{who.subject} {verb} {english} {comparative} than {other.object}")
    if way == 7 and who.words not in (("我",), ("我们",)):
        return ask(f"{who.zh} 比 {other.zh} {chinese} 吗", f"{verb} {who.subject} {comparative} than {other.object}")
    return say(f"{who.zh} 比 {other.zh} {chinese}", f"{who.subject} {verb} {comparative} than {other.object}")


def comparing_things(pick: Choices) -> Sentence:
    """这 个 比 那 个 贵, this one is more expensive; 苹果 比 西瓜 便宜; 今天 比 昨天 热."""
    way = pick.below(4)
    chinese, _, comparative = pick.common(lex.THING_COMPARATIVES)
    if way == 0:
        chinese, _, comparative = pick.one(lex.WEATHER)
        first, second = pick.one((("今天", "昨天"), ("明天", "今天"), ("今天", "前天")))
        english = {"今天": "today", "昨天": "yesterday", "明天": "tomorrow", "前天": "the day before yesterday"}
        verb = "will be" if first == "明天" else "is"
        return say(f"{first} 比 {second} {chinese}", f"{english[first]} {verb} {comparative} than {english[second]}")
    noun = pick.common([row for row in lex.NOUNS[pick.one(("thing", "clothes", "text", "food"))] if row[2]])
    if way == 1:
        this = f"这 {noun[3]} {noun[0]}", f"this {noun[1]}"
        that = f"那 {noun[3]}{' ' + noun[0] if pick.chance(50) else ''}", f"that {noun[1]}"
        that = (that[0], that[1] if that[0].endswith(noun[0]) else "that one")
        return say(f"{this[0]} 比 {that[0]} {chinese}", f"{this[1]} is {comparative} than {that[1]}")
    mine, yours = owned(pick, noun), owned(pick, noun)
    while mine.subject.split()[0] == yours.subject.split()[0]:
        yours = owned(pick, noun)
    own = {"my": "mine", "your": "yours", "his": "his", "her": "hers", "our": "ours", "their": "theirs"}
    whose_ = own[yours.subject.split()[0]]
    verb = be(mine.person)
    return say(f"{mine.zh} 比 {yours.words[0]} 的 {chinese}", f"{mine.subject} {verb} {comparative} than {whose_}")


def described_thing(pick: Choices) -> tuple[Phrase, str]:
    """A thing that is pointed at or owned, and its class; 这 个 alone too."""
    kind = pick.common(("thing", "clothes", "text", "food", "vehicle", "drink"))
    noun = pick.common(lex.NOUNS[kind])
    way = pick.below(20)
    if way == 0 or kind in ("food", "drink") and way < 4:
        return phrase(*pick.one((("这 个", "this"), ("那 个", "that")))), kind
    if kind in ("food", "drink") and (way < 8 or not noun[3]):
        return phrase(noun[0], f"the {noun[2] or noun[1]}", 4 if noun[2] or noun[0] == "面条" else 3), kind
    if kind in ("food", "drink") or way < 10:
        return pointed(pick, noun), kind
    if way < 12:
        whose_, _, _, possessive, _ = pick.common(lex.PRONOUNS)
        relative, english = pick.common(lex.RELATIVES)
        many_ = noun[0] == "衣服"
        what = noun[2] if many_ else noun[1]
        return phrase(f"{whose_} {relative} 的 {noun[0]}", f"{possessive} {english}'s {what}", 4 if many_ else 3), kind
    return owned(pick, noun), kind


def quality(pick: Choices) -> Sentence:
    what, kind = described_thing(pick)
    verb = be(what.person)
    way = pick.below(9)
    if kind in lex.DESCRIBED and pick.chance(25):
        chinese, english = pick.one((*lex.COLOURS, *lex.SHORT_COLOURS, ("新", "new")))
        if way == 0:
            return say(f"{what.zh} 不 是 {chinese} 的", f"{what.subject} {verb} not {english}")
        if way == 1:
            return ask(f"{what.zh} 是 {chinese} 的 吗", f"{verb} {what.subject} {english}")
        return say(f"{what.zh} 是 {chinese} 的", f"{what.subject} {verb} {english}")
    tastes = lex.TASTES if kind == "food" else [("好喝", "delicious"), ("贵", "expensive"), ("热", "hot"), ("冷", "cold"), ("便宜", "cheap")]
    table = lex.TEXT_QUALITIES if kind == "text" else tastes if kind in ("food", "drink") else lex.ADJECTIVES
    chinese, english = pick.one(table)
    if way == 0:
        no = "没有 意思" if chinese == "有意思" else f"不 {chinese}"
        return say(f"{what.zh} {no}", f"{what.subject} {verb} not {english}")
    if way == 1:
        return ask(f"{what.zh} {chinese} 吗", f"{verb} {what.subject} {english}")
    if way == 2:
        doubled = f"{chinese} 不 {chinese}" if len(chinese) == 1 else f"{chinese} 吗"
        return ask(f"{what.zh} {doubled}", f"{verb} {what.subject} {english}")
    if way == 3 and chinese != "新":
        return say(f"{what.zh} 太 {chinese} 了", f"{what.subject} {verb} too {english}")
    if way == 4:
        return say(f"{what.zh} 也 很 {chinese}", f"{what.subject} {verb} also very {english}")
    degree, adverb = degree_of(pick, chinese)
    no, very = pick.one((("不 太 ", "not very"), (f"{degree} ", adverb), (f"{degree} ", adverb), (f"{degree} ", adverb)))
    return say(f"{what.zh} {no}{chinese}", f"{what.subject} {verb} {very} {english}")


HEALTH = [("运动", "sports are"), ("水果", "fruit is"), ("牛奶", "milk is"), ("茶", "tea is"), ("跑步", "running is"), ("游泳", "swimming is"),
          ("咖啡", "coffee is"), ("苹果", "apples are"), ("鸡蛋", "eggs are"), ("水", "water is"), ("啤酒", "beer is")]  # fmt: skip


def body(pick: Choices) -> Sentence:
    """她 的 眼睛 很 大, her eyes are very big; 他 对 我 很 好, he is very good to me; 对 身体 好."""
    who = somebody(pick)
    way = pick.below(3)
    if way == 0:
        other = somebody_else(pick, who)
        degree, very = pick.one((("很", "very"), ("非常", "extremely"), ("不", "not")))
        return say(f"{who.zh} 对 {other.zh} {degree} 好", f"{who.subject} {be(who.person)} {very} good to {other.object}")
    if way == 1:
        owner, _, _, possessive, _ = pick.common(lex.PRONOUNS)
        relative, english = pick.one((("", ""), pick.common(lex.RELATIVES)))
        whose_ = f"{owner} {relative}".strip(), f"{possessive} {english}'s" if english else possessive
        chinese, quality_ = pick.one((("大", "big"), ("漂亮", "beautiful"), ("小", "small"), ("好看", "beautiful")))
        degree, very = degree_of(pick, chinese)
        while very == "a little":
            degree, very = degree_of(pick, chinese)
        return say(f"{whose_[0]} 的 眼睛 {degree} {chinese}", f"{whose_[1]} eyes are {very} {quality_}")
    activity, english = pick.one(HEALTH)
    no, very = pick.one((("很 ", "very "), ("", ""), ("不 ", "not ")))
    return say(f"{activity} 对 身体 {no}好", f"{english} {very}good for the health")


def thinking(pick: Choices) -> Sentence:
    """我 觉得 这 本 书 很 好, I think this book is very good; 我 知道 他 是 谁; 希望."""
    who = somebody(pick)
    way = pick.below(9)
    if way < 5:
        while who.person == 2 or who.words == ("你们",):  # nobody tells you what you think
            who = somebody(pick)
        inner = pick.one((quality, quality, feeling, comparing))(pick)
        while inner[2] or len(inner[0]) > 6 or inner[0][:1] == who.words[:1]:
            inner = pick.one((quality, quality, feeling, comparing))(pick)
        chinese, think = pick.one((("觉得", "think"), ("觉得", "think"), ("知道", "know"), ("希望", "hope")))
        if chinese == "希望":
            inner = say(*pick.one((("明天 不 下雨", "it will not rain tomorrow"), ("你 喜欢", "you like it"), ("你 能 来", "you can come"),
                                   ("明天 天气 很 好", "the weather will be very good tomorrow"), ("你 快乐", "you are happy"))))  # fmt: skip
        return say(f"{who.zh} {chinese} {' '.join(inner[0])}", f"{who.subject} {third(think, who.person)} {inner[1]}")
    if way < 7:
        other = somebody_else(pick, who)
        verb = be(other.person)
        chinese, english = pick.one((
            ("在 哪儿", f"where {other.subject} {verb}"), ("是 谁", f"who {other.subject} {verb}"), ("去 哪儿", f"where {other.subject} {verb} going"),
            ("什么时候 来", f"when {other.subject} {third('come', other.person)}"), ("喜欢 什么", f"what {other.subject} {third('like', other.person)}"),
            ("在 哪里", f"where {other.subject} {verb}"), ("是 哪 国 人", f"which country {other.subject} {verb} from"),
            ("叫 什么 名字", f"what {other.subject} {verb} called"),
        ))  # fmt: skip
        no = pick.chance(60)
        know = f"{do(who.person)} not know" if no else third("know", who.person)
        return say(f"{who.zh} {'不 ' if no else ''}知道 {other.zh} {chinese}", f"{who.subject} {know} {english}")
    other = somebody_else(pick, who)
    if way == 7:
        no = pick.chance(40)
        know = f"{do(who.person)} not know" if no else third("know", who.person)
        return say(f"{who.zh} {'不 ' if no else ''}认识 {other.zh}", f"{who.subject} {know} {other.object}")
    who = somebody_asked_about(pick)
    other = somebody_else(pick, who)
    return ask(f"{who.zh} 认识 {other.zh} 吗", f"{do(who.person)} {who.subject} know {other.object}")


def third(base: str, person: int) -> str:
    return f"{base}s" if person == 3 else base


def knowing(pick: Choices) -> Sentence:
    """不 知道, 不 懂, 看见 了, 听见, 忘 了: short answers with a verb of the mind."""
    way = pick.below(8)
    who = somebody_asked_about(pick) if way in (1, 4) else somebody(pick)
    chinese, base = pick.one((("知道", "know"), ("懂", "understand")))
    if way == 0:
        return say(f"{who.zh} 不 {chinese}", f"{who.subject} {do(who.person)} not {base}")
    if way == 1:
        end = pick.one((" 吗", "", ""))
        doubled = chinese if end else f"{'知' if chinese == '知道' else '懂'} 不 {chinese}"
        return ask(f"{who.zh} {doubled}{end}", f"{do(who.person)} {who.subject} {base}")
    if way == 2:
        return say(f"{who.zh} {chinese}", f"{who.subject} {third(base, who.person)}")
    noun = pick.common(lex.NOUNS[pick.one(("portable", "pet", "clothes"))])
    other = somebody_else(pick, who) if pick.chance(60) else owned(pick, noun)
    if way == 3:
        return say(f"{who.zh} 看见 {other.zh} 了", f"{who.subject} saw {other.object}")
    if way == 4:
        return ask(f"{who.zh} 看见 {other.zh} 了 吗", f"did {who.subject} see {other.object}")
    if way == 5:
        return say(f"{who.zh} 没 看见 {other.zh}", f"{who.subject} did not see {other.object}")
    heard, english = pick.one((("听 懂 了", "understood"), ("看 懂 了", "understood what was written"), ("做 错 了", "did it wrong"),
                               ("写 错 了", "wrote it wrong"), ("说 错 了", "said it wrong"), ("听 错 了", "heard it wrong"),
                               ("没 听 懂", "did not understand"), ("说 对 了", "said it right"), ("笑 了", "laughed")))  # fmt: skip
    return say(f"{who.zh} {heard}", f"{who.subject} {english}")


