"""`minilm bench`: how fast minilm is here, beside its peers and beside what the machine could do."""

DESCRIPTION = """\
Measure minilm beside its peers and beside what this machine could do.

Every contestant works in a process of its own and all take turns (minilm, PyTorch, compiled PyTorch, floor, minilm,
...), so that what disturbs the machine disturbs them alike. What to look at:

  median        half of the runs took longer; after it the middle half and the least. Where the half is wide, something
                else was running: close it, and measure again
  ratio         minilm's median over that of its fastest peer. 0.80: minilm takes four fifths of the time. A ratio
                carries over to similar machines, milliseconds do not
  floor         the least that the work takes here: the bare matrix products of a training step or a prompt with the
                same BLAS, the weights' bytes over the memory's measured bandwidth for a token. 1.30 times the floor:
                three parts in thirteen are not matrix products
  memory        the peak of the process; from PyTorch's is taken what importing it costs
  kernel        BLAS chooses one by the processor, and it decides more than all else. OPENBLAS_CORETYPE overrides it:
                unset it for OpenBLAS's own choice, set it (OPENBLAS_CORETYPE=Haswell minilm bench) to compare

PyTorch gets its best number of threads: it tries all and one before the turns, and the faster is said. Peers are
measured where they are installed: pip install "minilm[verify]"; torch.compile needs a C++ compiler too.

cases:
"""

EXAMPLES = """
examples:
  minilm bench                          all, in about ten minutes
  minilm bench gpt lstm                 the cases with one of these in their names
  minilm bench gpt-small --no-peers     minilm and the floor alone
  minilm bench --json bench.json        the figures of every run as a file
"""


def add_parser(subparsers):
    import argparse

    from minilm.benchmarks import CASES

    listed = "".join(f"  {name:18}{title}\n" for name, title in CASES.items())
    parser = subparsers.add_parser(
        "bench", help="measure the speed beside PyTorch and the machine's limits",
        description=DESCRIPTION + listed + EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="CASE", help="the cases with CASE in their name (all)")
    parser.add_argument("--runs", type=int, default=9, metavar="N", help="turns of each contestant (9)")
    parser.add_argument("--json", metavar="FILE", help="write all figures to FILE")
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out, even where they are installed")
    parser.set_defaults(run=run, words="names")


def run(arguments):
    import json

    from minilm import __version__, benchmarks
    from minilm.benchmarks import report, runner
    from minilm.cli.progress import Progress
    from minilm.errors import InputError
    from minilm.machine import identity
    from minilm.storage import atomic

    if arguments.runs < 1:
        raise InputError(f"--runs is {arguments.runs}; measure at least 1")
    chosen = choose(arguments.names)
    described = {"minilm": __version__, **identity.describe(), "environment": identity.environment()}
    print("\n".join(report.header(described)), flush=True)
    modules = {name: runner.module(name) for name in chosen}
    total = sum(arguments.runs + len(runner.contestants(module, not arguments.no_peers)) for module in modules.values())
    rows = []
    with Progress(total, "measuring", unit="turn") as progress:
        if not arguments.no_peers and (lacking := runner.lacking(modules.values())):
            progress.say(f"{' and '.join(lacking)} not found; pip install \"minilm[verify]\" installs these peers")
        for name, module in modules.items():
            measured = runner.run(name, progress, arguments.runs, not arguments.no_peers)
            rows.append((name, measured))
            print(f"\n{name}: {benchmarks.CASES[name]}")
            print("\n".join(report.details(measured, module.UNIT)), flush=True)
            if arguments.json:  # after each case, so that a Ctrl-C loses none
                data = [report.as_data(name, benchmarks.CASES[name], modules[name].UNIT, found) for name, found in rows]
                atomic.write_text(arguments.json, json.dumps({"machine": described, "cases": data}, indent=1) + "\n")
    print("\n" + "\n".join(report.table(rows)) + f"\n\n{report.LEGEND}")
    if arguments.json:
        print(f"The figures of every run are in {arguments.json}.")
    return 0


def choose(names):
    """The cases that have one of `names` in theirs. Raises InputError for a name that none has."""
    from minilm.benchmarks import CASES
    from minilm.errors import InputError

    for name in names:
        if not any(name in case for case in CASES):
            raise InputError(f"there is no benchmark called {name!r}; there are {', '.join(CASES)}")
    return [case for case in CASES if not names or any(name in case for name in names)]
