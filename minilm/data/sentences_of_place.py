"""Sentences of the corpus about where: 在, 有, 离, 从, 到, sides, ways, and the weather of a place."""

from minilm.data import lexicon as lex
from minilm.data.choices import Choices
from minilm.data.noun_phrases import (
    Phrase,
    counted,
    many,
    owned,
    owner,
    phrase,
    somebody,
    somebody_asked_about,
)
from minilm.data.sentences import Sentence, ask, at, say
from minilm.data.verb_phrases import be, do, was

RELATIVE_SIDES = lex.SIDES[2:5] + lex.SIDES[6:]  # beside, behind, in front of, to the left, to the right


def being_somewhere(pick: Choices) -> Sentence:
    way = pick.below(9)
    who = somebody_asked_about(pick) if way in (1, 4) else somebody(pick)
    place, where, *_ = pick.common(lex.PLACES)
    if pick.chance(15):
        place, where = pick.one((("外面", "outside"), ("这儿", "here"), ("那儿", "there"), ("这里", "here"), ("那里", "there"), ("里面", "inside")))
    verb = be(who.person)
    if way == 0:
        return say(f"{who.zh} 不 在 {place}", f"{who.subject} {verb} not {where}")
    if way == 1:
        return ask(f"{who.zh} 在 {place} 吗", f"{verb} {who.subject} {where}")
    if way == 2:
        time, when = pick.common(lex.PAST_TIMES)
        return say(f"{at(pick, who, time)} 在 {place}", f"{who.subject} {was(who.person)} {where} {when}")
    if way == 3:
        time, when = pick.one((("现在", "now"), ("今天", "today")))
        return say(f"{at(pick, who, time)} 在 {place}", f"{who.subject} {verb} {where} {when}")
    if way == 4:
        return ask(f"{who.zh} 在 不 在 {place}", f"{verb} {who.subject} {where}")
    if way == 5:
        also, too = pick.one((("也", "also"), ("还", "still"), ("都", "all")))
        if also == "都":
            who = phrase(*pick.one((("我们", "we"), ("他们", "they"), ("她们", "they"), ("学生 们", "the students"), ("孩子 们", "the children"))), 4)
        return say(f"{who.zh} {also} 在 {place}", f"{who.subject} {be(who.person)} {too} {where}")
    return say(f"{who.zh} 在 {place}", f"{who.subject} {verb} {where}")


def living(pick: Choices) -> Sentence:
    """我 住 在 北京; 我 家 在 上海; 从 北京 来."""
    way = pick.below(7)
    who = somebody_asked_about(pick) if way == 0 else somebody(pick)
    place, where, _, what = pick.common([row for row in lex.PLACES if row[0] in lex.CITIES or row[0] in ("宾馆", "学校")])
    lives = "lives" if who.person == 3 else "live"
    if way == 0:
        return ask(f"{who.zh} 住 在 {place} 吗", f"{do(who.person)} {who.subject} live {where}")
    if way == 1:
        return say(f"{who.zh} 不 住 在 {place}", f"{who.subject} {do(who.person)} not live {where}")
    if way == 2:
        whose, possessive = owner(pick)
        return say(f"{whose} 家 在 {place}", f"{possessive} home is {where}")
    if way == 3:
        comes = "comes" if who.person == 3 else "come"
        return say(f"{who.zh} 从 {place} 来", f"{who.subject} {comes} from {what}")
    if way == 4:
        came = f"{who.subject} came from {what}"
        return say(f"{who.zh} 是 从 {place} 来 的", came)
    return say(f"{who.zh} 住 {pick.one(('在 ', '在 ', ''))}{place}", f"{who.subject} {lives} {where}")


def landmark(pick: Choices) -> Phrase:
    """学校, the school; 我 家, my home."""
    if pick.chance(40):
        whose, possessive = owner(pick)
        return phrase(f"{whose} 家", f"{possessive} home")
    return phrase(*pick.common(lex.BUILDINGS))


