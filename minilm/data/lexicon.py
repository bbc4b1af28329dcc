"""The words of the corpus: each table pairs a Chinese word with what it takes to say it in English.

Chinese words stand as the grammar joins them: one entry, one word of the segmentation (a space stands
between two words of an expression, as in 打 篮球). Where the order matters (`Choices.common`) the words that a first
textbook teaches, HSK 1 and 2, come first.
"""

Noun = tuple[str, str, str, str]  # Chinese, singular, plural or "" where it is not counted, measure word

# People ---------------------------------------------------------------------------------------------------------------

# Chinese, subject form, object form, possessive, person and number (1, 2, 3 = third singular, 4 = plural)
PRONOUNS = [
    ("我", "I", "me", "my", 1), ("你", "you", "you", "your", 2), ("他", "he", "him", "his", 3),
    ("她", "she", "her", "her", 3), ("我们", "we", "us", "our", 4), ("他们", "they", "them", "their", 4),
    ("您", "you", "you", "your", 2), ("你们", "you", "you", "your", 4), ("她们", "they", "them", "their", 4),
]  # fmt: skip

NAMES = [
    ("小明", "Xiaoming"), ("李华", "Li Hua"), ("王 先生", "Mr Wang"), ("李 小姐", "Miss Li"), ("张 先生", "Mr Zhang"),
    ("王 老师", "Teacher Wang"), ("王芳", "Wang Fang"), ("汤姆", "Tom"), ("玛丽", "Mary"), ("安娜", "Anna"),
    ("杰克", "Jack"), ("大卫", "David"),
]  # fmt: skip
SURNAMES = [("王", "Wang"), ("李", "Li"), ("张", "Zhang")]

# people said with an owner: 我 妈妈, my mother
RELATIVES = [
    ("妈妈", "mother"), ("爸爸", "father"), ("哥哥", "older brother"), ("弟弟", "younger brother"),
    ("姐姐", "older sister"), ("妹妹", "younger sister"), ("儿子", "son"), ("女儿", "daughter"), ("丈夫", "husband"),
    ("妻子", "wife"), ("朋友", "friend"), ("孩子", "child"), ("同学", "classmate"), ("爷爷", "grandfather"),
    ("奶奶", "grandmother"), ("同事", "colleague"), ("邻居", "neighbour"),
]  # fmt: skip
ELDERS = RELATIVES[:6] + RELATIVES[13:15]  # said alone they are one's own: 妈妈, my mother
MARRIED = {"丈夫": ("my", "your", "her"), "妻子": ("my", "your", "his")}
COUNTED_RELATIVES = [
    ("孩子", "child", "children"), ("儿子", "son", "sons"), ("女儿", "daughter", "daughters"),
    ("朋友", "friend", "friends"), ("哥哥", "older brother", "older brothers"), ("妹妹", "younger sister", "younger sisters"),
    ("姐姐", "older sister", "older sisters"), ("弟弟", "younger brother", "younger brothers"),
    ("同学", "classmate", "classmates"), ("学生", "student", "students"), ("老师", "teacher", "teachers"),
]  # fmt: skip
HUMANS = [  # said with 这 个, 那 个
    ("人", "person", "people"), ("孩子", "child", "children"), ("女人", "woman", "women"), ("男人", "man", "men"),
    ("女孩", "girl", "girls"), ("男孩", "boy", "boys"), ("学生", "student", "students"), ("老师", "teacher", "teachers"),
    ("医生", "doctor", "doctors"), ("服务员", "waiter", "waiters"),
]  # fmt: skip

# people by what they do; with 们 the plural
PROFESSIONS = [
    ("老师", "teacher"), ("学生", "student"), ("医生", "doctor"), ("服务员", "waiter"), ("司机", "driver"),
    ("警察", "police officer"), ("护士", "nurse"), ("工人", "worker"), ("经理", "manager"), ("农民", "farmer"),
    ("律师", "lawyer"), ("记者", "journalist"), ("工程师", "engineer"), ("科学家", "scientist"), ("画家", "painter"),
    ("作家", "writer"),
]  # fmt: skip

