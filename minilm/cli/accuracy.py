"""`minilm accuracy`: how right the digits are, against 50-digit arithmetic, beside PyTorch and JAX."""

DESCRIPTION = """\
How many digits every operation keeps.

Each operation runs in float32 and float64, forward and backward, on ordinary, extreme and adversarial inputs (tails,
large logits, constant rows, a mean far from zero, sums of thousands), and is held against arithmetic of 50 digits on
the very same numbers. PyTorch and JAX stand beside it where they are installed.

A row: largest / mean (over). The first two are errors in units in the last place of each entry, the third is the
largest error over the array's largest entry, in units of eps. Elementwise operations are judged by the first, others by
the third.
The last column:
  (nothing)   at most the better of the two frameworks
  roundings   within 4 units, which the roundings of the formula come to
  inputs      what half a unit more or less of the inputs costs anyway
  worse       none of these: docs/accuracy.md has the reason, or the formula is to be mended (exit status 1)

examples:
  minilm accuracy                        all, in a few minutes
  minilm accuracy softmax layer_norm     what begins with one of these
  minilm accuracy --list
  minilm accuracy --page                 all, and docs/accuracy.md made anew
"""
PAGE = "docs/accuracy.md"


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "accuracy", help="how right the digits are, against 50-digit arithmetic", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME", help="only operations whose name begins with NAME (all)")
    parser.add_argument("--page", nargs="?", const=PAGE, metavar="FILE", help=f"write the page, Markdown ({PAGE})")
    parser.add_argument("--json", metavar="FILE", help="write one row for each array to FILE")
    parser.add_argument("--list", action="store_true", help="only list the operations and their inputs")
    parser.set_defaults(run=run, words="names")


def run(arguments):
    import json

    from minilm.cli.progress import Progress
    from minilm.errors import InputError, MissingExtra
    from minilm.storage import atomic

    try:
        import mpmath  # noqa: F401
    except ImportError:
        raise MissingExtra("the true digits are mpmath's", "verify") from None
    from minilm.checking import accuracy
    from minilm.showing import digits

    chosen = choose(arguments.names, list(accuracy.subjects()))
    if arguments.list:
        print("\n".join(subject.name for subject in chosen))
        return 0
    if arguments.page is not None and arguments.names:
        raise InputError("the page is of all operations; leave the names out, or --page")
    rows = []
    print(f"{'':60} {'':8} {'minilm':28} {'PyTorch':28} {'JAX':28}")
    with Progress(len(chosen), "measuring", unit="case") as progress:
        for subject in chosen:
            for dtype in subject.dtypes:
                for row in accuracy.rows(subject, dtype):
                    rows.append(row)
                    print(line(digits, row), flush=True)
            progress.advance()
    worse = [row for row in rows if row.verdict == "worse"]
    unexplained = [row for row in worse if not accuracy.reasons.of(row)]
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in digits.VERDICTS}
    print("\n" + "\n".join(f"{number:5}  {digits.VERDICTS[verdict]}" for verdict, number in counts.items() if number))
    for row in unexplained:
        print(f"worse, and no reason is given: {digits.place(row)}")
    if arguments.page is not None:
        atomic.write_text(arguments.page, digits.page(rows))
        print(f"The page is {arguments.page}.")
    if arguments.json:
        atomic.write_text(arguments.json, json.dumps([as_dict(row) for row in rows], indent=1) + "\n")
        print(f"The rows are in {arguments.json}.")
    return 1 if unexplained else 0


def choose(names, every):
    """The subjects whose operation begins with one of `names`. Raises InputError for a name that none has."""
    import difflib

    from minilm.errors import InputError

    known = list(dict.fromkeys(subject.op for subject in every))
    for name in names:
        if not any(op.removeprefix("fast.").startswith(name) or op.startswith(name) for op in known):
            near = difflib.get_close_matches(name, known, 3, 0.4)
            hint = f"did you mean {' or '.join(near)}?" if near else "`minilm accuracy --list` lists them"
            raise InputError(f"no operation is called {name!r}; {hint}")
    return [s for s in every if not names or any(s.op.startswith((n, f"fast.{n}")) for n in names)]


def line(digits, row):
    peers = [digits.text(row.peers[who]) if who in row.peers else "-" for who in ("PyTorch", "JAX")]
    verdict = "" if row.verdict == "best" else row.verdict
    name = f"{row.subject.name}, {row.dtype}"
    return f"{name:60.60} {row.direction:8.8} {digits.text(row.ours):28} {peers[0]:28} {peers[1]:28} {verdict}".rstrip()


def as_dict(row):
    """A row for the file. An error that is no finite number becomes null: JSON has no Infinity."""
    import math

    def numbers(error):
        found = {"largest": error.largest, "mean": error.mean, "over": error.over}
        return {name: value if math.isfinite(value) else None for name, value in found.items()}

    return {
        "op": row.subject.op, "inputs": row.subject.inputs, "dtype": row.dtype, "array": row.direction,
        "minilm": numbers(row.ours), **{who: numbers(error) for who, error in row.peers.items()},
        "inputs_cost": row.due if math.isfinite(row.due) else None, "verdict": row.verdict,
    }  # fmt: skip
