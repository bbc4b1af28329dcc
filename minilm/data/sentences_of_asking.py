"""Questions of the corpus with a word that asks: 什么 谁 哪儿 怎么 为什么 什么时候 几 多少 哪, and 还是."""

from minilm.data import lexicon as lex
from minilm.data.choices import Choices
from minilm.data.noun_phrases import (
    Phrase,
    bare,
    owned,
    owner,
    phrase,
    pointed,
    somebody_asked_about,
)
from minilm.data.sentences import Sentence, ask, at
from minilm.data.sentences_of_action import zh
from minilm.data.verb_phrases import action, be, do, going

NOBODY = Phrase((), "", "")
WHERE = ("哪儿", "哪里")


def who(pick: Choices) -> Sentence:
    """谁 喝 茶, who drinks tea; 他 是 谁, who is he; 和 谁, with whom."""
    way = pick.below(6)
    if way < 2:
        act = action(pick, NOBODY)
        wants = pick.one((("", ""), ("", ""), ("想 ", "wants to "), ("能 ", "can "), ("要 ", "wants to ")))
        verb = act.say("base") if wants[0] else act.say("third")
        return ask(f"谁 {wants[0]}{zh(act)}", f"who {wants[1]}{verb}")
    someone = somebody_asked_about(pick)
    verb = be(someone.person)
    if way == 2:
        return ask(f"{someone.zh} 是 谁", f"who {verb} {someone.subject}")
    if way == 3:
        if someone.words[-1] in PRONOUNS:
            return ask(f"{someone.zh} 是 谁", f"who {verb} {someone.subject}")
        return ask(f"谁 是 {someone.zh}", f"who {verb} {someone.object}")
    if way == 4:
        base, chinese = pick.one((("like", "喜欢"), ("love", "爱"), ("look for", "找"), ("wait for", "等"), ("know", "认识")))
        asked = f"who {do(someone.person)} {someone.subject} {base}"
        if chinese in ("找", "等"):
            base = {"找": "looking for", "等": "waiting for"}[chinese]
            return ask(f"{someone.zh} {pick.one(('', '在 '))}{chinese} 谁", f"who {verb} {someone.subject} {base}")
        return ask(f"{someone.zh} {chinese} 谁", asked)
    chinese, base, *_ = pick.common(lex.INTRANSITIVE)
    company = pick.one(("和 谁 一起", "跟 谁 一起"))
    return ask(f"{someone.zh} {company} {chinese}", f"who {do(someone.person)} {someone.subject} {base} with")


PRONOUNS = frozenset(row[0] for row in lex.PRONOUNS)


def what(pick: Choices) -> Sentence:
    someone = somebody_asked_about(pick)
    helper = do(someone.person)
    way = pick.below(9)
    forms, chinese = pick.one([(row[1], row[0]) for row in lex.VERBS if row[0] in lex.ASKED_WHAT] + [DOING])
    base, ing = forms[0], forms[4]
    if way == 0:
        return ask(f"{someone.zh} 应该 {chinese} 什么", f"what should {someone.subject} {base}")
    if way < 3:
        want = pick.one(("想", "想", "要"))
        return ask(f"{someone.zh} {want} {chinese} 什么", f"what {helper} {someone.subject} want to {base}")
    if way < 5:
        now = pick.one(("在", "正在"))
        return ask(f"{someone.zh} {now} {chinese} 什么", f"what {be(someone.person)} {someone.subject} {ing}")
    if way == 5:
        time, when = pick.common(lex.PAST_TIMES)
        where = at(pick, someone, time)
        return ask(f"{where} {chinese} 了 什么", f"what did {someone.subject} {base} {when}")
    if way == 6:
        time, when = pick.common(lex.FUTURE_TIMES)
        where = at(pick, someone, time)
        want = pick.one(("", "要 ", "会 "))
        return ask(f"{where} {want}{chinese} 什么", f"what will {someone.subject} {base} {when}")
    if way == 7:
        want, english = pick.one((("要", "want"), ("有", "have"), ("喜欢", "like"), ("想要", "want"), ("需要", "need")))
        return ask(f"{someone.zh} {want} 什么", f"what {helper} {someone.subject} {english}")
    return ask(f"{someone.zh} {chinese} 什么", f"what {helper} {someone.subject} {base}")