COUNTRIES = [("中国", "China", "Chinese"), ("美国", "America", "American"), ("法国", "France", "French"),
             ("日本", "Japan", "Japanese"), ("英国", "England", "English")]  # fmt: skip

ACTIVITIES = [
    ("编程", "programming"), ("游泳", "swimming"), ("跑步", "running"), ("唱歌", "singing"), ("跳舞", "dancing"),
    ("旅游", "travelling"), ("运动", "sports"), ("做饭", "cooking"), ("画画", "painting"), ("学习", "studying"),
    ("爬山", "hiking"), ("滑雪", "skiing"),
]  # fmt: skip

# Things ---------------------------------------------------------------------------------------------------------------

# Chinese, singular, plural, measure word; no plural: not counted (then the measure word is a vessel, below)
NOUNS: dict[str, list[Noun]] = {
    "food": [
        ("苹果", "apple", "apples", "个"), ("菜", "dish", "dishes", "个"), ("米饭", "rice", "", "碗"), ("鸡蛋", "egg", "eggs", "个"), ("鱼", "fish", "", ""),
        ("水果", "fruit", "", ""), ("西瓜", "watermelon", "watermelons", "个"), ("面条", "noodles", "", "碗"),
        ("香蕉", "banana", "bananas", "根"), ("羊肉", "lamb", "", "块"), ("中国菜", "Chinese food", "", ""), ("面包", "bread", "", "块"),
        ("包子", "steamed bun", "steamed buns", "个"), ("蛋糕", "cake", "cakes", "个"), ("牛肉", "beef", "", "块"),
        ("橙子", "orange", "oranges", "个"), ("巧克力", "chocolate", "", "块"),
    ],
    "drink": [
        ("茶", "tea", "", "杯"), ("水", "water", "", "杯"), ("咖啡", "coffee", "", "杯"), ("牛奶", "milk", "", "杯"),
        ("果汁", "juice", "", "瓶"), ("啤酒", "beer", "", "瓶"), ("可乐", "cola", "", "瓶"),
    ],
    "text": [
        ("书", "book", "books", "本"), ("报纸", "newspaper", "newspapers", "份"), ("小说", "novel", "novels", "本"),
        ("信", "letter", "letters", "封"), ("杂志", "magazine", "magazines", "本"),
    ],
    "written": [
        ("汉字", "Chinese character", "Chinese characters", "个"), ("信", "letter", "letters", "封"),
        ("名字", "name", "names", "个"), ("故事", "story", "stories", "个"), ("小说", "novel", "novels", "本"),
    ],
    "shown": [
        ("电影", "film", "films", "部"), ("电视", "television", "", ""), ("比赛", "match", "matches", "场"),
        ("节目", "programme", "programmes", "个"),
    ],
    "heard": [("音乐", "music", "", ""), ("歌", "song", "songs", "首"), ("故事", "story", "stories", "个")],
    "language": [("汉语", "Chinese", "", ""), ("英语", "English", "", ""), ("中文", "Chinese", "", ""), ("法语", "French", "", "")],
    "subject": [
        ("汉语", "Chinese", "", ""), ("英语", "English", "", ""), ("中文", "Chinese", "", ""), ("法语", "French", "", ""),
        ("数学", "mathematics", "", ""), ("历史", "history", "", ""), ("物理", "physics", "", ""),
    ],
    "clothes": [
        ("衣服", "piece of clothing", "clothes", "件"), ("衬衫", "shirt", "shirts", "件"), ("裙子", "skirt", "skirts", "条"),
        ("毛衣", "jumper", "jumpers", "件"), ("大衣", "coat", "coats", "件"), ("帽子", "hat", "hats", "顶"),
        ("围巾", "scarf", "scarves", "条"),
    ],
    "thing": [
        ("手机", "mobile phone", "mobile phones", "个"), ("电脑", "computer", "computers", "个"),
        ("杯子", "cup", "cups", "个"), ("桌子", "table", "tables", "张"), ("椅子", "chair", "chairs", "把"),
        ("手表", "watch", "watches", "块"), ("铅笔", "pencil", "pencils", "支"), ("票", "ticket", "tickets", "张"),
        ("自行车", "bicycle", "bicycles", "辆"), ("电视机", "television set", "television sets", "台"),
        ("汽车", "car", "cars", "辆"), ("礼物", "gift", "gifts", "个"), ("照片", "photo", "photos", "张"),
        ("床", "bed", "beds", "张"), ("书包", "schoolbag", "schoolbags", "个"), ("雨伞", "umbrella", "umbrellas", "把"),
        ("钱包", "wallet", "wallets", "个"), ("钥匙", "key", "keys", "把"), ("相机", "camera", "cameras", "台"),
        ("地图", "map", "maps", "张"),
    ],
    "vehicle": [
        ("汽车", "car", "cars", "辆"), ("出租车", "taxi", "taxis", "辆"), ("公共汽车", "bus", "buses", "辆"),
        ("卡车", "lorry", "lorries", "辆"),
    ],
    "animal": [
        ("狗", "dog", "dogs", "只"), ("猫", "cat", "cats", "只"), ("鸟", "bird", "birds", "只"),
        ("熊猫", "panda", "pandas", "只"), ("兔子", "rabbit", "rabbits", "只"),
    ],
}  # fmt: skip

