"""Chinese segmentation: the most probable way to cut a text into words.

Chinese is written without spaces, so words must be found. With the probability of a word p(w) = its frequency /
the total, and words taken as independent, the best cut of a text maximises

    Σ log p(w_i)        over all sequences of words w_1 w_2 ... that spell the text

(the unigram model; Sproat, Shih, Gale and Chang 1996, "A Stochastic Finite-State Word-Segmentation Algorithm for
Chinese"). Viterbi's algorithm (1967) finds it from left to right: the best cut of the first j characters is the
best, over the last word text[i:j], of the best cut of the first i and that word. A character that no word covers
stands alone, at a tenth of the rarest word's probability, so that a known word wins wherever there is one; without
any frequencies every Chinese character is a word.

Runs of letters and digits that are not Chinese stay together; any other sign is a word of its own. White space means
nothing between two signs of Chinese and is dropped. Beside a run of letters or digits it is the writer's choice (我用
Python, 我用Python) and a word of its own, a space; between two runs it goes without saying, and `join` puts it back.
"""

import math
import re
from collections.abc import Iterable, Mapping

from minilm.errors import said
from minilm.text.chinese import HAN

LONGEST = 64  # characters of a word
SPACE = " "
LETTERS = f"(?:(?![{HAN}])[^\\W_])+"  # and digits
PIECES = re.compile(f"(?P<han>[{HAN}]+)|(?P<word>{LETTERS}(?:[.,'’-]{LETTERS})*|\\S)")
RUN = re.compile(f"(?![{HAN}])[^\\W_]")


class Segmenter:
    """Cuts text into words; `frequencies` maps each known word to how often it occurs.

    Segmenter({"喜欢": 3, "编程": 1})("我喜欢编程") is ["我", "喜欢", "编程"]; "我用 C" is ["我", "用", " ", "C"].
    Raises ValueError for a frequency below zero or that is not finite, and for a word of more than 64 characters:
    a character's cut looks back as far as the longest word.
    """

    def __init__(self, frequencies: Mapping[str, float]) -> None:
        for word, number in frequencies.items():
            if not 0 <= number < math.inf:
                raise ValueError(f"the frequency of {said(word)} is {said(number)}; it must be a number from 0 up")
            if len(word) > LONGEST:
                raise ValueError(f"the word {said(word)} has {len(word)} characters; at most {LONGEST} are possible")
        total = sum(frequencies.values())
        self.log_p = {word: math.log(number / total) for word, number in frequencies.items() if number > 0}
        self.unknown = min(self.log_p.values(), default=0.0) - math.log(10)
        self.longest = max(map(len, self.log_p), default=1)

    def __call__(self, text: str) -> list[str]:
        """The words of `text`, and a space between two of them of which one alone is a run of letters or digits."""
        words: list[str] = []
        end = None
        for piece in PIECES.finditer(text):
            runs = end is not None and bool(RUN.match(words[-1][-1])) + bool(RUN.match(piece.group()))
            if end != piece.start() and runs == 1:
                words.append(SPACE)
            words += self.cut(piece["han"]) if piece["han"] else [piece["word"]]
            end = piece.end()
        return words

    def cut(self, text: str) -> list[str]:
        """The most probable words that spell `text`, by Viterbi; of equally probable cuts the last word is longest."""
        best = [0.0] + [-math.inf] * len(text)  # best[j]: the log probability of the best cut of text[:j]
        starts = [0] * (len(text) + 1)  # where the last word of that cut begins
        for j in range(1, len(text) + 1):
            for i in range(max(0, j - self.longest), j):
                alone = self.unknown if i == j - 1 else -math.inf
                log_p = best[i] + self.log_p.get(text[i:j], alone)
                if log_p > best[j]:
                    best[j], starts[j] = log_p, i
        words = []
        end = len(text)
        while end:
            words.append(text[starts[end] : end])
            end = starts[end]
        return words[::-1]


def join(words: Iterable[str]) -> str:
    """The text of the words, with a space between two runs of letters or digits and nothing between any others.

    A word that is a space is one where the text of a writer may have it: beside one run, and once.
    """
    text, asked = "", False
    for word in words:
        if word == SPACE:
            asked = True
            continue
        runs = bool(RUN.match(text[-1:])) + bool(RUN.match(word))
        text += f" {word}" if text and (runs == 2 or runs == 1 and asked) else word
        asked = False
    return text
