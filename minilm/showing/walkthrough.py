"""The article's seven steps for one sentence, with the arrays that the model really computed.

The article ("大规模语言模型从理论到实践：模型推理", sections 3 and 4) takes 我喜欢编程 through

    1 分词    2 词嵌入    3 编码器    4 自注意力    5 前馈神经网络    6 解码器    7 生成输出

and gives a formula for each of 2 to 6. `trace` runs the model once, as decoding did, and keeps every intermediate;
`steps` reads the seven steps off those, each with the article's formula, the exact one, the shape, a corner of the
arrays, and one line about where the article is loose. `render` writes a step for a terminal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from minilm.models import encoder_decoder
from minilm.ops import embedding, softmax
from minilm.showing import language as languages
from minilm.text import columns
from minilm.text.marks import END, PAD, START, UNKNOWN

CORNER = 5  # how many of a vector's numbers are shown
ENGLISH = languages.in_language("en")


class Trace(NamedTuple):
    """One run of the model: the source's words and ids, the target's ids, and the cache of its forward pass."""

    words: list[str]
    source: list[int]
    target: list[int]
    cache: dict[str, Any]


@dataclass(frozen=True)
class Table:
    """An array with its labels; `form` is how one number is written."""

    caption: str
    rows: Sequence[str]
    columns: Sequence[str]
    values: np.ndarray
    form: str = "{:.3f}"


@dataclass(frozen=True)
class Step:
    """One of the seven; `article` is the article's formula, `formula` what is really computed."""

    number: int
    chinese: str
    english: str
    article: str
    formula: str
    shape: str
    tables: tuple[Table, ...]
    loose: str
    language: str = "en"

    def __str__(self) -> str:
        return render(self)


def trace(translator, text: str) -> Trace:
    """Translate greedily, then run the model over the whole sentence and its translation at once.

    Row t of the logits is what the decoder knew before it chose word t: the causal mask sees to that.
    Raises InputError for an empty text or one that is too long.
    """
    source = translator.encode(text)
    (target,) = translator.search([source])
    inputs = [START, *target][: translator.config.max_positions]
    _, cache = encoder_decoder.forward(
        translator.params, np.array([source]), np.array([inputs]), config=translator.config
    )
    return Trace(translator.words(text), source, target, cache)


def steps(translator, text: str, language: str = "en") -> Iterator[Step]:
    """The seven steps of `text`, in the article's order, told in English or Chinese ("zh")."""
    say = languages.in_language(language)
    traced = trace(translator, text)
    yield replace(segmentation(translator, text, traced, say), language=language)
    for step in (look_up, encoder, self_attention, feed_forward, decoder, output):
        yield replace(step(translator, traced, say), language=language)


def segmentation(translator, text, traced, say=ENGLISH):
    words, ids = traced.words, np.array([traced.source])
    caption = say("each word's row in the vocabulary", "每个词在词表里的行号")
    if UNKNOWN in ids:
        caption += say(f" ({UNKNOWN}: a word it does not know)", f"（{UNKNOWN} 表示不认识的词）")
    tables = [Table(caption, ["id"], words, ids, "{:d}")]
    segment = translator.source_language.segment
    if segment:
        log_p = np.array([[segment.log_p.get(word, segment.unknown) for word in words]])
        total = f"{log_p.sum():.2f}"
        caption = say(
            f"log p of each word, {total} in all: no other cut has more",
            f"每个词的 log p，总和 {total}；其他任何切法的总和都不会更大",
        )
        tables.append(Table(caption, ["log p"], words, log_p, "{:.2f}"))
        formula = say(
            "the cut w₁ w₂ … of the text with the largest Σ log p(wᵢ), found by Viterbi",
            "在所有切法 w₁ w₂ … 中取 Σ log p(wᵢ) 最大的一种，用维特比算法找到",
        )
    else:
        formula = say("cut at spaces", "按空格切开")
    return Step(
        1, "输入处理：分词", "Input: segmentation", " / ".join(words), formula,
        say(f"{len(text)} characters", f"{len(text)} 个字") + f" → ids (B, S) = {ids.shape}", tuple(tables),
        say(
            "the article does not say how words are found where no space parts them: by their probabilities.",
            "中文的词与词之间没有空格，文章没有说怎样切分；这里靠的是词的概率。",
        ),
    )  # fmt: skip


