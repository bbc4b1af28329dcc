"""`minilm fill MODEL TEXT`: what each [MASK] hides, as a BERT sees it."""

DESCRIPTION = """\
Fill each [MASK] of a text. MODEL is a BERT folder as downloaded from the Hugging Face hub, or a run folder.

examples:
  minilm fill runs/bert "I have to [MASK] home."
  minilm fill bert-base-uncased "Paris is the [MASK] of France."
"""


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "fill", help="fill the [MASK] of a text, with a BERT", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("folder", metavar="MODEL", help="a checkpoint folder or a run folder")
    parser.add_argument("text", metavar="TEXT", help="a text with [MASK] in it")
    parser.add_argument("--top", type=int, default=5, metavar="N", help="how many candidates to show (5)")
    parser.set_defaults(run=run)


def run(arguments):
    from minilm.cli.loaded import heed_unknown, load
    from minilm.errors import InputError
    from minilm.text import columns

    if arguments.top < 1:
        raise InputError(f"--top {arguments.top}: give 1 or more")
    model = load(arguments.folder, "fill")
    mask = model.spelling("[MASK]")
    if mask in arguments.text:
        marks = [model.tokenizer.ids.get(model.spelling(token)) for token in ("[CLS]", "[SEP]", "[MASK]")]
        heed_unknown(model.encode(arguments.text)[0][0].tolist(), model.tokenizer, marks)
    for number, candidates in enumerate(model.fill(arguments.text, arguments.top), start=1):
        print(f"{columns.printable(mask)} {number}")
        names = [columns.cut(columns.printable(token), 60) for token, _ in candidates]
        width = max(map(columns.width, names))
        for name, (token, probability) in zip(names, candidates, strict=True):
            sentence = columns.printable(filled(arguments.text, mask, number, token))
            print(f"  {probability:7.2%}  {columns.left(name, width)}  {sentence}".rstrip())
    return 0


def filled(text, mask, number, token):
    """The text with the token in place of its mask `number`, from 1; the piece ##s of a word joins what it follows."""
    parts = text.split(mask)
    before, after = mask.join(parts[:number]), mask.join(parts[number:])
    return before.rstrip() + token[2:] + after if token.startswith("##") else before + token + after
