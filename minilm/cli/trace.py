"""`minilm trace MODEL [TEXT]`: every executed line with its arrays, as a page to step through."""

DESCRIPTION = """\
Record a run of a model, every executed line with the arrays that it made, and write it as one page. The page opens in
any browser, offline: step through the source forward and, with --backward, back through the derivative, each gradient
beside the array that it belongs to.

MODEL is one of
  FOLDER             a run folder, or one downloaded for Transformers
  encoder-decoder  gpt  lstm  bert  tagger     with random weights, small; a preset with RECIPE:PRESET, such as
                     gpt:nanogpt-cpu

What runs:
  a translator       translates the TEXT, word by word; with --target or --backward it reads both and computes the loss
  a language model   reads the TEXT and computes the loss of each next token; with --generate N it goes on with it
  a tagger           finds the entities of the TEXT; with --target (a tag for each token) or --backward, the loss
  BERT               reads the TEXT with one token hidden (or its [MASK]) and computes the loss

examples:
  minilm trace runs/demo 我喜欢编程 --backward
  minilm trace runs/demo 我喜欢编程 --target "I like programming" --out like.html
  minilm trace gpt --update                      forward, loss, backward, clipping and update
  minilm trace runs/shakespeare "To be" --generate 5

A step has its own address in the page (page.html#step=175&at=encoder.1.attention.scores), to link to. Press ? in the
page for its keys. Arrays that do not fit into --megabytes are kept by a corner, and the page says which.
"""

PATIENCE = 3_000_000  # parameters of a model that is recorded in more than a few seconds


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "trace", help="step through every line of a run, with its arrays and gradients, in a page",
        description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("model", metavar="MODEL", help="a folder, or encoder-decoder, gpt, lstm, bert, tagger")
    parser.add_argument("text", nargs="?", metavar="TEXT", help="what it reads (a sentence of its own)")
    parser.add_argument("--target", metavar="TEXT", help="what it should say: a translation, masked tokens, tags")
    parser.add_argument("--backward", action="store_true", help="the way back too: every gradient")
    parser.add_argument("--update", action="store_true", help="clipping and the update too: a whole training step")
    parser.add_argument("--generate", type=int, default=0, metavar="N", help="go on with the text by N tokens")
    parser.add_argument("--out", metavar="FILE", default="trace.html", help="the page (trace.html)")
    parser.add_argument(
        "--megabytes", type=float, default=5.0, metavar="N",
        help="how large the page may become; more keeps more numbers (5)",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments):
    import math
    import time

    from minilm import tree
    from minilm.cli.progress import watched
    from minilm.errors import InputError
    from minilm.showing import page, runs

    began = time.perf_counter()
    if not (math.isfinite(arguments.megabytes) and 1 <= arguments.megabytes <= 1000):
        raise InputError(f"--megabytes {arguments.megabytes:g}: give 1 to 1000")
    if not 0 <= arguments.generate <= 1000:
        raise InputError(f"--generate {arguments.generate}: give 1 to 1000")
    backward = arguments.backward or arguments.update
    asked = runs.of(arguments.model, arguments.text, arguments.target, backward, arguments.generate)
    if arguments.update:
        asked = runs.updated(asked)
    if (parameters := tree.size(asked.params)) > PATIENCE:
        print(f"Recording every line of a model with {parameters:,} parameters; this takes some time.", flush=True)
    size, left, steps = page.of_run(asked, arguments.out, arguments.megabytes, watched)
    print(
        f"{arguments.out}: {steps:,} steps, {size / 1e6:.1f} MB, in {time.perf_counter() - began:.0f} s. "
        "Open it in a browser; ? lists its keys."
    )
    if left["arrays"]:
        print(f"{left['arrays']:,} large arrays are kept by a corner; {left['option']} keeps them whole.")
    return 0