def look_up(translator, traced, say=ENGLISH):
    cached = traced.cache["source_embedding"]
    rows, _ = embedding.forward(translator.params["source_embedding"], cached["ids"])
    table = translator.params["source_embedding"]["weight"].shape
    return Step(
        2, "词嵌入", "Embedding", "Word Embedding = Embedding Matrix × Word Index",
        say(
            "x = √D · E[id] + P, with P[t, 2i] = sin(t / 10000^(2i/D)) and P[t, 2i+1] = cos(the same)",
            "x = √D · E[id] + P，其中 P[t, 2i] = sin(t / 10000^(2i/D))，P[t, 2i+1] 是同一个角的 cos",
        ),
        f"E (V, D) = {table}, x (B, S, D) = {cached['x'].shape}",
        (
            corner(say("E[id]: the rows that were read", "E[id]：查到的那几行"), traced.words, rows[0], say),
            corner(
                say("x: scaled, and with the positions added", "x：乘上 √D，再加上位置编码"), traced.words,
                cached["x"][0], say,
            ),
        ),
        say(
            "matrix × index is no product; row number `id` is looked up, which equals one_hot(id) E. The article's "
            "[1, 0, 0, 0, 0] is such a one-hot vector. Without P the model could not tell one order of words from "
            "another.",
            "“矩阵 × 编号”并不是乘法，而是查出第 id 行，等于 one_hot(id) E；"
            "文章里的 [1, 0, 0, 0, 0] 正是这样的独热向量。没有 P，模型就分不清词的先后。",
        ),
    )  # fmt: skip


def encoder(translator, traced, say=ENGLISH):
    memory = traced.cache["memory"]
    number = len(translator.params["encoder"])
    return Step(
        3, "编码器处理", "Encoder", "Encoder Output = Encoder Layer(Word Embedding)",
        say(f"{number} layer{'s' * (number > 1)} in turn: ", f"{number} 层依次计算：")
        + say(
            "a = norm(x + attention(x, x)), then norm(a + feed_forward(a))",
            "先 a = norm(x + attention(x, x))，再 norm(a + feed_forward(a))",
        ),
        f"memory (B, S, D) = {memory.shape}",
        (corner(say("memory: what the decoder will read", "memory：解码器要读的内容"), traced.words, memory[0], say),),
        say(
            f"its \"fixed-length vector\" is one vector a token, so {memory.shape[1]} here, each of fixed width "
            f"{memory.shape[2]}. Steps 4 and 5 are not after the encoder but the two halves of each of its layers.",
            f"所谓“固定长度的向量”其实是每个词一个向量，这里共 {memory.shape[1]} 个，固定的只是宽度 {memory.shape[2]}。"
            "第 4、5 步也不在编码器之后，而是编码器每一层的两个组成部分。",
        ),
    )  # fmt: skip


