"""`minilm step MODEL [TEXT]`: step through a run at a prompt, forward and back."""

DESCRIPTION = """\
Step through a run of a model at a prompt: each executed line with the arrays that it made, forward and, through the
derivative, back. The run is one training step (forward, loss, backward, clipping, update) on the TEXT.

MODEL is one of
  FOLDER             a run folder, or one downloaded for Transformers
  encoder-decoder  gpt  lstm  bert     with random weights, small; a preset with RECIPE:PRESET, such as gpt:nanogpt-cpu

at the prompt, as in pdb:
  s step   n next   r return   unt until   c continue   u up   d down   w where   l list   a args   q quit
  p NAME[slice]      an array of this function, or by its address: p scores[0, 1], p blocks.0.attention.query.weight
  b NAME|ADDRESS|OPERATION|nonfinite     break where it is named or run: b scores, b blocks.1, b softmax.backward
and what pdb has not:
  back               to the line that ran before
  grad               to the line that made this array's gradient, and from there to the array
  check              this gradient's largest entry against the complex step, on the spot; check NAME[index] another;
                     check all: each from here on, until one is wrong

A script on standard input works too. Colours are for terminals, and off where NO_COLOR is set.

examples:
  minilm step gpt
  minilm step runs/demo 我喜欢编程
  minilm step runs/shakespeare "To be" --generate 5
  printf 'b dscores\\nc\\ncheck\\n' | minilm step gpt
"""


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "step", help="step through every line of a run at a prompt, forward and back", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("model", metavar="MODEL", help="a folder, or encoder-decoder, gpt, lstm, bert")
    parser.add_argument("text", nargs="?", metavar="TEXT", help="what it reads (a sentence of its own)")
    parser.add_argument("--target", metavar="TEXT", help="what it should say: a translation, or the masked tokens")
    parser.add_argument("--forward", action="store_true", help="the way there alone; a translator translates")
    parser.add_argument("--generate", type=int, default=0, metavar="N", help="go on with the text by N tokens")
    parser.add_argument(
        "--megabytes", type=int, default=512, metavar="N", help="memory for the arrays; more keeps more whole (512)"
    )
    parser.set_defaults(run=run)


def run(arguments):
    import os
    import shutil
    import sys

    from minilm.cli.progress import watched
    from minilm.errors import InputError
    from minilm.showing import runs, stepper
    from minilm.text import columns
    from minilm.tracing import trace

    if not 1 <= arguments.megabytes <= 1_000_000:
        raise InputError(f"--megabytes {arguments.megabytes}: give 1 to 1000000")
    if not 0 <= arguments.generate <= 1000:
        raise InputError(f"--generate {arguments.generate}: give 1 to 1000")
    backward = not (arguments.forward or arguments.generate)
    asked = runs.of(arguments.model, arguments.text, arguments.target, backward, arguments.generate)
    whole = runs.updated(asked) if backward else asked
    kept = arguments.megabytes << 20
    with trace(whole=kept // 8, budget=kept, rooms=("training", "decoding")) as recording, watched(recording):
        whole.call()
    if not recording.steps:
        raise InputError(f"{arguments.model}: nothing ran that could be stepped through")
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    ran = "forward, loss, backward, clipping, update" if backward else "generation" if arguments.generate else "forward"
    width = max(60, min(120, shutil.get_terminal_size().columns)) if terminal else stepper.WIDTH
    said = f"{len(recording.steps):,} steps of {asked.kind} on {' -> '.join(filter(None, asked.subject))}: {ran}"
    print("\n".join(columns.wrap(columns.printable(said), width)))
    if recording.left_out:
        print(f"{recording.left_out:,} large arrays are kept by a corner; more --megabytes keep them whole.")
    print("help lists the commands, q leaves.")
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    prompt = stepper.Stepper(
        recording, params=asked.params, loss=asked.loss, labels=asked.labels, colour=colour, width=width,
        stdin=sys.stdin,
    )  # fmt: skip
    prompt.use_rawinput = terminal
    prompt.cmdloop()
    return 0 if terminal else prompt.status
