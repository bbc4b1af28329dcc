"""The words of the corpus: each table pairs a Chinese word with what it takes to say it in English.

Chinese words stand as the grammar joins them: one entry, one word of the segmentation (a space stands
between two words of an expression, as in 打 篮球).
"""

Noun = tuple[str, str, str, str]  # Chinese, singular, plural or "" where it is not counted, measure word

# Chinese, subject form, object form, possessive, person and number (1, 2, 3 = third singular, 4 = plural)
PRONOUNS = [
    ("我", "I", "me", "my", 1), ("你", "you", "you", "your", 2), ("他", "he", "him", "his", 3),
    ("她", "she", "her", "her", 3), ("我们", "we", "us", "our", 4), ("他们", "they", "them", "their", 4),
]  # fmt: skip

NAMES = [
    ("小明", "Xiaoming"), ("李华", "Li Hua"), ("王芳", "Wang Fang"), ("汤姆", "Tom"), ("玛丽", "Mary"),
    ("安娜", "Anna"), ("杰克", "Jack"), ("大卫", "David"),
]  # fmt: skip

# people said with an owner: 我 妈妈, my mother
RELATIVES = [
    ("妈妈", "mother"), ("爸爸", "father"), ("哥哥", "older brother"), ("弟弟", "younger brother"),
    ("姐姐", "older sister"), ("妹妹", "younger sister"), ("爷爷", "grandfather"), ("奶奶", "grandmother"),
    ("朋友", "friend"), ("同事", "colleague"), ("邻居", "neighbour"), ("同学", "classmate"),
]  # fmt: skip

# people by what they do; with 们 the plural
PROFESSIONS = [
    ("老师", "teacher"), ("学生", "student"), ("医生", "doctor"), ("护士", "nurse"), ("工人", "worker"),
    ("农民", "farmer"), ("司机", "driver"), ("警察", "police officer"), ("律师", "lawyer"), ("记者", "journalist"),
    ("工程师", "engineer"), ("科学家", "scientist"), ("画家", "painter"), ("作家", "writer"), ("经理", "manager"),
]  # fmt: skip

ACTIVITIES = [
    ("编程", "programming"), ("游泳", "swimming"), ("跑步", "running"), ("唱歌", "singing"), ("跳舞", "dancing"),
    ("画画", "painting"), ("做饭", "cooking"), ("旅行", "travelling"), ("钓鱼", "fishing"), ("爬山", "hiking"),
    ("滑雪", "skiing"), ("摄影", "photography"), ("购物", "shopping"), ("下棋", "playing chess"),
]  # fmt: skip

