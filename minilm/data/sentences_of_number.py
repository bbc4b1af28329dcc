"""Sentences of the corpus with numbers: the time, the date, ages, prices, how many, how long."""

from minilm.data import lexicon as lex
from minilm.data import numbers
from minilm.data.choices import Choices
from minilm.data.noun_phrases import (
    Phrase,
    article,
    owned,
    owner,
    phrase,
    pointed,
    somebody,
    somebody_asked_about,
    vessel,
)
from minilm.data.sentences import Sentence, ask, at, say
from minilm.data.verb_phrases import be, do, going, have


def clock(pick: Choices, part: str = "") -> tuple[str, str]:
    """八 点, eight o'clock; 八 点 半, half past eight; 八 点 十 分, ten past eight; an hour of that part of the day."""
    first, number = HOURS.get(part, (1, 12))
    hour = first + pick.below(number)
    chinese = f"{numbers.counting(hour)} 点".replace("一 点", "一点")  # the word of 一点, a little: only its place tells
    english = numbers.english(hour)
    way = pick.below(10)
    if way < 2:
        return f"{chinese} 半", f"half past {english}"
    if way == 2:
        minutes = pick.one((5, 10, 20))
        return f"{chinese} {numbers.chinese(minutes)} 分", f"{numbers.english(minutes)} past {english}"
    return chinese, f"{english} o'clock"


HOURS = {"早上": (5, 4), "上午": (8, 4), "下午": (1, 6), "晚上": (6, 6)}  # the first, how many
PARTS_OF_DAY = [("早上", "in the morning"), ("上午", "in the morning"), ("下午", "in the afternoon"), ("晚上", "in the evening")]


def time_of_day(pick: Choices) -> Sentence:
    chinese, english = clock(pick)
    way = pick.below(6)
    if way == 0:
        part, when = pick.one(PARTS_OF_DAY)
        chinese, english = clock(pick, part)
        return say(f"现在 {part} {chinese}", f"it is {english} {when} now")
    if way == 1:
        return say(f"现在 {chinese} 了", f"it is already {english}")
    if way == 2:
        return ask(f"现在 {chinese} 吗", f"is it {english} now")
    return say(f"现在 {pick.one(('', '', '是 '))}{chinese}", f"it is {english} now")


def at_a_time(pick: Choices) -> Sentence:
    """我 七 点 起床, I get up at seven o'clock."""
    chinese, english = clock(pick)
    act, base, third, past, _, _ = pick.common(lex.EVENTS)
    way = pick.below(7)
    who = somebody_asked_about(pick) if way == 0 else somebody(pick)
    now = third if who.person == 3 else base
    if way == 0:
        return ask(f"{who.zh} {chinese} {act} 吗", f"{do(who.person)} {who.subject} {base} at {english}")
    if way == 1:
        day, when = pick.one((("昨天", "yesterday"), ("昨天", "yesterday"), ("昨天 下午", "yesterday afternoon")))
        if day != "昨天":
            chinese, english = clock(pick, "下午")
            act, past = pick.one((("工作", "worked"), ("上课", "had class"), ("回 家", "went home"), ("吃饭", "ate")))
        return say(f"{at(pick, who, day)} {chinese} {act}", f"{who.subject} {past} at {english} {when}")
    if way == 2:
        day, when = pick.one((("明天", "tomorrow"), ("明天", "tomorrow"), ("明天 早上", "tomorrow morning")))
        chinese, english = clock(pick, "早上") if day != "明天" else (chinese, english)
        return say(f"{at(pick, who, day)} {chinese} {act}", f"{who.subject} will {base} at {english} {when}")
    if way == 3:
        part, when = pick.one(PARTS_OF_DAY)
        chinese, english = clock(pick, part)
        return say(f"{at(pick, who, part)} {chinese} {act}", f"{who.subject} {now} at {english} {when}")
    if way == 4:
        return say(f"{at(pick, who, '每天')} {chinese} {act}", f"{who.subject} {now} at {english} every day")
    if way == 5:
        what, what_english = pick.one((("电影", "the film"), ("考试", "the exam"), ("比赛", "the match"), ("课", "the class")))
        return say(f"{what} {chinese} 开始", f"{what_english} starts at {english}")
    return say(f"{who.zh} {chinese} {act}", f"{who.subject} {now} at {english}")


DAYS = [("今天", "today", "is"), ("明天", "tomorrow", "is"), ("昨天", "yesterday", "was"), ("后天", "the day after tomorrow", "is")]


