"""`minilm tag RUN [TEXT ...]`: the entities of texts, by a trained tagger."""

DESCRIPTION = """\
Find the entities of texts with a run folder that `minilm train tagger` left. Each text comes back with its entities in
brackets, [Lima|PLACE]; with --json as a line of JSON, with the offsets of each entity in characters; with --tags SCHEME
as the tagger reads it, a token and its tag a line.

examples:
  minilm tag runs/names "Maria lives in Lima"
  minilm tag runs/names < texts.txt                one text a line
  minilm tag runs/names --json < texts.txt
  minilm tag runs/names --tags BIO < texts.txt > texts.conll

A text that is empty gives an empty line, and the exit status is then 2. One with characters or words that were never
seen in training is tagged as well as can be. Either is named on standard error, before the texts. No other text
suffers. A text of more than 2,000 characters or words is read in windows that overlap.
"""

AT_ONCE = 64  # texts


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "tag", help="the entities of texts, by a trained tagger", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("folder", metavar="RUN", help="a run folder")
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="texts (default: the lines of standard input)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="a line of JSON a text: its entities with their offsets")
    form.add_argument("--tags", choices=("BIO", "BIOES", "BMES"), help="a token and its tag a line, in this scheme")
    parser.set_defaults(run=run, words="texts")


def run(arguments):
    import sys

    from minilm.cli.loaded import load
    from minilm.cli.translate import lines
    from minilm.errors import InputError
    from minilm.text import columns

    tagger = load(arguments.folder, "tag")
    texts = arguments.texts or lines(sys.stdin)
    status = 0
    for first in range(0, len(texts), AT_ONCE):
        part = texts[first : first + AT_ONCE]
        good = []
        for number, text in enumerate(part, start=first + 1):
            try:
                unknown = tagger.unknown([unit.text for unit in tagger.cut(text, number)])
            except InputError as error:
                status = 2
                print(f"minilm: {columns.printable(str(error))}", file=sys.stderr)
                continue
            good.append(text)
            if unknown:
                said = columns.cut(", ".join(unknown), 200)
                print(f"minilm: text {number}: never seen in training: {columns.printable(said)}", file=sys.stderr)
        sys.stderr.flush()
        found = iter(tagger.tag(good))
        for text in part:  # an empty line for a text with nothing in it: line n stays that of text n
            print(shown(arguments, tagger, text, next(found)) if text in good else "", flush=True)
    return status


def shown(arguments, tagger, text, found):
    """A text and its entities in the form that is asked for."""
    from minilm.data import conll, tag_schemes
    from minilm.tasks import tagging
    from minilm.text import columns

    if arguments.json:
        return tagging.as_json(text, found)
    if not arguments.tags:
        return columns.printable(tagging.marked(text, found))
    spans = tagger.cut(text)
    starts, ends = ([getattr(unit, name) for unit in spans] for name in ("start", "end"))
    placed = [tag_schemes.Entity(starts.index(each.start), ends.index(each.end) + 1, each.type) for each in found]
    tags = tag_schemes.tags(placed, len(spans), arguments.tags)
    return columns.obeyed_by_none(conll.text([unit.text for unit in spans], tags) + "\n")