DOING = (("do", "does", "did", "done", "doing"), "做")
KINDS = [  # 什么 before a noun: verb, English, noun, English
    ("看", "watch", "电影", "film"), ("看", "read", "书", "book"), ("喝", "drink", "茶", "tea"), ("吃", "eat", "菜", "dish"),
    ("吃", "eat", "水果", "fruit"), ("听", "listen to", "音乐", "music"), ("穿", "wear", "衣服", "clothes"),
    ("买", "buy", "东西", "things"), ("买", "buy", "颜色 的 衣服", "colour clothes"), ("做", "cook", "菜", "dish"),
]  # fmt: skip


def what_kind(pick: Choices) -> Sentence:
    """喜欢 什么 颜色, what colour do you like; 做 什么 工作, what work."""
    someone = somebody_asked_about(pick)
    helper = do(someone.person)
    way = pick.below(5)
    verb, base, noun, english = pick.one(KINDS)
    if way == 0:
        return ask(f"{someone.zh} 做 什么 工作", f"what work {helper} {someone.subject} do")
    if way == 1:
        noun, english = pick.one((("颜色", "colour"), ("颜色", "colour"), ("运动", "sport"), (noun, english)))
        return ask(f"{someone.zh} 喜欢 什么 {noun}", f"what {english} {helper} {someone.subject} like")
    if way == 2:
        want = pick.one(("想", "要"))
        words = f"{someone.zh} {want} {verb} 什么 {noun}"
        return ask(words, f"what {english} {helper} {someone.subject} want to {base}")
    if way == 3:
        return ask(f"{someone.zh} 喜欢 {verb} 什么 {noun}", f"what {english} {helper} {someone.subject} like to {base}")
    return ask(f"{someone.zh} {verb} 什么 {noun}", f"what {english} {helper} {someone.subject} {base}")


def name(pick: Choices) -> Sentence:
    """你 叫 什么 名字, what is your name; 他 姓 什么, what is his surname."""
    whose, possessive = owner(pick)
    relative, english = pick.common(lex.RELATIVES)
    chinese, owner_english = pick.one((
        (whose, possessive), (whose, possessive), (f"{whose} {relative}", f"{possessive} {english}'s"),
        (f"{whose} 的 {relative}", f"{possessive} {english}'s"),
    ))  # fmt: skip
    if pick.chance(25):
        return ask(f"{chinese} 姓 什么", f"what is {owner_english} surname")
    if pick.chance(25):
        return ask(f"{chinese} 的 名字 是 什么", f"what is {owner_english} name")
    return ask(f"{chinese} 叫 什么{pick.one((' 名字', ' 名字', ''))}", f"what is {owner_english} name")


def this(pick: Choices) -> Sentence:
    """这 是 什么; 这 是 谁 的 书, whose book is this; 那 是 你 的 书 吗."""
    way = pick.below(6)
    chinese, english = pick.one((("这", "this"), ("那", "that")))
    noun = pick.common(lex.NOUNS[pick.one(("thing", "text", "clothes", "food", "drink", "pet"))])
    if way == 0 and noun[3] and noun[2]:
        it = phrase(f"{chinese} {noun[3]} {noun[0]}", f"{english} {noun[1]}")
        return ask(f"{it.zh} 是 谁 的", f"whose is {it.subject}")
    if way < 3:
        return ask(f"{chinese} 是 谁 的 {noun[0]}", f"whose {noun[1]} {'are' if noun[0] == '面条' else 'is'} {english}")
    if way == 3:
        it = bare(noun)
        of = "" if noun[0] in ("鱼", "水果") else pick.one(("", ""))
        return ask(f"{chinese} 是 什么 {of}{noun[0]}", f"what {noun[1]} is {english}")
    mine = owned(pick, noun)
    while mine.words[0] in ("我", "我们"):
        mine = owned(pick, noun)
    if way == 4:
        return ask(f"{chinese} 是 不 是 {mine.zh}", f"is {english} {mine.object}")
    return ask(f"{chinese} 是 {mine.zh} 吗", f"is {english} {mine.object}")


