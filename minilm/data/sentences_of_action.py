"""Sentences of the corpus in which somebody does something: tenses, 了 过 着 在, modal verbs, requests."""

from dataclasses import replace

from minilm.data import lexicon as lex
from minilm.data.choices import Choices
from minilm.data.noun_phrases import (
    Phrase,
    counted,
    several,
    somebody,
    somebody_asked_about,
    somebody_else,
    thing,
)
from minilm.data.sentences import Sentence, ask, at, say
from minilm.data.verb_phrases import action, alone, be, do, going, have, sitting

YOU = Phrase(("你",), "you", "you", 2)
WE = Phrase(("我们",), "we", "us", 4)


def zh(act, *marker: str) -> str:
    return " ".join(act.words(*marker))


def habit(pick: Choices) -> Sentence:
    who = somebody(pick)
    act = action(pick, who)
    way = pick.below(3)
    if way == 0:
        time, when = pick.one(lex.HABIT_TIMES)
        return say(f"{at(pick, who, time)} {zh(act)}", f"{who.subject} {act.now(who.person)} {when}")
    if way == 1:
        often, english = pick.one(lex.FREQUENCIES)
        return say(f"{who.zh} {often} {zh(act)}", f"{who.subject} {english} {act.now(who.person)}")
    return say(f"{who.zh} {zh(act)}", f"{who.subject} {act.now(who.person)}")


def not_habit(pick: Choices) -> Sentence:
    who = somebody(pick)
    act = action(pick, who)
    also, english = pick.one((("也 ", "also "), ("", ""), ("", "")))
    return say(f"{who.zh} {also}不 {zh(act)}", f"{who.subject} {english}{do(who.person)} not {act.say('base')}")


def ask_habit(pick: Choices) -> Sentence:
    who = somebody_asked_about(pick)
    act = action(pick, who)
    return ask(f"{who.zh} {zh(act)} 吗", f"{do(who.person)} {who.subject} {act.say('base')}")


def past(pick: Choices) -> Sentence:
    """昨天 买 了, 昨天 没 买; without a time 买 了 is the past too."""
    way = pick.below(6)
    who = somebody_asked_about(pick) if way == 1 else somebody(pick)
    act = action(pick, who)
    time, when = pick.common(lex.PAST_TIMES)
    no = pick.one(("没有", "没"))
    if way == 0:
        return say(f"{at(pick, who, time)} {no} {zh(act)}", f"{who.subject} did not {act.say('base')} {when}")
    if way == 1:
        return ask(f"{at(pick, who, time)} {zh(act, '了')} 吗", f"did {who.subject} {act.say('base')} {when}")
    if way == 2:
        return say(f"{who.zh} {no} {zh(act)}", f"{who.subject} did not {act.say('base')}")
    if way == 3 and act.after and act.verb not in ("去", "来", "回"):
        return say(f"{who.zh} {zh(act, '了')}", f"{who.subject} {act.say('past')}")
    return say(f"{at(pick, who, time)} {zh(act, '了')}", f"{who.subject} {act.say('past')} {when}")


def future(pick: Choices) -> Sentence:
    """With a time of the future 会, 要 and the verb alone are all "will"."""
    way = pick.below(5)
    who = somebody_asked_about(pick) if way == 1 else somebody(pick)
    act = action(pick, who)
    time, when = pick.common(lex.FUTURE_TIMES)
    will = pick.one(("会 ", "会 ", "要 ", ""))
    if way == 0:
        no = "不 会" if pick.chance(60) else "不"
        return say(f"{at(pick, who, time)} {no} {zh(act)}", f"{who.subject} will not {act.say('base')} {when}")
    if way == 1:
        return ask(f"{at(pick, who, time)} {will}{zh(act)} 吗", f"will {who.subject} {act.say('base')} {when}")
    return say(f"{at(pick, who, time)} {will}{zh(act)}", f"{who.subject} will {act.say('base')} {when}")


