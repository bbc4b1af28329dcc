"""Numbers of the corpus: a character is a word in Chinese (二 十 五), English says twenty-five."""

from minilm.data import lexicon as lex

DIGITS = "零一二三四五六七八九"


def chinese(number: int) -> str:
    """The words of 1 to 9999, parted by spaces."""
    for size, name in ((1000, "千"), (100, "百")):
        if number >= size:
            head, rest = divmod(number, size)
            if not rest:
                return f"{counting(head)} {name}"
            zero = "零 " if rest < size // 10 else ""
            ten = "一 " if 10 <= rest < 20 else ""
            return f"{counting(head)} {name} {zero}{ten}{chinese(rest)}"
    tens, ones = divmod(number, 10)
    if not tens:
        return DIGITS[ones]
    return " ".join([*([DIGITS[tens]] if tens > 1 else []), "十", *([DIGITS[ones]] if ones else [])])


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
