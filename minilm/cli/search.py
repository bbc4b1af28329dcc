"""`minilm search FOLDER FILE [QUERY ...]`: the lines of a file that are nearest in meaning."""

DESCRIPTION = """\
Find the lines of a file that are nearest in meaning to a query. FOLDER is a BERT that makes vectors of texts, such as
all-MiniLM-L6-v2 (`minilm embed -h`); FILE has a text a line, UTF-8.

The vectors of all lines are made once, with a bar that says how long it takes, and kept beside the file (FILE.vectors.
safetensors, four bytes a number); a query then takes milliseconds. Where the file, the column or the model has changed,
they are made again. Each hit is printed as its score (the cosine of the two vectors: 1 says the same), its line's
number and its text.

examples:
  minilm search all-MiniLM-L6-v2 sentences.txt "I am hungry"
  minilm search all-MiniLM-L6-v2 pairs.tsv --column 1 --top 3 "I am hungry" "Where is the station?"
  minilm search all-MiniLM-L6-v2 sentences.txt < queries.txt       one query a line
"""


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "search", help="the lines of a file that are nearest in meaning", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("folder", metavar="FOLDER", help="a BERT's folder, such as all-MiniLM-L6-v2")
    parser.add_argument("file", metavar="FILE", help="the texts, a line each")
    parser.add_argument("queries", nargs="*", metavar="QUERY", help="queries (default: the lines of standard input)")
    parser.add_argument("--top", type=int, default=10, metavar="N", help="how many lines to show (10)")
    parser.add_argument("--distinct", action="store_true", help="show each text once, however often it stands in FILE")
    parser.add_argument("--column", type=int, metavar="N", help="the column of a tab-separated FILE, from 1 (all)")
    parser.add_argument("--index", metavar="FILE", help="where the vectors are kept (beside FILE)")
    parser.set_defaults(run=run, words="queries")


def run(arguments):
    import sys

    from minilm.cli.loaded import sentence_encoder
    from minilm.cli.translate import lines
    from minilm.errors import InputError
    from minilm.text import columns

    for name in ("top", "column"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            raise InputError(f"--{name} is {value}; it must be 1 or more")
    encoder = sentence_encoder(arguments.folder)
    index = indexed(encoder, arguments)
    queries = arguments.queries or lines(sys.stdin)
    for query in queries:
        if len(queries) > 1:
            print(columns.printable(query))
        for score, number, text in index.nearest(query, arguments.top, arguments.distinct):
            print(f"{score:6.3f}  line {number:<6}  {columns.printable(text)}", flush=True)
    return 0


def indexed(encoder, arguments):
    """The index of the file, with a bar while its vectors are made."""
    from minilm.cli.progress import Progress
    from minilm.tasks import search

    bar = None

    def told(done, number):
        nonlocal bar
        if bar is None:
            bar = Progress(number, "making vectors", unit="text").__enter__()
        bar.advance(done - bar.done)

    try:
        return search.build(encoder, arguments.file, arguments.column, arguments.index, told)
    finally:
        if bar is not None:
            bar.__exit__()