def today(pick: Choices) -> Sentence:
    """今天 不 工作, is not working today."""
    way = pick.below(4)
    who = somebody_asked_about(pick) if way == 1 else somebody(pick)
    act = action(pick, who, frozenset(("穿", "拿", "生病")))
    where = at(pick, who, "今天")
    if way == 0:
        return say(f"{where} 不 {zh(act)}", f"{who.subject} {be(who.person)} not {act.say('ing')} today")
    if way == 1:
        return ask(f"{where} {zh(act)} 吗", f"{be(who.person)} {who.subject} {act.say('ing')} today")
    return say(f"{where} {zh(act)}", f"{who.subject} {be(who.person)} {act.say('ing')} today")


def progress(pick: Choices) -> Sentence:
    way = pick.below(10)
    who = somebody_asked_about(pick) if way < 2 else somebody(pick)
    act = alone(pick, who) if pick.chance(40) else action(pick, who, lex.NOT_IN_PROGRESS)
    now, still = pick.one((("正在", ""), ("正在", ""), ("在", ""), ("在", ""), ("还 在", "still ")))
    words = act.words()
    if words[0] == "在":  # 正在 already says 在; 在 alone would say where and no more
        now, still = ("正在", "") if now == "在" else (now, still)
        words = words[1:]
    doing = " ".join(words)
    if way < 2:
        return ask(f"{who.zh} {now} {doing} 吗", f"{be(who.person)} {who.subject} {still}{act.say('ing')}")
    if way == 2 and act.before[:1] != ("在",):
        return say(f"{who.zh} 没 在 {doing}", f"{who.subject} {be(who.person)} not {act.say('ing')}")
    end = " 呢" if pick.chance(15) else ""
    return say(f"{who.zh} {now} {doing}{end}", f"{who.subject} {be(who.person)} {still}{act.say('ing')}")


def experience(pick: Choices) -> Sentence:
    who = somebody(pick)
    act = action(pick, who, lex.SEPARABLE)  # 睡过觉, not 睡觉过: left out
    way = pick.below(5)
    if act.verb in ("来", "去", "回", "走", "出去", "回来") and "been" not in act.forms:
        return experience(pick)
    if way == 0:
        no = pick.one(("没有", "没"))
        return say(f"{who.zh} {no} {zh(act, '过')}", f"{who.subject} {have(who.person)} not {act.say('participle')}")
    if way == 1:
        who = somebody_asked_about(pick)
        return ask(f"{who.zh} {zh(act, '过')} 吗", f"{have(who.person)} {who.subject} {act.say('participle')}")
    if way == 2 and act.verb == "去" and not act.before:
        digits, times = pick.one((("一", "once"), ("两", "twice"), ("三", "three times"), ("四", "four times")))
        place, to = pick.common(lex.DESTINATIONS)
        return say(f"{who.zh} 去 过 {digits} 次 {place}", f"{who.subject} {have(who.person)} been {to} {times}")
    return say(f"{who.zh} {zh(act, '过')}", f"{who.subject} {have(who.person)} {act.say('participle')}")


LATELY = [  # Chinese, participle: done by now, or not yet
    ("吃饭", "eaten"), ("走", "left"), ("起床", "got up"), ("回 家", "gone home"), ("睡觉", "gone to sleep"), ("来", "come"),
    ("去 学校", "gone to school"), ("下课", "finished class"), ("回来", "come back"), ("上班", "gone to work"),
    ("去 医院", "gone to the hospital"), ("吃 早饭", "had breakfast"), ("吃 晚饭", "had dinner"), ("做 晚饭", "cooked dinner"),
    ("吃", "eaten"), ("开始 工作", "started work"), ("吃 药", "taken the medicine"), ("出去", "gone out"),
    ("去 中国", "gone to China"), ("去 北京", "gone to Beijing"), ("去 商店", "gone to the shop"),
    ("去 机场", "gone to the airport"), ("到 家", "arrived home"), ("到 学校", "arrived at school"), ("准备 好", "got ready"),
    ("到 北京", "arrived in Beijing"), ("做 完", "finished"), ("去 火车站", "gone to the railway station"),
    ("买 票", "bought the ticket"),
]  # fmt: skip