# Chinese, singular, plural, measure word; no plural: not counted (then the measure word is a vessel, below)
NOUNS: dict[str, list[Noun]] = {
    "food": [
        ("苹果", "apple", "apples", "个"), ("香蕉", "banana", "bananas", "根"), ("鸡蛋", "egg", "eggs", "个"),
        ("蛋糕", "cake", "cakes", "个"), ("橙子", "orange", "oranges", "个"), ("包子", "steamed bun", "steamed buns", "个"),
        ("米饭", "rice", "", "碗"), ("面条", "noodles", "", "碗"), ("面包", "bread", "", "块"), ("牛肉", "beef", "", "块"),
        ("巧克力", "chocolate", "", "块"),
    ],
    "drink": [
        ("茶", "tea", "", "杯"), ("咖啡", "coffee", "", "杯"), ("水", "water", "", "杯"), ("牛奶", "milk", "", "杯"),
        ("果汁", "juice", "", "瓶"), ("啤酒", "beer", "", "瓶"), ("可乐", "cola", "", "瓶"),
    ],
    "text": [
        ("书", "book", "books", "本"), ("小说", "novel", "novels", "本"), ("杂志", "magazine", "magazines", "本"),
        ("报纸", "newspaper", "newspapers", "份"), ("信", "letter", "letters", "封"), ("诗", "poem", "poems", "首"),
    ],
    "written": [
        ("信", "letter", "letters", "封"), ("小说", "novel", "novels", "本"), ("诗", "poem", "poems", "首"),
        ("报告", "report", "reports", "份"), ("故事", "story", "stories", "个"),
    ],
    "shown": [
        ("电影", "film", "films", "部"), ("比赛", "match", "matches", "场"), ("节目", "programme", "programmes", "个"),
    ],
    "heard": [("歌", "song", "songs", "首"), ("故事", "story", "stories", "个"), ("音乐", "music", "", "")],
    "subject": [
        ("中文", "Chinese", "", ""), ("英语", "English", "", ""), ("法语", "French", "", ""), ("数学", "mathematics", "", ""),
        ("历史", "history", "", ""), ("物理", "physics", "", ""), ("化学", "chemistry", "", ""), ("经济", "economics", "", ""),
    ],
    "clothes": [
        ("衬衫", "shirt", "shirts", "件"), ("大衣", "coat", "coats", "件"), ("毛衣", "jumper", "jumpers", "件"),
        ("裙子", "skirt", "skirts", "条"), ("围巾", "scarf", "scarves", "条"), ("帽子", "hat", "hats", "顶"),
    ],
    "thing": [
        ("手机", "mobile phone", "mobile phones", "部"), ("电脑", "computer", "computers", "台"),
        ("相机", "camera", "cameras", "台"), ("桌子", "table", "tables", "张"), ("椅子", "chair", "chairs", "把"),
        ("床", "bed", "beds", "张"), ("雨伞", "umbrella", "umbrellas", "把"), ("钥匙", "key", "keys", "把"),
        ("杯子", "cup", "cups", "个"), ("书包", "schoolbag", "schoolbags", "个"), ("钱包", "wallet", "wallets", "个"),
        ("手表", "watch", "watches", "块"), ("礼物", "gift", "gifts", "个"), ("地图", "map", "maps", "张"),
        ("照片", "photo", "photos", "张"), ("票", "ticket", "tickets", "张"), ("自行车", "bicycle", "bicycles", "辆"),
        ("汽车", "car", "cars", "辆"),
    ],
    "vehicle": [
        ("汽车", "car", "cars", "辆"), ("卡车", "lorry", "lorries", "辆"), ("出租车", "taxi", "taxis", "辆"),
        ("公共汽车", "bus", "buses", "辆"),
    ],
    "animal": [
        ("狗", "dog", "dogs", "只"), ("猫", "cat", "cats", "只"), ("鸟", "bird", "birds", "只"), ("马", "horse", "horses", "匹"),
        ("金鱼", "goldfish", "goldfish", "条"), ("兔子", "rabbit", "rabbits", "只"), ("老虎", "tiger", "tigers", "只"),
        ("熊猫", "panda", "pandas", "只"), ("猴子", "monkey", "monkeys", "只"),
    ],
}  # fmt: skip

BY_NAME = {noun[0]: noun for nouns in NOUNS.values() for noun in nouns}
NOUNS |= {
    kind: [BY_NAME[name] for name in names.split()]
    for kind, names in {
        "pet": "狗 猫 兔子",
        "reading": "书 小说 杂志 报纸",
        "portable": "手机 相机 雨伞 钥匙 杯子 书包 钱包 手表 礼物 地图 照片 票",
        "repaired": "手机 电脑 相机 桌子 椅子 床 雨伞 手表 自行车",
    }.items()
}
DESCRIBED = ("thing", "clothes", "vehicle", "portable", "repaired")  # the classes that have sizes, prices and colours

# vessels of what is not counted: Chinese measure -> singular, plural
VESSELS = {
    "杯": ("cup", "cups"), "瓶": ("bottle", "bottles"), "碗": ("bowl", "bowls"), "块": ("piece", "pieces"),
}  # fmt: skip

NUMBERS = [
    ("一", "one"), ("两", "two"), ("三", "three"), ("四", "four"), ("五", "five"), ("六", "six"), ("七", "seven"),
    ("八", "eight"), ("九", "nine"), ("十", "ten"),
]  # fmt: skip