def where(pick: Choices) -> Sentence:
    """老师 在 哪儿; 你 去 哪儿; 你 住 在 哪儿; 在 哪儿 工作; 我 的 书 在 哪儿."""
    someone = somebody_asked_about(pick)
    verb, helper = be(someone.person), do(someone.person)
    place = pick.one(WHERE)
    way = pick.below(12)
    if way < 3:
        return ask(f"{someone.zh} 在 {place}", f"where {verb} {someone.subject}")
    if way == 3:
        return ask(f"{someone.zh} 去 {place}", f"where {verb} {someone.subject} going")
    if way == 4:
        want = pick.one(("想", "要"))
        return ask(f"{someone.zh} {want} 去 {place}", f"where {helper} {someone.subject} want to go")
    if way == 5:
        return ask(f"{someone.zh} 住 {pick.one(('在 ', ''))}{place}", f"where {helper} {someone.subject} live")
    if way < 8:
        chinese, base, *_ = pick.common(lex.INTRANSITIVE)
        return ask(f"{someone.zh} 在 {place} {chinese}", f"where {helper} {someone.subject} {base}")
    if way == 8:
        chinese, _, _, english = pick.common([row for row in lex.PLACES if row[3]])
        return ask(f"{chinese} 在 {place}", f"where is {english}")
    if way == 9:
        time, when = pick.common(lex.PAST_TIMES)
        return ask(f"{at(pick, someone, time)} 去 了 {place}", f"where did {someone.subject} go {when}")
    noun = pick.common(lex.NOUNS[pick.one(("portable", "clothes", "text", "pet"))])
    mine = owned(pick, noun) if pick.chance(65) else phrase(noun[0], f"the {noun[1]}")
    are = be(mine.person)
    if noun[0] == "衣服":
        mine, are = owned(pick, noun), "are"
    return ask(f"{mine.zh} 在 {place}", f"where {are} {mine.subject}")


def when_or_why(pick: Choices) -> Sentence:
    someone = somebody_asked_about(pick)
    act = action(pick, someone)
    way = pick.below(9)
    if way < 3:
        return ask(f"{someone.zh} 什么时候 {zh(act)}", f"when {do(someone.person)} {someone.subject} {act.say('base')}")
    if way == 3:
        return ask(f"{someone.zh} 几 点 {zh(act)}", f"what time {do(someone.person)} {someone.subject} {act.say('base')}")
    if way == 4:
        no = pick.one(("不", "不", "没"))
        helper = "did" if no == "没" else do(someone.person)
        return ask(f"{someone.zh} 为什么 {no} {zh(act)}", f"why {helper} {someone.subject} not {act.say('base')}")
    if way == 5:
        chinese, english, _ = pick.common(lex.MOODS)
        degree, very = pick.one((("", ""), ("这么 ", "so "), ("这么 ", "so "), ("不 ", "not ")))
        return ask(f"{someone.zh} 为什么 {degree}{chinese}", f"why {be(someone.person)} {someone.subject} {very}{english}")
    return ask(f"{someone.zh} 为什么 {zh(act)}", f"why {do(someone.person)} {someone.subject} {act.say('base')}")


def what_time(pick: Choices) -> Sentence:
    """What happens at a time, asked and without an object: 你 几 点 起床."""
    someone = somebody_asked_about(pick)
    chinese, base, *_ = pick.common(lex.EVENTS)
    day, when = pick.one((("", ""), ("每天 ", " every day"), ("早上 ", " in the morning"), ("晚上 ", " in the evening")))
    asked, time = pick.one((("几 点", "what time"), ("什么时候", "when")))
    return ask(f"{someone.zh} {day}{asked} {chinese}", f"{time} {do(someone.person)} {someone.subject} {base}{when}")


def how(pick: Choices) -> Sentence:
    """怎么 去, how do you go; 怎么样, how is; 怎么 了."""
    someone = somebody_asked_about(pick)
    way = pick.below(7)
    if way < 3:
        place, to = pick.common(lex.DESTINATIONS)
        verb = pick.one((("去", "go", to), ("去", "go", to), ("回 家", "go", "home")))
        zh_place = f" {place}" if verb[0] == "去" else ""
        return ask(f"{someone.zh} 怎么 {verb[0]}{zh_place}", f"how {do(someone.person)} {someone.subject} go {verb[2]}")
    if way == 3:
        thing, english = pick.one((("这 个 字", "this character"), ("你 的 名字", "your name"), ("这 个 汉字", "this Chinese character"),
                                   ("他 的 名字", "his name"), ("那 个 字", "that character"), ("她 的 名字", "her name"),
                                   ("这 个 菜", "this dish")))  # fmt: skip
        do_it, base = pick.one((("写", "write"), ("读", "read"))) if "菜" not in thing else ("做", "cook")
        subject, you = pick.one((("", "you"), ("", "you"), (f"{someone.zh} ", someone.subject)))
        helper = do(someone.person) if subject else "do"
        return ask(f"{thing} {subject}怎么 {do_it}", f"how {helper} {you} {base} {english}")
    if way == 4:
        noun = pick.common(lex.NOUNS[pick.one(("clothes", "text", "thing", "food"))])
        it = pointed(pick, noun) if noun[3] and pick.chance(60) else owned(pick, noun)
        if it.words[0] == "我":
            it = phrase(f"你 的 {noun[0]}", it.subject.replace("my", "your", 1), it.person)
        return ask(f"{it.zh} 怎么样", f"how {be(it.person)} {it.subject}")
    if way == 5:
        return ask(f"{someone.zh} 怎么 了", f"what is wrong with {someone.object}")
    act = going(pick, someone) if pick.chance(40) else action(pick, someone)
    if pick.chance(50) or act.words()[-1] in ("你", "您"):
        return ask(f"我们 {zh(act)} 怎么样", f"how about we {act.say('base')}")
    return ask(f"我们 {zh(act)} 好 吗", f"shall we {act.say('base')}")


