"""`minilm train MODEL`: train a model on one's own text."""

DESCRIPTION = """\
Train a model on your own text. Ctrl-C saves and says how to go on.

  minilm train encoder-decoder --pairs FILE.tsv        a translator, from tab-separated sentence pairs
  minilm train lstm --data FILE.txt                    the article's LSTM, word by word
  minilm train gpt --data FILE.txt                     a GPT that writes like a text, character by character
  minilm train gpt --data FILE.txt --from FOLDER       the same with a GPT-2 of the Hugging Face hub that goes on
  minilm train bert --data FILE.txt                    a BERT that fills in masked words
  minilm train classifier --data FILE.tsv              labels of texts: sentiment, intents, topics; or a BERT fine-tuned
  minilm train tagger --data FILE.conll                entities, from labelled characters or words
  minilm train MODEL -h                                its presets, with what to expect of them
  mpiexec -n 4 minilm train MODEL ...                  in 4 processes, on one machine or several (minilm[mpi])
"""


def add_parser(subparsers):
    import argparse

    from minilm import catalogue

    parser = subparsers.add_parser(
        "train", help="train a model on your own text", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    models = parser.add_subparsers(dest="model", metavar="MODEL", required=True)
    for command in dict.fromkeys(row.command for row in catalogue.ROWS.values()):
        catalogue.imported(f"minilm.cli.train.{command.replace('-', '_')}").add_parser(models)