BY_NAME = {noun[0]: noun for nouns in NOUNS.values() for noun in nouns}
NOUNS |= {
    kind: [BY_NAME[name] for name in names.split()]
    for kind, names in {
        "pet": "狗 猫 鸟 兔子",
        "reading": "书 报纸 小说 杂志",
        "portable": "手机 杯子 铅笔 手表 票 礼物 照片 书包 雨伞 钱包 钥匙 相机 地图",
        "repaired": "手机 电脑 桌子 椅子 手表 自行车 床 雨伞 相机",
    }.items()
}
DESCRIBED = ("thing", "clothes", "vehicle", "portable", "repaired")  # the classes that have sizes, prices and colours

# vessels of what is not counted: Chinese measure -> singular, plural
VESSELS = {
    "杯": ("cup", "cups"), "瓶": ("bottle", "bottles"), "碗": ("bowl", "bowls"), "块": ("piece", "pieces"),
}  # fmt: skip
IN_A_GLASS = frozenset(("水", "牛奶"))  # 一 杯 水, a glass of water

# Actions --------------------------------------------------------------------------------------------------------------

# Chinese, base, third person, past, participle, -ing form, classes of its objects
VERBS = [
    ("吃", ("eat", "eats", "ate", "eaten", "eating"), ["food"]),
    ("喝", ("drink", "drinks", "drank", "drunk", "drinking"), ["drink"]),
    ("买", ("buy", "buys", "bought", "bought", "buying"), ["food", "drink", "reading", "clothes", "thing", "vehicle"]),
    ("看", ("watch", "watches", "watched", "watched", "watching"), ["shown"]),
    ("看", ("read", "reads", "read", "read", "reading"), ["text"]),
    ("写", ("write", "writes", "wrote", "written", "writing"), ["written"]),
    ("学习", ("study", "studies", "studied", "studied", "studying"), ["subject"]),
    ("学", ("learn", "learns", "learnt", "learnt", "learning"), ["subject"]),
    ("听", ("listen to", "listens to", "listened to", "listened to", "listening to"), ["heard"]),
    ("说", ("speak", "speaks", "spoke", "spoken", "speaking"), ["language"]),
    ("穿", ("wear", "wears", "wore", "worn", "wearing"), ["clothes"]),
    ("洗", ("wash", "washes", "washed", "washed", "washing"), ["clothes"]),
    ("找", ("look for", "looks for", "looked for", "looked for", "looking for"), ["portable", "pet", "reading"]),
    ("卖", ("sell", "sells", "sold", "sold", "selling"), ["food", "drink", "reading", "clothes", "thing", "vehicle"]),
    ("读", ("read", "reads", "read", "read", "reading"), ["text"]),
    ("教", ("teach", "teaches", "taught", "taught", "teaching"), ["subject"]),
    ("开", ("drive", "drives", "drove", "driven", "driving"), ["vehicle"]),
    ("养", ("keep", "keeps", "kept", "kept", "keeping"), ["animal"]),
    ("修", ("repair", "repairs", "repaired", "repaired", "repairing"), ["vehicle", "repaired"]),
    ("画", ("draw", "draws", "drew", "drawn", "drawing"), ["animal", "vehicle"]),
    ("拿", ("take", "takes", "took", "taken", "taking"), ["portable", "clothes"]),
    ("借", ("borrow", "borrows", "borrowed", "borrowed", "borrowing"), ["portable", "reading", "vehicle"]),
]
GIVING = {"买": "for", "画": "for", "借": "for"}  # with 给 and somebody; 写信 is "to"
ONE_AT_A_TIME = frozenset(("开", "穿"))  # nobody drives eight taxis
NOT_IN_PROGRESS = frozenset(("穿", "拿", "去", "来", "回", "回家", "起床", "出去", "生病"))  # 正在穿 is putting on, not wearing
NOT_REQUESTED = frozenset(("教", "问", "生病"))  # 请教 and 请问 are words of their own
ASKED_WHAT = ("吃", "喝", "买", "写", "学", "学习", "找", "卖", "教", "画")  # 什么 alone is their object

