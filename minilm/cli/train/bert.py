"""`minilm train bert`: a BERT on masked tokens and next sentences."""

DESCRIPTION = """\
A BERT that fills in masked words, and says whether one sentence follows another.

The file has a sentence a line and an empty line between documents; or it is tab-separated, and the first two columns
of a line belong together (sentences with their translations, questions with their answers). WordPiece is learnt from
it. A tenth of the documents is held back.

presets:
  small     4 layers, 4 heads, width 128, 8,000 word pieces, 96 pairs of up to 40 tokens a step, 1,600 steps; on 29,155
            pairs of English and Chinese sentences in 6 min 30 s, masked-token loss from 9.4 to 4.3 on held-out pairs
  tiny      seconds, to see that everything runs

examples:
  minilm train bert --data pairs.tsv
  minilm fill runs/bert "I have to [MASK] home."
"""

FIELDS = ("layers", "heads", "width", "length", "rows", "steps", "peak", "dropout")


def add_parser(models):
    from minilm.cli.train import on_text
    from minilm.recipes import presets

    on_text.add_parser(models, "bert", DESCRIPTION, run, list(presets.BERT), FIELDS)


def run(arguments):
    from minilm.cli.train import on_text
    from minilm.recipes import bert

    return on_text.run(arguments, "bert", bert)
