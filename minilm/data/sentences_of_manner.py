"""Sentences of the corpus about how something is done, 得, and how it stays, 着; how one goes, and when one came, 是 ... 的."""

from minilm.data import lexicon as lex
from minilm.data.choices import Choices
from minilm.data.noun_phrases import Phrase, bare, counted, described, phrase, pointed, somebody, somebody_asked_about
from minilm.data.sentences import Sentence, ask, at, say
from minilm.data.verb_phrases import be, do


def inflected(base: str, person: int) -> str:
    verb, *rest = base.split()
    return " ".join([lex.THIRD[verb] if person == 3 else verb, *rest])


def how_well(pick: Choices) -> Sentence:
    """他 跑 得 很 快; 唱歌 唱 得 很 好; 汉语 说 得 不 好; 起 得 很 早."""
    way = pick.below(9)
    who = somebody_asked_about(pick) if way in (0, 1) else somebody(pick)
    whole, verb, base = pick.common(lex.PERFORMANCES)
    chinese, manner = pick.common(lex.MANNERS)
    if chinese in ("快", "慢") and base.split()[0] in ("cook", "play", "sing", "dance"):
        chinese, manner = "好", "well"
    if chinese == "好" and base in ("walk",):
        chinese, manner = "快", "fast"
    words = whole.split()
    object_ = words[1] if len(words) > 1 else ""
    full = pick.one((f"{whole} {verb}", f"{object_} {verb}" if object_ else verb, verb if not object_ else f"{object_} {verb}"))
    if len(words) == 1 and verb in ("做", "开", "打"):
        full = f"{whole} {verb}"
    if base.startswith("write") and pick.chance(40):
        full, base = "字 写", "write Chinese characters"
    verb_form = inflected(base, who.person)
    if pick.chance(15):
        full, base, third = pick.one((("起", "get up", "gets up"), ("来", "come", "comes"), ("睡", "sleep", "sleeps")))
        verb_form = third if who.person == 3 else base
        chinese, manner = pick.one((("早", "early"), ("晚", "late"))) if full != "睡" else ("好", "well")
    if way == 0:
        return ask(f"{who.zh} {full} 得 {chinese} 吗", f"{do(who.person)} {who.subject} {base} {manner}")
    if way == 1:
        return ask(f"{who.zh} {full} 得 怎么样", f"how well {do(who.person)} {who.subject} {base}")
    if way == 2:
        return say(f"{who.zh} {full} 得 不 {chinese}", f"{who.subject} {do(who.person)} not {base} {manner}")
    degree, very = pick.one((("很", "very "), ("很", "very "), ("很", "very "), ("非常", "extremely "), ("真", "really "), ("太", "too "), ("最", ""), ("比 我", "")))
    if degree == "太":
        return say(f"{who.zh} {full} 得 太 {chinese} 了", f"{who.subject} {verb_form} too {manner}")
    better = {"well": "better", "fast": "faster", "slowly": "more slowly", "early": "earlier", "late": "later"}[manner]
    if degree == "最":
        best = {"well": "best", "fast": "fastest", "slowly": "most slowly", "early": "earliest", "late": "latest"}[manner]
        return say(f"{who.zh} {full} 得 最 {chinese}", f"{who.subject} {verb_form} the {best}")
    if degree == "比 我":
        other = pick.one((("我", "me"), ("他", "him"), ("她", "her"), ("你", "you")))
        if other[0] in who.words[0] or (other[0], chinese) == ("你", "好") or who.words[0] in ("您", "你们"):
            other = ("汤姆", "Tom")
        return say(f"{who.zh} {full} 得 比 {other[0]} {chinese}", f"{who.subject} {verb_form} {better} than {other[1]}")
    return say(f"{who.zh} {full} 得 {degree} {chinese}", f"{who.subject} {verb_form} {very}{manner}")


DOORS = [("门", "door"), ("教室 的 门", "classroom door"), ("商店 的 门", "shop door"), ("电视", "television"), ("手机", "mobile phone"),
         ("电脑", "computer"), ("房间 的 门", "door of the room")]  # fmt: skip


