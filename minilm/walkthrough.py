"""The article's seven steps of inference, for one sentence, with the arrays that the model really computes.

The numbering and the formulas are the article's (its sections 3 and 4); where it is loose, a line says what is
meant. Every number is read from the caches of one forward pass: nothing is computed twice and nothing is invented.
"""

import unicodedata
from dataclasses import dataclass

import numpy as np

from minilm.decoding.beam import log_softmax
from minilm.models import encoder_decoder
from minilm.text.vocabulary import END, START


@dataclass(frozen=True)
class Step:
    """One step: the article's number and title, its formula and ours, the array's shape, what to look at."""

    number: int
    title: str
    formula: str
    shape: str
    shown: str
    loose: str = ""

    def __str__(self):
        lines = [f"{self.number}. {self.title}", f"   formula   {self.formula}", f"   shape     {self.shape}"]
        lines += [f"     {line}" for line in self.shown.split("\n")]
        if self.loose:
            lines.append(f"   loose     {self.loose}")
        return "\n".join(lines)


def trace(translator, text):
    """(words, source ids, target ids without marks, the cache of the forward pass that yields them)."""
    source = translator.encode(text)
    target = translator.search([source])[0]
    _, cache = encoder_decoder.forward(
        translator.params, np.array([source]), np.array([[START, *target]]), config=translator.config
    )
    return translator.source_language.split(text), source, target, cache


def steps(translator, text):
    """The seven steps of translating `text`, as a list of Step."""
    words, source, target, cache = trace(translator, text)
    config = translator.config
    heads, width = config.heads, config.width
    # the first block's map, whose keys are still close to the words themselves
    attention = cache["encoder"][0]["attention"]["attention"]
    weights = attention["weights"][0].mean(0)                              # (S, S)
    scores = (attention["q"] @ attention["k"].swapaxes(-1, -2))[0, 0]      # (S, S)
    active = cache["encoder"][0]["feed_forward"]["activation"]["y"][0]     # (S, F)
    fed = cache["encoder"][0]["feed_forward_norm"]["xhat"][0]              # (S, D)
    log_p = log_softmax(cache["logits"][0])                                # (T, V)
    table = translator.params["source_embedding"]["weight"]
    known = translator.target_vocabulary.words
    written = [*(known[number] for number in target), known[END]]
    choices = []
    for position, word in enumerate(written):
        best = np.argsort(-log_p[position])[:3]
        candidates = "   ".join(f"{known[i]} {np.exp(log_p[position, i]):.4f}" for i in best)
        choices.append([word, candidates])
    sentence = translator.decode(target)
    return [
        Step(
            1, "输入处理 Input: segmentation", "the most probable path: max Σ log p(word)", f"{len(words)} words, ids {source}",
            f"{text}  →  {' / '.join(words)}",
        ),
        Step(
            2, "词嵌入 Embedding", "Word Embedding = Embedding Matrix × Word Index", f"({len(words)}, {width})",
            grid(table[source], words),
            "the index is a one-hot vector; what is done is to look up a row. Then √D · row + position.",
        ),
        Step(
            3, "编码器处理 Encoder", "Encoder Output = Encoder Layer(Word Embedding)", f"({len(words)}, {width})",
            grid(cache["memory"][0], words),
            'the article\'s "fixed-length vector" is one vector a token: a longer sentence gives more of them.',
        ),
        Step(
            4, "自注意力 Self-attention", "Attention Score = Query · Key",
            f"({heads}, {len(words)}, {len(words)}): a row of scores for each head and word",
            "the score of the first head:\n" + grid(scores, words, words)
            + "\nthe weights, mean of the heads (rows sum to 1):\n" + grid(weights, words, words),
            "it lacks the scale, the softmax and the values: softmax(Q Kᵀ / √K) V.",
        ),
        Step(
            5, "前馈神经网络 Feed-forward", "Feedforward Output = ReLU(Weight · Input + Bias)",
            f"({len(words)}, {config.inner}), and back to ({len(words)}, {width})",
            f"{(active > 0).mean():.0%} of the {config.inner} hidden numbers are above zero; behind the second matrix and norm:\n"
            + grid(fed, words),
            "a second matrix leads back to the model's width: W₂ ReLU(W₁ x + b₁) + b₂.",
        ),
        Step(
            6, "解码器处理 Decoder", "Decoder Output = Decoder Layer(Encoder Output)",
            f"({len(written)}, {width}), then ({len(written)}, {len(known)}) logits",
            "at each place the three most probable words:\n" + columns(choices),
            "it reads what it has written so far too: Decoder Layer(target so far, Encoder Output).",
        ),
        Step(
            7, "输出生成 Output", "argmax at each place, until the end mark", f"{len(target)} words, ids {target}",
            f"{text}  →  {sentence}",
            'the article prints its input here, "我喜欢编程"; what a translator gives is the other language.'
            if text == "我喜欢编程" else "",
        ),
    ]  # fmt: skip


def grid(array, rows, columns_=None, most=6):
    """The corner of a matrix as text, with its words at the side (and above)."""
    table = []
    if columns_ is not None:
        table.append(["", *columns_[:most]])
    for word, row in zip(rows, array, strict=True):
        dots = ["…"] if len(row) > most else []
        table.append([word, *(f"{value: .3f}" for value in row[:most]), *dots])
    return columns(table)


def columns(table):
    """Lines with aligned columns; a Chinese character takes two places in a terminal."""
    widths = [max(display_width(row[i]) for row in table if i < len(row)) for i in range(max(map(len, table)))]
    return "\n".join(
        "  ".join(cell + " " * (widths[i] - display_width(cell)) for i, cell in enumerate(row)).rstrip() for row in table
    )


def display_width(text):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
