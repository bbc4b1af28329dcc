"""`minilm train tagger`: which entities stand in a text, learnt from labelled tokens."""

DESCRIPTION = """\
A tagger that finds entities: names, places, titles, whatever your file marks.

The file has a token and its tag a line, and an empty line after each sentence; a token is a character or a word:

    Maria  B-NAME          tags in BIO, BIOES or BMES, which is recognised
    lives  O
    in     O
    Lima   B-PLACE

The model is a bidirectional LSTM under a conditional random field. After each epoch the F1 of whole entities is
measured on the validation part (--validation FILE, or a tenth of the sentences); the best weights of the
second half are kept, and the training ends where eight of its epochs brought nothing better.

presets:
  small     embeddings 64 + 64, hidden 128, batches of 10 sentences, 7 epochs; on 3,821 sentences of Chinese curricula
            vitae 85 s of one core, F1 of whole entities on 477 others 94.4
  tiny      seconds, to see that everything runs

examples:
  minilm train tagger --data train.conll --validation dev.conll --out runs/names
  minilm train tagger --data train.conll --validation dev.conll --out runs/names --resume
  minilm train tagger --data train.conll --from bert-base-cased       fine-tune a BERT, one label a word
  minilm tag runs/names "Maria lives in Lima"
"""

FIELDS = ("hidden", "rows", "epochs", "peak", "dropout")


def add_parser(models):
    from minilm.cli.train import on_text
    from minilm.recipes import presets

    parser = on_text.add_parser(models, "tagger", DESCRIPTION, run, list(presets.TAGGING), FIELDS)
    parser.add_argument(
        "--validation", metavar="FILE", help="labelled sentences to choose the weights by (default: a tenth of --data)"
    )
    parser.add_argument("--from", dest="body", metavar="FOLDER", help="fine-tune this BERT, a hub folder or a run")
    parser.add_argument(
        "--repair", action="store_true", help="read sentences whose tags break their scheme as best it can, and say so"
    )


def run(arguments):
    from pathlib import Path

    from minilm.cli.train import options
    from minilm.cli.train.starting import locked
    from minilm.recipes import tagging

    folder = Path(arguments.out)
    preset = options.replaced(preset_for(arguments), arguments)
    given = {"validation": arguments.validation, "repair": arguments.repair, "body": arguments.body}
    prepared = tagging.prepare(arguments.data, preset, arguments.seed, **given)
    with locked(folder):
        return trained_in(folder, arguments, prepared)


def preset_for(arguments):
    """The preset that is asked for, or what a BERT's fine-tuning begins with."""
    from minilm.cli.train.starting import preset_named
    from minilm.errors import InputError
    from minilm.recipes import tagging

    preset = preset_named(arguments.preset, tagging.PRESETS)
    if arguments.body is None:
        return preset
    if arguments.width is not None or arguments.dropout is not None:
        raise InputError("--width and --dropout are those of the BERT in --from; leave them out")
    return tagging.FINE_TUNED


def trained_in(folder, arguments, prepared):
    """The training and its last words, in a folder that nobody else trains in; the exit status."""
    import shlex
    import sys

    from minilm.cli import running
    from minilm.cli.train import options
    from minilm.cli.train.starting import data_hash, start_run
    from minilm.errors import MissingExtra
    from minilm.recipes import tagging
    from minilm.showing import pictures
    from minilm.storage import atomic, run_folder

    training = {"recipe": "tagger", "preset": arguments.preset, "seed": arguments.seed}
    training |= {"data": data_hash(arguments.data), **options.settings(prepared.preset)}
    training["validation"] = data_hash(arguments.validation) if arguments.validation else None
    state = start_run(folder, prepared, training, arguments.resume, arguments.overwrite)
    prepared.folder = folder
    print(tagging.describe(prepared), flush=True)
    again = ["minilm", "train", "tagger", "--data", arguments.data, "--preset", arguments.preset]
    again += ["--validation", arguments.validation] if arguments.validation else []
    again += ["--from", arguments.body] if arguments.body else []
    again += ["--repair"] if arguments.repair else []
    again += [*options.words(arguments), "--seed", str(arguments.seed), "--out", str(folder), "--resume"]
    every = {"save_every": arguments.save_every, "eval_every": arguments.eval_every}
    if not running.train(tagging, prepared, folder, state, shlex.join(again), **every):
        return 130
    training[run_folder.ENDED] = run_folder.checkpoint_step(folder)
    prepared.trained.save(folder, training)
    try:
        pictures.loss_curve(run_folder.read_history(folder), folder / "loss.png")
    except MissingExtra as error:
        print(f"No pictures: {error}.", file=sys.stderr)
    atomic.write_text(folder / "mistakes.txt", tagging.mistakes(prepared))
    print(tagging.summary(folder, prepared))
    print(f"What it gets wrong there: {folder / 'mistakes.txt'}")
    print(f"The run is in {folder}. Now try:\n   {shlex.join(tagging.next_command(folder, prepared))}")
    return 0
