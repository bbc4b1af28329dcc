"""`minilm check`: every gradient held against the complex step."""

DESCRIPTION = """\
Prove every hand-written gradient.

Each operation, layer, block and small model gets random parameters, random inputs (padding, rows that may attend to
nothing, repeated ids) and a random upstream gradient. Then every entry of every parameter and of every input is changed
by 1e-30 i, and the imaginary part of the result is the derivative to the last digits, for there is no subtraction in
it. A central difference along one random direction a tensor is the second witness. Then all is run in float32 and held
against float64, backward is called twice, and nothing that is handed in may be written to.

Your own code is checked in the same way: forward([params,] x, ...) returns (y, cache), backward([params,] cache, dy)
the gradients in the order of the inputs, dparams last. The file is imported, so it is run. Arguments come from a
function example(rng) in the file, which returns them by name, or are drawn by --shape. An array that is written to, a
function that is not analytic, a gradient of a wrong name, shape or dtype: each is said in a sentence with the line.

examples:
  minilm check                          everything, in half a minute
  minilm check ops.layer_norm softmax   what has one of these in its name
  minilm check --json report.json       and the rows as a file: name, tensor, method, error, tolerance, passed
  minilm check mine.py:forward,backward                       your own, on arrays of (4, 5)
  minilm check mine.py:norm,norm_backward --shape x=3,5 --shape params.gain=5
  minilm check mine.py:attend,attend_backward --shape q=2,4,3 --shape k=2,6,3 --shape v=2,6,3 --set causal=False
"""


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "check", help="prove every gradient by the complex step", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument(
        "names", nargs="*", metavar="NAME",
        help="check only what has NAME in its name (default: all), or your own file.py:forward,backward",
    )  # fmt: skip
    parser.add_argument(
        "--shape", action="append", default=[], metavar="ARGUMENT=SHAPE",
        help="of your own code: draw ARGUMENT in this shape, 3,4 or 3,4:ids<7 or 3,4:bool",
    )  # fmt: skip
    parser.add_argument(
        "--set", action="append", default=[], metavar="SETTING=VALUE", help="of your own code: a setting, as heads=2"
    )
    parser.add_argument(
        "--central", action="store_true",
        help="of your own code: check each entry by central differences, to six digits, where it is not analytic",
    )  # fmt: skip
    parser.add_argument("--no-float32", action="store_true", help="of your own code: run it in float64 alone")
    parser.add_argument("--json", metavar="FILE", help="write one row for each tensor and method to FILE")
    parser.add_argument("--list", action="store_true", help="only list the names")
    parser.set_defaults(run=run, words="names")


def run(arguments):
    import json
    import time

    from minilm.cli.progress import Progress
    from minilm.storage import atomic

    mine = own(arguments)
    chosen = choose(arguments.names, mine)
    if arguments.list:
        print("\n".join(chosen))
        return 0
    began = time.perf_counter()
    rows = []
    width = max(map(len, chosen))
    print(heading(width))
    with Progress(len(chosen), "checking", unit="case") as progress:
        broken: set[str] = set()
        for name, case in chosen.items():
            progress.advance()
            if name.split(" ")[0] in broken:
                continue  # your own code fails at ordinary numbers: its tails would say the same again
            found = prove(case)
            rows += found
            if name in mine and not all(row.passed for row in found):
                broken.add(name.split(" ")[0])
            print(line(name, width, found), flush=True)
            for row in found:
                if not row.passed or row.note:
                    print(f"      {row}")
    failed = [row for row in rows if not row.passed]
    exact = [row for row in rows if row.method == ("central difference" if arguments.central else "complex step")]
    entries, seconds = sum(row.entries for row in exact), time.perf_counter() - began
    print(
        f"\n{entries} derivatives of {len([row for row in exact if row.entries])} tensors in {seconds:.1f} s: "
        f"{len(rows) - len(failed)} rows passed, {len(failed)} failed."
    )
    if entries:
        worst = max(exact, key=lambda row: row.error)
        print(
            f"Largest relative error of the {worst.method}: {worst.error:.1e} ({worst.name}, {worst.tensor}); "
            f"at most {worst.tolerance:.0e} passes."
        )
    if arguments.json:
        atomic.write_text(arguments.json, json.dumps([as_dict(row) for row in rows], indent=1) + "\n")
        print(f"The rows are in {arguments.json}.")
    return 1 if failed else 0