PERSON_VERBS = [
    ("帮助", "help", "helps", "helped", "helped", "helping"), ("等", "wait for", "waits for", "waited for", "waited for", "waiting for"),
    ("问", "ask", "asks", "asked", "asked", "asking"), ("找", "look for", "looks for", "looked for", "looked for", "looking for"),
    ("照顾", "look after", "looks after", "looked after", "looked after", "looking after"),
    ("拜访", "visit", "visits", "visited", "visited", "visiting"),
    ("邀请", "invite", "invites", "invited", "invited", "inviting"),
    ("感谢", "thank", "thanks", "thanked", "thanked", "thanking"),
]  # fmt: skip
# verbs of state: no progressive; with things, people or activities
STATE_VERBS = [
    ("喜欢", "like", "likes"), ("爱", "love", "loves"), ("讨厌", "hate", "hates"),
]  # fmt: skip
OWN_VERBS = [("有", "have", "has"), ("要", "want", "wants"), ("想要", "want", "wants"), ("需要", "need", "needs")]
INTRANSITIVE = [
    ("工作", "work", "works", "worked", "worked", "working"), ("睡觉", "sleep", "sleeps", "slept", "slept", "sleeping"),
    ("吃饭", "eat", "eats", "ate", "eaten", "eating"), ("学习", "study", "studies", "studied", "studied", "studying"),
    ("看 书", "read", "reads", "read", "read", "reading"),
    ("看 电视", "watch television", "watches television", "watched television", "watched television", "watching television"),
    ("休息", "rest", "rests", "rested", "rested", "resting"), ("做饭", "cook", "cooks", "cooked", "cooked", "cooking"),
    ("跑步", "run", "runs", "ran", "run", "running"), ("游泳", "swim", "swims", "swam", "swum", "swimming"),
    ("唱歌", "sing", "sings", "sang", "sung", "singing"), ("跳舞", "dance", "dances", "danced", "danced", "dancing"),
    ("打 电话", "make a phone call", "makes a phone call", "made a phone call", "made a phone call", "making a phone call"),
    ("打 篮球", "play basketball", "plays basketball", "played basketball", "played basketball", "playing basketball"),
    ("踢 足球", "play football", "plays football", "played football", "played football", "playing football"),
    ("上课", "have class", "has class", "had class", "had class", "having class"),
    ("玩", "play", "plays", "played", "played", "playing"),
    ("说话", "talk", "talks", "talked", "talked", "talking"), ("买 东西", "buy things", "buys things", "bought things", "bought things", "buying things"),
    ("运动", "exercise", "exercises", "exercised", "exercised", "exercising"), ("笑", "laugh", "laughs", "laughed", "laughed", "laughing"),
    ("哭", "cry", "cries", "cried", "cried", "crying"),
    ("聊天", "chat", "chats", "chatted", "chatted", "chatting"), ("散步", "walk", "walks", "walked", "walked", "walking"),
    ("上网", "go online", "goes online", "went online", "gone online", "going online"),
    ("弹 钢琴", "play the piano", "plays the piano", "played the piano", "played the piano", "playing the piano"),
    ("弹 吉他", "play the guitar", "plays the guitar", "played the guitar", "played the guitar", "playing the guitar"),
]  # fmt: skip
NOT_TOGETHER = frozenset(("睡觉", "打 电话", "哭", "笑"))
NOT_AT_A_PLACE = frozenset(("上网", "游泳", "打 电话", "笑"))

