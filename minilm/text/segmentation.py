"""Chinese segmentation: the most probable way to cut a text into words.

Chinese is written without spaces, so words must be found. With the probability of a word p(w) = its frequency /
the total, and words taken as independent, the best cut of a text maximises

    Σ log p(w_i)        over all sequences of words w_1 w_2 ... that spell the text

(the unigram model; Manning and Schütze 1999, section 4.2). Viterbi's algorithm (1967) finds it from left to right:
the best cut of the first j characters is the best, over the last word text[i:j], of the best cut of the first i
and that word. A character that no word covers stands alone, at a tenth of the rarest word's probability, so that a
known word wins wherever there is one. Runs of letters, digits and the like that are not Chinese stay together.
"""

import math
import re

HAN = "㐀-䶿一-鿿豈-﫿"
PIECES = re.compile(f"[{HAN}]+|[A-Za-zÀ-ɏ0-9]+(?:[.,'’-][A-Za-z0-9]+)*|\\s+|.", re.DOTALL)


class Segmenter:
    """Cuts text into words; `frequencies` maps each known word to how often it occurs."""

    def __init__(self, frequencies):
        total = sum(frequencies.values())
        self.frequencies = dict(frequencies)
        self.log_p = {word: math.log(number / total) for word, number in frequencies.items() if number > 0}
        self.unknown = min(self.log_p.values(), default=0.0) - math.log(10)
        self.longest = max(map(len, self.log_p), default=1)

    def __call__(self, text):
        """The words of `text`, without the white space between them."""
        words = []
        for piece in PIECES.findall(text):
            if "一" <= piece[0] <= "鿿" or re.match(f"[{HAN}]", piece):
                words += self.cut(piece)
            elif not piece.isspace():
                words.append(piece)
        return words

    def cut(self, text):
        """The most probable words that spell `text`, by Viterbi."""
        best = [0.0] + [-math.inf] * len(text)  # best[j]: the log probability of the best cut of text[:j]
        starts = [0] * (len(text) + 1)  # where the last word of that cut begins
        for j in range(1, len(text) + 1):
            for i in range(max(0, j - self.longest), j):
                word_log_p = self.log_p.get(text[i:j], self.unknown if j == i + 1 else -math.inf)
                if best[i] + word_log_p > best[j]:
                    best[j], starts[j] = best[i] + word_log_p, i
        words = []
        end = len(text)
        while end:
            words.append(text[starts[end] : end])
            end = starts[end]
        return words[::-1]


def join(words):
    """The text again: Chinese needs no spaces, two neighbouring runs of letters or digits need one."""
    text = ""
    for word in words:
        latin = text[-1:].isascii() and text[-1:].isalnum() and word[:1].isascii() and word[:1].isalnum()
        text += f" {word}" if latin else word
    return text
