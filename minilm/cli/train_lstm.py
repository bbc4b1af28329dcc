"""`minilm train lstm`: the article's LSTM on the words of a text."""

PRESETS = ("article", "dropout", "tiny")

DESCRIPTION = """\
The article's LSTM, word by word: vocabulary 10,000, embedding 256, hidden 512, Adam at 0.001, ten epochs.

The last tenth of the text is held back for validation.

presets:
  article   as the article has it; it learns a small text by heart, so its validation perplexity soon rises again
  dropout   the same with dropout 0.5, which goes on getting better
  tiny      seconds, to see that everything runs

examples:
  minilm train lstm --data input.txt
  minilm train lstm --data input.txt --preset dropout --out runs/dropout
  minilm generate runs/lstm --prompt "My lord,"
"""


def add_parser(models):
    from minilm.cli import train_text

    train_text.add_parser(models, "lstm", DESCRIPTION, run, PRESETS[0], PRESETS)


def run(arguments):
    from minilm.cli import train_text
    from minilm.recipes import lstm

    return train_text.run(arguments, "lstm", lstm)