def by_now(pick: Choices) -> Sentence:
    """已经 吃 了, has already eaten; 还 没 吃, has not eaten yet; 吃 了 吗, has he eaten."""
    way = pick.below(6)
    who = somebody_asked_about(pick) if way in (2, 3) else somebody(pick)
    if pick.chance(15):
        verb, english, kind = pick.one(lex.FINISHED)
        what = thing(pick, kind, several=False)
        chinese, done = f"{verb} 完 {what.zh}", f"finished {english} {what.object}"
        marked = f"{verb} 完 了 {what.zh}" if pick.chance(60) else f"{verb} 完 {what.zh} 了"
    else:
        chinese, done = pick.one(LATELY)
        marked = f"{chinese} 了"
    has = have(who.person)
    if way < 2:
        return say(f"{who.zh} 已经 {marked}", f"{who.subject} {has} already {done}")
    if way == 2:
        return ask(f"{who.zh} {marked} 吗", f"{has} {who.subject} {done}")
    if way == 3:
        return ask(f"{who.zh} {marked} 没有", f"{has} {who.subject} {done} yet")
    if way == 4:
        return say(f"{who.zh} 还 没{pick.one(('', ' ', '有'))} {chinese}", f"{who.subject} {has} not {done} yet")
    return say(f"{who.zh} {marked}", f"{who.subject} {has} {done}")


def modal(pick: Choices) -> Sentence:
    chinese, base, third, negative, third_negative = pick.common(lex.MODALS)
    way = pick.below(5)
    wants = base.endswith(" to")  # a full verb, asked about with "do"
    who = somebody_asked_about(pick) if way in (1, 4) and wants else somebody(pick)
    act = sitting(pick, who) if pick.chance(8) else action(pick, who, frozenset(("生病",)))
    if pick.chance(18) and chinese != "要":  # with a time 要 is "will"
        time, when = pick.common((("今天", "today"), ("明天", "tomorrow"), ("现在", "now"), *lex.FUTURE_TIMES[1:6]))
        who = replace(who, words=tuple(at(pick, who, time).split()))
        act = replace(act, tail=f"{act.tail} {when}".strip())
    if way == 0 and negative:
        english = third_negative if who.person == 3 else negative
        return say(f"{who.zh} 不 {chinese} {zh(act)}", f"{who.subject} {english} {act.say('base')}")
    asked = f"{do(who.person)} {who.subject} {base}" if wants else f"{base} {who.subject}"
    if way == 1:
        return ask(f"{who.zh} {chinese} {zh(act)} 吗", f"{asked} {act.say('base')}")
    if way == 4 and chinese in ("想", "能", "要", "可以"):
        doubled = f"{chinese} 不 {chinese}" if chinese != "可以" else "可 不 可以"
        return ask(f"{who.zh} {doubled} {zh(act)}", f"{asked} {act.say('base')}")
    also, too = pick.one((("也 ", "also "), *[("", "")] * 5))
    english = third if who.person == 3 else base
    if base.endswith(" to"):
        return say(f"{who.zh} {also}{chinese} {zh(act)}", f"{who.subject} {too}{english} {act.say('base')}")
    return say(f"{who.zh} {also}{chinese} {zh(act)}", f"{who.subject} {english} {too}{act.say('base')}")


def skill(pick: Choices) -> Sentence:
    """会 without a time is what one has learnt: 会 游泳, can swim."""
    way = pick.below(6)
    chinese, base = pick.common(lex.SKILLS)
    who = somebody_asked_about(pick) if way in (1, 4) else somebody(pick)
    if way == 0:
        return say(f"{who.zh} 不 会 {chinese}", f"{who.subject} cannot {base}")
    if way == 1:
        return ask(f"{who.zh} 会 {chinese} 吗", f"can {who.subject} {base}")
    if way == 4:
        return ask(f"{who.zh} 会 不 会 {chinese}", f"can {who.subject} {base}")
    if way == 5:
        language, english, *_ = pick.one(lex.NOUNS["language"])
        little = pick.one(("一点儿", "一点"))
        return say(f"{who.zh} 会 说 {little} {language}", f"{who.subject} can speak a little {english}")
    also, too = pick.one((("也 ", "also "), ("都 ", "all "), *[("", "")] * 4))
    if too == "all ":
        who = several(pick)
    return say(f"{who.zh} {also}会 {chinese}", f"{who.subject} can {too}{base}")


