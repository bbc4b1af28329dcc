"""`minilm score RUN FILE`: how good a trained model is on labelled texts."""

DESCRIPTION = """\
Score a model on a labelled file, of the form that it was trained on: a classifier on labelled texts, a tagger on
labelled tokens. It prints the figures of the field; --out FOLDER is where report.txt, the worst mistakes and what was
taken for what, and confusion.png go.

  accuracy            the share of texts whose label is right
  macro F1            the mean over the labels of 2 right / (found + there)
  calibration error   how far the probabilities are from how often they are right: 0 is perfect
  out-of-scope recall of the texts that have none of the labels, the share that is noticed, at the threshold that was
                      chosen on the validation part

examples:
  minilm score runs/reviews test.tsv
  minilm score runs/intents test.tsv --out runs/intents/test
  minilm score runs/names test.conll
"""


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "score", help="how good a trained model is on labelled texts", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("folder", metavar="RUN", help="a run folder, or a classifier of the hub")
    parser.add_argument("files", nargs="+", metavar="FILE", help="labelled texts; several files are taken as one")
    parser.add_argument("--label", metavar="N", help="the column of the labels, from 1, or its name (1)")
    parser.add_argument("--text", metavar="N", help="the column of the texts, or its name (2)")
    parser.add_argument("--out", metavar="FOLDER", help="where report.txt and confusion.png go")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE")
    parser.set_defaults(run=run)


def run(arguments):
    import json

    from minilm import loading
    from minilm.cli.loaded import classifier, load
    from minilm.storage import atomic

    from_hub, row = loading.row_of(arguments.folder)
    if not from_hub and hasattr(loaded := load(arguments.folder, "score"), "tag"):
        figures = of_tagger(arguments, loaded)
    else:
        figures = of_classifier(arguments, classifier(arguments.folder))
    if arguments.json:
        atomic.write_text(arguments.json, json.dumps(figures, indent=1) + "\n")
    return 0


def of_tagger(arguments, tagger):
    """Print the F1 of entities, all together and type by type."""
    from minilm.data import conll
    from minilm.errors import InputError
    from minilm.recipes import tagging

    if arguments.out or arguments.label or arguments.text:
        raise InputError("--out, --label and --text are for a classifier; a tagger's figures are all printed")
    found = tagger.score([sentence for path in arguments.files for sentence in conll.read(path).sentences])
    print(tagging.table(found, ", ".join(arguments.files)))
    return {"precision": found.whole.precision, "recall": found.whole.recall, "F1": found.whole.f1}


def of_classifier(arguments, loaded):
    """Print a classifier's figures, and write its report."""
    from pathlib import Path

    from minilm.cli.progress import Progress
    from minilm.data import labelled
    from minilm.recipes import classification

    files = [labelled.read(path, arguments.label, arguments.text, loaded.problem) for path in arguments.files]
    examples, outsiders = [], []
    for data in files:
        inside, outside = classification.parted(data, loaded.outside)
        labelled.require_known(inside, loaded.labels or [], arguments.folder)
        examples += inside.examples
        outsiders += outside
    with Progress(len(examples) + len(outsiders), "scoring", unit="text") as progress:
        report = classification.score(loaded, examples, outsiders, progress.advance)
    print(f"{len(examples)} texts" + (f", and {len(outsiders)} out of scope" if outsiders else ""))
    print("\n".join(report.lines if len(report.lines) <= 30 else []))
    print(classification.in_words(report.figures))
    if arguments.out:
        write(Path(arguments.out), loaded, report)
    return report.figures


def write(folder, loaded, report):
    """report.txt and confusion.png."""
    import sys

    from minilm.errors import InputError, MissingExtra
    from minilm.recipes import classification
    from minilm.showing import pictures
    from minilm.storage import atomic

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made ({error.strerror}); give another --out") from None
    parts = [classification.in_words(report.figures), "", *report.lines]
    if report.table is not None:
        parts += ["", "what was taken for what, the most frequent first:"]
        parts += classification.confusions(loaded, report.table)
    parts += ["", "the worst mistakes, the surest first:", *report.worst]
    atomic.write_text(folder / "report.txt", "\n".join(parts) + "\n")
    files = "report.txt"
    if report.table is not None:
        try:
            pictures.confusion_map(report.table, loaded.labels, folder / "confusion.png")
            files += " and confusion.png"
        except MissingExtra as error:
            print(f"No picture: {error}.", file=sys.stderr)
    print(f"{files} are in {folder}" if "and" in files else f"{files} is in {folder}")
