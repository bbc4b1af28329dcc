"""How the vocabulary's files of byte-level BPE spell bytes: each as a printable character (GPT-2's released code)."""

from functools import cache


@cache
def byte_characters():
    """The character of each byte: itself where it is printable, else the next one free from U+0100 on."""
    printable = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]
