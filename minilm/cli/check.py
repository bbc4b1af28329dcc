"""`minilm check`: every gradient held against the complex step."""

DESCRIPTION = """\
Prove every hand-written gradient.

Each operation, layer, block and small model gets random parameters, random inputs (padding, rows that may attend to
nothing, repeated ids) and a random upstream gradient. Then every entry of every parameter and of every input is changed
by 1e-30 i, and the imaginary part of the result is the derivative to the last digits, for there is no subtraction in
it. A central difference along one random direction a tensor is the second witness.

examples:
  minilm check                          everything, in some seconds
  minilm check ops.layer_norm softmax   what has one of these in its name
  minilm check --json report.json       and the rows as a file: name, tensor, method, error, tolerance, passed
"""


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "check", help="prove every gradient by the complex step", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME", help="check only what has NAME in its name (default: all)")
    parser.add_argument("--json", metavar="FILE", help="write one row for each tensor and method to FILE")
    parser.add_argument("--list", action="store_true", help="only list the names")
    parser.set_defaults(run=run, words="names")


def run(arguments):
    import json
    import time

    from minilm.cli.progress import Progress
    from minilm.storage import atomic

    chosen = choose(arguments.names)
    if arguments.list:
        print("\n".join(chosen))
        return 0
    began = time.perf_counter()
    rows = []
    width = max(map(len, chosen))
    print(f"{'':6}{'checked':{width}}  entries  {'complex step':>13}  {'central diff.':>13}")
    with Progress(len(chosen), "checking", unit="case") as progress:
        for name, case in chosen.items():
            found = prove(case)
            rows += found
            progress.advance()
            print(line(name, width, found), flush=True)
            for row in found:
                if not row.passed:
                    print(f"      {row}")
    failed = [row for row in rows if not row.passed]
    exact = [row for row in rows if row.method == "complex step"]
    worst = max(exact, key=lambda row: row.error)
    entries, seconds = sum(row.entries for row in exact), time.perf_counter() - began
    print(
        f"\n{entries} derivatives of {len(exact)} tensors in {seconds:.1f} s: "
        f"{len(rows) - len(failed)} rows passed, {len(failed)} failed.\n"
        f"Largest relative error of the complex step: {worst.error:.1e} ({worst.name}, {worst.tensor}); "
        f"at most {worst.tolerance:.0e} passes."
    )
    if arguments.json:
        atomic.write_text(arguments.json, json.dumps([as_dict(row) for row in rows], indent=1) + "\n")
        print(f"The rows are in {arguments.json}.")
    return 1 if failed else 0


def choose(names):
    """The cases that have one of `names` in theirs. Raises InputError for a name that none has."""
    import difflib

    from minilm.checking import cases
    from minilm.errors import InputError

    every = cases.everything()
    for name in names:
        if not any(name in known for known in every):
            near = difflib.get_close_matches(name, [*every, *(k.partition(".")[2] for k in every)], 3, 0.4)
            hint = f"did you mean {' or '.join(near)}?" if near else "`minilm check --list` lists them"
            raise InputError(f"nothing to check is called {name!r}; {hint}")
    return {known: case for known, case in every.items() if not names or any(name in known for name in names)}


def prove(case):
    """The rows of a case. A rule that raises (a gradient is missing, its shape or dtype is another) is a failed row."""
    from minilm.checking.gradcheck import Row

    try:
        return case.check()
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        nan, endless = float("nan"), float("inf")
        what = f"({type(error).__name__}: {error})"
        return [Row(case.name, what, "complex step", (), nan, nan, nan, endless, 1e-12, 0)]


def line(name, width, rows):
    """One case as a line: passed or not, how many derivatives, the largest error of either method."""
    largest = dict.fromkeys(("complex step", "central difference"), 0.0)
    for row in rows:
        largest[row.method] = max(largest[row.method], row.error)
    entries = sum(row.entries for row in rows if row.method == "complex step")
    verdict = "pass" if all(row.passed for row in rows) else "FAIL"
    exact, central = largest.values()
    return f"{verdict}  {name:{width}}  {entries:7}  {exact:13.1e}  {central:13.1e}"


def as_dict(row):
    """A row for the file. An error that is no finite number becomes null: JSON has no Infinity."""
    import math

    return {
        "name": row.name, "tensor": row.tensor, "method": row.method,
        "error": row.error if math.isfinite(row.error) else None, "tolerance": row.tolerance, "passed": row.passed,
    }  # fmt: skip