def distance(pick: Choices) -> Sentence:
    """学校 离 我 家 很 近, the school is very near my home; 左边, 从 ... 到."""
    first, second = landmark(pick), landmark(pick)
    while first.subject == second.subject or first.words[-1] == second.words[-1]:
        first, second = landmark(pick), landmark(pick)
    way = pick.below(9)
    far, english = pick.one((("远", "far from"), ("近", "near")))
    if way < 3:
        degree, very = pick.one((("很", "very "), ("很", "very "), ("不", "not "), ("非常", "extremely "), ("不 太", "not very "), ("太", "too ")))
        end = " 了" if degree == "太" else ""
        return say(f"{first.zh} 离 {second.zh} {degree} {far}{end}", f"{first.subject} is {very}{english} {second.object}")
    if way == 3:
        return ask(f"{first.zh} 离 {second.zh} {far} 吗", f"is {first.subject} {english} {second.object}")
    if way == 4:
        return ask(f"{first.zh} 离 {second.zh} 多 远", f"how far is {first.subject} from {second.object}")
    if way == 5:
        who = somebody(pick)
        walks, goes = pick.one((("walks", "走路"), ("goes by bus", "坐 公共汽车"), ("goes by taxi", "坐 出租车"))) if who.person == 3 else pick.one(
            (("walk", "走路"), ("go by bus", "坐 公共汽车"), ("go by taxi", "坐 出租车"))
        )
        return say(f"{who.zh} 从 {first.zh} {goes} 到 {second.zh}", f"{who.subject} {walks} from {first.object} to {second.object}")
    side, where = pick.one(RELATIVE_SIDES)
    if way == 6:
        just, right = pick.one((("就 ", "right "), ("", ""))) if where in ("beside", "behind", "in front of") else ("", "")
        return say(f"{first.zh} {just}在 {second.zh} {pick.one(('的 ', ''))}{side}", f"{first.subject} is {right}{where} {second.object}")
    what = pick.one((("一 个 商店", "a shop"), ("一 个 饭店", "a restaurant"), ("一 个 学校", "a school"), ("一 个 公园", "a park"),
                     ("一 个 医院", "a hospital"), ("一 个 宾馆", "a hotel"), ("一 个 银行", "a bank"), ("一 个 超市", "a supermarket")))  # fmt: skip
    if first.words[-1] in what[0]:
        return distance(pick)
    if way == 7:
        return ask(f"{first.zh} {side} 有 {what[0].removeprefix('一 个 ')} 吗", f"is there {what[1]} {where} {first.object}")
    return say(f"{first.zh} {side} 有 {what[0]}", f"there is {what[1]} {where} {first.object}")


def inside(pick: Choices) -> tuple[str, str]:
    """桌子 上, on the table; 房间 里, in the room; 我 家 里."""
    if pick.chance(60):
        furniture, english = pick.common(lex.FURNITURE)
        side, where = pick.common(lex.SIDES)
        if furniture in ("箱子",) and pick.chance(60):
            side, where = "里", "in"
        return f"{furniture} {side}", f"{where} the {english}"
    return pick.one((
        ("房间 里", "in the room"), ("教室 里", "in the classroom"), ("学校 里", "in the school"), ("商店 里", "in the shop"),
        ("杯子 里", "in the cup"), ("医院 里", "in the hospital"), ("我 家 里", "in my home"), ("书包 里", "in the schoolbag"),
        ("外面", "outside"), ("里面", "inside"), ("前面", "in front"), ("公司 里", "in the office"), ("这儿", "here"), ("这里", "here"),
        ("家 里", "at home"), ("门 外", "outside the door"),
    ))  # fmt: skip