def date(pick: Choices) -> Sentence:
    """今天 是 星期一; 三 月 五 号, the fifth of March; 今天 星期 几, 几 月 几 号."""
    day, english, verb = pick.common(DAYS)
    is_ = pick.one(("是 ", "是 ", ""))
    way = pick.below(12)
    if way < 3:
        name, weekday = pick.one(lex.DAYS)
        return say(f"{day} {is_}{name}", f"{english} {verb} {weekday}")
    if way == 3:
        name, weekday = pick.one(lex.DAYS)
        if pick.chance(50):
            return say(f"{day} 不 是 {name}", f"{english} {verb} not {weekday}")
        return ask(f"{day} 是 {name} 吗", f"{verb} {english} {weekday}")
    if way == 4:
        return ask(f"{day} {is_}星期 几", f"what day {verb} it {english}")
    if way == 5:
        return ask(f"{day} {is_}几 月 几 号" if pick.chance(50) else f"{day} {is_}几 号", f"what is the date {english}" if verb == "is" else
                   f"what was the date {english}")  # fmt: skip
    month, number = 1 + pick.below(12), 1 + pick.below(31)
    while number == 31 and month in (2, 4, 6, 9, 11) or number == 30 and month == 2:
        number -= 1
    chinese = f"{numbers.chinese(month)} 月 {numbers.chinese(number)} {pick.one(('号', '号', '日'))}"
    text = f"the {numbers.ordinal(number)} of {lex.MONTHS[month - 1]}"
    whose, possessive = owner(pick)
    if pick.chance(40):
        relative, of = pick.common(lex.RELATIVES)
        whose, possessive = f"{whose} {relative}", f"{possessive} {of}'s"
    if way == 6:
        return say(f"{whose} 的 生日 是 {chinese}", f"{possessive} birthday is on {text}")
    if way == 7:
        asked = pick.one(("什么时候", "几 月 几 号", "哪 天"))
        return ask(f"{whose} 的 生日 是 {asked}", f"when is {possessive} birthday")
    if way == 8:
        be_day = pick.one([row for row in DAYS if row[0] in ("今天", "明天", "昨天")])
        return say(f"{be_day[0]} 是 {whose} 的 生日", f"{be_day[1]} {be_day[2]} {possessive} birthday")
    return say(f"{day} {is_}{chinese}", f"{english} {verb} {text}")


def on_a_day(pick: Choices) -> Sentence:
    """星期六 我们 去 学校: what one does on a day of the week, or in a month of the year."""
    who = somebody(pick)
    act = going(pick, who)
    name, day = pick.one(lex.DAYS)
    chinese = " ".join(act.words())
    if pick.chance(30):
        this, when = pick.one((("这 个", "this"), ("下", "next")))
        return say(f"{at(pick, who, f'{this} {name}')} {chinese}", f"{who.subject} will {act.say('base')} {when} {day}")
    if pick.chance(40):
        return say(f"{at(pick, who, f'每 个 {name}')} 都 {chinese}", f"{who.subject} {act.now(who.person)} every {day}")
    return say(f"{at(pick, who, name)} {chinese}", f"{who.subject} {act.now(who.person)} on {day}s")


def age(pick: Choices) -> Sentence:
    way = pick.below(9)
    who = somebody_asked_about(pick) if way < 3 else somebody(pick)
    while who.person == 4 or who.words[0] == "大家":
        who = somebody_asked_about(pick)
    verb = be(who.person)
    if way < 3:
        return ask(f"{who.zh} {pick.one(('几 岁', '多 大', '几 岁 了', '多 大 了', '今年 多 大'))}", f"how old {verb} {who.subject}")
    number = 2 + pick.below(80) if pick.chance(70) else pick.one((20, 18, 30, 10, 25, 40, 50, 5, 8))
    chinese, years = numbers.counting(number), f"{numbers.english(number)} years old"
    this, when = pick.one((("今年 ", " this year"), ("", ""), ("", "")))
    if way == 3:
        return say(f"{who.zh} {this}{chinese} 岁 了", f"{who.subject} {verb} already {years}{when}")
    return say(f"{who.zh} {this}{chinese} 岁", f"{who.subject} {verb} {years}{when}")


def price_number(pick: Choices) -> int:
    way = pick.below(10)
    if way < 5:
        return 2 + pick.below(29)
    if way < 7:
        return 30 + pick.below(70)
    return pick.one((100, 200, 300, 500, 800, 150, 120, 250, 1000, 2000, 3000, 5000, 600, 105, 400, 8000, 101, 102, 103, 108, 205, 306))


