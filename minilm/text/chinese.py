"""What a Chinese character is: an ideograph of Unicode's Han script, or the zero 〇.

BERT has ranges of its own (bert_words.py): those with which the released vocabulary was made.
"""

import re

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # for the brackets of a regular expression
CHARACTER = re.compile(f"[{HAN}]")


def is_chinese(text: str) -> bool:
    """Whether a text begins with such a character."""
    return CHARACTER.match(text) is not None
