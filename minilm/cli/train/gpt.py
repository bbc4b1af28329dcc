"""`minilm train gpt`: a GPT on the characters of a text."""

DESCRIPTION = """\
A GPT that writes like a text, character by character.

The last tenth of the text is held back for validation; of a list of lines, a tenth of the different ones.

presets (measured on two cores with Shakespeare's 1.1 million characters; the loss is over the whole last tenth):
  nanogpt-cpu   nanoGPT's recipe for a laptop: 4 layers, 4 heads, width 128, context 64, batch 12, 2,000 steps;
                1 min 50 s, validation loss 1.75 (weights begin with deviation 1/√width, which is worth 0.15)
  shakespeare   the same with three times the learning rate in 1,800 steps, so a tenth sooner; validation loss 1.72
  names         for a list of short lines, each learnt and generated as a whole: 32,033 first names in 1 min 30 s,
                1.99 nats a character on held-out ones, none of which was trained on
  gpt-2018      nanogpt-cpu with the GPT of 2018, whose norms come after the sums: validation loss 1.81
  tiny          seconds, to see that everything runs

examples:
  minilm train gpt --data input.txt --preset nanogpt-cpu
  minilm train gpt --data input.txt --preset nanogpt-cpu --resume       go on where it stopped
  minilm generate runs/gpt --prompt "ROMEO:"
  minilm train gpt --data names.txt --preset names --out runs/names
  minilm generate runs/names                                            a new name
"""

FIELDS = ("layers", "heads", "width", "context", "rows", "steps", "peak", "dropout")


def add_parser(models):
    from minilm.cli.train import on_text
    from minilm.recipes import presets

    parser = on_text.add_parser(models, "gpt", DESCRIPTION, run, list(presets.GPT), FIELDS)
    parser.add_argument("--tokenizer", choices=("characters", "bpe"), help="bpe: byte-level, learnt from the text")
    parser.add_argument("--vocabulary", type=int, metavar="N", help="tokens of that bpe (1000)")


def run(arguments):
    from minilm.cli.train import on_text
    from minilm.recipes import gpt

    return on_text.run(arguments, "gpt", gpt)
