"""`minilm classify RUN [TEXT ...]`: the labels of texts, by a trained classifier."""

DESCRIPTION = """\
Classify texts with a run folder that `minilm train classifier` left, or with a BERT for sequence classification from
the Hugging Face hub. Each text gives a line: its label, its probability, the text, with tabs between them. With --top N
the N most probable labels stand in the line; --json gives a line of JSON with all of them.

examples:
  minilm classify runs/reviews "I like it" "what a waste of time"
  minilm classify runs/reviews < texts.txt                one text a line
  minilm classify runs/intents --top 3 "wake me up at seven"

An empty text gives an empty line, is named on standard error, and the exit status is then 2. No other text suffers. A
text that is longer than the model reads is read in windows, and none of it is cut off.
"""

AT_ONCE = 256  # texts


def add_parser(subparsers):
    import argparse

    parser = subparsers.add_parser(
        "classify", help="the labels of texts, by a trained classifier", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("folder", metavar="RUN", help="a run folder, or a classifier of the hub")
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="texts (default: the lines of standard input)")
    parser.add_argument("--top", type=int, default=1, metavar="N", help="how many labels to show (1)")
    parser.add_argument("--json", action="store_true", help="a line of JSON a text, with the scores of all labels")
    parser.set_defaults(run=run, words="texts")


def run(arguments):
    import sys

    from minilm.cli.loaded import classifier
    from minilm.cli.translate import lines
    from minilm.errors import InputError

    if arguments.top < 1:
        raise InputError(f"--top is {arguments.top}; it must be 1 or more")
    loaded = classifier(arguments.folder)
    texts = arguments.texts or lines(sys.stdin)
    status = 0
    for first in range(0, len(texts), AT_ONCE):
        part = texts[first : first + AT_ONCE]
        for number, text in enumerate(part, start=first + 1):
            if not text.strip():
                status = 2
                print(f"minilm: text {number} is empty; give some text to classify", file=sys.stderr, flush=True)
        good = [text for text in part if text.strip()]
        scores = loaded.scores(loaded.logits(good)) if good else []
        found = iter(zip(scores, loaded.predicted(scores) if good else [], strict=True))
        for text in part:  # an empty line for an empty text: line n stays that of text n
            print(shown(arguments, loaded, text, *next(found)) if text.strip() else "", flush=True)
    return status


def shown(arguments, loaded, text, scores, answer):
    """A text with its labels, in the form that is asked for."""
    import json

    from minilm.recipes import classification
    from minilm.text import columns

    names = loaded.labels or ["value"]
    order = sorted(range(len(names)), key=lambda i: -scores[i]) if loaded.labels else [0]
    if arguments.json:
        every = {names[i]: float(scores[i]) for i in order}
        return json.dumps({"text": text, "answer": answer, "scores": every}, ensure_ascii=False)
    best = "\t".join(f"{columns.printable(names[i])}\t{scores[i]:.4f}" for i in order[: arguments.top])
    said = columns.printable(text)
    if not loaded.labels:
        return f"{scores[0]:.6g}\t{said}"
    if arguments.top == 1:
        sure = min((scores[names.index(label)] for label in answer), default=1 - max(scores)) if isinstance(
            answer, tuple
        ) else max(scores)
        return f"{classification.shown(answer)}\t{sure:.4f}\t{said}"
    return f"{best}\t{said}"
