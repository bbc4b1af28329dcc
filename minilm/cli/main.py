"""The command `minilm`: finds the subcommand, and turns what went wrong into one line and an exit status.

0 done, 1 a check failed, 2 wrong input or arguments, 130 stopped by Ctrl-C.
"""

import argparse
import importlib
import os
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from minilm import __version__
from minilm.errors import InputError
from minilm.training import ranks

COMMANDS = (
    "demo", "train", "translate", "generate", "fill", "embed", "search", "classify", "tag", "score", "tokenize",
    "check", "accuracy", "trace", "step", "bench", "doctor", "cost",
)  # fmt: skip

DESCRIPTION = """\
Language models in plain NumPy, forward and backward by hand.

start here:
  minilm demo                      train a translator in a minute and a half and watch it work
  minilm check                     prove every gradient by the complex step
  minilm trace runs/demo TEXT      step through every line of a run, with its arrays, in a page
  minilm COMMAND -h                what a command does, with examples
"""


def build_parser():
    parser = argparse.ArgumentParser(
        prog="minilm", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"minilm {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name in COMMANDS:
        try:
            command = importlib.import_module(f"minilm.cli.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"minilm.cli.{name}":
                raise
            continue
        command.add_parser(subparsers)
    return parser


def main(argv=None):
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console may not be UTF-8
    parser = build_parser()
    with rank_0_speaks():  # a wrong option is said once
        arguments = parse(parser, argv)
    if arguments.command is None:
        parser.print_help()
        return 0
    try:
        return perform(arguments)
    except ranks.Elsewhere:
        return 2
    except KeyboardInterrupt:
        print("minilm: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output has gone, as after `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except InputError as error:
        print(f"minilm: {error}", file=sys.stderr)
        return 2
    except MemoryError:
        print("minilm: not enough memory; a smaller --preset or batch needs less", file=sys.stderr)
        return 2
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(f"minilm: {place}{error.strerror or error}; nothing that was saved before is lost", file=sys.stderr)
        return 2


def open_closed_streams():
    """Under cron, pythonw or `>&-` a standard stream may be closed: what is printed then goes nowhere, and no more."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def parse(parser, argv):
    """The arguments. Leaves, saying why, where they are not understood."""
    arguments, rest = parser.parse_known_args(argv)
    if rest:  # argparse gives up on a list of words that an option interrupts: RUN --beam 4 TEXT
        words = getattr(arguments, getattr(arguments, "words", ""), None)
        if words is None or any(word.startswith("-") for word in rest):
            wanted = chosen(parser, arguments)
            wanted.error(f"not understood: {' '.join(rest)}; `{wanted.prog} -h` explains")
        words += rest
    return arguments


def chosen(parser, arguments):
    """The parser of the command that was given, which knows its own usage."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) and getattr(arguments, action.dest, None) in action.choices:
            return chosen(action.choices[getattr(arguments, action.dest)], arguments)
    return parser


def perform(arguments):
    """Run the command; its exit status. Under `mpiexec -n N` a training is one run of N ranks: one of them speaks."""
    if arguments.command not in ("demo", "train") or not ranks.launched():
        return arguments.run(arguments) or 0
    with ranks.together() as world, rank_0_speaks():
        statuses = world.agree(arguments.run(arguments) or 0)
    return statuses[0][0]


@contextmanager
def rank_0_speaks():
    """Inside, only the first of the processes that a launcher started prints."""
    if not (ranks.launched() or (0, 1))[0]:
        yield
        return
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        yield