def price(pick: Choices) -> Sentence:
    """多少 钱, how much; 十 块 钱, ten yuan."""
    kind = pick.common(("food", "clothes", "thing", "text", "drink"))
    noun = pick.common(lex.NOUNS[kind])
    way = pick.below(12)
    many = bool(noun[2])
    if way == 0 and many:
        return ask(f"{noun[0]} 多少 钱 一 {noun[3]}", f"how much is one {noun[1]}")
    if way == 1:
        return ask(f"{noun[0]} 怎么 卖", f"what do the {noun[2]} cost" if many else f"what does the {noun[1]} cost")
    if way < 4:
        return ask(f"{noun[0]} 多少 钱", f"how much {'are' if many or noun[0] == '面条' else 'is'} the {noun[2] or noun[1]}")
    if way == 4:
        this = pick.one((("这 个", "is this"), ("那 个", "is that"), ("这些", "are these"), ("一共", "is it altogether"), ("这", "is this")))
        return ask(f"{this[0]} 多少 钱", f"how much {this[1]}")
    it = pointed(pick, noun) if noun[3] and pick.chance(60) else owned(pick, noun)
    while it.words[0].startswith(("我", "你")) and way < 7:
        it = owned(pick, noun)
    if way < 7:
        return ask(f"{it.zh} 多少 钱", f"how much {be(it.person)} {it.subject}")
    number = price_number(pick)
    money = f"{numbers.counting(number)} 块{pick.one((' 钱', '', ' 钱'))}"
    yuan = f"{numbers.english(number)} yuan"
    if way < 9 and noun[3]:
        unit = f"一 {noun[3]} {noun[0]}"
        text = article(noun[1]) if many else article(vessel(noun)[0])
        return say(f"{unit} {money}", f"{text} costs {yuan}")
    if way == 9:
        who = somebody(pick)
        return say(f"{who.zh} 有 {money}", f"{who.subject} {have(who.person)} {yuan}")
    if way == 10:
        return say(f"{pick.one(('这 个', '这'))} {money}", f"this costs {yuan}")
    if noun[3]:
        it = pointed(pick, noun)
    return say(f"{it.zh} {money}", f"{it.subject} {'cost' if it.person == 4 else 'costs'} {yuan}")


def how_many(pick: Choices) -> Sentence:
    """几 个 孩子, how many children; 多少 学生."""
    who = somebody_asked_about(pick)
    helper = do(who.person)
    way = pick.below(6)
    if way < 3 and pick.chance(70):
        chinese, _, plural = pick.common(lex.COUNTED_RELATIVES)
        measure = "个"
    else:
        noun = pick.common([row for row in lex.NOUNS[pick.one(("text", "thing", "clothes", "pet", "food"))] if row[2] and row[0] != "衣服"])
        chinese, _, plural, measure = noun
    number = pick.one((f"几 {measure}", f"几 {measure}", "多少", f"多少 {measure}"))
    if way < 3:
        return ask(f"{who.zh} 有 {number} {chinese}", f"how many {plural} {helper} {who.subject} have")
    if way == 3:
        place, where, _, _ = pick.common([row for row in lex.PLACES if row[3]])
        people, english = pick.one((("人", "people"), ("学生", "students"), ("老师", "teachers"), ("孩子", "children")))
        some = pick.one(("多少", "几 个", "多少"))
        inside = "" if place in lex.CITIES else " 里"
        return ask(f"{place}{inside} 有 {some} {people}", f"how many {english} are there {where}")
    if way == 4:
        verb, base = pick.one((("想 买", "want to buy"), ("买", "buy"), ("要", "want"), ("要 买", "want to buy")))
        return ask(f"{who.zh} {verb} {number} {chinese}", f"how many {plural} {helper} {who.subject} {base}")
    return ask(f"{who.zh} 买 了 {number} {chinese}", f"how many {plural} did {who.subject} buy")


def family(pick: Choices) -> Sentence:
    """我 家 有 四 口 人, there are four people in my family."""
    whose, possessive = owner(pick)
    if pick.chance(35):
        return ask(f"{whose} 家 有 {pick.one(('几 口', '几 口', '几 个', '多少'))} 人", f"how many people are there in {possessive} family")
    number = 2 + pick.below(9)
    return say(f"{whose} 家 有 {numbers.counting(number)} {pick.one(('口', '口', '个'))} 人",
               f"there are {numbers.english(number)} people in {possessive} family")  # fmt: skip


