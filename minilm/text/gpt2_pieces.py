"""GPT-2's splitting rule: the pieces of a text that no merge of byte-pair encoding crosses.

Contractions, words, numbers and other signs, each with the one space before it (Radford et al. 2019, released code).
The rule needs Unicode's letters (L), numbers (N) and White_Space, which Python's `re` has not by name: the classes are
written out from `unicodedata`, and what Unicode 15 and 16 added is listed here, so that an older Python splits alike.
"""

import re
import sys
import unicodedata
from functools import cache

SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # White_Space
ADDED = {  # ranges of code points, in hexadecimal
    "L": (
        "1C89-1C8A A7CB-A7CD A7DA-A7DC 105C0-105F3 10D4A-10D65 10D6F-10D85 10EC2-10EC4 1123F-11240 "
        "11380-11389 1138B 1138E 11390-113B5 113B7 113D1 113D3 11BC0-11BE0 11F02 11F04-11F10 11F12-11F33 "
        "1342F 13441-13446 13460-143FA 16100-1611D 16D40-16D6C 18CFF 1B132 1B155 1DF25-1DF2A 1E030-1E06D "
        "1E4D0-1E4EB 1E5D0-1E5ED 1E5F0 2B739 2EBF0-2EE5D 31350-323AF "
    ),
    "N": (
        "10D40-10D49 116D0-116E3 11BF0-11BF9 11F50-11F59 16130-16139 16D70-16D79 1CCF0-1CCF9 1D2C0-1D2D3 "
        "1E4F0-1E4F9 1E5F1-1E5FA "
    ),
}


@cache
def character_class(initial):
    """The code points whose category begins with `initial`, "L" or "N", as ranges for a character class."""
    codes = {code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code))[0] == initial}
    for part in ADDED[initial].split():
        first, _, last = part.partition("-")
        codes |= set(range(int(first, 16), int(last or first, 16) + 1))
    ranges: list[list[int]] = []
    for code in sorted(codes):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)  # letters and numbers need no escape


@cache
def splitting_rule():
    """The rule. White space before a word belongs to it only as one space; of more, the last one does."""
    letter, number = character_class("L"), character_class("N")
    return re.compile(
        f"'s|'t|'re|'ve|'m|'ll|'d| ?[{letter}]+| ?[{number}]+| ?[^{SPACE}{letter}{number}]+"
        f"|[{SPACE}]+(?![^{SPACE}])|[{SPACE}]+"
    )


def pieces(text):
    """The pieces of a text; joined, they are the text."""
    return splitting_rule().findall(text)
