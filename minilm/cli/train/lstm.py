"""`minilm train lstm`: the article's LSTM on the words of a text."""

DESCRIPTION = """\
The article's LSTM, word by word: vocabulary 10,000, embedding 256, hidden 512, Adam at 0.001, ten epochs.

The last tenth of the text is held back for validation.

presets:
  article   as the article has it. On Shakespeare's 1.1 million characters, 234 steps an epoch, a quarter of an hour:
            training loss 5.76 in the first epoch and 3.81 in the tenth, validation perplexity 460 after the first, 74.8
            after the sixth and 78.2 at the end: from there on it learns the text by heart. (The 460: in the first epoch
            the model has seen a zero state, from which validation begins, at its first step alone; one more such step,
            the second epoch's first, brings the loss from 6.2 to 5.1)
  dropout   the same with dropout 0.5 against that: validation perplexity 77.8 after the sixth, 74.3 at the end
  tiny      seconds, to see that everything runs

examples:
  minilm train lstm --data input.txt
  minilm train lstm --data input.txt --preset dropout --out runs/dropout
  minilm generate runs/lstm --prompt "My lord,"
"""

FIELDS = ("layers", "hidden", "length", "rows", "epochs", "rate", "dropout")


def add_parser(models):
    from minilm.cli.train import on_text
    from minilm.recipes import presets

    on_text.add_parser(models, "lstm", DESCRIPTION, run, list(presets.LSTM), FIELDS)


def run(arguments):
    from minilm.cli.train import on_text
    from minilm.recipes import lstm

    return on_text.run(arguments, "lstm", lstm)