def choice(pick: Choices) -> Sentence:
    """喝 茶 还是 咖啡, tea or coffee; 今天 去 还是 明天 去."""
    someone = somebody_asked_about(pick)
    helper = do(someone.person)
    way = pick.below(6)
    row = pick.common([verb for verb in lex.VERBS if verb[0] not in ("拿", "借", "扔", "开", "修", "养")])
    verb, forms, kinds = row
    table = lex.NOUNS[pick.one(kinds)]
    first, second = pick.common(table), pick.common(table)
    while first[1] == second[1] or "书" in (first[0], second[0]) and verb == "看":
        first, second = pick.common(table), pick.common(table)
    a, b = bare(first), bare(second)
    again = pick.one((f"{verb} ", ""))
    pair = f"{a.object} or {b.object}"
    if way == 0:
        return ask(f"{someone.zh} 喜欢 {a.zh} 还是 {b.zh}", f"{helper} {someone.subject} like {pair}")
    if way < 3:
        like, english = pick.one((("喜欢", "like to"), ("想", "want to"), ("要", "want to")))
        return ask(f"{someone.zh} {like} {verb} {a.zh} 还是 {again}{b.zh}",
                   f"{helper} {someone.subject} {english} {forms[0]} {pair}")  # fmt: skip
    if way == 3:
        jobs = pick.common(lex.PROFESSIONS), pick.common(lex.PROFESSIONS)
        (x, first_job), (y, second_job) = jobs
        if x != y and someone.person != 4 and someone.words[-1] not in JOBS:
            return ask(f"{someone.zh} 是 {x} 还是 {y}", f"{be(someone.person)} {someone.subject} {one(first_job)} or {one(second_job)}")
    return ask(f"{someone.zh} {verb} {a.zh} 还是 {again}{b.zh}", f"{helper} {someone.subject} {forms[0]} {pair}")


JOBS = frozenset(row[0] for row in lex.PROFESSIONS) | {"们"} | {row[0] for row in lex.HUMANS}


def one(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def which(pick: Choices) -> Sentence:
    """哪 国 人, which country; 哪 本 书, which book; 哪个."""
    someone = somebody_asked_about(pick)
    helper = do(someone.person)
    way = pick.below(4)
    if way == 0:
        return ask(f"{someone.zh} 是 哪 国 人", f"which country {be(someone.person)} {someone.subject} from")
    kind = pick.one(("text", "clothes", "thing", "food"))
    noun = pick.common([row for row in lex.NOUNS[kind] if row[2] and row[0] != "衣服"])
    verb, base = pick.one((("喜欢", "like"), ("想 买", "want to buy"), ("要", "want"), ("想要", "want"), ("买", "buy")))
    if way == 1:
        return ask(f"{someone.zh} {verb} 哪 个", f"which one {helper} {someone.subject} {base}")
    return ask(f"{someone.zh} {verb} 哪 {noun[3]} {noun[0]}", f"which {noun[1]} {helper} {someone.subject} {base}")


def and_you(pick: Choices) -> Sentence:
    """你 呢, what about you; 我 的 书 呢, where is my book."""
    if pick.chance(40):
        noun = pick.common(lex.NOUNS["portable"])
        mine = owned(pick, noun)
        return ask(f"{mine.zh} 呢", f"where is {mine.subject}")
    someone = somebody_asked_about(pick)
    return ask(f"{someone.zh} 呢", f"what about {someone.object}")
