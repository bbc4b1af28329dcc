"""BERT's cleaning and its words (Devlin et al. 2019, released code).

    1. Control and format characters go, white space becomes spaces, and around a Chinese character stand spaces.
    2. In uncased models accents go (marks without width, after canonical decomposition) and letters become small, each
       by itself: a capital sigma is σ wherever it stands.
    3. Words are parted by spaces, and each punctuation mark is a word.

What a mark or a sign is changes with Unicode's versions. Hugging Face's tokenizers decide it by tables of Unicode 8,
decompose by those of Unicode 9 and write small by those of Unicode 17. The tables below hold what later versions, up to
Unicode 16, say otherwise, so that every Python cleans alike: as the reference does.
"""

import re
import sys
import unicodedata
from functools import cache


def code_points(ranges):
    """The characters of ranges of code points, in hexadecimal."""
    found: list[str] = []
    for part in ranges.split():
        first, _, last = part.partition("-")
        found += map(chr, range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)


CHINESE = code_points("4E00-9FFF 3400-4DBF 20000-2A6DF 2A700-2B73F 2B740-2B81F 2B920-2CEAF F900-FAFF 2F800-2FA1F")
SPACES = code_points("9 A D 20 A0 1680 2000-200A 2028-2029 202F 205F 3000")
LATER = code_points(  # marks, punctuation and format signs that the reference does not know as such
    "61D 7FD 890-891 897-89F 8CA-8E2 9FD-9FE A76 AFA-AFF B55 C04 C3C C77 C84 D00 D3B-D3C D81 EBA ECE 180F "
    "1885-1886 1ABF-1ACE 1B4E-1B4F 1B7D-1B7F 1DF6-1DFB 2E43-2E4F 2E52-2E5D A82C A8C5 A8FF A9BD 10D24-10D27 "
    "10D69-10D6E 10EAB-10EAD 10EFC-10EFF 10F46-10F50 10F55-10F59 10F82-10F89 11070 11073-11074 110C2 110CD "
    "111C9 111CF 1123E 11241 1133B 113BB-113C0 113CE 113D0 113D2 113D4-113D5 113D7-113D8 113E1-113E2 "
    "11438-1143F 11442-11444 11446 1144B-1144F 1145A-1145B 1145D-1145E 11660-1166C 116B9 1182F-11837 "
    "11839-1183B 1193B-1193C 1193E 11943-11946 119D4-119D7 119DA-119DB 119E0 119E2 11A01-11A0A 11A33-11A38 "
    "11A3B-11A47 11A51-11A56 11A59-11A5B 11A8A-11A96 11A98-11A9C 11A9E-11AA2 11B00-11B09 11BE1 11C30-11C36 "
    "11C38-11C3D 11C3F 11C41-11C45 11C70-11C71 11C92-11CA7 11CAA-11CB0 11CB2-11CB3 11CB5-11CB6 11D31-11D36 "
    "11D3A 11D3C-11D3D 11D3F-11D45 11D47 11D90-11D91 11D95 11D97 11EF3-11EF4 11EF7-11EF8 11F00-11F01 "
    "11F36-11F3A 11F40 11F42-11F4F 11F5A 11FFF 12FF1-12FF2 13430-13440 13447-13455 1611E-16129 1612D-1612F "
    "16D6D-16D6F 16E97-16E9A 16F4F 16FE2 16FE4 1CF00-1CF2D 1CF30-1CF46 1E000-1E006 1E008-1E018 1E01B-1E021 "
    "1E023-1E024 1E026-1E02A 1E08F 1E130-1E136 1E2AE 1E2EC-1E2EF 1E4EC-1E4EF 1E5EE-1E5EF 1E5FF 1E944-1E94A "
    "1E95E-1E95F"
)
STARTERS = code_points(  # canonical decomposition leaves these where they are
    "7FD 897-89F 8CA-8D3 9FE C3C D3B-D3C EBA ECE 1715 1ABF-1ACE 1DF6-1DFA A82C 105C9 105E4 10D24-10D27 "
    "10D69-10D6D 10EAB-10EAC 10EFC-10EFF 10F46-10F50 10F82-10F85 11070 11241 1133B 11383 11385 1138E 11391 "
    "113BB-113C0 113C5 113C7-113C8 113CE-113D0 113D2 113E1-113E2 1145E 11839-1183A 11938 1193D-1193E 11943 "
    "119E0 11A34 11A47 11A99 11D42 11D44-11D45 11D97 11F00-11F01 11F36-11F3A 11F40-11F42 11F5A 13440 "
    "13447-13455 1611E-1612F 16D68-16D6A 16FF0-16FF1 1E08F 1E130-1E136 1E2AE 1E2EC-1E2EF 1E4EC-1E4EF "
    "1E5EE-1E5EF"
)
EARLIER_MARKS, EARLIER_PUNCTUATION = code_points("1734 1171E"), code_points("166D 111C9")  # signs of another kind today
SMALL = {0x10D50 + i: chr(0x10D70 + i) for i in range(22)} | {0x16EA0 + i: chr(0x16EBB + i) for i in range(25)}
SMALL |= {0x1C89: "\u1c8a", 0xA7CB: "\u0264", 0xA7CC: "\ua7cd", 0xA7CE: "\ua7cf", 0xA7D2: "\ua7d3", 0xA7D4: "\ua7d5"}
SMALL |= {0xA7DA: "\ua7db", 0xA7DC: "\u019b"}