SEPARABLE = frozenset(  # verb and object in one word: 过 would go between
    ("睡觉", "吃饭", "聊天", "散步", "上网", "做饭", "跑步", "游泳", "唱歌", "跳舞", "上课", "说话", "起床", "生病", "上班")
)
# what has a time rather than a place: Chinese, base, third, past, participle, -ing
EVENTS = [
    ("起床", "get up", "gets up", "got up", "got up", "getting up"),
    ("上班", "go to work", "goes to work", "went to work", "gone to work", "going to work"),
    ("睡觉", "sleep", "sleeps", "slept", "slept", "sleeping"), ("吃饭", "eat", "eats", "ate", "eaten", "eating"),
    ("上课", "have class", "has class", "had class", "had class", "having class"),
    ("回 家", "go home", "goes home", "went home", "gone home", "going home"),
    ("工作", "work", "works", "worked", "worked", "working"),
    ("去 学校", "go to school", "goes to school", "went to school", "gone to school", "going to school"),
]  # fmt: skip
MOTIONS = [  # beside 去 and a place: Chinese, base, third, past, participle, -ing
    ("回 家", "go home", "goes home", "went home", "gone home", "going home"),
    ("来", "come", "comes", "came", "come", "coming"), ("去", "go", "goes", "went", "gone", "going"),
    ("走", "leave", "leaves", "left", "left", "leaving"),
    ("出去", "go out", "goes out", "went out", "gone out", "going out"),
    ("回来", "come back", "comes back", "came back", "come back", "coming back"),
    ("来 我 家", "come to my home", "comes to my home", "came to my home", "come to my home", "coming to my home"),
]  # fmt: skip
EXPRESSIONS = [  # verb and object that are said together, and alone: Chinese, base, third, past, participle, -ing
    ("吃 药", "take medicine", "takes medicine", "took medicine", "taken medicine", "taking medicine"),
    ("开 门", "open the door", "opens the door", "opened the door", "opened the door", "opening the door"),
    ("关 门", "close the door", "closes the door", "closed the door", "closed the door", "closing the door"),
    ("问 问题", "ask questions", "asks questions", "asked questions", "asked questions", "asking questions"),
    ("准备 考试", "prepare for the exam", "prepares for the exam", "prepared for the exam", "prepared for the exam", "preparing for the exam"),
    ("坐 出租车", "take a taxi", "takes a taxi", "took a taxi", "taken a taxi", "taking a taxi"),
    ("坐 公共汽车", "take a bus", "takes a bus", "took a bus", "taken a bus", "taking a bus"),
    ("坐 飞机", "take a plane", "takes a plane", "took a plane", "taken a plane", "taking a plane"),
    ("进 房间", "go into the room", "goes into the room", "went into the room", "gone into the room", "going into the room"),
    ("写 字", "write characters", "writes characters", "wrote characters", "written characters", "writing characters"),
    ("做 题", "do exercises", "does exercises", "did exercises", "done exercises", "doing exercises"),
    ("看 医生", "see a doctor", "sees a doctor", "saw a doctor", "seen a doctor", "seeing a doctor"),
    ("用 电脑", "use the computer", "uses the computer", "used the computer", "used the computer", "using the computer"),
    ("往 左 走", "go left", "goes left", "went left", "gone left", "going left"),
    ("往 右 走", "go right", "goes right", "went right", "gone right", "going right"),
    ("往 前 走", "go straight ahead", "goes straight ahead", "went straight ahead", "gone straight ahead", "going straight ahead"),
    ("找 工作", "look for work", "looks for work", "looked for work", "looked for work", "looking for work"),
    ("开始 工作", "start work", "starts work", "started work", "started work", "starting work"),
    ("说 这 件 事情", "talk about this matter", "talks about this matter", "talked about this matter", "talked about this matter",
     "talking about this matter"),
    ("介绍 中国", "introduce China", "introduces China", "introduced China", "introduced China", "introducing China"),
    ("学 开车", "learn to drive", "learns to drive", "learnt to drive", "learnt to drive", "learning to drive"),
]  # fmt: skip
MEALS = [("早饭", "breakfast"), ("午饭", "lunch"), ("晚饭", "dinner")]
WAYS = [  # 坐 what, by what
    ("坐 飞机", "by plane"), ("坐 公共汽车", "by bus"), ("坐 出租车", "by taxi"), ("坐 火车", "by train"),
    ("开车", "by car"), ("骑 自行车", "by bicycle"), ("走路", "on foot"),
]  # fmt: skip
# what one can learn (会, can): Chinese, base
SKILLS = [
    ("说 汉语", "speak Chinese"), ("说 英语", "speak English"), ("游泳", "swim"), ("做饭", "cook"), ("开车", "drive"),
    ("唱歌", "sing"), ("跳舞", "dance"), ("写 汉字", "write Chinese characters"), ("打 篮球", "play basketball"),
    ("踢 足球", "play football"), ("说 法语", "speak French"), ("说 中文", "speak Chinese"), ("弹 钢琴", "play the piano"),
    ("做 中国菜", "cook Chinese food"), ("骑 自行车", "ride a bicycle"), ("编程", "program"),
    ("用 电脑", "use a computer"), ("画画", "paint"), ("滑雪", "ski"),
]  # fmt: skip
# how well something is done: verb and object, verb, third person ("" where no object), base
PERFORMANCES = [
    ("跑步", "跑", "run"), ("唱歌", "唱", "sing"), ("说 汉语", "说", "speak Chinese"), ("跳舞", "跳", "dance"),
    ("做饭", "做", "cook"), ("游泳", "游", "swim"), ("写 汉字", "写", "write Chinese characters"), ("开车", "开", "drive"),
    ("说 英语", "说", "speak English"), ("打 篮球", "打", "play basketball"), ("踢 足球", "踢", "play football"),
    ("弹 钢琴", "弹", "play the piano"), ("走路", "走", "walk"),
]  # fmt: skip
THIRD = {"run": "runs", "sing": "sings", "speak": "speaks", "dance": "dances", "cook": "cooks", "swim": "swims", "write": "writes",
         "drive": "drives", "play": "plays", "walk": "walks"}  # fmt: skip
