"""`minilm tokenize MODEL [TEXT]`: how a text becomes ids, and back."""

DESCRIPTION = """\
Show the tokens and ids of a text. MODEL is any folder with a tokenizer in it: tokenizer.json, vocab.json and
merges.txt, vocab.txt, or any run folder; of a translator it is the language that it translates from.

examples:
  minilm tokenize runs/demo 我喜欢编程
  minilm tokenize gpt2 "Hello, world"
  minilm tokenize gpt2 --ids < text.txt        the ids alone, a line of them for each line of standard input
"""


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "tokenize", help="the tokens and ids of a text", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("folder", metavar="MODEL", help="a folder with a tokenizer")
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="texts (default: the lines of standard input)")
    parser.add_argument("--ids", action="store_true", help="print the ids alone")
    parser.set_defaults(run=run, words="texts")


def run(arguments):
    import sys
    from pathlib import Path
    from typing import Any

    from minilm import loading
    from minilm.cli.translate import lines
    from minilm.tasks.translation import Translator
    from minilm.text import columns

    if (Path(arguments.folder) / "source_vocabulary.json").exists():  # a translator's: its source language
        tokenizer: Any = Translator.load(arguments.folder).source_tokenizer
    else:
        tokenizer = loading.tokenizer(arguments.folder)
    for text in arguments.texts or lines(sys.stdin):
        ids = tokenizer.encode(text)
        if arguments.ids:
            print(*ids)
            continue
        names = {number: token for token, number in tokenizer.ids.items()}
        head = [columns.printable(names[number]) for number in ids]
        width = max([1, *map(columns.width, head)])
        for token, number in zip(head, ids, strict=True):
            print(f"  {columns.left(token, width)}  {number}")
        print(f"{len(ids)} tokens; back again: {columns.printable(tokenizer.decode(ids))}")
    return 0
