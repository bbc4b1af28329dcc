"""Numbers of the corpus: a character is a word in Chinese (二 十 五), English says twenty-five."""

from minilm.data import lexicon as lex

DIGITS = "零一二三四五六七八九"


def chinese(number: int) -> str:
    """The words of 1 to 9999, parted by spaces."""
    if number >= 1000:
        rest = number % 1000
        zero = "" if not rest else " 零 " if rest < 100 else " "
        return f"{thousands(number // 1000)} 千{zero}{chinese(rest) if rest else ''}"
    if number >= 100:
        rest = number % 100
        tail = "" if not rest else f" 零 {DIGITS[rest]}" if rest < 10 else f" {'一 ' if rest < 20 else ''}{chinese(rest)}"
        return f"{thousands(number // 100)} 百{tail}"
    tens, ones = divmod(number, 10)
    if not tens:
        return DIGITS[ones]
    return " ".join([*([DIGITS[tens]] if tens > 1 else []), "十", *([DIGITS[ones]] if ones else [])])


def thousands(number: int) -> str:
    return "两" if number == 2 else DIGITS[number]


def counting(number: int) -> str:
    """Before a measure word two is 两."""
    return "两" if number == 2 else chinese(number)


def english(number: int) -> str:
    """one to nine thousand nine hundred and ninety-nine"""
    if number >= 100:
        size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
        head, rest = divmod(number, size)
        joint = " and " if 0 < rest < 100 else " "
        return f"{english(head)} {name}{joint + english(rest) if rest else ''}"
    if number < 20:
        return lex.ONES[number]
    tens, ones = divmod(number, 10)
    return f"{lex.TENS[tens]}-{lex.ONES[ones]}" if ones else lex.TENS[tens]


def ordinal(number: int) -> str:
    """first to thirty-first"""
    if number <= 20:
        return lex.ORDINALS[number]
    tens, ones = divmod(number, 10)
    return f"{lex.TENS[tens]}-{lex.ORDINALS[ones]}" if ones else f"{lex.TENS[tens][:-1]}ieth"
