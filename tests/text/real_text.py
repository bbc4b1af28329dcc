"""The real text that tokenizers are compared on, and odd texts."""

from pathlib import Path

from minilm.data import grammar

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TEXT = "\n".join(f"{a} {b} It's 3.5°C — naïve café, «Ünïcödé»! we'll" for a, b in grammar.pairs()[:800])
ODD = [
    "", " ", "  a", "a  b \n\n c\t\td ", "don't I'LL we've 'S", "x\u00a0y\u3000z\x1fw\x85", "１２³Ⅷ½", "🙂👩‍👩‍👧", "e\u0301 ǆ İ ß",
    "<|endoftext|>a<|endoftext|>", "[CLS]我[MASK] [SEP]", "a" * 101, "\ufeffx\ufffd\x00", "我喜欢programming",
    "ΟΔΟΣ Σ", "a\u0898\u0323\u0301b", "x\U00011938\u0334", "\ua7dc\U00010d50", "abab" * 300,
]  # fmt: skip


def lines():
    """All distinct lines of the real data, where it lies beside the checkout."""
    found = list(ODD)
    for path in sorted(DATA.glob("*/*")):
        found += path.read_text(encoding="utf-8").split("\n")
    return list(dict.fromkeys(found))
