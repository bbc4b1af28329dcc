"""`minilm train classifier`: labels of texts, learnt from labelled texts, from nothing or by fine-tuning a BERT."""

DESCRIPTION = """\
A classifier of texts: sentiment, intents, topics, or a number such as a mark.

The file has a label, a tab and a text a line (other columns: --label N --text N; a header line is recognised), or an
object of JSON a line, {"label": "good", "text": "I like it"}. --problem several: any number of labels a text, a list in
JSON or separated by commas; --problem number: a number in place of the label.

Without --from a small Transformer is trained from nothing on your texts. With --from FOLDER a BERT, as downloaded from
the Hugging Face hub, is fine-tuned whole, or with --freeze its pooler and a new head alone. After each epoch the
validation part is measured (--validation FILE, or a tenth of the texts); the best weights are kept, and the training
ends where five epochs brought nothing better.

--out-of-scope LABEL: texts with this label have none of the others. Nothing is learnt of them; a threshold is chosen on
the validation part so that 95 % of its texts stay above it, and what lies below is given this label.

presets:
  small       from nothing: words, one block, width 192, 8 epochs; 9,594 film sentences: 76.9 % of 1,068 others
              right, in 75 s of processor time
  intents     from nothing, for many labels of short texts: 4,000 word pieces, 14 epochs; clinc150, 150
              intents, 15,000 texts: 91.7 % of 4,500 others right, in 2 min of processor time
  fine-tuned  for --from: 4 epochs, batches of 32, rate 6e-5
  tiny        seconds, to see that everything runs

examples:
  minilm train classifier --data reviews.tsv --out runs/reviews
  minilm train classifier --data reviews.tsv --from all-MiniLM-L6-v2 --out runs/reviews --rate 1e-4
  minilm train classifier --data train.tsv --validation val.tsv --out-of-scope oos --preset intents --out runs/intents
  minilm classify runs/reviews "I like it"
"""

FIELDS = ("layers", "heads", "width", "length", "rows", "epochs", "peak", "dropout")
PROBLEMS = {"one": "single_label_classification", "several": "multi_label_classification", "number": "regression"}
WHAT = ("label", "text", "problem", "validation", "tokenizer", "body", "out_of_scope")  # beside the preset's


def add_parser(models):
    from minilm.cli.train import on_text
    from minilm.recipes import presets

    names = list(presets.CLASSIFIER)
    parser = on_text.add_parser(models, "classifier", DESCRIPTION, run, names, FIELDS)
    parser.set_defaults(preset=None)
    parser.add_argument("--from", dest="body", metavar="FOLDER", help="a BERT's folder, to be fine-tuned")
    parser.add_argument("--freeze", action="store_true", help="with --from: train the pooler and the head alone")
    parser.add_argument("--validation", metavar="FILE", help="texts to choose the weights by (a tenth of --data)")
    parser.add_argument("--label", metavar="N", help="the column of the labels, from 1, or its name (1)")
    parser.add_argument("--text", metavar="N", help="the column of the texts, or its name (2)")
    parser.add_argument("--problem", choices=list(PROBLEMS), help="a text has one label, several, or a number (one)")
    parser.add_argument("--out-of-scope", metavar="LABEL", help="the label of texts that have none of the others")
    parser.add_argument(
        "--tokenizer", choices=("words", "wordpiece"), help="without --from: what a text is cut into (the preset's)"
    )


def run(arguments):
    from dataclasses import replace
    from pathlib import Path

    from minilm.cli.train import options
    from minilm.cli.train.starting import locked, preset_named
    from minilm.data import labelled
    from minilm.errors import InputError
    from minilm.recipes import classification

    folder = Path(arguments.out)
    if arguments.body is None and arguments.freeze:
        raise InputError("--freeze keeps a BERT as it is; name it with --from FOLDER")
    if arguments.body is not None and arguments.tokenizer is not None:
        raise InputError("--tokenizer is for a training from nothing; a BERT of --from brings its own")
    wrong = [name for name in ("layers", "heads", "width", "context") if getattr(arguments, name, None) is not None]
    if arguments.body is not None and wrong:
        raise InputError(f"--{wrong[0]} is for a training from nothing; a BERT of --from has its own sizes")
    arguments.preset = arguments.preset or ("fine-tuned" if arguments.body else "small")
    preset = preset_named(arguments.preset, classification.PRESETS)
    cut_into, arguments.tokenizer = arguments.tokenizer, None  # options' own is that of a language model
    preset = options.replaced(preset, arguments)
    if cut_into is not None:
        preset = replace(preset, cut_into=cut_into)
    problem = PROBLEMS.get(arguments.problem)
    print(f"Reading {arguments.data}", flush=True)
    data = labelled.read(arguments.data, arguments.label, arguments.text, problem)
    validation = None
    if arguments.validation:
        validation = labelled.read(arguments.validation, arguments.label, arguments.text, data.problem)
    prepared = classification.prepare(
        data, preset, arguments.seed, validation, body=arguments.body, frozen=arguments.freeze,
        outside=arguments.out_of_scope,
    )  # fmt: skip
    arguments.tokenizer = cut_into
    with locked(folder):
        return trained_in(folder, arguments, prepared)


def trained_in(folder, arguments, prepared):
    """The training and its last words, in a folder that nobody else trains in; the exit status."""
    import shlex
    import sys

    from minilm.cli import running
    from minilm.cli.train import options
    from minilm.cli.train.starting import data_hash, start_run
    from minilm.errors import MissingExtra
    from minilm.recipes import classification
    from minilm.showing import pictures
    from minilm.storage import run_folder

    training = {"recipe": "classifier", "preset": arguments.preset, "seed": arguments.seed, "freeze": arguments.freeze}
    training |= {"data": data_hash(arguments.data), **options.settings(prepared.preset)}
    training |= {name: getattr(arguments, name) for name in WHAT if name not in ("validation", "body", "problem")}
    training["validation"] = data_hash(arguments.validation) if arguments.validation else None
    training["from"] = arguments.body
    state = start_run(folder, prepared, training, arguments.resume, arguments.overwrite)
    prepared.folder = folder
    print(classification.describe(prepared), flush=True)
    every = {"save_every": arguments.save_every, "eval_every": arguments.eval_every}
    if not running.train(classification, prepared, folder, state, shlex.join(again(arguments)), **every):
        return 130
    classification.finish(prepared)
    training[run_folder.ENDED] = run_folder.checkpoint_step(folder)
    prepared.trained.save(folder, training)
    try:
        pictures.loss_curve(run_folder.read_history(folder), folder / "loss.png", "Loss of a text")
    except MissingExtra as error:
        print(f"No pictures: {error}.", file=sys.stderr)
    print(classification.summary(folder, prepared))
    print(f"The run is in {folder}. Now try:\n   {shlex.join(classification.next_command(folder, prepared))}")
    return 0


def again(arguments):
    """The words of the command that goes on with this training."""
    from minilm.cli.train import options

    words = ["minilm", "train", "classifier", "--data", arguments.data, "--preset", arguments.preset]
    for name in WHAT:
        value = getattr(arguments, name)
        if value is not None and name != "tokenizer":  # that one is among options.words
            words += [f"--{'from' if name == 'body' else name.replace('_', '-')}", value]
    words += ["--freeze"] if arguments.freeze else []
    return [*words, *options.words(arguments), "--seed", str(arguments.seed), "--out", arguments.out, "--resume"]