def staying(pick: Choices) -> Sentence:
    """门 开 着; 他 穿 着 一 件 红色 的 衣服; 老师 站 着."""
    way = pick.below(8)
    who = somebody(pick)
    verb = be(who.person)
    if way < 2:
        door, english = pick.one(DOORS)
        no, not_ = pick.one((("没 ", "not "), ("", ""), ("", "")))
        open_ = "open" if "door" in english else "on"
        state, how = pick.one((("开", open_), ("开", open_), ("关", "closed" if "door" in english else "off")))
        if pick.chance(20):
            return ask(f"{door} {state} 着 吗", f"is the {english} {how}")
        if not no and pick.chance(20):
            return say(f"{door} 还 {state} 着", f"the {english} is still {how}")
        return say(f"{door} {no}{state} 着", f"the {english} is {not_}{how}")
    if way < 5:
        noun = pick.common(lex.NOUNS["clothes"])
        what = colour(pick, noun) if who.person == 4 else described(pick, noun) if pick.chance(50) else counted(noun, lex.NUMBERS[0]) if pick.chance(50) else colour(pick, noun)
        return say(f"{who.zh} 穿 着 {what.zh}", f"{who.subject} {verb} wearing {what.object}")
    if way == 5:
        noun = pick.common(lex.NOUNS[pick.one(("portable", "reading"))])
        what = counted(noun, pick.common(lex.NUMBERS[:3]))
        return say(f"{who.zh} 拿 着 {what.zh}", f"{who.subject} {verb} holding {what.object}")
    posture, ing = pick.one((("坐", "sitting"), ("站", "standing")))
    if way == 6:
        place, where = pick.one((("门 口", "at the door"), ("前面", "in front"), ("后面", "behind"), ("外面", "outside"), ("那儿", "there"), ("椅子 上", "on the chair"),
                                 ("旁边", "nearby"), ("这儿", "here")))  # fmt: skip
        return say(f"{who.zh} 在 {place} {posture} 着", f"{who.subject} {verb} {ing} {where}")
    act, doing = pick.one((("看 书", "reading"), ("吃饭", "eating"), ("说话", "talking"), ("唱歌", "singing"), ("", "")))
    if act:
        return say(f"{who.zh} {posture} 着 {act}", f"{who.subject} {verb} {ing} and {doing}")
    return say(f"{who.zh} {posture} 着", f"{who.subject} {verb} {ing}")


def colour(pick: Choices, noun: lex.Noun) -> Phrase:
    """红色 的 衣服, red clothes"""
    chinese, english = pick.one(lex.COLOURS)
    return phrase(f"{chinese} 的 {noun[0]}", f"{english} {noun[2]}", 4)


def way_of_going(pick: Choices) -> Sentence:
    """坐 飞机 去, by plane; 走路 去 学校, on foot."""
    way = pick.below(6)
    who = somebody_asked_about(pick) if way in (0, 1) else somebody(pick)
    by, how = pick.common(lex.WAYS)
    verb = pick.common(("去", "去", "来", "回 家", "上班"))
    place, to = pick.common(lex.DESTINATIONS)
    chinese, base, third, past = {
        "去": (f"去 {place}", f"go {to}", f"goes {to}", f"went {to}"), "来": (f"来 {place}", f"come {to}", f"comes {to}", f"came {to}"),
        "回 家": ("回 家", "go home", "goes home", "went home"), "上班": ("上班", "go to work", "goes to work", "went to work"),
    }[verb]  # fmt: skip
    if way == 0:
        return ask(f"{who.zh} {by} {chinese} 吗", f"{do(who.person)} {who.subject} {base} {how}")
    if way == 1 and verb != "上班":
        how_, asked = pick.one((("怎么", "how"), ("什么时候", "when"), ("跟 谁 一起", "who")))
        end = " with" if asked == "who" else ""
        short, come = ("来", "come") if verb == "来" else ("去", "go")
        return ask(f"{who.zh} 是 {how_} {short} 的", f"{asked} did {who.subject} {come}{end}")
    if way == 2 and verb in ("去", "来"):
        short, came = ("来", "came") if verb == "来" else ("去", "went")
        return say(f"{who.zh} 是 {by} {short} 的", f"{who.subject} {came} {how}")
    if way == 3:
        while who.words[0] == "那":  # that that person
            who = somebody(pick)
        time, when = pick.common(lex.PAST_TIMES)
        short, came = pick.one((("来", "came"), ("去", "went")))
        return say(f"{who.zh} 是 {time} {short} 的", f"it was {when} that {who.subject} {came}")
    if way == 4:
        day, when = pick.one((("明天", "tomorrow"), ("下个星期", "next week")))
        return say(f"{at(pick, who, day)} {by} {chinese}", f"{who.subject} will {base} {how} {when}")
    return say(f"{who.zh} {by} {chinese}", f"{who.subject} {third if who.person == 3 else base} {how}")


def where_from(pick: Choices) -> Sentence:
    """这 是 我 买 的 书, the book that I bought; 在 北京 买 的."""
    who = somebody(pick)
    noun = pick.common([row for row in lex.NOUNS[pick.one(("thing", "clothes", "text"))] if row[2]])
    while who.words[0] == "那":  # that that person
        who = somebody(pick)
    way = pick.below(3)
    if way == 0:
        this, english = pick.one((("这", "this"), ("那", "that")))
        if noun[0] == "衣服":
            noun = lex.NOUNS["clothes"][1]
        return say(f"{this} 是 {who.zh} 买 的 {noun[0]}", f"{english} is the {noun[1]} that {who.subject} bought")
    if way == 1:
        place, where, *_ = pick.common(lex.PLACES[1:])
        it = pointed(pick, noun)
        return say(f"{it.zh} 是 在 {place} 买 的", f"{it.subject} {'were' if it.person == 4 else 'was'} bought {where}")
    time, when = pick.common(lex.PAST_TIMES)
    chinese, quality = pick.common(lex.ADJECTIVES if noun not in lex.NOUNS["text"] else lex.TEXT_QUALITIES)
    what = bare(noun)
    return say(f"{who.zh} {time} 买 的 {noun[0]} 很 {chinese}", f"the {what.object} that {who.subject} bought {when} are very {quality}")
