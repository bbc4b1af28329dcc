"""What everybody says as it stands: greetings, thanks, answers. Each is said far more often than any other sentence, so
the training reads it `TIMES` times; none is ever in another part. Two greetings may have one English."""

from minilm.data import lexicon as lex
from minilm.data.choices import Choices
from minilm.data.noun_phrases import phrase, somebody, somebody_else
from minilm.data.sentences import Sentence, ask, say

TIMES = 16

FIXED = [  # Chinese, English; a question ends in ？
    ("你好", "hello"), ("您 好", "hello"), ("你们 好", "hello everyone"), ("大家 好", "hello everybody"), ("老师 好", "hello teacher"),
    ("喂", "hello"), ("你好 吗 ？", "how are you"), ("您 好 吗 ？", "how are you"), ("你 怎么样 ？", "how are you"),
    ("早上 好", "good morning"), ("下午 好", "good afternoon"), ("晚上 好", "good evening"), ("晚安", "good night"), ("早", "morning"),
    ("再见", "goodbye"), ("明天 见", "see you tomorrow"), ("晚上 见", "see you this evening"), ("下午 见", "see you this afternoon"),
    ("一会儿 见", "see you later"), ("下个星期 见", "see you next week"),
    ("谢谢", "thank you"), ("谢谢 你", "thank you"), ("谢谢 您", "thank you"), ("谢谢 大家", "thank you everyone"),
    ("谢谢 你们", "thank you all"), ("非常 谢谢", "thank you very much"), ("谢谢 你 的 帮助", "thank you for your help"),
    ("不客气", "you are welcome"), ("不 谢", "you are welcome"), ("不 用 谢", "you are welcome"),
    ("对不起", "I am sorry"), ("没关系", "it does not matter"), ("没事儿", "it is nothing"), ("没 问题", "no problem"),
    ("请问", "excuse me"), ("请 坐", "please sit down"), ("请 进", "please come in"), ("请 等 一下", "please wait a moment"),
    ("等 一下", "wait a moment"), ("请 再 说 一 次", "please say it again"), ("请 说 慢 一点儿", "please speak more slowly"),
    ("请 慢 一点儿", "please go more slowly"), ("请 听", "please listen"), ("请 看", "please look"), ("请 说", "please speak"),
    ("欢迎", "welcome"), ("欢迎 来 中国", "welcome to China"), ("欢迎 来 北京", "welcome to Beijing"), ("欢迎 你", "welcome"),
    ("是", "yes"), ("不 是", "no"), ("对", "that is right"), ("不 对", "that is not right"), ("好", "all right"), ("好 的", "all right"),
    ("很 好", "very good"), ("太 好 了", "great"), ("可以", "you can"), ("不 可以", "you cannot"), ("好 吗 ？", "is that all right"),
    ("不 行", "that will not do"), ("行", "all right"), ("真 的 吗 ？", "really"), ("真 的", "it is true"), ("是 吗 ？", "is that so"),
    ("对 吗 ？", "is that right"), ("对 不 对 ？", "is that right"),
    ("我 不 知道", "I do not know"), ("我 知道", "I know"), ("我 知道 了", "I see"), ("我 懂 了", "I understand now"), ("我 不 懂", "I do not understand"),
    ("我 听 不 懂", "I do not understand"), ("我 很 好", "I am very well"), ("我 爱 你", "I love you"), ("我 想 你", "I miss you"),
    ("我 想 家", "I miss home"), ("我 想 妈妈", "I miss my mother"),
    ("你 呢 ？", "what about you"), ("你 是 谁 ？", "who are you"), ("你 叫 什么 名字 ？", "what is your name"), ("你 叫 什么 ？", "what is your name"),
    ("您 贵姓 ？", "what is your surname"), ("你 姓 什么 ？", "what is your surname"),
    ("认识 你 很 高兴", "nice to meet you"), ("很 高兴 认识 你", "nice to meet you"), ("认识 您 很 高兴", "nice to meet you"),
    ("很 高兴 见到 你", "nice to see you"), ("好久 不 见", "long time no see"),
    ("生日 快乐", "happy birthday"), ("祝 你 生日 快乐", "happy birthday to you"), ("新年 快乐", "happy new year"), ("周末 快乐", "have a nice weekend"),
    ("现在 几 点 ？", "what time is it now"), ("几 点 了 ？", "what time is it"), ("现在 几 点 了 ？", "what time is it now"),
    ("多少 钱 ？", "how much is it"), ("这 个 多少 钱 ？", "how much is this"), ("一共 多少 钱 ？", "how much is it altogether"),
    ("太 贵 了", "it is too expensive"), ("便宜 一点儿", "a little cheaper please"), ("便宜 一点儿 吧", "a little cheaper please"),
    ("可以 便宜 一点儿 吗 ？", "can it be a little cheaper"),
    ("怎么 了 ？", "what is wrong"), ("你 怎么 了 ？", "what is wrong with you"), ("为什么 ？", "why"), ("什么 ？", "what"), ("谁 ？", "who"),
    ("在 哪儿 ？", "where is it"), ("去 哪儿 ？", "where to"), ("什么时候 ？", "when"), ("几 个 ？", "how many"), ("怎么样 ？", "how is it"), ("哪 个 ？", "which one"),
    ("这 是 什么 ？", "what is this"), ("那 是 什么 ？", "what is that"), ("这 是 谁 ？", "who is this"), ("那 是 谁 ？", "who is that"),
    ("这 是 哪儿 ？", "where are we"), ("这 是 什么 意思 ？", "what does this mean"), ("那 是 什么 意思 ？", "what does that mean"),
    ("什么 意思 ？", "what does it mean"), ("你 是 什么 意思 ？", "what do you mean"), ("这 个 字 是 什么 意思 ？", "what does this character mean"),
    ("这 个 汉字 是 什么 意思 ？", "what does this Chinese character mean"), ("这 个 字 怎么 读 ？", "how do you read this character"),
    ("你 说 什么 ？", "what do you say"), ("有 什么 问题 吗 ？", "are there any questions"), ("我 有 一 个 问题", "I have a question"),
    ("你 在 做 什么 ？", "what are you doing"), ("你 去 哪儿 ？", "where are you going"),
    ("你 几 岁 ？", "how old are you"), ("你 几 岁 了 ？", "how old are you"), ("您 多 大 了 ？", "how old are you"), ("你 多 大 ？", "how old are you"),
    ("你 是 哪 国 人 ？", "which country are you from"), ("你 住 在 哪儿 ？", "where do you live"), ("你 家 在 哪儿 ？", "where is your home"),
    ("我们 走 吧", "let us go"), ("走 吧", "let us go"), ("快 走", "go quickly"), ("快 来", "come quickly"), ("来 吧", "come on"),
    ("过来", "come here"), ("请 过来", "please come here"), ("快 点儿", "hurry up"), ("别 走", "do not leave"), ("没有", "no"), ("我 也 是", "me too"),
    ("下雨 了", "it is raining"), ("下雪 了", "it is snowing"), ("快 要 下雨 了", "it is about to rain"), ("要 下雨 了", "it is about to rain"),
    ("火车 来 了", "the train is coming"), ("今天 几 号 ？", "what is the date today"), ("今天 星期 几 ？", "what day is it today"),
    ("往 前 走", "go straight ahead"), ("往 左 走", "go left"), ("往 右 走", "go right"), ("向 左 走", "turn left"), ("请 往 前 走", "please go straight ahead"),
    ("祝 你 快乐", "I wish you happiness"), ("我 吃 药 了", "I have taken the medicine"), ("晚上 吃 药", "take the medicine in the evening"),
    ("你 的 意思 是 什么 ？", "what is your meaning"), ("没有 时间", "there is no time"), ("准备 好 了 吗 ？", "are you ready"), ("准备 好 了", "ready"),
    ("上课 了", "class has begun"), ("下课 了", "class is over"), ("开始 吧", "let us begin"),
    ("你 吃饭 了 吗 ？", "have you eaten"), ("你 吃 了 吗 ？", "have you eaten"), ("吃 了", "I have eaten"), ("还 没 吃", "I have not eaten yet"),
    ("要 不 要 ？", "do you want it"), ("好 不 好 ？", "is that all right"), ("我 要 这 个", "I want this one"), ("我 要 那 个", "I want that one"),
    ("太 多 了", "it is too much"), ("太 少 了", "it is too little"), ("人 太 多 了", "there are too many people"),
    ("多 吃 一点儿", "eat a little more"), ("少 吃 一点儿", "eat a little less"), ("多 喝 水", "drink more water"), ("零", "zero"),
    ("请 告诉 我", "please tell me"), ("告诉 我", "tell me"),
    ("小心", "be careful"), ("请 帮 我", "please help me"), ("请 帮 我 一下", "please help me for a moment"), ("别 哭", "do not cry"), ("别 说话", "do not talk"),
    ("男 的 还是 女 的 ？", "male or female"), ("他 没 说 完", "he has not finished speaking"),
]  # fmt: skip