# done to the end, with 完: Chinese, what it is to do it, classes of its objects
FINISHED = [("吃", "eating", "food"), ("看", "reading", "text"), ("喝", "drinking", "drink"), ("写", "writing", "written")]

# Places ---------------------------------------------------------------------------------------------------------------

# Chinese, where one is, where one goes ("" where 去 is not said), what it is
PLACES = [
    ("家", "at home", "", ""), ("学校", "at school", "to school", "the school"), ("商店", "in the shop", "to the shop", "the shop"),
    ("医院", "in the hospital", "to the hospital", "the hospital"), ("北京", "in Beijing", "to Beijing", "Beijing"),
    ("中国", "in China", "to China", "China"), ("饭店", "in the restaurant", "to the restaurant", "the restaurant"),
    ("教室", "in the classroom", "to the classroom", "the classroom"), ("公司", "in the office", "to the office", "the office"),
    ("机场", "at the airport", "to the airport", "the airport"),
    ("火车站", "at the railway station", "to the railway station", "the railway station"),
    ("宾馆", "in the hotel", "to the hotel", "the hotel"), ("公园", "in the park", "to the park", "the park"),
    ("图书馆", "in the library", "to the library", "the library"), ("上海", "in Shanghai", "to Shanghai", "Shanghai"),
    ("超市", "in the supermarket", "to the supermarket", "the supermarket"), ("房间", "in the room", "to the room", "the room"),
    ("银行", "at the bank", "to the bank", "the bank"), ("美国", "in America", "to America", "America"),
    ("饭馆", "in the restaurant", "to the restaurant", "the restaurant"),
    ("咖啡馆", "in the café", "to the café", "the café"), ("车站", "at the station", "to the station", "the station"),
    ("办公室", "in the office", "to the office", "the office"),
    ("博物馆", "in the museum", "to the museum", "the museum"), ("动物园", "at the zoo", "to the zoo", "the zoo"),
    ("海边", "at the seaside", "to the seaside", ""), ("邮局", "at the post office", "to the post office", "the post office"),
    ("市场", "at the market", "to the market", "the market"), ("广州", "in Guangzhou", "to Guangzhou", "Guangzhou"),
    ("英国", "in England", "to England", "England"), ("法国", "in France", "to France", "France"),
    ("日本", "in Japan", "to Japan", "Japan"), ("伦敦", "in London", "to London", "London"),
]  # fmt: skip
CITIES = frozenset(("北京", "上海", "广州", "中国", "美国", "法国", "日本", "英国", "伦敦"))
BUILDINGS = [(zh, what) for zh, _, _, what in PLACES if what and zh not in CITIES and zh not in ("房间", "教室", "海边")]

