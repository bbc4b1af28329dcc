"""What `minilm train gpt`, `lstm` and `bert` share: their options, and the way from a text file to a run folder.

A recipe (minilm/recipes) brings PRESETS, prepare, train, validation_loss, describe, sample, summary and next_command.
"""


def add_parser(models, name, description, run, presets, fields):
    """The parser of one model. `presets` are named in the help; the first is taken unasked. `fields`: those of the
    recipe's Preset that an option may replace."""
    import argparse

    from minilm.cli.train import options, starting

    parser = models.add_parser(
        name, help=(description[0].lower() + description[1:].split("\n")[0]).rstrip("."), description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--data", required=True, metavar="FILE", help="the text, UTF-8")
    parser.add_argument("--preset", default=presets[0], metavar="NAME", help=starting.listed(presets))
    parser.add_argument("--out", metavar="FOLDER", default=f"runs/{name}", help=f"the run folder (runs/{name})")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="weights and order of the data (0)")
    parser.add_argument("--save-every", type=int, metavar="N", help="steps between checkpoints (default: 20 seconds)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out, bit for bit")
    parser.add_argument("--overwrite", action="store_true", help="replace the run that stands in --out")
    options.add(parser, fields)
    parser.set_defaults(run=run)
    return parser


def run(arguments, name, recipe):
    """Train as the arguments say; the exit status."""
    from functools import partial

    from minilm.cli.train import options
    from minilm.cli.train.starting import preset_named

    preset = options.replaced(preset_named(arguments.preset, recipe.PRESETS), arguments)
    return run_prepared(arguments, name, recipe, partial(recipe.prepare, arguments.data, preset, arguments.seed))


def run_prepared(arguments, name, recipe, prepare):
    """Train what `prepare()` reads from the file; the exit status."""
    from pathlib import Path

    from minilm.cli.train.starting import locked

    folder = Path(arguments.out)
    print(f"Reading {arguments.data}", flush=True)  # a WordPiece is learnt from it, which may take some seconds
    prepared = prepare()
    with locked(folder):
        return trained_in(folder, arguments, name, recipe, prepared)


def trained_in(folder, arguments, name, recipe, prepared):
    """The training and its last words, in a folder that nobody else trains in; the exit status."""
    import shlex
    import sys

    from minilm.cli import running
    from minilm.cli.train import options
    from minilm.cli.train.starting import data_hash, start_run
    from minilm.errors import MissingExtra
    from minilm.showing import pictures
    from minilm.storage import run_folder

    training = {"recipe": name} | ({"from": prepared.origin} if hasattr(prepared, "origin") else {})
    training |= {"preset": arguments.preset, "seed": arguments.seed, "data": data_hash(arguments.data)}
    training |= options.settings(prepared.preset)
    state = start_run(folder, prepared, training, arguments.resume, arguments.overwrite)
    print(recipe.describe(prepared), flush=True)
    begun = ["--preset", arguments.preset] if arguments.preset else ["--from", arguments.origin]
    again = ["minilm", "train", name, "--data", arguments.data, *begun, *options.words(arguments)]
    again += ["--seed", str(arguments.seed), "--out", str(folder), "--resume"]
    every = {"save_every": arguments.save_every, "eval_every": arguments.eval_every}
    if not running.train(recipe, prepared, folder, state, shlex.join(again), **every):
        return 130
    prepared.trained.save(folder, training)
    print(f"A sample:\n{recipe.sample(prepared, 200)}\n")
    try:
        pictures.loss_curve(run_folder.read_history(folder), folder / "loss.png")
    except MissingExtra as error:
        print(f"No pictures: {error}.", file=sys.stderr)
    print(recipe.summary(folder, prepared))
    print(f"The run is in {folder}. Now try:\n   {shlex.join(recipe.next_command(folder, prepared))}")
    return 0