def all_of_us(pick: Choices) -> Sentence:
    """我们 都 喜欢 音乐, we all like music; of two, both."""
    who = several(pick)
    act = action(pick, who)
    way = pick.below(6)
    if way == 0:
        return say(f"大家 都 {zh(act)}", f"everyone {act.now(3)}")
    if way == 1 and len(who.words) == 1:
        return say(f"{who.zh} 都 不 {zh(act)}", f"none of {who.object} {act.now(3)}")
    if way == 2:
        often, english = pick.one((("也 ", "also"), ("不 ", "do not"), ("想 ", "want to"), ("常常 ", "often")))
        return say(f"{who.zh} {often}{zh(act)}", f"{who.subject} {english} {act.say('base')}")
    if "和" in who.words:
        return say(f"{who.zh} {zh(act)}", f"{who.subject} {act.now(4)}")
    return say(f"{who.zh} 都 {zh(act)}", f"{who.subject} all {act.now(4)}")


def leaving_home(pick: Choices) -> Sentence:
    """Who goes where, with whom: the commonest of all verbs."""
    who = several(pick) if pick.chance(50) else somebody(pick)
    act = going(pick, who)
    return say(f"{who.zh} {zh(act)}", f"{who.subject} {act.now(who.person)}")


def request(pick: Choices) -> Sentence:
    """请 坐, 别 说话, 我们 走 吧, 请 给 我 一 杯 水."""
    way = pick.below(9)
    if way == 8:
        way = 3
    if way < 2:
        kind = pick.one(("food", "drink", "drink", "portable", "reading", "clothes"))
        noun = pick.common(lex.NOUNS[kind])
        what = counted(noun, pick.common(lex.NUMBERS)) if noun[3] else Phrase((noun[0],), noun[1], noun[1])
        whom = pick.one((("我", "me"), ("我", "me"), ("我们", "us"), ("他", "him"), ("她", "her")))
        please = pick.one((("请 给", "please give"), ("请 给", "please give"), ("给", "give")))
        return say(f"{please[0]} {whom[0]} {what.zh}", f"{please[1]} {whom[1]} {what.object}")
    if way == 2:
        act = action(pick, WE, frozenset(("生病",)))
        base = "go" if act.verb == "走" and not act.before else act.say("base")
        return say(f"我们 {zh(act)} 吧", f"let us {base}")
    if way == 3 and pick.chance(50):
        again, english = pick.one((("说", "say it"), ("写", "write it"), ("读", "read it"), ("来", "come"), ("做", "do it")))
        chinese, text = pick.one((("请 ", "please "), ("", "")))
        return say(f"{chinese}再 {again} 一 次", f"{text}{english} again")
    if way == 3:
        base, chinese = pick.one((("look", "看"), ("listen", "听"), ("wait", "等"), ("rest", "休息"), ("think", "想")))
        end, moment = ("我", "for me ") if chinese == "等" and pick.chance(50) else ("", "")
        please = pick.one((("请 ", "please "), ("", "")))
        time = "a moment" if base == "wait" and not end else "for a moment"
        return say(f"{please[0]}{chinese} {end} 一下", f"{please[1]}{base} {moment}{time}")
    act = sitting(pick, YOU) if pick.chance(12) else action(pick, YOU, lex.NOT_REQUESTED)
    if way < 6:
        return say(f"请 {zh(act)}", f"please {act.say('base')}")
    not_ = pick.one(("不 要", "别", "请 不 要", "请 别"))
    politely = "please " if not_.startswith("请") else ""
    return say(f"{not_} {zh(act)}", f"{politely}do not {act.say('base')}")


def letting(pick: Choices) -> Sentence:
    """老师 让 我们 看书, the teacher asks us to read; 帮 我 买, help me buy."""
    who = somebody(pick)
    whom = somebody_else(pick, who)
    act = action(pick, whom)
    if pick.chance(60):
        no, lets = pick.one((("", "asks" if who.person == 3 else "ask"), ("不 ", f"{do(who.person)} not let")))
        to = "to " if not no else ""
        return say(f"{who.zh} {no}让 {whom.zh} {zh(act)}", f"{who.subject} {lets} {whom.object} {to}{act.say('base')}")
    helps = "helps" if who.person == 3 else "help"
    return say(f"{who.zh} 帮 {whom.zh} {zh(act)}", f"{who.subject} {helps} {whom.object} {act.say('base')}")