def existence(pick: Choices) -> Sentence:
    """桌子 上 有 三 本 书, there are three books on the table."""
    place, where = inside(pick)
    way = pick.below(9)
    if "cup" in where and place.endswith("里"):
        noun = pick.common(lex.NOUNS["drink"])
        what = phrase(noun[0], noun[1])
        if way < 3:
            return ask(f"{place} 有 什么", f"what is there {where}")
        return say(f"{place} 有 {what.zh}", f"there is {what.object} {where}")
    if place in OPEN and pick.chance(60):
        chinese, one, more = pick.common(lex.HUMANS)
        noun = (chinese, one, more, "个")
    else:
        noun = pick.common(lex.NOUNS[pick.one(("text", "clothes", "food", "drink", "pet", "portable"))])
    if way == 0:
        return ask(f"{place} 有 什么", f"what is there {where}")
    if way == 1:
        no = noun[2] or noun[1]
        verb = "are" if noun[2] else "is"
        return say(f"{place} 没有 {noun[0]}", f"there {verb} no {no} {where}")
    what = counted(noun, pick.common(lex.NUMBERS[:5])) if noun[3] and way < 7 else many(noun)
    if way == 2:
        what = many(noun)
    verb = be(what.person)
    if way == 3:
        return ask(f"{place} 有 {what.zh} 吗", f"{verb} there {what.object} {where}")
    if way == 4:
        return ask(f"{place} 有 没有 {noun[0]}", f"{'are' if noun[2] else 'is'} there {'any ' + (noun[2] or noun[1])} {where}")
    if way == 5:
        return ask(f"{place} 有 人 吗", f"is there anybody {where}")
    return say(f"{place} 有 {what.zh}", f"there {verb} {what.object} {where}")


OPEN = ("房间 里", "教室 里", "学校 里", "商店 里", "医院 里", "外面", "里面", "前面", "公司 里", "我 家 里", "这儿", "这里")


def thing_somewhere(pick: Choices) -> Sentence:
    """我 的 手机 在 桌子 上; 小 狗 在 椅子 下面; 书 在 这儿."""
    noun = pick.common(lex.NOUNS[pick.common(("portable", "text", "pet", "clothes", "food"))])
    furniture, english = pick.common(lex.FURNITURE)
    side, where = pick.common(lex.SIDES)
    place = (f"{furniture} {side}", f"{where} the {english}")
    if pick.chance(35):
        place = pick.one((("这儿", "here"), ("那儿", "there"), ("家 里", "at home"), ("房间 里", "in the room"), ("书包 里", "in the schoolbag"),
                          ("外面", "outside"), ("里面", "inside"), ("这里", "here"), ("那里", "there"), ("车 里", "in the car")))  # fmt: skip
    mine = owned(pick, noun)
    if noun in lex.NOUNS["pet"] and pick.chance(70):
        small, little = pick.one((("小 ", "little "), ("小 ", "little "), ("", "")))
        mine = phrase(f"{small}{noun[0]}", f"the {little}{noun[1]}")
    elif pick.chance(30):
        mine = phrase(noun[0], f"the {noun[2] if noun[0] == '衣服' else noun[1]}", 4 if noun[0] in ("衣服", "面条") else 3)
    verb = be(mine.person)
    way = pick.below(6)
    if way == 0:
        return ask(f"{mine.zh} 在 {place[0]} 吗", f"{verb} {mine.subject} {place[1]}")
    if way == 1:
        return say(f"{mine.zh} 不 在 {place[0]}", f"{mine.subject} {verb} not {place[1]}")
    return say(f"{mine.zh} 在 {place[0]}", f"{mine.subject} {verb} {place[1]}")


# Weather --------------------------------------------------------------------------------------------------------------

NOW = [("今天", "today", "is"), ("现在", "now", "is"), ("昨天", "yesterday", "was"), ("明天", "tomorrow", "will be"),
       ("今天 晚上", "this evening", "is"), ("昨天 晚上", "yesterday evening", "was"), ("今天 上午", "this morning", "is"),
       ("夏天", "in summer", "is"), ("冬天", "in winter", "is")]  # fmt: skip


