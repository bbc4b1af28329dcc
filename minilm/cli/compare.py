"""`minilm compare GOLDEN THEIRS`: where another implementation parts from the formula, how far, and likely why."""

DESCRIPTION = """\
Hold the tensors of another implementation against a golden folder (`minilm golden`). Per tensor: the largest, the mean
and the 99th percentile of the error, against the tensor's largest entry and in units in the last place, beside what is
granted in the precision that theirs were computed in.

Then the first tensor that diverges, in the order of computation, forward and then backward: the first that is wrong
though all that it is made from is right. Its worst entry with both values; what theirs is to ours (all zeros, a
constant factor, transposed, in another order, the right values of another name, the first NaN); and the likely cause:
each of a library of known mistakes is made in the formula and run, and the one that gives their numbers is named, with
a sentence on how it comes about.

THEIRS is a .safetensors, .npz or .npy, or a folder of them. Tensors are paired by name (the address, or one of those
the manifest lists; gradients also as weight.grad), by --names, a JSON of {"our name": "their name"} ("their.name.T" is
transposed), and what is left by content and by shape: guesses are shown as such. What is missing, left over, or of
another shape or dtype is listed and no error, unless nothing matches.

exit status: 0 nothing diverges, 1 something does, 2 wrong input.

examples:
  minilm compare softmax.golden mine.npz
  minilm compare layer_norm.golden mine/ --names names.json --html report.html
  minilm compare gpt2.golden mine.safetensors --precision bfloat16 --json report.json
"""


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "compare", help="hold another implementation's tensors against golden files, and name the mistake",
        description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("golden", metavar="GOLDEN", help="a folder that `minilm golden` wrote")
    parser.add_argument("theirs", metavar="THEIRS", help="a .safetensors, .npz or .npy, or a folder of them")
    parser.add_argument("--names", metavar="MAP.json", help='{"our name": "their name"}, or the other way round')
    parser.add_argument(
        "--precision", metavar="P",
        help="what theirs were computed in: float64, float32, float16, bfloat16 (the lowest that holds their numbers)",
    )  # fmt: skip
    parser.add_argument("--json", metavar="FILE", help="write everything to FILE")
    parser.add_argument("--html", metavar="FILE", help="write the report as a page to FILE")
    parser.add_argument("--wrong", action="store_true", help="show only the rows that are not right")
    parser.set_defaults(run=run)


def run(arguments):
    import json
    import sys

    from minilm.checking import comparing
    from minilm.checking.comparing import text
    from minilm.cli.progress import Progress
    from minilm.storage import atomic, json_file

    names = json_file.read_object(arguments.names) if arguments.names else None
    with Progress(1, "looking for the cause", unit="mistake") as progress:

        def count(done, total):
            progress.total = total
            if progress.bar is not None:
                progress.bar.total = total
            progress.advance(done - progress.done)

        found = comparing.compare(arguments.golden, arguments.theirs, names, arguments.precision, progress=count)
    print(text.report(found, colour=sys.stdout.isatty(), every=not arguments.wrong))
    if arguments.json:
        atomic.write_text(arguments.json, json.dumps(text.as_dict(found), indent=1, ensure_ascii=False) + "\n")
        print(f"Everything is in {arguments.json}.")
    if arguments.html:
        atomic.write_text(arguments.html, text.page(found))
        print(f"The page is {arguments.html}.")
    return 0 if found.passed else 1