def own(arguments):
    """The cases of the files among the names. Raises InputError where an option is about none."""
    from minilm.checking import own_code
    from minilm.errors import InputError

    files = [name for name in arguments.names if own_code.is_file(name)]
    pairs = {}
    for option, given in (("--shape", arguments.shape), ("--set", arguments.set)):
        for text in given:
            if "=" not in text:
                example = "x=3,4" if option == "--shape" else "heads=2"
                raise InputError(f"{option} {text[:60]}: say which argument, as in {option} {example}")
        pairs[option] = dict(text.split("=", 1) for text in given)
    if not files and (pairs["--shape"] or pairs["--set"] or arguments.central or arguments.no_float32):
        raise InputError(
            "--shape, --set, --central and --no-float32 are for your own code: minilm check file.py:forward,backward"
        )
    how = {
        "float32": not arguments.no_float32,
        "witness": "central difference" if arguments.central else "complex step",
    }
    found: dict = {}
    for file in files:
        found |= {case.name: case for case in own_code.cases(file, pairs["--shape"], pairs["--set"], **how)}
    return found


def choose(names, mine=None):
    """The cases that have one of `names` in theirs, after `mine`. Raises InputError for a name that none has."""
    import difflib

    from minilm.checking import cases, own_code
    from minilm.errors import InputError

    mine = mine or {}
    wanted = [name for name in names if not own_code.is_file(name)]
    if mine and not wanted:
        return mine
    every = cases.everything()
    for name in wanted:
        if not any(name in known for known in every):
            near = difflib.get_close_matches(name, [*every, *(k.partition(".")[2] for k in every)], 3, 0.4)
            hint = f"did you mean {' or '.join(near)}?" if near else "`minilm check --list` lists them"
            raise InputError(f"nothing to check is called {name!r}; {hint}")
    return mine | {known: case for known, case in every.items() if not wanted or any(name in known for name in wanted)}


def prove(case):
    """The rows of a case. A rule that raises (a gradient is missing, its shape or dtype is another) is a failed row."""
    from minilm.checking.row import REFUSED, Row
    from minilm.errors import InputError

    try:
        return case.check()
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        nan, endless = float("nan"), float("inf")
        what = str(error) if isinstance(error, InputError) else f"{case.name}: {type(error).__name__}: {error}"
        return [Row(case.name, "", REFUSED, (), nan, nan, nan, endless, 1e-12, 0, what)]


def heading(width, language="en"):
    """The line above those of `line`: what was checked, its derivatives, the error of either method and of float32."""
    from minilm.showing.language import in_language
    from minilm.text import columns

    say = in_language(language)
    texts = say("entries", "元素"), say("complex step", "复数步长"), say("central diff.", "中心差分"), "float32"
    rooms = zip(texts, (7, 13, 13, 9), strict=True)
    right = "".join(f"  {columns.right(text, room)}" for text, room in rooms)
    return " " * 6 + columns.left(say("checked", "部件"), width) + right


def line(name, width, rows):
    """One case as a line: passed or not, how many derivatives, the largest error of either method and in float32."""
    largest = dict.fromkeys(("complex step", "central difference", "float32"))
    for row in rows:
        if row.method in largest:
            largest[row.method] = max(largest[row.method] or 0.0, row.error)
    entries = max(
        sum(row.entries for row in rows if row.method == method) for method in ("complex step", "central difference")
    )
    verdict = "pass" if all(row.passed for row in rows) else "FAIL"
    exact, central, float32 = ("-" if error is None else f"{error:.1e}" for error in largest.values())
    return f"{verdict}  {name:{width}}  {entries:7}  {exact:>13}  {central:>13}  {float32:>9}"


def as_dict(row):
    """A row for the file. An error that is no finite number becomes null: JSON has no Infinity."""
    import math

    return {
        "name": row.name, "tensor": row.tensor, "method": row.method,
        "error": row.error if math.isfinite(row.error) else None, "tolerance": row.tolerance, "passed": row.passed,
    }  # fmt: skip
