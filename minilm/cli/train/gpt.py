"""`minilm train gpt`: a GPT on the characters of a text, or on the pieces of a byte-level BPE; and one that goes on."""

DESCRIPTION = """\
A GPT that writes like a text, character by character or, with --tokenizer bpe, by pieces of words.

The last tenth of the text is held back for validation; of a list of lines, a tenth of the different ones.

presets (measured on two cores with Shakespeare's 1.1 million characters; the loss is over the whole last tenth):
  nanogpt-cpu   nanoGPT's recipe for a laptop: 4 layers, 4 heads, width 128, context 64, batch 12, 2,000 steps;
                1 min 50 s, validation loss 1.75 (weights begin with deviation 1/√width, which is worth 0.15)
  shakespeare   the same with three times the learning rate in 1,800 steps, so a tenth sooner; validation loss 1.72
  names         for a list of short lines, each learnt and generated as a whole: 32,033 first names in 1 min 30 s,
                1.99 nats a character on held-out ones, none of which was trained on
  gpt-2018      nanogpt-cpu with the GPT of 2018, whose norms come after the sums: validation loss 1.81
  tiny          seconds, to see that everything runs

--from FOLDER goes on with a GPT-2 of the Hugging Face hub, or with a run of yours: with its weights, its sizes, its
dropout and its tokenizer, 100 steps of 4 × 256 tokens at a rate of 0.0001, unless options say otherwise. Of the tenth
that is held back up to 16,384 tokens are looked at. What a step takes: minilm cost FOLDER --batch 4 --length 256

examples:
  minilm train gpt --data input.txt --preset nanogpt-cpu
  minilm train gpt --data input.txt --preset nanogpt-cpu --resume       go on where it stopped
  minilm generate runs/gpt --prompt "ROMEO:"
  minilm train gpt --data input.txt --from gpt2 --out runs/mine         a GPT-2 learns to write like the text
  minilm train gpt --data names.txt --preset names --out runs/names
  minilm generate runs/names                                            a new name
"""

FIELDS = ("layers", "heads", "width", "context", "rows", "steps", "peak", "dropout")


def add_parser(models):
    from minilm.cli.train import on_text
    from minilm.recipes import presets

    parser = on_text.add_parser(models, "gpt", DESCRIPTION, run, list(presets.GPT), FIELDS)
    parser.set_defaults(preset=None)  # --from has sizes of its own
    parser.add_argument("--from", dest="origin", metavar="FOLDER", help="go on with this GPT, its sizes and tokenizer")
    parser.add_argument("--tokenizer", choices=("characters", "bpe"), help="bpe: byte-level, learnt from the text")
    parser.add_argument("--vocabulary", type=int, metavar="N", help="tokens of that bpe (1000)")


def run(arguments):
    from minilm.cli.train import on_text
    from minilm.recipes import gpt, presets

    if arguments.origin is not None:
        return go_on(arguments)
    if arguments.preset is None:
        arguments.preset = next(iter(presets.GPT))
    return on_text.run(arguments, "gpt", gpt)


def go_on(arguments):
    """Train the model of --from; the exit status. Raises InputError for an option that contradicts it."""
    from functools import partial
    from pathlib import Path

    from minilm.cli.train import on_text, options
    from minilm.errors import InputError
    from minilm.recipes import continued, gpt

    folder = arguments.origin
    options.check(arguments)
    if arguments.preset is not None:
        raise InputError(f"--preset {arguments.preset} has other sizes than --from {folder}; leave one of them out")
    if Path(folder).resolve() == Path(arguments.out).resolve():
        raise InputError(f"--out {arguments.out} is the folder of --from, which stays as it is; give another --out")
    for name in ("tokenizer", "vocabulary"):
        asked = getattr(arguments, name)
        if asked is not None:
            raise InputError(f"--{name} {asked}: --from {folder} brings its tokenizer; leave --{name} out")
    model = continued.origin(folder)
    preset = continued.preset(model)
    for name in ("layers", "heads", "width"):
        asked, has = getattr(arguments, name), getattr(preset, name)
        if asked not in (None, has):
            raise InputError(f"--{name} {asked}: the model of --from {folder} has {has}; leave --{name} out")
    if arguments.context is not None and arguments.context > model.config.max_positions:
        most = model.config.max_positions
        found = f"--context {arguments.context}: the model of --from {folder} sees at most {most} tokens"
        raise InputError(f"{found}; give no more")
    print(f"Going on from {folder}, a {model.name}", flush=True)
    given = (arguments.data, model, options.replaced(preset, arguments), arguments.seed, arguments.dropout)
    return on_text.run_prepared(arguments, "gpt", gpt, partial(continued.prepare, *given))