DESTINATIONS = [(chinese, to) for chinese, _, to, _ in PLACES if to]

FURNITURE = [("桌子", "table"), ("椅子", "chair"), ("床", "bed"), ("书架", "bookshelf"), ("沙发", "sofa"), ("箱子", "box")]
SIDES = [
    ("上", "on"), ("下面", "under"), ("旁边", "beside"), ("后面", "behind"), ("前面", "in front of"), ("上面", "on"),
    ("左边", "to the left of"), ("右边", "to the right of"),
]  # fmt: skip

# Qualities ------------------------------------------------------------------------------------------------------------

ADJECTIVES = [  # of things
    ("好", "good"), ("新", "new"), ("大", "big"), ("小", "small"), ("贵", "expensive"), ("便宜", "cheap"),
    ("漂亮", "beautiful"), ("旧", "old"),
]  # fmt: skip
COLOURS = [
    ("红色", "red"), ("黑色", "black"), ("白色", "white"), ("蓝色", "blue"), ("绿色", "green"), ("黄色", "yellow"),
]  # fmt: skip
SHORT_COLOURS = [("红", "red"), ("黑", "black"), ("白", "white")]
TEXT_QUALITIES = [
    ("好", "good"), ("有意思", "interesting"), ("长", "long"), ("新", "new"), ("难", "difficult"), ("短", "short"),
    ("重要", "important"), ("特别", "special"),
]  # fmt: skip
TASTES = [("好吃", "delicious"), ("贵", "expensive"), ("便宜", "cheap"), ("大", "big"), ("小", "small")]
TRAITS = [  # of people, and the comparative
    ("高", "tall", "taller"), ("漂亮", "beautiful", "more beautiful"), ("聪明", "clever", "cleverer"),
    ("年轻", "young", "younger"), ("胖", "fat", "fatter"), ("认真", "serious", "more serious"),
    ("可爱", "cute", "cuter"), ("健康", "healthy", "healthier"), ("安静", "quiet", "quieter"), ("勇敢", "brave", "braver"),
]  # fmt: skip
MOODS = [  # what people are today
    ("忙", "busy", "busier"), ("累", "tired", "more tired"), ("高兴", "happy", "happier"), ("快乐", "happy", "happier"),
    ("饿", "hungry", "hungrier"), ("生气", "angry", "angrier"), ("难过", "sad", "sadder"), ("渴", "thirsty", "thirstier"),
    ("紧张", "nervous", "more nervous"), ("激动", "excited", "more excited"),
]  # fmt: skip
BECOME = [("饿", "hungry"), ("累", "tired"), ("渴", "thirsty"), ("生病", "ill"), ("生气", "angry")]  # with 了
THING_COMPARATIVES = [
    ("贵", "expensive", "more expensive"), ("大", "big", "bigger"), ("便宜", "cheap", "cheaper"), ("好", "good", "better"),
    ("新", "new", "newer"), ("小", "small", "smaller"), ("漂亮", "beautiful", "more beautiful"),
]  # fmt: skip
WEATHER = [
    ("热", "hot", "hotter"), ("冷", "cold", "colder"), ("暖和", "warm", "warmer"),
]  # fmt: skip
DEGREES = [("很", "very"), ("非常", "extremely"), ("真", "really"), ("有点儿", "a little"), ("有点", "a little")]
UNWELCOME = frozenset(("累", "忙", "难过", "紧张", "生气", "饿", "渴", "旧", "大", "小", "贵", "长", "短", "难", "冷", "热", "胖"))
MANNERS = [("好", "well"), ("快", "fast"), ("慢", "slowly")]