# Chinese, base, third person, past, participle, -ing form, classes of its objects
VERBS = [
    ("吃", ("eat", "eats", "ate", "eaten", "eating"), ["food"]),
    ("喝", ("drink", "drinks", "drank", "drunk", "drinking"), ["drink"]),
    ("读", ("read", "reads", "read", "read", "reading"), ["text"]),
    ("写", ("write", "writes", "wrote", "written", "writing"), ["written"]),
    ("看", ("watch", "watches", "watched", "watched", "watching"), ["shown"]),
    ("听", ("listen to", "listens to", "listened to", "listened to", "listening to"), ["heard"]),
    ("学习", ("study", "studies", "studied", "studied", "studying"), ["subject"]),
    ("教", ("teach", "teaches", "taught", "taught", "teaching"), ["subject"]),
    ("穿", ("wear", "wears", "wore", "worn", "wearing"), ["clothes"]),
    ("洗", ("wash", "washes", "washed", "washed", "washing"), ["clothes"]),
    ("开", ("drive", "drives", "drove", "driven", "driving"), ["vehicle"]),
    ("养", ("keep", "keeps", "kept", "kept", "keeping"), ["animal"]),
    ("买", ("buy", "buys", "bought", "bought", "buying"), ["food", "drink", "reading", "clothes", "thing", "vehicle"]),
    ("卖", ("sell", "sells", "sold", "sold", "selling"), ["food", "drink", "reading", "clothes", "thing", "vehicle"]),
    ("修", ("repair", "repairs", "repaired", "repaired", "repairing"), ["vehicle", "repaired"]),
    ("画", ("draw", "draws", "drew", "drawn", "drawing"), ["animal", "vehicle"]),
    ("找", ("look for", "looks for", "looked for", "looked for", "looking for"), ["portable", "pet", "reading"]),
    ("拿", ("take", "takes", "took", "taken", "taking"), ["portable", "clothes"]),
    ("借", ("borrow", "borrows", "borrowed", "borrowed", "borrowing"), ["portable", "reading", "vehicle"]),
    ("扔", ("throw away", "throws away", "threw away", "thrown away", "throwing away"), ["thing", "clothes"]),
]
GIVING = {"买": "for", "画": "for", "借": "for"}  # with 给 and somebody; 写信 is "to"
ONE_AT_A_TIME = frozenset(("开", "穿"))  # nobody drives eight taxis
NOT_IN_PROGRESS = frozenset(("穿", "拿", "去"))  # 正在穿 is putting on, not wearing
NOT_REQUESTED = frozenset(("教", "问"))  # 请教 and 请问 are words of their own

PERSON_VERBS = [
    ("帮助", "help", "helps", "helped", "helped", "helping"), ("拜访", "visit", "visits", "visited", "visited", "visiting"),
    ("等", "wait for", "waits for", "waited for", "waited for", "waiting for"),
    ("问", "ask", "asks", "asked", "asked", "asking"), ("邀请", "invite", "invites", "invited", "invited", "inviting"),
    ("照顾", "look after", "looks after", "looked after", "looked after", "looking after"),
    ("感谢", "thank", "thanks", "thanked", "thanked", "thanking"),
    ("批评", "criticise", "criticises", "criticised", "criticised", "criticising"),
]  # fmt: skip
# verbs of state: no progressive; with things, people or activities
STATE_VERBS = [
    ("喜欢", "like", "likes"), ("爱", "love", "loves"), ("讨厌", "hate", "hates"),
]  # fmt: skip
OWN_VERBS = [("有", "have", "has"), ("想要", "want", "wants"), ("需要", "need", "needs")]
INTRANSITIVE = [
    ("工作", "work", "works", "worked", "worked", "working"), ("睡觉", "sleep", "sleeps", "slept", "slept", "sleeping"),
    ("休息", "rest", "rests", "rested", "rested", "resting"), ("吃饭", "eat", "eats", "ate", "eaten", "eating"),
    ("聊天", "chat", "chats", "chatted", "chatted", "chatting"), ("散步", "walk", "walks", "walked", "walked", "walking"),
    ("玩", "play", "plays", "played", "played", "playing"), ("上网", "go online", "goes online", "went online", "gone online", "going online"),
    ("打 篮球", "play basketball", "plays basketball", "played basketball", "played basketball", "playing basketball"),
    ("踢 足球", "play football", "plays football", "played football", "played football", "playing football"),
    ("弹 钢琴", "play the piano", "plays the piano", "played the piano", "played the piano", "playing the piano"),
    ("弹 吉他", "play the guitar", "plays the guitar", "played the guitar", "played the guitar", "playing the guitar"),
    ("看 电视", "watch television", "watches television", "watched television", "watched television", "watching television"),
]  # fmt: skip

SEPARABLE = frozenset(("睡觉", "吃饭", "聊天", "散步", "上网"))  # verb and object in one word: 过 would go between

