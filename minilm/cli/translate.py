"""`minilm translate RUN [TEXT ...]`: translate with a trained run."""

DESCRIPTION = """\
Translate with a run folder that `minilm demo` or `minilm train encoder-decoder` left.

examples:
  minilm translate runs/demo 我喜欢编程 他昨天买了三本书
  minilm translate runs/demo < sentences.txt          one sentence a line, one translation a line
  minilm translate runs/demo --beam 4 我喜欢编程

A sentence that is empty or too long gives an empty line, and the exit status is then 2. One with words that the model
has never seen is translated as well as can be. Either is named on standard error, before the translations. No other
sentence suffers.
"""


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "translate", help="translate with a trained run", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("folder", metavar="RUN", help="a run folder")
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="sentences (default: the lines of standard input)")
    parser.add_argument("--beam", type=int, default=1, metavar="N", help="hypotheses kept; 1 is greedy (1)")
    parser.add_argument(
        "--length-penalty", type=float, default=0.6, metavar="A",
        help="how much long translations are favoured, 0 not at all; with --beam (0.6)",
    )  # fmt: skip
    parser.set_defaults(run=run, words="texts")


def run(arguments):
    import math
    import sys

    from minilm.cli.loaded import load
    from minilm.errors import InputError
    from minilm.text import columns

    if not 1 <= arguments.beam <= 64:
        raise InputError(f"--beam {arguments.beam}: give 1 (greedy) to 64")
    if not math.isfinite(arguments.length_penalty):
        raise InputError(f"--length-penalty {arguments.length_penalty}: give a number such as 0.6")
    translator = load(arguments.folder, "translate")
    texts = arguments.texts or lines(sys.stdin)
    status = 0
    for first in range(0, len(texts), 64):
        sources: list[list[int] | None] = []
        for number, text in enumerate(texts[first : first + 64], start=first + 1):
            try:
                if "\t" in text.strip():
                    raise InputError(f"sentence {number} has a tab in it; give one column, as `cut -f1 FILE` does")
                ids, unknown = translator.read(text, number)
            except InputError as error:
                ids, unknown, status = None, [], 2
                print(f"minilm: {columns.printable(str(error))}", file=sys.stderr)
            sources.append(ids)
            if unknown:
                problem = f"sentence {number}: never seen in training: {', '.join(unknown)}; say it in other words"
                print(f"minilm: {columns.printable(problem)}", file=sys.stderr, flush=True)
        good = [ids for ids in sources if ids is not None]
        found = iter(translator.search(good, arguments.beam, arguments.length_penalty))
        for ids in sources:  # an empty line for a bad sentence: line n stays the translation of line n
            print("" if ids is None else columns.printable(translator.decode(next(found))), flush=True)
    return status


def lines(stream):
    """The lines of standard input, as UTF-8 whatever the system's own encoding."""
    from minilm.errors import InputError

    if stream.isatty():
        print("Type a sentence a line; end with Ctrl-D (Ctrl-Z and Enter on Windows).")
    data = stream.buffer.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data[: error.start].count(b"\n") + 1
        raise InputError(f"standard input, line {number}: not UTF-8; convert the text to UTF-8") from None
    found = [line.rstrip("\r") for line in text.split("\n")]
    if found and not found[-1]:
        found.pop()
    if not found:
        raise InputError("standard input is empty; give sentences as arguments or one a line")
    return found