# Times ----------------------------------------------------------------------------------------------------------------

PAST_TIMES = [
    ("昨天", "yesterday"), ("去年", "last year"), ("上个星期", "last week"), ("昨天 晚上", "yesterday evening"),
    ("上个月", "last month"), ("昨晚", "last night"), ("前天", "the day before yesterday"), ("上周", "last week"),
]  # fmt: skip
FUTURE_TIMES = [
    ("明天", "tomorrow"), ("明天 上午", "tomorrow morning"), ("下个星期", "next week"), ("明年", "next year"),
    ("明天 晚上", "tomorrow evening"), ("明天 下午", "tomorrow afternoon"), ("下个月", "next month"), ("今晚", "tonight"),
    ("后天", "the day after tomorrow"), ("下周", "next week"),
]  # fmt: skip
HABIT_TIMES = [
    ("每天", "every day"), ("早上", "in the morning"), ("晚上", "in the evening"), ("下午", "in the afternoon"),
    ("上午", "in the morning"), ("中午", "at noon"), ("周末", "at the weekend"), ("每天 早上", "every morning"),
    ("每天 晚上", "every evening"), ("星期一", "on Mondays"), ("星期五", "on Fridays"), ("春天", "in spring"),
    ("夏天", "in summer"), ("秋天", "in autumn"), ("冬天", "in winter"),
]  # fmt: skip
DAYS = [
    ("星期一", "Monday"), ("星期二", "Tuesday"), ("星期三", "Wednesday"), ("星期四", "Thursday"), ("星期五", "Friday"),
    ("星期六", "Saturday"), ("星期天", "Sunday"),
]  # fmt: skip
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
FREQUENCIES = [("也", "also"), ("常常", "often"), ("经常", "often"), ("总是", "always"), ("有时候", "sometimes"), ("很少", "rarely"),
               ("从来不", "never")]  # fmt: skip

# Numbers --------------------------------------------------------------------------------------------------------------

NUMBERS = [
    ("一", "one"), ("两", "two"), ("三", "three"), ("四", "four"), ("五", "five"), ("六", "six"), ("七", "seven"),
    ("八", "eight"), ("九", "nine"), ("十", "ten"),
]  # fmt: skip
ONES = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip
TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
ORDINALS = ["", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
            "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
            "twentieth"]  # fmt: skip

# Chinese, English before a base verb (third person where it differs), negative (third person)
MODALS = [
    ("想", "want to", "wants to", "do not want to", "does not want to"),
    ("能", "can", "can", "cannot", "cannot"),
    ("可以", "can", "can", "cannot", "cannot"),
    ("要", "want to", "wants to", "", ""),
    ("想", "want to", "wants to", "do not want to", "does not want to"),
    ("应该", "should", "should", "should not", "should not"),
    ("打算", "plan to", "plans to", "do not plan to", "does not plan to"),
    ("必须", "must", "must", "", ""),
]