# Chinese, where one is, where one goes ("" where 去 is not said)
PLACES = [
    ("家", "at home", ""), ("学校", "at school", "to school"), ("图书馆", "in the library", "to the library"),
    ("公园", "in the park", "to the park"), ("医院", "in the hospital", "to the hospital"),
    ("银行", "at the bank", "to the bank"), ("办公室", "in the office", "to the office"),
    ("商店", "in the shop", "to the shop"), ("饭馆", "in the restaurant", "to the restaurant"),
    ("机场", "at the airport", "to the airport"), ("车站", "at the station", "to the station"),
    ("咖啡馆", "in the café", "to the café"), ("超市", "in the supermarket", "to the supermarket"),
    ("博物馆", "in the museum", "to the museum"), ("动物园", "at the zoo", "to the zoo"),
    ("海边", "at the seaside", "to the seaside"), ("教室", "in the classroom", "to the classroom"),
    ("邮局", "at the post office", "to the post office"), ("宾馆", "in the hotel", "to the hotel"),
    ("市场", "at the market", "to the market"), ("北京", "in Beijing", "to Beijing"),
    ("上海", "in Shanghai", "to Shanghai"), ("广州", "in Guangzhou", "to Guangzhou"),
    ("中国", "in China", "to China"), ("美国", "in America", "to America"), ("法国", "in France", "to France"),
    ("日本", "in Japan", "to Japan"), ("伦敦", "in London", "to London"),
]  # fmt: skip

DESTINATIONS = [(chinese, to) for chinese, _, to in PLACES if to]

FURNITURE = [("桌子", "table"), ("椅子", "chair"), ("床", "bed"), ("书架", "bookshelf"), ("沙发", "sofa"), ("箱子", "box")]
SIDES = [("上", "on"), ("下面", "under"), ("旁边", "beside"), ("后面", "behind")]

ADJECTIVES = [  # of things
    ("新", "new"), ("旧", "old"), ("大", "big"), ("小", "small"), ("贵", "expensive"), ("便宜", "cheap"),
    ("漂亮", "beautiful"),
]  # fmt: skip
COLOURS = [
    ("红色", "red"), ("黑色", "black"), ("白色", "white"), ("蓝色", "blue"), ("绿色", "green"), ("黄色", "yellow"),
]  # fmt: skip
TEXT_QUALITIES = [
    ("长", "long"), ("短", "short"), ("实用", "practical"), ("重要", "important"), ("特别", "special"),
    ("精彩", "wonderful"),
]  # fmt: skip
TRAITS = [  # of people, and the comparative
    ("高", "tall", "taller"), ("聪明", "clever", "cleverer"), ("年轻", "young", "younger"),
    ("强壮", "strong", "stronger"), ("善良", "kind", "kinder"), ("勇敢", "brave", "braver"),
    ("认真", "serious", "more serious"), ("出名", "famous", "more famous"), ("健康", "healthy", "healthier"),
    ("可爱", "cute", "cuter"), ("安静", "quiet", "quieter"),
]  # fmt: skip
MOODS = [  # what people are today
    ("累", "tired", "more tired"), ("忙", "busy", "busier"), ("高兴", "happy", "happier"), ("难过", "sad", "sadder"),
    ("紧张", "nervous", "more nervous"), ("生气", "angry", "angrier"), ("激动", "excited", "more excited"),
]  # fmt: skip
DEGREES = [("很", "very"), ("非常", "extremely"), ("有点", "a little"), ("真", "really")]
UNWELCOME = frozenset(("累", "忙", "难过", "紧张", "生气", "旧", "大", "小", "贵", "长", "短"))  # goes with 有点

PAST_TIMES = [
    ("昨天", "yesterday"), ("前天", "the day before yesterday"), ("上周", "last week"), ("上个月", "last month"),
    ("去年", "last year"), ("昨晚", "last night"),
]  # fmt: skip
FUTURE_TIMES = [
    ("明天", "tomorrow"), ("后天", "the day after tomorrow"), ("下周", "next week"), ("下个月", "next month"),
    ("明年", "next year"), ("今晚", "tonight"),
]  # fmt: skip
HABIT_TIMES = [
    ("每天", "every day"), ("早上", "in the morning"), ("下午", "in the afternoon"), ("晚上", "in the evening"),
    ("周末", "at the weekend"), ("星期一", "on Mondays"), ("星期五", "on Fridays"), ("春天", "in spring"),
    ("夏天", "in summer"), ("秋天", "in autumn"), ("冬天", "in winter"),
]  # fmt: skip
FREQUENCIES = [("经常", "often"), ("总是", "always"), ("有时候", "sometimes"), ("很少", "rarely"), ("从来不", "never"), ("也", "also")]

# Chinese, English before a base verb (third person where it differs), negative (third person)
MODALS = [
    ("想", "want to", "wants to", "do not want to", "does not want to"),
    ("能", "can", "can", "cannot", "cannot"),
    ("应该", "should", "should", "should not", "should not"),
    ("可以", "may", "may", "may not", "may not"),
    ("敢", "dare to", "dares to", "do not dare to", "does not dare to"),
    ("必须", "must", "must", "", ""),
    ("打算", "plan to", "plans to", "do not plan to", "does not plan to"),
]