def self_attention(translator, traced, say=ENGLISH):
    cached = traced.cache["encoder"][0]["attention"]["attention"]
    products = cached["q"][0, 0] @ cached["k"][0, 0].T
    heads, width = cached["q"].shape[1], cached["q"].shape[-1]
    words = traced.words
    return Step(
        4, "自注意力", "Self-attention", "Attention Score = Query · Key",
        say(
            "weights = softmax(q kᵀ / √K), y = weights v, with q, k, v three linear maps of x",
            "weights = softmax(q kᵀ / √K)，y = weights v，其中 q、k、v 是 x 的三个线性变换",
        ),
        f"q, k, v (B, H, S, K) = {cached['q'].shape}, weights (B, H, S, S) = {cached['weights'].shape}",
        (
            Table(
                say(
                    "the article's score q · k in layer 1, head 1 (rows ask)",
                    "文章所说的分数 q · k：第 1 层，第 1 个头（行是提问的词）",
                ),
                words, words, products, "{:.2f}",
            ),
            Table(
                say(
                    "weights: how much it takes from each; a row sums to 1",
                    "weights：从每个词取多少；每行之和为 1",
                ),
                words, words, cached["weights"][0, 0],
            ),
            corner(
                say("weights v: what it takes, layer 1, head 1", "weights v：取到的内容，第 1 层，第 1 个头"), words,
                (cached["weights"] @ cached["v"])[0, 0], say,
            ),
        ),
        say(
            f"its score lacks the scale 1/√K = {width**-0.5:.3f}, the softmax and the values: scores alone weight "
            f"nothing. And there are {heads} such heads side by side.",
            f"文章的公式少了缩放 1/√K = {width**-0.5:.3f}、softmax 和 value：只有分数还谈不上加权。"
            f"而且这样的头有 {heads} 个，并排计算。",
        ),
    )  # fmt: skip


def feed_forward(translator, traced, say=ENGLISH):
    hidden = traced.cache["encoder"][0]["feed_forward"]["activation"]["y"]
    active = (hidden[0] > 0).mean(-1, keepdims=True)
    return Step(
        5, "前馈神经网络", "Feed-forward", "Feedforward Output = ReLU(Weight · Input + Bias)",
        say("y = ReLU(a W₁ + b₁) W₂ + b₂, for each word by itself", "y = ReLU(a W₁ + b₁) W₂ + b₂，每个词各算各的"),
        f"hidden (B, S, F) = {hidden.shape}, y (B, S, D) = {traced.cache['memory'].shape}",
        (
            Table(
                say("how many hidden numbers ReLU let through, layer 1", "ReLU 放行的隐藏数值占多少，第 1 层"),
                traced.words, [say("active", "放行")], active, "{:.0%}",
            ),
            corner(
                say("hidden, layer 1: whatever was negative is 0", "hidden，第 1 层：凡是负数都变成 0"),
                traced.words, hidden[0], say,
            ),
        ),
        say(
            "its formula stops at the ReLU; a second linear map W₂, b₂ leads back from F to D numbers.",
            "文章的公式到 ReLU 就停了；还要用第二个线性变换 W₂、b₂ 把 F 个数变回 D 个数。",
        ),
    )  # fmt: skip


def probabilities(traced):
    """p (T, V) of the word at each target position; words that decoding never chooses have p = 0."""
    p, _ = softmax.forward(traced.cache["logits"][0])                                      # (T, V)
    p[:, [PAD, START, UNKNOWN]] = 0
    return p


def chosen(translator, traced):
    """The ids of the words that the rows of the logits stand for: the target and, where it fits, the end mark."""
    return [*traced.target, END][: traced.cache["logits"].shape[1]]