class Table(dict):
    """For str.translate: what `rule` makes of a character, asked for once."""

    def __init__(self, rule):
        super().__init__()
        self.rule = rule

    def __missing__(self, code):
        self[code] = self.rule(chr(code))
        return self[code]


def cleaned(character):
    """Step 1 without Chinese."""
    if character in SPACES:
        return " "
    if character in LATER:
        return character
    gone = character in "\0\ufffd" or unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs")
    return "" if gone else character


def without_mark(character):
    """Nothing for a mark without width."""
    mark = unicodedata.category(character) == "Mn" and character not in LATER or character in EARLIER_MARKS
    return "" if mark else character


def parted(character):
    """Step 3: spaces around punctuation, which is every ASCII sign but letters and digits, and Unicode's category P."""
    if character.isascii():
        mark = "!" <= character <= "~" and not character.isalnum()
    else:
        mark = unicodedata.category(character)[0] == "P" and character not in LATER or character in EARLIER_PUNCTUATION
    return f" {character} " if mark else character


def parts(character):
    """The canonical decomposition of one character."""
    return character if character in STARTERS else unicodedata.normalize("NFD", character)


CLEANED, WITHOUT_MARK, PARTED, PARTS = Table(cleaned), Table(without_mark), Table(parted), Table(parts)
CHINESE_CLEANED = Table(lambda character: f" {character} " if character in CHINESE else cleaned(character))
LOWER = Table(lambda character: SMALL.get(ord(character)) or character.lower())


@cache
def marks():
    """Two marks or more in a row: characters with a combining class."""
    codes = [chr(code) for code in range(0x300, sys.maxunicode + 1) if unicodedata.combining(chr(code))]
    return re.compile(f"[{''.join(code for code in codes if code not in STARTERS)}]{{2,}}")


def clean(text, lower=True, accents=None, chinese=True):
    """Steps 1 and 2. `accents`: whether they go; by default where letters become small."""
    clean_text = text.translate(CHINESE_CLEANED if chinese else CLEANED)
    if lower if accents is None else accents:
        clean_text = decomposed(clean_text).translate(WITHOUT_MARK)
    return clean_text.translate(LOWER) if lower else clean_text


def decomposed(text):
    """Canonical decomposition (NFD): each character's parts, then marks in a row by their classes.

    Written out, because unicodedata.normalize sorts a row of n marks in n² steps: 200 KB of them take half a minute.
    """
    if text.isascii():
        return text
    return marks().sub(lambda row: "".join(sorted(row[0], key=unicodedata.combining)), text.translate(PARTS))


def words(text):
    """Step 3."""
    return text.translate(PARTED).split()