def greeting(pick: Choices) -> Sentence:
    """老师 ， 你好; 再见 ， 妈妈; 谢谢 王 先生: a greeting to somebody."""
    whom = phrase(*pick.common(lex.NAMES))
    if pick.chance(40):
        whom = phrase(*pick.one((("老师", "teacher"), ("妈妈", "Mum"), ("爸爸", "Dad"), ("医生", "doctor"), ("同学 们", "students"), ("孩子", "child"),
                                 ("朋友", "friend"), ("先生", "sir"), ("小姐", "miss"), ("服务员", "waiter"))))  # fmt: skip
    way = pick.below(8)
    if way == 0:
        return say(f"谢谢 {whom.zh}", f"thank you {whom.subject}")
    if way == 1:
        chinese, english = pick.one([row for row in lex.FUTURE_TIMES if "上午" not in row[0]])
        return say(f"{chinese} 见 ， {whom.zh}", f"see you {english}, {whom.subject}")
    chinese, english = pick.one(FIXED[:40])
    while "everyone" in english or "everybody" in english or "teacher" in english or " all" in english:
        chinese, english = pick.one(FIXED[:40])
    make = ask if chinese.endswith("？") else say
    chinese = chinese.removesuffix(" ？")
    if pick.chance(50):
        return make(f"{whom.zh} ， {chinese}", f"{whom.subject}, {english}")
    return make(f"{chinese} ， {whom.zh}", f"{english}, {whom.subject}")


def wish(pick: Choices) -> Sentence:
    """认识 ... 很 高兴, missing and birthdays: fixed words around somebody."""
    who = somebody(pick)
    other = somebody_else(pick, who)
    way = pick.below(4)
    if way < 3:
        also, too = pick.one((("也 ", "also "), ("很 ", ""), ("", ""), ("非常 ", "really ")))
        miss = "misses" if who.person == 3 else "miss"
        end = " very much" if also == "很 " else ""
        return say(f"{who.zh} {also}想 {other.zh}", f"{who.subject} {too}{miss} {other.object}{end}")
    happy = {1: "am", 3: "is"}.get(who.person, "are")
    return say(f"{who.zh} 很 高兴 认识 {other.zh}", f"{who.subject} {happy} very happy to meet {other.object}")
