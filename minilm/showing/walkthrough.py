"""The article's seven steps for one sentence, with the arrays that the model really computed.

The article ("大规模语言模型从理论到实践：模型推理", sections 3 and 4) takes 我喜欢编程 through

    1 分词    2 词嵌入    3 编码器    4 自注意力    5 前馈神经网络    6 解码器    7 生成输出

and gives a formula for each of 2 to 6. `trace` runs the model once, as decoding did, and keeps every intermediate;
`steps` reads the seven steps off those, each with the article's formula, the exact one, the shape, a corner of the
arrays, and one line about where the article is loose. `render` writes a step for a terminal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from minilm.models import encoder_decoder
from minilm.ops import embedding, softmax
from minilm.text import columns
from minilm.text.marks import END, PAD, START, UNKNOWN

CORNER = 5  # how many of a vector's numbers are shown


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
    return Trace(translator.source_language.split(text), source, target, cache)


def steps(translator, text: str) -> Iterator[Step]:
    """The seven steps of `text`, in the article's order."""
    traced = trace(translator, text)
    yield segmentation(translator, text, traced)
    yield look_up(translator, traced)
    yield encoder(translator, traced)
    yield self_attention(translator, traced)
    yield feed_forward(translator, traced)
    yield decoder(translator, traced)
    yield output(translator, traced)


def segmentation(translator, text, traced):
    words, ids = traced.words, np.array([traced.source])
    caption = "each word's row in the vocabulary" + (f" ({UNKNOWN}: a word it does not know)" if UNKNOWN in ids else "")
    tables = [Table(caption, ["id"], words, ids, "{:d}")]
    segment = translator.source_language.segment
    if segment:
        log_p = np.array([[segment.log_p.get(word, segment.unknown) for word in words]])
        caption = f"log p of each word, {log_p.sum():.2f} in all: no other cut has more"
        tables.append(Table(caption, ["log p"], words, log_p, "{:.2f}"))
    return Step(
        1, "输入处理：分词", "Input: segmentation", " / ".join(words),
        "the cut w₁ w₂ … of the text with the largest Σ log p(wᵢ), found by Viterbi" if segment else "cut at spaces",
        f"{len(text)} characters → ids (B, S) = {ids.shape}", tuple(tables),
        "the article does not say how words are found where no space parts them: by their probabilities.",
    )  # fmt: skip


def look_up(translator, traced):
    cached = traced.cache["source_embedding"]
    rows, _ = embedding.forward(translator.params["source_embedding"], cached["ids"])
    table = translator.params["source_embedding"]["weight"].shape
    return Step(
        2, "词嵌入", "Embedding", "Word Embedding = Embedding Matrix × Word Index",
        "x = √D · E[id] + P, with P[t, 2i] = sin(t / 10000^(2i/D)) and P[t, 2i+1] = cos(the same)",
        f"E (V, D) = {table}, x (B, S, D) = {cached['x'].shape}",
        (
            corner("E[id]: the rows that were read", traced.words, rows[0]),
            corner("x: scaled, and with the positions added", traced.words, cached["x"][0]),
        ),
        "matrix × index is no product; row number `id` is looked up, which equals one_hot(id) E. The article's "
        "[1, 0, 0, 0, 0] is such a one-hot vector. Without P the model could not tell one order of words from another.",
    )  # fmt: skip


def encoder(translator, traced):
    memory = traced.cache["memory"]
    number = len(translator.params["encoder"])
    return Step(
        3, "编码器处理", "Encoder", "Encoder Output = Encoder Layer(Word Embedding)",
        f"{number} layer{'s' * (number > 1)} in turn: a = norm(x + attention(x, x)), then norm(a + feed_forward(a))",
        f"memory (B, S, D) = {memory.shape}",
        (corner("memory: what the decoder will read", traced.words, memory[0]),),
        f"its \"fixed-length vector\" is one vector a token, so {memory.shape[1]} here, each of fixed width "
        f"{memory.shape[2]}. Steps 4 and 5 are not after the encoder but the two halves of each of its layers.",
    )  # fmt: skip


def self_attention(translator, traced):
    cached = traced.cache["encoder"][0]["attention"]["attention"]
    products = cached["q"][0, 0] @ cached["k"][0, 0].T
    heads, width = cached["q"].shape[1], cached["q"].shape[-1]
    words = traced.words
    return Step(
        4, "自注意力", "Self-attention", "Attention Score = Query · Key",
        "weights = softmax(q kᵀ / √K), y = weights v, with q, k, v three linear maps of x",
        f"q, k, v (B, H, S, K) = {cached['q'].shape}, weights (B, H, S, S) = {cached['weights'].shape}",
        (
            Table("the article's score q · k in layer 1, head 1 (rows ask)", words, words, products, "{:.2f}"),
            Table("weights: how much it takes from each; a row sums to 1", words, words, cached["weights"][0, 0]),
            corner("weights v: what it takes, layer 1, head 1", words, (cached["weights"] @ cached["v"])[0, 0]),
        ),
        f"its score lacks the scale 1/√K = {width**-0.5:.3f}, the softmax and the values: scores alone weight nothing. "
        f"And there are {heads} such heads side by side.",
    )  # fmt: skip


