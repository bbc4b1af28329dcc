"""`minilm generate MODEL`: let a language model go on with a text."""

DESCRIPTION = """\
Go on with a text, token by token. MODEL is a run folder that `minilm train gpt` or `minilm train lstm` left, or a GPT-2
folder as downloaded from the Hugging Face hub.

The same --seed gives the same text. Temperature 0 always takes the most probable token. When standard output is no
terminal, the generated text alone is printed.

examples:
  minilm generate runs/gpt --prompt "ROMEO:"
  minilm generate runs/gpt --prompt "ROMEO:" --tokens 500 --temperature 0.7 --top-k 20 --seed 3
"""


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "generate", help="let a language model go on with a text", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("folder", metavar="MODEL", help="a run folder or a checkpoint folder")
    parser.add_argument("--prompt", default="", metavar="TEXT", help="the text to go on with (default: a new text)")
    parser.add_argument("--tokens", type=int, default=200, metavar="N", help="how many to generate (200)")
    parser.add_argument("--temperature", type=float, default=0.8, metavar="X", help="0 is greedy (0.8)")
    parser.add_argument("--top-k", type=int, metavar="K", help="choose among the K most probable tokens")
    parser.add_argument("--top-p", type=float, metavar="P", help="... among those that together reach probability P")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed, another text (0)")
    parser.set_defaults(run=run)


def run(arguments):
    import sys

    from minilm.cli.loaded import heed_unknown, load
    from minilm.errors import InputError
    from minilm.text import columns
    from minilm.text.words import ALWAYS

    if arguments.tokens < 1 or arguments.seed < 0:
        raise InputError("--tokens is 1 or more, --seed 0 or more")
    model = load(arguments.folder, "stream")
    prompt = model.encode([arguments.prompt])[0]
    if arguments.prompt:
        heed_unknown(prompt, model.tokenizer, [model.tokenizer.ids.get(token) for token in ALWAYS])
    if model.context is not None and len(prompt) > model.context:
        found = f"the prompt has {len(prompt)} tokens, and the model sees {model.context} at once"
        print(f"minilm: {found}; it goes on from the last {model.context}", file=sys.stderr)
        prompt = prompt[-model.context :]
    settings = {key: getattr(arguments, key) for key in ("temperature", "top_k", "top_p", "seed")}
    shown = sys.stdout.isatty()
    if shown:
        print(arguments.prompt, end="", flush=True)
    for piece in model.stream(prompt, arguments.tokens, **settings):
        print(columns.obeyed_by_none(piece) if shown else piece, end="", flush=True)
    if shown:
        print()
    return 0