SPENDING = [("学 了", "studied", "study", "汉语", " Chinese"), ("工作 了", "worked", "work", "", ""), ("睡 了", "slept", "sleep", "", ""),
            ("等 了", "waited", "wait", "", ""), ("看 了", "read", "read", "书", ""), ("学习 了", "studied", "study", "", "")]  # fmt: skip
UNITS = [("小时", "hour", "个 "), ("分钟", "minute", ""), ("天", "day", ""), ("年", "year", ""), ("月", "month", "个 "), ("星期", "week", "个 ")]


def how_long(pick: Choices) -> Sentence:
    """睡 了 八 个 小时, slept for eight hours; 多 长 时间, how long."""
    way = pick.below(5)
    who = somebody_asked_about(pick) if way == 0 else somebody(pick)
    chinese, past, base, rest, text = pick.one(SPENDING)
    unit, english, measure = pick.one(UNITS)
    if way == 0:
        return ask(f"{who.zh} {chinese} 多 长 时间 {rest}", f"how long did {who.subject} {base}{text}")
    number = pick.one((1, 1, 20, *range(2, 11)))
    duration = f"{numbers.counting(number)} {measure}{unit}"
    length = f"{numbers.english(number)} {english}{'s' if number > 1 else ''}"
    if way == 1 and unit in ("小时", "分钟"):
        verb, *forms = pick.one(DAILY)
        now = forms[who.person == 3]
        return say(f"{who.zh} 每天 {verb} {duration}", f"{who.subject} {now} for {length} every day")
    if way == 2:
        place, where, *_ = pick.common([row for row in lex.PLACES if row[0] in lex.CITIES])
        unit, english, measure = pick.one(UNITS[2:])
        duration = f"{numbers.counting(number)} {measure}{unit}"
        length = f"{numbers.english(number)} {english}{'s' if number > 1 else ''}"
        return say(f"{who.zh} 在 {place} 住 了 {duration}", f"{who.subject} lived {where} for {length}")
    return say(f"{who.zh} {chinese} {duration} {rest}", f"{who.subject} {past}{text} for {length}")


DAILY = [("休息", "rest", "rests"), ("工作", "work", "works"), ("学习", "study", "studies"), ("运动", "exercise", "exercises"),
         ("睡", "sleep", "sleeps")]  # fmt: skip


def ordinal(pick: Choices) -> Sentence:
    """第 一 次 去 中国, for the first time; 第 二 个 问题, the second question; 住 在 三 零 二."""
    number = 1 + pick.below(10)
    chinese, english = numbers.chinese(number), numbers.ordinal(number)
    way = pick.below(3)
    if way == 0:
        who = somebody(pick)
        act = going(pick, who)
        return say(f"{who.zh} 第 {chinese} 次 {' '.join(act.words())}", f"{who.subject} {act.now(who.person)} for the {english} time")
    measure, noun, text = pick.one((("个", "问题", "question"), ("本", "书", "book"), ("个", "题", "exercise"), ("个", "人", "person"),
                                    ("个", "房间", "room"), ("个", "字", "character"), ("课", "", "lesson"), ("个", "孩子", "child")))  # fmt: skip
    if way == 1:
        who = phrase(f"第 {chinese} {measure} {noun}", f"the {english} {text}")
        text = text if text not in ("exercise", "character", "lesson") else "question"
        quality, adjective = pick.one(ASPECTS.get(text, (("难", "difficult"), ("好", "good"), ("长", "long"))))
        return very(pick, who, quality, adjective)
    is_ = pick.one((("这 是", "this is"), ("那 是", "that is")))
    return say(f"{is_[0]} 第 {chinese} {measure} {noun}", f"{is_[1]} the {english} {text}")


ASPECTS = {"person": [("高", "tall"), ("好", "good")], "child": [("高", "tall"), ("漂亮", "beautiful")], "room": [("大", "big"), ("小", "small")]}


def very(pick: Choices, who: Phrase, chinese: str, english: str) -> Sentence:
    degree, adverb = pick.one((("很", "very"), ("不", "not"), ("真", "really"), ("太", "too")))
    end = " 了" if degree == "太" else ""
    return say(f"{who.zh} {degree} {chinese}{end}", f"{who.subject} is {adverb} {english}")