def decoder(translator, traced, say=ENGLISH):
    p = probabilities(traced)
    known, words = translator.target_vocabulary.words, traced.words
    best = np.argsort(-p, axis=-1, kind="stable")[:, :3]                                 # (T, 3)
    candidates = np.array([[f"{known[v]} {p[t, v]:.4f}" for v in row] for t, row in enumerate(best)])
    answers = [known[v] for v in chosen(translator, traced)]
    ranks = [say("1st", "第一"), say("2nd", "第二"), say("3rd", "第三")]
    so_far = ["<start>", *(f"… {word}" for word in answers[:-1])]
    weights = traced.cache["decoder"][-1]["cross_attention"]["weights"][0].mean(0)
    return Step(
        6, "解码器处理", "Decoder", "Decoder Output = Decoder Layer(Encoder Output)",
        say(
            "y = decoder(target so far, memory), p = softmax(y Eᵀ), E the target's embedding",
            "y = decoder(已经写出的词, memory)，p = softmax(y Eᵀ)，E 是目标语言的词嵌入矩阵",
        ),
        f"y (B, T, D) = {traced.cache['head']['y'].shape}, logits (B, T, V) = {traced.cache['logits'].shape}",
        (
            Table(
                say(
                    "the most probable next words (row: the last word so far)",
                    "最有可能的下一个词（行：到目前为止的最后一个词）",
                ),
                so_far, ranks, candidates, "{}",
            ),
            Table(
                say(
                    "where it looked for each: cross-attention, last layer, mean of the heads",
                    "写每个词时看了哪里：交叉注意力，最后一层，各个头的平均",
                ),
                answers, words, weights,
            ),
        ),
        say(
            "its formula omits the target so far: the decoder reads its own words too, and may look back but not "
            "ahead.",
            "文章的公式漏掉了已经写出的词：解码器也读自己写的词，只能往回看，不能往前看。",
        ),
    )  # fmt: skip


def output(translator, traced, say=ENGLISH):
    ids = chosen(translator, traced)
    known = translator.target_vocabulary.words
    p = probabilities(traced)[np.arange(len(ids)), ids][None]
    text = translator.decode(traced.target)
    product = f"{p.prod():.4f}"
    return Step(
        7, "输出生成", "Output", say("the final text", "最终的输出文本"),
        say(
            "word t = the v with the largest p(v | words before t, source), until it is <end>",
            "第 t 个词 = 使 p(v | 之前的词, 源句) 最大的 v，直到出现 <end>",
        ),
        say(f"{len(traced.target)} words and the end mark → text", f"{len(traced.target)} 个词加结束标记 → 文本"),
        (
            Table(
                say(f"“{text}”, with probability Π p = {product}", f"“{text}”，概率 Π p = {product}"),
                ["p"], [known[v] for v in ids], p, "{:.4f}",
            ),
        ),
        say(
            "its example ends with its own input, 我喜欢编程. What comes out is what was trained: here a translation.",
            "文章的例子最后输出的还是输入本身，“我喜欢编程”。训练的是什么，出来的就是什么：这里是译文。",
        ),
    )  # fmt: skip


def corner(caption, words, vectors, say=ENGLISH):
    """The first numbers of each word's vector; (S, D) -> (S, CORNER)."""
    shown = vectors[:, :CORNER]
    headings = [str(i) for i in range(shown.shape[1])]
    first, of = len(headings), vectors.shape[1]
    more = say(f"; the first {first} of {of} numbers", f"；{of} 个数中的前 {first} 个")
    return Table(caption + more, words, headings, shown)


def render(step: Step, most: int = 100) -> str:
    """The step in lines of at most `most` columns, Chinese characters counted as two."""
    say = languages.in_language(step.language)
    title = f"{step.number}  " + say(f"{step.chinese}  {step.english}", step.chinese)
    lines = [title, "─" * columns.width(title)]
    labels = say("article", "文章"), say("exactly", "准确地说"), say("shape", "形状")
    for name, text in zip(labels, (step.article, step.formula, step.shape), strict=True):
        lines += labelled(name, columns.printable(text), most)
    for table in step.tables:
        lines += ["", *(f"   {line}" for line in columns.wrap(columns.printable(table.caption), most - 3))]
        cells = [[table.form.format(value) for value in row] for row in table.values]
        lines += [f"      {line}".rstrip() for line in columns.table(table.rows, table.columns, cells, most=most - 6)]
    lines += ["", *labelled(say("loosely", "不严谨处"), step.loose, most)]
    return "\n".join(lines)


def labelled(name, text, most):
    """`text` after a label, its further lines indented below its first."""
    first, *others = columns.wrap(text, most - 12) or [""]
    return [f"   {columns.left(name, 9)}{first}", *(" " * 12 + line for line in others)]