def feed_forward(translator, traced):
    hidden = traced.cache["encoder"][0]["feed_forward"]["activation"]["y"]
    active = (hidden[0] > 0).mean(-1, keepdims=True)
    return Step(
        5, "前馈神经网络", "Feed-forward", "Feedforward Output = ReLU(Weight · Input + Bias)",
        "y = ReLU(a W₁ + b₁) W₂ + b₂, for each word by itself",
        f"hidden (B, S, F) = {hidden.shape}, y (B, S, D) = {traced.cache['memory'].shape}",
        (
            Table("how many hidden numbers ReLU let through, layer 1", traced.words, ["active"], active, "{:.0%}"),
            corner("hidden, layer 1: whatever was negative is 0", traced.words, hidden[0]),
        ),
        "its formula stops at the ReLU; a second linear map W₂, b₂ leads back from F to D numbers.",
    )  # fmt: skip


def probabilities(traced):
    """p (T, V) of the word at each target position; words that decoding never chooses have p = 0."""
    p, _ = softmax.forward(traced.cache["logits"][0])                                      # (T, V)
    p[:, [PAD, START, UNKNOWN]] = 0
    return p


def chosen(translator, traced):
    """The ids of the words that the rows of the logits stand for: the target and, where it fits, the end mark."""
    return [*traced.target, END][: traced.cache["logits"].shape[1]]


def decoder(translator, traced):
    p = probabilities(traced)
    known, words = translator.target_vocabulary.words, traced.words
    best = np.argsort(-p, axis=-1, kind="stable")[:, :3]                                 # (T, 3)
    candidates = np.array([[f"{known[v]} {p[t, v]:.4f}" for v in row] for t, row in enumerate(best)])
    answers = [known[v] for v in chosen(translator, traced)]
    ranks = ["1st", "2nd", "3rd"]
    so_far = ["<start>", *(f"… {word}" for word in answers[:-1])]
    weights = traced.cache["decoder"][-1]["cross_attention"]["weights"][0].mean(0)
    return Step(
        6, "解码器处理", "Decoder", "Decoder Output = Decoder Layer(Encoder Output)",
        "y = decoder(target so far, memory), p = softmax(y Eᵀ), E the target's embedding",
        f"y (B, T, D) = {traced.cache['head']['y'].shape}, logits (B, T, V) = {traced.cache['logits'].shape}",
        (
            Table("the most probable next words (row: the last word so far)", so_far, ranks, candidates, "{}"),
            Table("where it looked for each: cross-attention, last layer, mean of the heads", answers, words, weights),
        ),
        "its formula omits the target so far: the decoder reads its own words too, and may look back but not ahead.",
    )  # fmt: skip


def output(translator, traced):
    ids = chosen(translator, traced)
    known = translator.target_vocabulary.words
    p = probabilities(traced)[np.arange(len(ids)), ids][None]
    text = translator.decode(traced.target)
    return Step(
        7, "输出生成", "Output", "the final text",
        "word t = the v with the largest p(v | words before t, source), until it is <end>",
        f"{len(traced.target)} words and the end mark → text",
        (Table(f"“{text}”, with probability Π p = {p.prod():.4f}", ["p"], [known[v] for v in ids], p, "{:.4f}"),),
        "its example ends with its own input, 我喜欢编程. What comes out is what was trained: here a translation.",
    )  # fmt: skip


def corner(caption, words, vectors):
    """The first numbers of each word's vector; (S, D) -> (S, CORNER)."""
    shown = vectors[:, :CORNER]
    headings = [str(i) for i in range(shown.shape[1])]
    return Table(f"{caption}; the first {len(headings)} of {vectors.shape[1]} numbers", words, headings, shown)


def render(step: Step, most: int = 100) -> str:
    """The step in lines of at most `most` columns, Chinese characters counted as two."""
    title = f"{step.number}  {step.chinese}  {step.english}"
    lines = [title, "─" * columns.width(title)]
    for name, text in (("article", step.article), ("exactly", step.formula), ("shape", step.shape)):
        lines += labelled(name, columns.printable(text), most)
    for table in step.tables:
        lines += ["", *(f"   {line}" for line in columns.wrap(columns.printable(table.caption), most - 3))]
        cells = [[table.form.format(value) for value in row] for row in table.values]
        lines += [f"      {line}".rstrip() for line in columns.table(table.rows, table.columns, cells, most=most - 6)]
    lines += ["", *labelled("loosely", step.loose, most)]
    return "\n".join(lines)


def labelled(name, text, most):
    """`text` after a label, its further lines indented below its first."""
    first, *others = columns.wrap(text, most - 12) or [""]
    return [f"   {name:9}{first}", *(" " * 12 + line for line in others)]