def weather(pick: Choices) -> Sentence:
    """今天 很 热, it is very hot today; 天气 怎么样; 下雨 了."""
    time, when, verb = pick.common(NOW)
    chinese, english, _ = pick.one(lex.WEATHER[:2] * 3 + lex.WEATHER)
    where = None
    if pick.chance(35):
        place, where, _, _ = pick.common([row for row in lex.PLACES if row[0] in lex.CITIES])
        if pick.chance(20):
            place, where = pick.one((("外面", "outside"), ("这儿", "here"), ("房间 里", "in the room"), ("这里", "here")))
        time, when = (f"{place} {time}", f"{where} {when}") if pick.chance(50) else (f"{time} {place}", f"{where} {when}")
        if pick.chance(40):
            time, when, verb = place, where, "is"
    way = pick.below(15)
    degree, very = pick.one((("很", "very"), ("很", "very"), ("很", "very"), ("非常", "extremely"), ("真", "really"), ("有点儿", "a little"), ("太", "too")))
    end = " 了" if degree == "太" else ""
    if way < 3:
        return say(f"{time} {degree} {chinese}{end}", f"it {verb} {very} {english} {when}")
    if way == 3:
        no, not_ = pick.one((("不", "not"), ("不", "not"), ("不 太", "not very")))
        return say(f"{time} {no} {chinese}", f"it {verb} {not_} {english} {when}".replace("will be not", "will not be"))
    if way == 4:
        first, rest = (verb, "") if verb != "will be" else ("will", "be ")
        return ask(f"{time} {pick.one((f'{chinese} 吗', f'{chinese} 不 {chinese}'))}", f"{first} it {rest}{english} {when}")
    if way < 7:
        good, english = pick.one((("好", "good"), ("好", "good"), ("热", "hot"), ("冷", "cold")))
        topic = pick.one((f"{time} 天气", f"{time} 的 天气"))
        if pick.chance(35):
            first, rest = (verb, "") if verb != "will be" else ("will", " be")
            return ask(f"{topic} 怎么样", f"how {first} the weather{rest} {when}")
        if pick.chance(15):
            return say(f"{topic} 不 {good}", f"the weather {verb} not {english} {when}".replace("will be not", "will not be"))
        return say(f"{topic} {degree} {good}{end}", f"the weather {verb} {very} {english} {when}")
    rain, base, ing, past = pick.common((("下雨", "rain", "raining", "rained"), ("下雪", "snow", "snowing", "snowed")))
    if way < 9:
        if verb == "was":
            return say(f"{time} {rain} 了", f"it {past} {when}")
        if verb == "will be":
            if pick.chance(30):
                return ask(f"{time} {pick.one(('会 ', ''))}{rain} 吗", f"will it {base} {when}")
            no, not_ = pick.one((("不 ", "not "), ("", ""), ("", "")))
            return say(f"{time} {no}{pick.one(('会 ', '会 ', '')) if not no else '会 '}{rain}", f"it will {not_}{base} {when}")
        if pick.chance(30):
            return ask(f"{time} {pick.one(('在 ', ''))}{rain} 吗", f"is it {ing} {when}")
        return say(f"{time} {pick.one((f'{rain} 了', f'在 {rain}', f'正在 {rain}', f'在 {rain}'))}", f"it is {ing} {when}")
    if way in (9, 14):
        sky, english = pick.one((("晴", "sunny"), ("阴", "cloudy")))
        return say(f"{time} 是 {sky} 天" if pick.chance(50) else f"{time} {sky} 天", f"it {verb} {english} {when}")
    if way == 10 and where:
        return say(f"{place} 经常 {rain}" if pick.chance(50) else f"{place} 常常 {rain}", f"it often {base}s {where}")
    if way == 11:
        very_, most = pick.one((("非常 ", "really"), ("很 ", "very much"), ("", "")))
        who = somebody(pick)
        like = "likes" if who.person == 3 else "like"
        season, english = pick.one((("夏天", "summer"), ("冬天", "winter"), ("春天", "spring"), ("秋天", "autumn")))
        if most == "very much":
            return say(f"{who.zh} 很 喜欢 {season}", f"{who.subject} {like} {english} very much")
        return say(f"{who.zh} {very_}喜欢 {season}", f"{who.subject} {most} {like} {english}".replace("  ", " "))
    return say(f"{time} {degree} {chinese}{end}", f"it {verb} {very} {english} {when}")


